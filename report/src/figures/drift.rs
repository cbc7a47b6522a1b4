//! How far the values of the test part are from those of the training part.

use common::error::Result;
use stats::{Psi, Verdict};

use super::canvas::{Canvas, Pen};
use super::frame::{EDGE, Plot, Sign, legend, listed};
use super::ink::Ink;
use super::label::{self, Quote};
use super::scale::Scale;
use super::{Figure, Words};
use crate::metrics::{DriftParts, Metrics};
use crate::number;

/// Features drawn at most, the most drifted first.
const MOST: usize = 12;
/// What is not called drift, however many rows there are.
const SMALL: f64 = 0.1;
/// Widest name, in em.
const NAME: f64 = 14.5;

/// One bar.
struct Bar<'a> {
    /// Of a feature; none for the target and what is made of it.
    feature: Option<&'a String>,
    label: String,
    psi: f64,
    of: &'a Psi,
}

impl Bar<'_> {
    fn drifts(&self) -> bool {
        drifts(self.of)
    }

    fn is_untold(&self) -> bool {
        untold(self.of)
    }

    /// What outlines a bar that is not filled.
    fn outline(&self) -> Ink {
        if self.is_untold() { Ink::Quiet } else { Ink::Main }
    }
}

fn drifts(of: &Psi) -> bool {
    matches!(of.verdict, Verdict::Moderate | Verdict::Large)
}

/// Whether there are too few rows to tell.
fn untold(of: &Psi) -> bool {
    of.verdict == Verdict::NotEnoughRows
}

/// The figure; none where there is nothing to draw.
pub(super) fn draw(metrics: &Metrics) -> Result<Option<Figure>> {
    let bars = bars(metrics);
    let ends = bars.iter().flat_map(|bar| [bar.psi, bar.of.threshold_99.unwrap_or(0.0)]);
    let Some(scale) = Scale::with_zero(ends.chain([SMALL * 1.5]), 6).filter(|_| !bars.is_empty()) else {
        return Ok(None);
    };
    let mut canvas = Canvas::new();
    let mut entries = Vec::new();
    if bars.iter().any(Bar::drifts) {
        entries.push((Sign::Band(Ink::Alarm, 0.9), "drift".to_owned()));
    }
    if bars.iter().any(|bar| !bar.drifts() && !bar.is_untold()) {
        entries.push((Sign::Hollow(Ink::Main), "not called drift".to_owned()));
    }
    if bars.iter().any(Bar::is_untold) {
        entries.push((Sign::Open(Ink::Quiet), "too few rows to tell".to_owned()));
    }
    entries.push((Sign::Bar(Ink::Text), "99 % noise level".to_owned()));
    entries.push((Sign::Dashes(Ink::Text), "limit 0.1".to_owned()));
    let top = legend(&mut canvas, EDGE, &entries) + 6.0;
    let labels: Vec<String> = bars.iter().map(|bar| bar.label.clone()).collect();
    let plot = listed(&mut canvas, top, &labels, &scale);
    for (place, bar) in bars.iter().enumerate() {
        one(&mut canvas, &plot, &scale, (place, bar));
    }
    // What is about the target stands apart from the features.
    let others = bars.iter().filter(|bar| bar.feature.is_none()).count();
    if (1..bars.len()).contains(&others) {
        let y = f64::midpoint(plot.middle(others - 1), plot.middle(others));
        canvas.line((EDGE, y), (plot.right, y), Pen::new(Ink::Quiet, 1.0));
    }
    let x = plot.x(scale.place(SMALL));
    canvas.dashed((x, plot.top), (x, plot.bottom), Pen::new(Ink::Text, 1.5));
    canvas.line((plot.left, plot.top), (plot.left, plot.bottom), Pen::new(Ink::Quiet, 1.0));
    plot.end(&mut canvas, "Population stability index (PSI), test part");
    let title = "Drift of the test part from the training part";
    Figure::new("drift", title, |quote| words(metrics, &bars, quote), &canvas).map(Some)
}

/// A bar with its noise level and its number.
fn one(canvas: &mut Canvas, plot: &Plot, scale: &Scale, (place, bar): (usize, &Bar<'_>)) {
    const HALF: f64 = 8.5;
    let x = |value: f64| plot.x(scale.place(value));
    let y = plot.middle(place);
    let (from, to) = ((plot.left, y - HALF), (x(bar.psi), y + HALF));
    if bar.drifts() {
        canvas.bar(from, to, Ink::Alarm, 0.9);
    } else {
        if !bar.is_untold() {
            canvas.bar(from, to, Ink::Main, 0.15);
        }
        canvas.frame(from, to, Pen::new(bar.outline(), 1.75));
    }
    if let Some(noise) = bar.of.threshold_99 {
        canvas.line((x(noise), y - HALF - 2.0), (x(noise), y + HALF + 2.0), Pen::new(Ink::Text, 2.5));
    }
}

/// The target and what is made of it, then the features.
fn bars<'a>(metrics: &'a Metrics) -> Vec<Bar<'a>> {
    let drift = &metrics.drift;
    let residual = drift.residual.as_ref().map(|residual| ("the residuals", &residual.test));
    let others = [("the target", &drift.target.test), ("the predictions", &drift.prediction.test)];
    let known = |feature, label, of: &'a Psi| {
        of.psi.filter(|psi| *psi >= 0.0).map(|psi| Bar { feature, label, psi, of })
    };
    let others = others.into_iter().chain(residual);
    let mut out: Vec<Bar<'_>> = others.filter_map(|(label, of)| known(None, label.to_owned(), of)).collect();
    let feature =
        |(name, parts): (&'a String, &'a DriftParts)| known(Some(name), label::cut(name, NAME), &parts.test);
    let mut features: Vec<Bar<'_>> = drift.features.iter().filter_map(feature).collect();
    features.sort_by(|a, b| b.psi.total_cmp(&a.psi).then(a.feature.cmp(&b.feature)));
    out.extend(features.into_iter().take(MOST));
    out
}

fn words(metrics: &Metrics, bars: &[Bar<'_>], quote: Quote) -> Words {
    let features = || metrics.drift.features.values().map(|parts| &parts.test);
    let drifted = features().filter(|of| drifts(of)).count();
    let few = features().filter(|of| untold(of)).count();
    let few = match (few, metrics.drift.features.len()) {
        (0, _) => String::new(),
        (few, all) => format!(", {few} of {all} have too few rows to tell"),
    };
    let all = metrics.drift.features.len();
    let most =
        bars.iter().find_map(|bar| Some((bar.feature?, bar.psi))).map_or_else(String::new, |(name, psi)| {
            format!("; the largest index is that of {}, {}", quote(name), number::fixed(Some(psi), 3))
        });
    let target = bars.iter().find(|bar| bar.label == "the target" && bar.feature.is_none());
    let target = target.map_or_else(String::new, |bar| {
        let few = if bar.is_untold() { ", too few rows to tell" } else { "" };
        format!("; the target has {}{few}", number::fixed(Some(bar.psi), 3))
    });
    let alt = format!(
        "Population stability index of the test part against the training part: {drifted} of {} drifted{few}{most}{target}.",
        number::counted(all as u64, "feature")
    );
    let shown = bars.iter().filter(|bar| bar.feature.is_some()).count();
    let some = if shown < all {
        format!(" The {shown} of {all} features with the largest indices are shown.")
    } else {
        String::new()
    };
    let open = if bars.iter().any(Bar::is_untold) {
        " Empty bars are of too few rows to tell: chance alone may give as much."
    } else {
        ""
    };
    let caption = format!(
        "Distance of the values of the test part from those of the training part. Drift is called where a bar reaches beyond 0.1, the dashed line, and beyond its noise level, which chance exceeds once in a hundred times without drift.{open}{some}"
    );
    Words { alt, caption }
}
