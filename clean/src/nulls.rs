//! Missing cells by column: before and after, by part, and whether the test part misses others than the
//! training part did.

use std::collections::BTreeMap;

use common::error::Result;
use common::text;
use polars::prelude::{Column, DataFrame};
use rayon::prelude::*;
use serde::Serialize;
use stats::{Nulls, Psi};

use crate::by_part::ByPart;
use crate::split::Part;

/// Missing cells of one column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct NullRate {
    /// Missing cells before cleaning.
    before: u64,
    /// The same as a share of the rows.
    rate_before: f64,
    /// Missing cells after.
    after: u64,
    /// The same as a share of the rows.
    rate_after: f64,
    /// Rows and missing cells before, by part.
    parts: ByPart<Nulls>,
    /// Stability of missing against known cells from training to test, where either misses any.
    #[serde(skip_serializing_if = "Option::is_none")]
    psi: Option<Psi>,
}

/// Missing cells of each column by part, by its name.
pub(crate) type Missing = Vec<(String, ByPart<Nulls>)>;

/// Counts the missing cells of `table`.
pub(crate) fn count(table: &DataFrame, parts: &[Part]) -> Missing {
    let mut rows: ByPart<Nulls> = ByPart::default();
    parts.iter().for_each(|part| rows.of(*part).add(false));
    let one = |column: &Column| {
        let mut by_part = rows;
        if column.null_count() > 0 {
            let missing = column.is_null();
            let missing = missing.iter().zip(parts).filter(|(missing, _)| *missing == Some(true));
            missing.for_each(|(_, part)| by_part.of(*part).nulls += 1);
        }
        (column.name().to_string(), by_part)
    };
    table.columns().par_iter().map(one).collect()
}

/// Missing cells of every column: `before`, and in `after`, which holds the same rows.
pub(crate) fn rates(before: Missing, after: &DataFrame) -> Result<BTreeMap<String, NullRate>> {
    let mut rates = BTreeMap::new();
    for (name, by_part) in before {
        let mut old = Nulls::default();
        by_part.all().into_iter().for_each(|part| old.merge(part));
        let new = Nulls { nulls: after.column(&name)?.null_count() as u64, ..old };
        let misses = by_part.train.nulls > 0 || by_part.test.nulls > 0;
        let rate = NullRate {
            before: old.nulls,
            rate_before: old.rate().unwrap_or(0.0),
            after: new.nulls,
            rate_after: new.rate().unwrap_or(0.0),
            psi: misses.then(|| by_part.train.compare(&by_part.test)),
            parts: by_part,
        };
        rates.insert(name, rate);
    }
    Ok(rates)
}

/// One log line a column that has missing cells, and a warning where other parts miss others.
pub(crate) fn log(rates: &BTreeMap<String, NullRate>) {
    for (name, rate) in rates.iter().filter(|(_, r)| r.before > 0) {
        log::info!(
            "nulls in {}: {} ({:.2} %) before, {} ({:.2} %) after",
            text::name(name),
            rate.before,
            100.0 * rate.rate_before,
            rate.after,
            100.0 * rate.rate_after
        );
        if let Some(psi) = rate.psi.as_ref().filter(|psi| psi.alarm) {
            log::warn!(
                "nulls in {}: {:.2} % of the training rows, {:.2} % of the test rows (PSI {:.3}): what is learned from the first may not hold for the second",
                text::name(name),
                100.0 * psi.missing_share_reference.unwrap_or(0.0),
                100.0 * psi.missing_share.unwrap_or(0.0),
                psi.psi.unwrap_or(0.0)
            );
        }
    }
    let clean = rates.values().filter(|r| r.before == 0).count();
    log::info!("{} without nulls", text::count(clean as u64, "column"));
}
