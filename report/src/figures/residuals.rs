//! How errors of the test part are distributed.

use common::error::Result;
use stats::{OrderStatistics as _, Quantiles};

use super::canvas::{Canvas, Pen};
use super::data::{Bin, Row};
use super::frame::{EDGE, Plot, Sign, legend};
use super::ink::Ink;
use super::label::{self, Quote};
use super::scale::Scale;
use super::{Figure, Words, share};
use crate::metrics::Metrics;
use crate::number;

/// Bars drawn at most; narrower bins are joined.
const MOST: f64 = 120.0;
/// Share of the rows that may be left out at either end, where that makes the rest visible.
const TAIL: f64 = 0.005;
/// How many times wider the range must be for that.
const STRETCHED: f64 = 2.0;

/// Rows between two edges.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bar {
    lower: f64,
    upper: f64,
    n: u64,
}

/// What is drawn.
#[derive(Debug, PartialEq)]
struct Histogram {
    bars: Vec<Bar>,
    /// Rows left out below and above.
    beyond: (u64, u64),
}

/// The figure; none where all errors are about the same.
pub(super) fn draw(metrics: &Metrics, bins: &[Bin], rows: &[Row]) -> Result<Option<Figure>> {
    let Some(histogram) = Histogram::of(bins) else { return Ok(None) };
    let bars = &histogram.bars;
    let Some(across) = Scale::over(bars.iter().flat_map(|bar| [bar.lower, bar.upper, 0.0]), 6) else {
        return Ok(None);
    };
    let Some(up) = Scale::with_zero(bars.iter().map(|bar| bar.n as f64), 5) else { return Ok(None) };
    let (mean, median) = (metrics.test.bias, median(rows));
    let mut canvas = Canvas::new();
    let mut entries = vec![(Sign::Bar(Ink::Text), "no error".to_owned())];
    let within = |value: f64| (across.low..=across.high).contains(&value);
    let most = across.low.abs().max(across.high.abs());
    let named = |name: &str, value: f64| {
        let beyond = if within(value) { "" } else { ", beyond" };
        format!("{name} {}{beyond}", number::like(value, most))
    };
    entries.extend(mean.map(|mean| (Sign::Line(Ink::Alarm), named("mean", mean))));
    entries.extend(median.map(|median| (Sign::Dashes(Ink::Other), named("median", median))));
    let top = legend(&mut canvas, EDGE, &entries) + 4.0;
    let plot = Plot::titled(&mut canvas, top, "Test rows", 240.0, &up);
    plot.rows(&mut canvas, &up);
    plot.columns(&mut canvas, &across);
    let x = |value: f64| plot.x(across.place(value));
    for bar in bars {
        let (from, to) = ((x(bar.lower), plot.y(up.place(bar.n as f64))), (x(bar.upper), plot.bottom));
        canvas.bar(from, to, Ink::Main, 0.45);
        canvas.frame(from, to, Pen::new(Ink::Main, 0.75));
    }
    plot.floor(&mut canvas);
    let mark = |value: f64| ((x(value), plot.top), (x(value), plot.bottom));
    let (above, below) = mark(0.0);
    canvas.line(above, below, Pen::new(Ink::Text, 2.5));
    if let Some((above, below)) = mean.filter(|mean| within(*mean)).map(mark) {
        canvas.line(above, below, Pen::new(Ink::Alarm, 2.0));
    }
    if let Some((above, below)) = median.filter(|median| within(*median)).map(mark) {
        canvas.dashed(above, below, Pen::new(Ink::Other, 2.0));
    }
    let name = label::cut(&metrics.target.source, 16.0);
    plot.end(&mut canvas, &format!("Prediction minus outcome, “{name}”"));
    let title = "Residuals of the test part";
    Figure::new("residuals", title, |quote| words(metrics, &histogram, (bins, rows), quote), &canvas)
        .map(Some)
}

/// The median residual of these rows.
fn median(rows: &[Row]) -> Option<f64> {
    let mut errors = Quantiles::new();
    rows.iter().filter_map(|row| Some(row.predicted? - row.actual?)).for_each(|error| errors.add(error));
    errors.sort();
    errors.quantile(0.5).ok().filter(|median| median.is_finite())
}

impl Histogram {
    fn of(bins: &[Bin]) -> Option<Self> {
        let bar = |bin: &Bin| Some(Bar { lower: bin.lower?, upper: bin.upper?, n: bin.n });
        let all: Vec<Bar> =
            bins.iter().filter_map(bar).filter(|bar| bar.upper > bar.lower && bar.n > 0).collect();
        if all.len() < 2 {
            return None;
        }
        let rows: u64 = all.iter().map(|bar| bar.n).sum();
        let fits = |n: u64| n as f64 <= TAIL * rows as f64;
        let (first, below) = left_out(all.iter(), fits);
        let (last, above) = left_out(all.iter().rev(), fits);
        let kept = &all[first..all.len() - last];
        let range = |bars: &[Bar]| Some(bars.last()?.upper - bars.first()?.lower);
        let stretched = range(&all)? > STRETCHED * range(kept)?;
        let (bars, beyond) = if stretched { (kept, (below, above)) } else { (&all[..], (0, 0)) };
        Some(Self { bars: joined(bars)?, beyond })
    }
}

/// How many bins at an end can be left out, and their rows.
fn left_out<'a>(bars: impl Iterator<Item = &'a Bar>, fits: impl Fn(u64) -> bool) -> (usize, u64) {
    let sums = bars.scan(0, |sum, bar| {
        *sum += bar.n;
        Some(*sum)
    });
    let fitting: Vec<u64> = sums.take_while(|sum| fits(*sum)).collect();
    (fitting.len(), fitting.last().copied().unwrap_or(0))
}

/// Few enough bars: bins between multiples of a greater width become one.
fn joined(bars: &[Bar]) -> Option<Vec<Bar>> {
    let width = bars.iter().map(|bar| bar.upper - bar.lower).reduce(f64::min)?;
    let low = bars.iter().map(|bar| bar.lower).reduce(f64::min)?;
    let all = bars.iter().map(|bar| bar.upper).reduce(f64::max)? - low;
    let powers = (0..300).map(|power| 10_f64.powi(power));
    let times = powers.flat_map(|power| [power, 2.0 * power, 5.0 * power]);
    let by = times.into_iter().find(|by| all / (by * width) <= MOST)?;
    let wide = by * width;
    // A half bin inside, so that rounding of the edges does not matter.
    let place = |bar: &Bar| ((bar.lower + width / 2.0) / wide).floor();
    let mut out: Vec<Bar> = Vec::new();
    for bar in bars {
        let (lower, upper) =
            if by > 1.0 { (place(bar) * wide, (place(bar) + 1.0) * wide) } else { (bar.lower, bar.upper) };
        match out.last_mut().filter(|before| before.upper > bar.lower) {
            Some(before) => before.n += bar.n,
            None => out.push(Bar { lower, upper, n: bar.n }),
        }
    }
    Some(out)
}

fn words(metrics: &Metrics, histogram: &Histogram, (bins, rows): (&[Bin], &[Row]), quote: Quote) -> Words {
    let test = &metrics.test;
    let name = quote(&metrics.target.source);
    let counted = |of: &dyn Fn(&Bin) -> bool| bins.iter().filter(|bin| of(bin)).map(|bin| bin.n).sum::<u64>();
    let not_below = counted(&|bin| bin.lower.is_some_and(|lower| lower >= 0.0));
    let all = counted(&|_| true);
    let alt = format!(
        "Histogram of prediction minus outcome of {name} for {}: mean {}, median {}; {} of the predictions are not below their outcome.",
        number::counted(test.n, "test row"),
        number::or_dash(test.bias),
        number::or_dash(median(rows)),
        share(not_below as f64 / all as f64),
    );
    let (below, above) = histogram.beyond;
    let left_out = match below + above {
        0 => String::new(),
        _ => format!(" {below} rows below and {above} above the range shown are left out."),
    };
    let sample = if (rows.len() as u64) < test.n {
        format!(" The median is that of a sample of {}.", number::counted(rows.len() as u64, "row"))
    } else {
        String::new()
    };
    let caption = format!(
        "Errors of the test part in the unit of {name}: to the right of zero predictions are too high.{left_out}{sample}"
    );
    Words { alt, caption }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(of: &[(f64, f64, u64)]) -> Vec<Bin> {
        of.iter().map(|&(a, b, n)| Bin { lower: Some(a), upper: Some(b), n }).collect()
    }

    #[test]
    fn narrow_bins_are_joined_at_multiples_of_a_round_width() {
        // 200 bins of 0.5 from -50 to 50: at most 120 bars means bars of 1, each of two bins.
        let all: Vec<_> = (-100..100).map(|i| (f64::from(i) * 0.5, f64::from(i + 1) * 0.5, 3)).collect();
        let histogram = Histogram::of(&bins(&all)).unwrap();
        assert_eq!(histogram.bars.len(), 100);
        assert_eq!(histogram.bars[0], Bar { lower: -50.0, upper: -49.0, n: 6 });
        assert_eq!(histogram.bars[99], Bar { lower: 49.0, upper: 50.0, n: 6 });
    }

    #[test]
    fn far_tails_are_left_out_and_counted() {
        let all = [(-1e6, -1e6 + 1.0, 2), (-1.0, 0.0, 500), (0.0, 1.0, 500), (1e9, 1e9 + 1.0, 3)];
        let histogram = Histogram::of(&bins(&all)).unwrap();
        assert_eq!((histogram.bars.len(), histogram.beyond), (2, (2, 3)));
        // Six of 1,006 are too many to leave out, and the range is kept.
        let all = [(-1.0, 0.0, 500), (0.0, 1.0, 500), (1e3, 1e3 + 1.0, 6)];
        assert_eq!(Histogram::of(&bins(&all)).unwrap().beyond, (0, 0));
    }

    #[test]
    fn one_bin_is_no_histogram() {
        assert_eq!(Histogram::of(&bins(&[(0.0, 1.0, 9)])), None);
        assert_eq!(Histogram::of(&bins(&[(2.0, 2.0, 9)])), None);
    }
}
