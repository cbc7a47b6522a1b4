//! Whether later rows look like those the model was fitted to.

use stats::{Distances, Nulls, Psi, Verdict};

use crate::facts::Facts;
use crate::metrics::{DriftParts, Missing};
use crate::table::Table;
use crate::{escape, number, words};

/// Rows of a table at most, the most drifted first.
const MOST: usize = 15;

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let drift = &facts.metrics.drift;
    let mut out = vec!["## Drift".to_owned()];
    out.push(
        "Drift says that later rows are unlike those the model was fitted to; it is no error by itself. The population stability index (PSI) measures how far the shares of values moved: drift is called above 0.1 and above the noise point, which chance exceeds once in a hundred times where rows are independent; above 0.25 it is large. KS is the largest difference of the two distribution functions, “moved” the mean distance in standard deviations of the training part."
            .to_owned(),
    );
    out.extend(crate::figures::image(facts, "drift"));
    let mut table = Table::new(&[
        "",
        ">Calibration: PSI",
        "Verdict",
        ">Test: PSI",
        ">Noise point",
        ">KS",
        ">Moved, sd",
        ">Outside the training range",
        "Verdict",
    ]);
    for (name, parts) in [("*the target*", &drift.target), ("*the predictions*", &drift.prediction)] {
        table.row(row(name.to_owned(), Some(&parts.calibration), &parts.test));
    }
    if let Some(residual) = &drift.residual {
        table.row(row("*the residuals*".to_owned(), residual.calibration.as_ref(), &residual.test));
    }
    let mut told: Vec<(&String, &DriftParts)> =
        drift.features.iter().filter(|(_, parts)| parts.is_worth_telling()).collect();
    let size = |parts: &DriftParts| parts.test.psi.or(parts.calibration.psi).unwrap_or(-1.0);
    told.sort_by(|(a_name, a), (b_name, b)| size(b).total_cmp(&size(a)).then(a_name.cmp(b_name)));
    for (name, parts) in told.iter().take(MOST) {
        table.row(row(escape::text(name), Some(&parts.calibration), &parts.test));
    }
    out.push(table.render());
    out.extend(rest(facts, told.len()));
    out.extend(missing(facts));
    out
}

impl DriftParts {
    /// Whether it drifted, or moved by more than chance gives.
    fn is_worth_telling(&self) -> bool {
        let moved = self.test.psi.zip(self.test.threshold_99).is_some_and(|(psi, noise)| psi > noise);
        moved || self.test.alarm || self.calibration.alarm
    }
}

/// The features that the table does not have.
fn rest(facts: &Facts, told: usize) -> Option<String> {
    let features = &facts.metrics.drift.features;
    let quiet = || features.values().filter(|parts| !parts.is_worth_telling());
    let unsure = quiet().filter(|parts| parts.test.verdict == Verdict::NotEnoughRows).count();
    let still = quiet().count() - unsure;
    let say =
        |n: usize, what: &str| (n > 0).then(|| format!("{} {what}", number::counted(n as u64, "feature")));
    let all: Vec<String> = [
        say(told.saturating_sub(MOST), "with less drift"),
        say(still, "that moved no more than chance gives"),
        say(unsure, "with too few rows to tell"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!all.is_empty()).then(|| format!("Not shown: {}; all are in `metrics.json`.", words::joined(&all)))
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
    let mut out = table.render();
    if columns.len() > MOST {
        let more = number::counted((columns.len() - MOST) as u64, "more column");
        out += &format!("\n\n{more}, with fewer missing cells, are in `metrics.json`.");
    }
    Some(out)
}

impl Missing {
    fn any(&self) -> bool {
        [&self.parts.train, &self.parts.calibration, &self.parts.test].iter().any(|n| n.nulls > 0)
    }
}

/// One row; without a calibration part where its rows are the reference.
fn row(name: String, calibration: Option<&Psi>, test: &Psi) -> [String; 9] {
    let psi = |psi: &Psi| {
        psi.psi.map_or_else(
            || psi.absent.reason("psi").map_or("–", words::reason).to_owned(),
            |v| number::fixed(Some(v), 3),
        )
    };
    let distance =
        |figure: fn(&Distances) -> Option<f64>| number::fixed(test.distances.as_ref().and_then(figure), 3);
    let outside = test
        .share_below
        .zip(test.share_above)
        .map_or_else(|| "–".to_owned(), |(a, b)| number::percent(a + b));
    [
        name,
        calibration.map_or_else(|| "reference".to_owned(), psi),
        calibration.map_or("–", |psi| words::drift(psi.verdict)).to_owned(),
        psi(test),
        number::fixed(test.threshold_99, 3),
        distance(|d| d.ks),
        distance(|d| d.wasserstein),
        outside,
        words::drift(test.verdict).to_owned(),
    ]
}
