//! The error by period, and the share of outcomes outside their interval.

use common::error::Result;

use super::canvas::{Canvas, Pen};
use super::frame::{BELOW, EDGE, Plot, Sign, legend, square};
use super::ink::Ink;
use super::label::{self, Quote};
use super::scale::Scale;
use super::times;
use super::{Figure, Words, share};
use crate::metrics::{Metrics, PeriodRow};
use crate::number;

/// Periods drawn at most, the latest.
const MOST: usize = 120;
/// Height of each panel in pixels.
const HEIGHT: f64 = 170.0;
/// Rows below which a point says little.
const ENOUGH_ROWS: u64 = 20;

/// A value of a period: its place among the periods, and its rows.
struct Point<'a> {
    place: usize,
    value: f64,
    /// What chance gives of it, from and to.
    chance: Option<(f64, f64)>,
    row: &'a PeriodRow,
}

/// The figure; none below two periods.
pub(super) fn draw(metrics: &Metrics) -> Result<Option<Figure>> {
    let Some(periods) = &metrics.periods else { return Ok(None) };
    let rows = &periods.rows[periods.rows.len().saturating_sub(MOST)..];
    let mut names: Vec<&str> = rows.iter().map(|row| row.period.as_str()).collect();
    names.dedup();
    let errors = points(rows, |row| Some((row.slice.mae?, None)));
    let train = metrics.train.mae;
    let Some(scale) = Scale::with_zero(errors.iter().map(|p| p.value).chain(train), 5) else {
        return Ok(None);
    };
    if names.len() < 2 || errors.len() < 2 {
        return Ok(None);
    }
    let mut canvas = Canvas::new();
    let has = |part: &str| errors.iter().any(|point| point.row.part == part);
    let mut entries = Vec::new();
    if has("calibration") {
        entries.push((Sign::Box(Ink::Other), "calibration part".to_owned()));
    }
    entries.push((Sign::Disc(Ink::Main), "test part".to_owned()));
    if train.is_some() {
        entries.push((Sign::Dashes(Ink::Text), "training part".to_owned()));
    }
    let top = legend(&mut canvas, EDGE, &entries) + 4.0;
    let unit = label::cut(&metrics.target.source, 22.0);
    let title = format!("Mean absolute error of “{unit}”");
    let plot = Plot::titled(&mut canvas, top, &title, HEIGHT, &scale);
    panel(&mut canvas, plot, &scale, &names, &errors, train);
    let mut bottom = plot.bottom + BELOW;
    let level = metrics.test.intervals.iter().rfind(|of| of.coverage.is_some()).map(|of| of.level);
    if let Some(level) = level {
        bottom = misses(&mut canvas, bottom + 10.0, plot, (rows, &names), level).unwrap_or(bottom);
    }
    canvas.crop(bottom + EDGE);
    let title = "Error by period";
    Figure::new("over_time", title, |quote| words(metrics, rows, level, quote), &canvas).map(Some)
}

/// The panel of misses, in percent; returns where it ends.
fn misses(
    canvas: &mut Canvas,
    top: f64,
    above: Plot,
    (rows, names): (&[PeriodRow], &[&str]),
    level: f64,
) -> Option<f64> {
    let of = |row: &PeriodRow| {
        let of = row.slice.intervals.iter().find(|of| of.level.total_cmp(&level).is_eq())?;
        let chance = of.band_lower.zip(of.band_upper);
        let missed = |covered: f64| 100.0 * (1.0 - covered);
        Some((missed(of.coverage?), chance.map(|(low, high)| (missed(high), missed(low)))))
    };
    let shares = points(rows, of);
    let promised = 100.0 * (1.0 - level);
    let ends = shares.iter().flat_map(|point| [point.value, point.chance.map_or(0.0, |(_, high)| high)]);
    let scale = Scale::with_zero(ends.chain([promised]), 5).filter(|_| shares.len() > 1)?;
    let title = format!("Outside the {} interval, % of rows", number::level(level));
    let mut entries = vec![(Sign::Dashes(Ink::Text), "promised".to_owned())];
    let judged = shares.iter().any(|point| point.chance.is_some());
    if judged {
        entries.push((Sign::Band(Ink::Quiet, 0.25), "what chance gives, 95 times in 100".to_owned()));
    }
    let top = legend(canvas, top, &entries) + 4.0;
    let plot = Plot { left: above.left, ..Plot::titled(canvas, top, &title, HEIGHT, &scale) };
    panel(canvas, plot, &scale, names, &shares, Some(promised));
    Some(plot.bottom + BELOW)
}

/// Points of both parts over the periods, with a dashed line for what they are compared with.
fn panel(
    canvas: &mut Canvas,
    plot: Plot,
    scale: &Scale,
    names: &[&str],
    points: &[Point<'_>],
    line: Option<f64>,
) {
    plot.rows(canvas, scale);
    times::label(canvas, &plot, names);
    let x = |place: usize| plot.x((place as f64 + 0.5) / names.len() as f64);
    let y = |value: f64| plot.y(scale.place(value));
    let half = (0.3 * (plot.right - plot.left) / names.len() as f64).min(7.0);
    for point in points {
        if let Some((low, high)) = point.chance {
            let middle = x(point.place);
            canvas.bar((middle - half, y(high)), (middle + half, y(low)), Ink::Quiet, 0.25);
        }
    }
    if let Some(value) = line {
        canvas.dashed((plot.left, y(value)), (plot.right, y(value)), Pen::new(Ink::Text, 1.5));
    }
    for (part, ink) in [("calibration", Ink::Other), ("test", Ink::Main)] {
        let of_part: Vec<&Point<'_>> = points.iter().filter(|point| point.row.part == part).collect();
        let spots = of_part.iter().map(|point| (x(point.place), y(point.value))).collect();
        canvas.path(spots, Pen::new(ink, 1.25));
        for point in of_part {
            let spot = (x(point.place), y(point.value));
            let few = point.row.slice.n < ENOUGH_ROWS;
            match part {
                "calibration" => square(canvas, spot, Pen::new(ink, 1.75)),
                _ if few => canvas.ring(spot, 4.0, Pen::new(ink, 1.75)),
                _ => canvas.disc(spot, 4.0, ink, 1.0),
            }
        }
    }
    plot.floor(canvas);
}

/// The periods that have a value.
fn points(
    rows: &[PeriodRow],
    of: impl Fn(&PeriodRow) -> Option<(f64, Option<(f64, f64)>)>,
) -> Vec<Point<'_>> {
    let mut place = 0;
    let mut out = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        place += usize::from(i > 0 && rows[i - 1].period != row.period);
        if let Some((value, chance)) = of(row) {
            out.push(Point { place, value, chance, row });
        }
    }
    out
}

/// The least and the largest error of these periods, in words.
fn range(rows: &[&PeriodRow], quote: Quote) -> String {
    let by_error = |a: &&&PeriodRow, b: &&&PeriodRow| {
        a.slice.mae.unwrap_or_default().total_cmp(&b.slice.mae.unwrap_or_default())
    };
    let known = || rows.iter().filter(|row| row.slice.mae.is_some());
    let extremes = known().min_by(by_error).zip(known().max_by(by_error));
    extremes.map_or_else(String::new, |(least, most)| {
        format!(
            " from {} in {} to {} in {}",
            number::or_dash(least.slice.mae),
            quote(&least.period),
            number::or_dash(most.slice.mae),
            quote(&most.period)
        )
    })
}

fn words(metrics: &Metrics, rows: &[PeriodRow], level: Option<f64>, quote: Quote) -> Words {
    let name = quote(&metrics.target.source);
    let test: Vec<&PeriodRow> = rows.iter().filter(|row| row.part == "test").collect();
    let calibration: Vec<&PeriodRow> = rows.iter().filter(|row| row.part == "calibration").collect();
    let learned = match calibration.len() as u64 {
        0 => String::new(),
        n => {
            let periods = number::counted(n, "period");
            format!("; in {periods} of the calibration part{}", range(&calibration, quote))
        }
    };
    let train = metrics
        .train
        .mae
        .map_or_else(String::new, |mae| format!("; in the training part it is {}", number::figure(mae)));
    let missed = level.and_then(|level| {
        let of = metrics.test.intervals.iter().find(|of| of.level.total_cmp(&level).is_eq())?;
        Some(format!(
            " {} of the test outcomes lie outside the {} interval, which promises {}.",
            share(1.0 - of.coverage?),
            number::level(level),
            share(1.0 - level)
        ))
    });
    let alt = format!(
        "Mean absolute error of {name} in {} of the test part{}{learned}{train}.{}",
        number::counted(test.len() as u64, "period"),
        range(&test, quote),
        missed.as_deref().unwrap_or_default()
    );
    let mut caption =
        format!("Mean absolute error of {name} by period; the dashed line is that of the training part.");
    if !calibration.is_empty() {
        caption.push_str(" Squares are of the calibration part.");
    }
    if missed.is_some() {
        caption.push_str(" Below, the share of outcomes outside their interval beside the promised share; widths of intervals are learned from the calibration part.");
    }
    if test.iter().any(|row| row.slice.n < ENOUGH_ROWS) {
        caption.push_str(&format!(" Open circles stand for fewer than {ENOUGH_ROWS} rows."));
    }
    if metrics.periods.as_ref().is_some_and(|periods| periods.rows.len() > rows.len()) {
        caption.push_str(" Earlier periods are left out.");
    }
    Words { alt, caption }
}
