//! Whether later rows look like those the model was fitted to.

use stats::{Distances, Nulls, Psi};

use crate::facts::Facts;
use crate::metrics::{DriftParts, Missing};
use crate::table::Table;
use crate::{escape, number, words};

/// Features shown at most, the most drifted first.
const MOST: usize = 50;

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let drift = &facts.metrics.drift;
    let mut out = vec!["## Drift".to_owned()];
    out.push(
        "The population stability index (PSI) says how far the values of a later part are from those of the training part. Chance alone makes it larger than 0, the more so the fewer rows there are: the table has the mean to expect without drift, and the point that chance exceeds once in a hundred times. Beside it stand two sizes that need no bins, each with what chance alone gives in brackets: the Kolmogorov-Smirnov distance (KS), the largest difference of the two distribution functions, with the point that chance exceeds once in a hundred times; and the mean distance that values moved (Wasserstein-1), in standard deviations of the training part, with its mean without drift. Drift is called where PSI is above that point and above 0.1; above 0.25 it is called large. Drift is no error by itself: it says that the model is used where it saw few rows like these."
            .to_owned(),
    );
    out.extend(crate::figures::image(facts, "drift"));
    let mut features: Vec<(&String, &DriftParts)> = drift.features.iter().collect();
    let size = |parts: &DriftParts| parts.test.psi.or(parts.calibration.psi).unwrap_or(-1.0);
    features.sort_by(|(a_name, a), (b_name, b)| size(b).total_cmp(&size(a)).then(a_name.cmp(b_name)));
    let mut table = Table::new(&[
        "",
        ">Calibration: PSI",
        "Verdict",
        ">Test: PSI",
        ">Expected without drift",
        ">99 % noise point",
        ">KS (99 % noise point)",
        ">Moved, sd (expected without drift)",
        ">Outside the training range",
        "Verdict",
    ]);
    for (name, parts) in [("*the target*", &drift.target), ("*the predictions*", &drift.prediction)] {
        table.row(row(name.to_owned(), Some(&parts.calibration), &parts.test));
    }
    if let Some(residual) = &drift.residual {
        table.row(row("*the residuals*".to_owned(), residual.calibration.as_ref(), &residual.test));
    }
    for (name, parts) in features.iter().take(MOST) {
        table.row(row(escape::text(name), Some(&parts.calibration), &parts.test));
    }
    out.push(table.render());
    if features.len() > MOST {
        out.push(format!(
            "{} more, with less drift, are in `metrics.json`.",
            number::counted((features.len() - MOST) as u64, "feature")
        ));
    }
    out.extend(missing(facts));
    out
}

/// Columns of which cells were missing before they were filled, the most in the test part first.
fn missing(facts: &Facts) -> Option<String> {
    let mut columns: Vec<_> = facts.metrics.nulls.iter().flatten().filter(|(_, m)| m.any()).collect();
    if columns.is_empty() {
        return None;
    }
    let rate = |nulls: &Nulls| nulls.rate().unwrap_or(0.0);
    columns.sort_by(|(a_name, a), (b_name, b)| {
        rate(&b.parts.test).total_cmp(&rate(&a.parts.test)).then(a_name.cmp(b_name))
    });
    let mut table = Table::new(&[
        "Missing cells, before they were filled",
        ">Training",
        ">Calibration",
        ">Test",
        "Test against training",
    ]);
    for (name, missing) in columns.iter().take(MOST) {
        let share = |nulls: &Nulls| nulls.rate().map_or_else(|_| "–".to_owned(), number::percent);
        let verdict = missing.psi.as_ref().map_or("stable", |psi| words::drift(psi.verdict));
        let parts = &missing.parts;
        table.row([
            escape::text(name),
            share(&parts.train),
            share(&parts.calibration),
            share(&parts.test),
            verdict.to_owned(),
        ]);
    }
    Some(table.render())
}

impl Missing {
    fn any(&self) -> bool {
        [&self.parts.train, &self.parts.calibration, &self.parts.test].iter().any(|n| n.nulls > 0)
    }
}

/// One row; without a calibration part where its rows are the reference.
fn row(name: String, calibration: Option<&Psi>, test: &Psi) -> [String; 10] {
    let psi = |psi: &Psi| {
        psi.psi.map_or_else(
            || psi.absent.reason("psi").map_or("–", words::reason).to_owned(),
            |v| number::fixed(Some(v), 3),
        )
    };
    let beside = |figure: fn(&Distances) -> (Option<f64>, Option<f64>)| {
        test.distances.as_ref().map(figure).and_then(|(value, noise)| value.zip(noise)).map_or_else(
            || "–".to_owned(),
            |(value, noise)| format!("{} ({})", number::fixed(Some(value), 3), number::fixed(Some(noise), 3)),
        )
    };
    let outside = test
        .share_below
        .zip(test.share_above)
        .map_or_else(|| "–".to_owned(), |(a, b)| number::percent(a + b));
    [
        name,
        calibration.map_or_else(|| "reference".to_owned(), psi),
        calibration.map_or("–", |psi| words::drift(psi.verdict)).to_owned(),
        psi(test),
        number::fixed(test.expected, 3),
        number::fixed(test.threshold_99, 3),
        beside(|d| (d.ks, d.ks_threshold_99)),
        beside(|d| (d.wasserstein, d.wasserstein_expected)),
        outside,
        words::drift(test.verdict).to_owned(),
    ]
}
