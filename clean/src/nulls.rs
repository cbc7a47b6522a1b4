//! Missing cells by column.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use serde::Serialize;

/// Missing cells of one column before and after cleaning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct NullRate {
    /// Missing cells before.
    pub(crate) before: u64,
    /// The same as a share of the rows.
    pub(crate) rate_before: f64,
    /// Missing cells after.
    pub(crate) after: u64,
    /// The same as a share of the rows.
    pub(crate) rate_after: f64,
}

/// Missing cells of every column; both tables hold the same rows.
pub(crate) fn rates(before: &DataFrame, after: &DataFrame) -> BTreeMap<String, NullRate> {
    let rows = before.height().max(1) as f64;
    let nulls = |table: &DataFrame, name: &str| table.column(name).map_or(0, |c| c.null_count() as u64);
    before
        .columns()
        .iter()
        .map(|c| {
            let (old, new) = (c.null_count() as u64, nulls(after, c.name()));
            let rate = NullRate {
                before: old,
                rate_before: old as f64 / rows,
                after: new,
                rate_after: new as f64 / rows,
            };
            (c.name().to_string(), rate)
        })
        .collect()
}

/// One log line a column that has missing cells.
pub(crate) fn log(rates: &BTreeMap<String, NullRate>) {
    for (name, rate) in rates.iter().filter(|(_, r)| r.before > 0) {
        log::info!(
            "nulls in {}: {} ({:.2} %) before, {} ({:.2} %) after",
            common::text::name(name),
            rate.before,
            100.0 * rate.rate_before,
            rate.after,
            100.0 * rate.rate_after
        );
    }
    let clean = rates.values().filter(|r| r.before == 0).count();
    log::info!("{} without nulls", common::text::count(clean as u64, "column"));
}
