//! What the log says: a short summary for people.

use std::collections::BTreeMap;
use std::path::Path;

use common::text;
use evaluate::shown;
use stats::CoverageVerdict;

use crate::figures::{ErrorVerdict, ExpectedFrom, Findings, Kind, Monitor, Warning};

/// Periods, the newest, that have a line of their own.
const MOST_PERIODS: usize = 24;
/// Columns that are named.
const MOST_NAMED: usize = 20;

/// Logs rows, errors, drift and since when, and cells that stand out.
pub(crate) fn figures(monitor: &Monitor, path: &Path) {
    let skipped = monitor.periods.len().saturating_sub(MOST_PERIODS);
    if skipped > 0 {
        log::info!("{} before these are only in the file", text::count(skipped as u64, "period"));
    }
    for period in monitor.periods.iter().skip(skipped) {
        log::info!("{}: {}", text::shown(&period.label), line(&period.findings));
    }
    log::info!("all: {}", line(&monitor.all));
    expected(monitor);
    monitor.warnings.iter().for_each(|of| warning(monitor, of));
    let untold =
        monitor.all.drift.features.values().filter(|psi| psi.verdict == stats::Verdict::NotEnoughRows);
    let untold = untold.count() as u64;
    if untold > 0 {
        log::info!("{} with too few rows to tell drift from chance", text::count(untold, "feature"));
    }
    cells("values that no training row had", &monitor.cells.unseen);
    cells("values outside the training range", &monitor.cells.outside);
    cells("missing and filled", &monitor.cells.filled);
    log::info!("wrote {}", text::path(path));
}

/// Rows, error and drift in one line.
fn line(of: &Findings) -> String {
    let mut parts = vec![text::count(of.rows.n, "row")];
    if of.rows.without_outcome > 0 {
        parts.push(format!("{} without outcome", of.rows.without_outcome));
    }
    if of.rows.without_prediction > 0 {
        parts.push(format!("{} without prediction", of.rows.without_prediction));
    }
    if of.error.n > 0 {
        parts.push(format!("MAE {}, bias {}", shown(of.error.mae), shown(of.error.bias)));
        let held = of.error.intervals.iter().filter_map(|i| Some((i.level, i.coverage?, i.verdict)));
        parts.extend(held.map(|(level, coverage, verdict)| {
            format!("{} cover {}{}", percent(level), percent(coverage), said(verdict))
        }));
    }
    let drifting = of.drift.alarms;
    parts.push(match drifting {
        0 => "no feature drifts".to_owned(),
        1 => "1 feature drifts".to_owned(),
        n => format!("{n} features drift"),
    });
    parts.join(", ")
}

fn said(verdict: CoverageVerdict) -> &'static str {
    match verdict {
        CoverageVerdict::TooNarrow => " (too narrow)",
        CoverageVerdict::TooWide => " (too wide)",
        CoverageVerdict::TooFewRows => " (too few rows to tell)",
        CoverageVerdict::Holds | CoverageVerdict::InSample | CoverageVerdict::Missing => "",
    }
}

fn expected(monitor: &Monitor) {
    let from = match monitor.expected.from {
        ExpectedFrom::Calibration => "of the calibration rows",
        ExpectedFrom::CrossValidation => "of cross-validation",
        ExpectedFrom::Training => "of the training rows, which is rather too small",
        ExpectedFrom::Nothing => "that the model file does not tell",
    };
    let what = match monitor.all.verdict.error {
        ErrorVerdict::AsExpected => "the error is as expected",
        ErrorVerdict::Larger => "the error is larger",
        ErrorVerdict::Smaller => "the error is smaller",
        ErrorVerdict::NotEnoughRows => "too few rows with outcome to tell",
        ErrorVerdict::NothingToCompare => "nothing to compare with",
    };
    log::info!("beside the MAE {} {from}: {what}", shown(monitor.expected.mae));
}

fn warning(monitor: &Monitor, of: &Warning) {
    let since = of.since.as_ref().map_or_else(String::new, |label| format!(", since {}", text::shown(label)));
    let drift = &monitor.all.drift;
    let (what, psi) = match (of.kind, &of.feature) {
        (Kind::FeatureDrift, Some(name)) => {
            (format!("feature {}", text::name(name)), drift.features.get(name))
        }
        (Kind::TargetDrift, _) => ("the target".to_owned(), Some(&drift.target)),
        (Kind::ResidualDrift, _) => ("the residuals".to_owned(), Some(&drift.residual)),
        (Kind::PredictionDrift, _) => ("the prediction".to_owned(), Some(&drift.prediction)),
        (Kind::Error, _) => {
            let times = shown(Some(of.value));
            return log::warn!("error: {times} times the MAE to expect{since}");
        }
        (Kind::Coverage, _) => {
            let (level, held) = (of.level.map_or_else(String::new, percent), percent(of.value));
            return log::warn!("intervals of {level} cover {held}{since}");
        }
        (Kind::FeatureDrift, None) => return,
    };
    let most = shown(psi.and_then(|psi| psi.threshold_99));
    log::warn!("drift: {what}: PSI {}, by chance at most {most}{since}", shown(Some(of.value)));
}

fn cells(what: &str, by_column: &BTreeMap<String, u64>) {
    if by_column.is_empty() {
        return;
    }
    let named = by_column.iter().take(MOST_NAMED).map(|(name, n)| format!("{} {n}", text::name(name)));
    let named: Vec<String> = named.collect();
    let more = by_column.len().saturating_sub(MOST_NAMED);
    let more =
        if more > 0 { format!(" and {}", text::count(more as u64, "more column")) } else { String::new() };
    log::info!("{what}, cells by column: {}{more}", named.join(", "));
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1e3).round() / 10.0)
}
