//! What the log says of the metrics.

use std::path::Path;

use common::text;
use stats::{CoverageMeasures, CoverageVerdict, Paired, Psi, Reason};

use crate::gates::{Gate, GateLevel};
use crate::metrics::{DriftParts, Improvement, Metrics, PARTS};

/// Logs errors, calibration, baselines, features that drift, and where it all stands.
pub(crate) fn metrics(metrics: &Metrics, path: &Path) {
    for (name, part) in PARTS.iter().zip([&metrics.train, &metrics.calibration, &metrics.test]) {
        if part.n == 0 {
            log::warn!("{name}: no rows");
            continue;
        }
        log::info!(
            "{name}: {}, MAE {}, RMSE {}, R2 {}, bias {}, calibration error {} (by chance {}), calibration slope {}",
            text::count(part.n, "row"),
            shown(part.mae),
            shown(part.rmse),
            shown(part.r2),
            shown(part.bias),
            shown(part.calibration_error),
            shown(part.calibration_error_floor),
            shown(part.calibration.slope)
        );
        part.intervals.iter().for_each(|of| interval(name, of));
        if part.missing > 0 {
            log::warn!(
                "{name}: {} without prediction or outcome, in no figure",
                text::count(part.missing, "row")
            );
        }
    }
    let baselines = &metrics.baselines;
    baseline("training median", baselines.train_median.test.mae, &metrics.improvement.train_median);
    if let (Some(baseline_of), Some(improvement)) = (&baselines.persistence, &metrics.improvement.persistence)
    {
        baseline("persistence", baseline_of.test.mae, improvement);
    }
    for (name, psi) in &metrics.drift.features {
        drift(&format!("feature {}", text::name(name)), psi);
    }
    drift("the target", &metrics.drift.target);
    drift("the prediction", &metrics.drift.prediction);
    let residual = &metrics.drift.residual;
    alarm("the residual", "calibration", residual.calibration.as_ref());
    alarm("the residual", "test", Some(&residual.test));
    log::info!("wrote {}", text::path(path));
}

/// Gates that are broken and only warn; those that fail are an error of their own.
pub(crate) fn warnings(gates: &[Gate]) {
    for gate in gates.iter().filter(|gate| !gate.kept && gate.level == GateLevel::Warn) {
        log::warn!("gate broken: {}", gate.said());
    }
}

/// How the intervals of one level held; a warning where rows that judge them are outside the band.
fn interval(part: &str, of: &CoverageMeasures) {
    let percent = |share: f64| format!("{} %", (share * 1e4).round() / 1e2);
    let level = percent(of.level);
    let (Some(coverage), Some(width)) = (of.coverage, of.mean_width) else {
        let reason = of.absent.reason("coverage").map_or("no_rows", Reason::code);
        log::warn!("{part}: no {level} intervals: {reason}");
        return;
    };
    let verdict = match of.verdict {
        CoverageVerdict::Holds => "the promise holds",
        CoverageVerdict::TooNarrow => "too narrow",
        CoverageVerdict::TooWide => "too wide",
        CoverageVerdict::TooFewRows => "too few rows to tell",
        CoverageVerdict::InSample => "no judgement, since these rows taught the model or its intervals",
        CoverageVerdict::Missing => "no rows",
    };
    let band = of.band_lower.zip(of.band_upper).map_or_else(String::new, |(low, high)| {
        format!(" (by chance {} to {})", percent(low), percent(high))
    });
    let off = matches!(of.verdict, CoverageVerdict::TooNarrow | CoverageVerdict::TooWide);
    log::log!(
        if off { log::Level::Warn } else { log::Level::Info },
        "{part}: {level} intervals cover {}{band}, mean width {}: {verdict}",
        percent(coverage),
        shown(Some(width))
    );
}

fn baseline(name: &str, mae: Option<f64>, improvement: &Improvement) {
    let verdict = match improvement.verdict {
        Paired::Better => "the model is better",
        Paired::Worse => "the model is worse",
        Paired::CannotTell => "cannot tell which is better",
        Paired::TooFewRows => "too few rows to tell which is better",
    };
    let lower = improvement
        .mae
        .map_or_else(String::new, |share| format!(", the model's lower by {:.1} %", 100.0 * share));
    log::info!("test, beside {name}: MAE {}{lower}: {verdict}", shown(mae));
}

fn drift(what: &str, parts: &DriftParts) {
    alarm(what, "calibration", Some(&parts.calibration));
    alarm(what, "test", Some(&parts.test));
}

fn alarm(what: &str, part: &str, psi: Option<&Psi>) {
    if let Some(psi) = psi.filter(|psi| psi.alarm) {
        log::warn!(
            "drift: {what} in {part}: PSI {}, by chance at most {}",
            shown(psi.psi),
            shown(psi.threshold_99)
        );
    }
}

/// Five digits, which is plenty for a log; the file has them all.
#[must_use]
pub fn shown(value: Option<f64>) -> String {
    let Some(value) = value else { return "none".to_owned() };
    let rounded = format!("{value:.4e}");
    let power = rounded.split_once('e').and_then(|(_, power)| power.parse::<i32>().ok()).unwrap_or(0);
    match power {
        _ if value == 0.0 => "0".to_owned(),
        -4..15 => {
            let decimals = usize::try_from(4 - power).unwrap_or(0);
            format!("{value:.decimals$}")
        }
        _ => rounded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_shows_five_digits() {
        for (value, text) in [
            (8764.613, "8764.6"),
            (0.0, "0"),
            (-0.021_534_9, "-0.021535"),
            (1e20, "1.0000e20"),
            (123_456.7, "123457"),
        ] {
            assert_eq!(shown(Some(value)), text);
        }
        assert_eq!(shown(None), "none");
    }
}
