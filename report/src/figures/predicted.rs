//! Predictions against outcomes of test rows.

use std::collections::HashSet;

use common::error::Result;
use common::hash;
use model::Method;

use super::canvas::{Canvas, Pen, SIDE};
use super::data::Row;
use super::frame::{EDGE, Plot, Sign, legend, triangle};
use super::ink::Ink;
use super::label::{self, Quote};
use super::scale::Scale;
use super::{Figure, Words, share};
use crate::metrics::Metrics;
use crate::number;

/// Points drawn at most: more would be a blot, and a large file.
const MOST: usize = 1500;

/// Points below which each is drawn larger.
const FEW: usize = 200;

/// The figure, of the rows that `evaluate` kept.
pub(super) fn draw(metrics: &Metrics, rows: &[Row]) -> Result<Option<Figure>> {
    let all: Vec<(f64, f64)> = rows.iter().filter_map(|row| row.predicted.zip(row.actual)).collect();
    let points = thinned(all);
    let ends = points.iter().flat_map(|(predicted, actual)| [*predicted, *actual]);
    let Some(scale) = Scale::over(ends, 6).filter(|_| points.len() > 1) else { return Ok(None) };
    let band = band(metrics);
    let outside = |(predicted, actual): (f64, f64)| {
        band.is_some_and(|(_, wide)| actual < predicted - wide || actual > predicted + wide)
    };

    let mut entries = vec![(Sign::Disc(Ink::Main), "test row".to_owned())];
    if let Some((level, _)) = band {
        entries.push((Sign::Band(Ink::Main, 0.15), format!("{} interval", number::level(level))));
        entries.push((Sign::Triangle(Ink::Alarm), "outside it".to_owned()));
    }
    entries.push((Sign::Dashes(Ink::Text), "equal".to_owned()));
    let mut canvas = Canvas::new();
    let top = legend(&mut canvas, EDGE, &entries) + 4.0;
    let name = label::cut(&metrics.target.source, 22.0);
    let plot = Plot::titled(&mut canvas, top, &format!("Outcome “{name}”"), SIDE, &scale);
    plot.rows(&mut canvas, &scale);
    plot.columns(&mut canvas, &scale);
    let at = |x: f64, y: f64| plot.spot((&scale, x), (&scale, y));
    if let Some((_, wide)) = band {
        canvas.area(corners(&scale, wide).into_iter().map(|(x, y)| at(x, y)).collect(), Ink::Main, 0.15);
    }
    let (radius, alpha) = if points.len() < FEW { (3.5, 0.7) } else { (2.5, 0.5) };
    for &(predicted, actual) in points.iter().filter(|point| !outside(**point)) {
        canvas.disc(at(predicted, actual), radius, Ink::Main, alpha);
    }
    for &(predicted, actual) in points.iter().filter(|point| outside(**point)) {
        triangle(&mut canvas, at(predicted, actual), actual > predicted, Ink::Alarm, 0.8);
    }
    canvas.dashed(at(scale.low, scale.low), at(scale.high, scale.high), Pen::new(Ink::Text, 1.5));
    plot.end(&mut canvas, &format!("Prediction of “{name}”"));
    let title = "Predictions against outcomes of test rows";
    Figure::new("predicted", title, |quote| words(metrics, points.len(), quote), &canvas).map(Some)
}

/// The widest level with intervals that are equally wide for all rows, and their half width.
fn band(metrics: &Metrics) -> Option<(f64, f64)> {
    let intervals = metrics.intervals.as_ref().filter(|of| of.method == Method::Conformal)?;
    let of = metrics.test.intervals.iter().rfind(|of| of.coverage.is_some())?;
    let place = intervals.levels.iter().position(|level| level.total_cmp(&of.level).is_eq())?;
    Some((of.level, *intervals.quantiles.get(place)?.as_ref()?))
}

/// Where the band of intervals lies within the square of `scale`.
fn corners(scale: &Scale, wide: f64) -> Vec<(f64, f64)> {
    let Scale { low, high, .. } = *scale;
    let wide = wide.min(high - low);
    vec![
        (low, low),
        (low, low + wide),
        (high - wide, high),
        (high, high),
        (high, high - wide),
        (low + wide, low),
    ]
}

/// At most [`MOST`] points: those with the least hashes, which no order of rows and no pattern in them changes.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    if points.len() <= MOST {
        return points;
    }
    let key = |(x, y): &(f64, f64)| hash::digest128(&[x.to_le_bytes(), y.to_le_bytes()].concat());
    let mut keyed: Vec<_> = points.iter().enumerate().map(|(i, point)| (key(point), i)).collect();
    keyed.sort_unstable();
    let kept: HashSet<usize> = keyed.into_iter().take(MOST).map(|(_, i)| i).collect();
    points.into_iter().enumerate().filter(|(i, _)| kept.contains(i)).map(|(_, point)| point).collect()
}

fn words(metrics: &Metrics, drawn: usize, quote: Quote) -> Words {
    let test = &metrics.test;
    let name = quote(&metrics.target.source);
    let band = band(metrics);
    let held = band.and_then(|(level, wide)| {
        let of = test.intervals.iter().find(|of| of.level.total_cmp(&level).is_eq())?;
        Some(format!(
            "; {} of the outcomes lie in the {} interval, the prediction plus and minus {}",
            share(of.coverage?),
            number::level(level),
            number::figure(wide)
        ))
    });
    let r2 = test.r2.map_or_else(String::new, |r2| format!(" and R² {}", number::fixed(Some(r2), 4)));
    let alt = format!(
        "Outcomes of {name} against predictions for {}: mean absolute error {}{r2}{}.",
        number::counted(test.n, "test row"),
        number::or_dash(test.mae),
        held.unwrap_or_default()
    );
    let mut caption =
        format!("Predictions and outcomes of {name} in the test part. On the dashed line they are equal.");
    if band.is_some() {
        caption.push_str(" Triangles mark outcomes outside their interval, above or below it.");
    } else if test.intervals.iter().any(|of| of.mean_width.is_some()) {
        caption.push_str(" Prediction intervals differ from row to row and are not drawn.");
    }
    if drawn as u64 != test.n {
        let (drawn, all) = (number::count(drawn as u64), number::counted(test.n, "row"));
        caption.push_str(&format!(" {drawn} of {all} are drawn, picked by a hash of their numbers."));
    }
    Words { alt, caption }
}
