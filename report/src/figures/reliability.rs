//! What outcomes follow on which predictions.

use common::error::Result;

use super::canvas::{Canvas, Pen, SIDE};
use super::data::Step;
use super::frame::{EDGE, Plot, Sign, legend};
use super::ink::Ink;
use super::label::{self, Quote};
use super::scale::Scale;
use super::{Figure, Words};
use crate::metrics::Metrics;
use crate::number;

/// The figure of the test part.
pub(super) fn draw(metrics: &Metrics, steps: &[Step]) -> Result<Option<Figure>> {
    let ends = |step: &Step| Some([step.min_predicted?, step.max_predicted?, step.fitted?]);
    let steps: Vec<[f64; 3]> = steps.iter().filter(|step| step.part == "test").filter_map(ends).collect();
    let groups = &metrics.test.calibration.deciles;
    let means = groups.iter().flat_map(|group| [group.mean_predicted, group.mean_actual]);
    let Some(scale) = Scale::over(steps.iter().flatten().copied().chain(means), 6) else { return Ok(None) };
    if groups.len() < 2 {
        return Ok(None);
    }
    let mut canvas = Canvas::new();
    let mut entries = vec![(Sign::Disc(Ink::Main), "group of rows".to_owned())];
    if !steps.is_empty() {
        entries.push((Sign::Line(Ink::Alarm), "isotonic fit".to_owned()));
    }
    entries.push((Sign::Dashes(Ink::Text), "calibrated".to_owned()));
    let top = legend(&mut canvas, EDGE, &entries) + 4.0;
    let name = label::cut(&metrics.target.source, 22.0);
    let plot = Plot::titled(&mut canvas, top, &format!("Mean outcome “{name}”"), SIDE, &scale);
    plot.rows(&mut canvas, &scale);
    plot.columns(&mut canvas, &scale);
    let at = |x: f64, y: f64| plot.spot((&scale, x), (&scale, y));
    canvas.dashed(at(scale.low, scale.low), at(scale.high, scale.high), Pen::new(Ink::Text, 1.5));
    let fit = steps.iter().flat_map(|&[min, max, fitted]| [at(min, fitted), at(max, fitted)]);
    canvas.path(fit.collect(), Pen::new(Ink::Alarm, 1.75));
    for group in groups {
        canvas.disc(at(group.mean_predicted, group.mean_actual), 5.0, Ink::Main, 0.9);
    }
    plot.end(&mut canvas, &format!("Prediction of “{name}”"));
    let title = "Reliability: mean outcomes against predictions";
    Figure::new("reliability", title, |quote| words(metrics, !steps.is_empty(), quote), &canvas).map(Some)
}

fn words(metrics: &Metrics, fitted: bool, quote: Quote) -> Words {
    let test = &metrics.test;
    let groups = &test.calibration.deciles;
    let name = quote(&metrics.target.source);
    let over = groups.iter().filter(|group| group.mean_actual < group.mean_predicted).count();
    let error = number::or_dash(test.calibration_error);
    let chance = test.calibration_error_floor.map_or_else(String::new, |floor| {
        format!(", where chance gives {} if rows are independent", number::figure(floor))
    });
    let alt = format!(
        "Mean outcome of {name} in {} groups of test rows, from low to high predictions: below the mean prediction in {over} of them; calibration error {error}{chance}.",
        groups.len()
    );
    let fit = if fitted {
        " The stepped line is the isotonic fit: the mean outcome that follows on each prediction, if higher predictions never mean lower outcomes; it follows chance, too."
    } else {
        ""
    };
    let caption = format!(
        "Mean prediction and mean outcome of {name} in {} groups of test rows of about equal size. Predictions that can be taken at their word lie on the dashed line.{fit}",
        groups.len()
    );
    Words { alt, caption }
}
