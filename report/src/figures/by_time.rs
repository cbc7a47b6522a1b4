//! Mean predictions and mean outcomes over the times of the test part.

use common::error::Result;

use super::canvas::{Canvas, Pen};
use super::data::Moment;
use super::frame::{BELOW, EDGE, Plot, Sign, WIDE, legend};
use super::ink::Ink;
use super::label::{self, Quote};
use super::scale::Scale;
use super::{Figure, Words, times};
use crate::metrics::Metrics;
use crate::number;

/// Points of a line at most: more than there are pixels tell nothing.
const MOST: usize = 400;

/// Means of some times in a row.
struct Point<'a> {
    time: &'a str,
    predicted: f64,
    actual: f64,
}

/// The figure; none below three times.
pub(super) fn draw(metrics: &Metrics, moments: &[Moment]) -> Result<Option<Figure>> {
    let joined = moments.len().div_ceil(MOST).max(1);
    let points: Vec<Point<'_>> = moments.chunks(joined).filter_map(joint).collect();
    let ends = points.iter().flat_map(|point| [point.predicted, point.actual]);
    let Some(scale) = Scale::over(ends, 6).filter(|_| points.len() > 2) else { return Ok(None) };
    let mut canvas = Canvas::new();
    let entries =
        [(Sign::Wide, "mean outcome".to_owned()), (Sign::Line(Ink::Main), "mean prediction".to_owned())];
    let top = legend(&mut canvas, EDGE, &entries) + 4.0;
    let name = label::cut(&metrics.target.source, 22.0);
    let plot = Plot::titled(&mut canvas, top, &format!("Mean of “{name}”"), 240.0, &scale);
    plot.rows(&mut canvas, &scale);
    let names: Vec<&str> = points.iter().map(|point| point.time).collect();
    times::label(&mut canvas, &plot, &names);
    let spots = |value: fn(&Point<'_>) -> f64| {
        let spot = |(i, point)| {
            (plot.x((f64::from(i) + 0.5) / points.len() as f64), plot.y(scale.place(value(point))))
        };
        (0_u32..).zip(&points).map(spot).collect()
    };
    canvas.path(spots(|point| point.actual), WIDE);
    canvas.path(spots(|point| point.predicted), Pen::new(Ink::Main, 1.75));
    plot.floor(&mut canvas);
    canvas.crop(plot.bottom + BELOW + EDGE);
    let title = "Mean predictions and outcomes over time";
    Figure::new("by_time", title, |quote| words(metrics, moments, joined, quote), &canvas).map(Some)
}

/// The means over all rows of these times.
fn joint(moments: &[Moment]) -> Option<Point<'_>> {
    let known = || moments.iter().filter_map(|m| Some((m.mean_predicted?, m.mean_actual?, m.n as f64)));
    let all: f64 = known().map(|(.., n)| n).sum();
    let mean = |value: fn((f64, f64)) -> f64| known().map(|(p, a, n)| value((p, a)) * (n / all)).sum();
    let (predicted, actual): (f64, f64) = (mean(|(predicted, _)| predicted), mean(|(_, actual)| actual));
    (predicted.is_finite() && actual.is_finite()).then_some(Point {
        time: &moments.first()?.time,
        predicted,
        actual,
    })
}

fn words(metrics: &Metrics, moments: &[Moment], joined: usize, quote: Quote) -> Words {
    let test = &metrics.test;
    let name = quote(&metrics.target.source);
    let ends = moments.first().zip(moments.last());
    let range = ends.map_or_else(String::new, |(first, last)| {
        format!(", {} to {}", quote(&first.time), quote(&last.time))
    });
    let alt = format!(
        "Mean prediction and mean outcome of {name} at {} of the test part{range}; over all of it the mean prediction is {}, the mean outcome {}.",
        number::counted(moments.len() as u64, "time"),
        number::or_dash(test.mean_predicted),
        number::or_dash(test.mean_actual)
    );
    let each = match joined {
        1 => String::new(),
        joined => format!(" Each point is the mean over {joined} times in a row."),
    };
    let caption = format!(
        "Mean outcome of {name} over all rows of a time, and the mean of their predictions, in the test part. A prediction stands at the time of the row that it was made from.{each} Times stand evenly spaced."
    );
    Words { alt, caption }
}
