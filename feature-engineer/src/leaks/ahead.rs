//! Features that hold values of the target's column from later rows.

use std::collections::BTreeMap;

use common::text;
use rayon::prelude::*;
use stats::Moments;

use super::agreement::{Agreement, Scale};
use super::around::{Around, FEW, WINDOW, Window};
use super::sample::Sample;
use super::{Evidence, Finding, PARTS};

/// Most places after the point that a rounded column is taken to have.
const PLACES: i32 = 9;
/// Rounding is allowed for where half a unit is at most this share of the sd of changes from row to row,
/// so that no smooth column passes for any other.
const OF_CHANGE: f64 = 0.1;

/// A feature that may look ahead.
struct Column {
    place: usize,
    values: Vec<f64>,
    scale: Scale,
    best: Option<(Window, Agreement)>,
}

/// Names features that equal a later value of the target's column, or the mean or sum of a window that
/// reaches past what is known; unless windows of the past fit as well.
pub(super) fn looks(
    evidence: &Evidence<'_>,
    sample: &Sample,
    around: &Around<'_>,
    named: &mut [bool],
) -> Vec<Finding> {
    let rows = sample.train.len();
    let own = around.at(0, rows);
    let Some(scale) = Scale::of(&own) else { return Vec::new() };
    let mut change = Moments::new();
    own.iter().zip(around.at(-1, rows)).for_each(|(now, before)| change.add(now - before));
    let change = change.sd().unwrap_or(0.0);
    let open = evidence.features.par_iter().enumerate().filter(|(place, _)| !named[*place]);
    let mut columns: Vec<Column> = open
        .filter_map(|(place, feature)| {
            let values = feature.values.pick(&sample.train);
            Scale::of(&values)?;
            let half = unit(&values).map(|unit| 0.500_001 * unit).filter(|half| *half <= OF_CHANGE * change);
            Some(Column { place, scale: scale.rounded(half.unwrap_or(0.0)), values, best: None })
        })
        .collect();
    let last = WINDOW.cast_signed();
    for ahead in 1..=last {
        let later = around.at(ahead, rows);
        let window = Window { from: ahead, to: ahead, sum: false };
        columns.par_iter_mut().for_each(|column| column.compare(window, &later, 1.0, column.scale));
    }
    // The sums of a window are taken once for all columns of a piece.
    let piece = columns.len().div_ceil(rayon::current_num_threads()).max(1);
    columns.par_chunks_mut(piece).for_each(|columns| {
        around.windows(around.first, last, rows, |window, sums, width| {
            for column in &mut *columns {
                let (divisor, scale) =
                    if window.sum { (1.0, column.scale.times(width)) } else { (width, column.scale) };
                column.compare(window, sums, divisor, scale);
            }
            false
        });
    });
    let look = |column: &Column| {
        let (window, agreed) = column.best?;
        let few = &column.values[..rows.min(FEW)];
        let explained = around.explains(few, column.scale, agreed);
        (!explained).then(|| (column.place, finding(evidence.features[column.place].name, window, agreed)))
    };
    let found: Vec<(usize, Finding)> = columns.par_iter().filter_map(look).collect();
    found.iter().for_each(|(place, _)| named[*place] = true);
    found.into_iter().map(|(_, finding)| finding).collect()
}

impl Column {
    /// Keeps the window if it agrees in a larger share of rows than any before.
    fn compare(&mut self, window: Window, wanted: &[f64], divisor: f64, scale: Scale) {
        let pairs = self.values.iter().zip(wanted).map(|(v, w)| (*v, w / divisor));
        let Some(agreed) = scale.agree(pairs) else { return };
        if self.best.is_none_or(|(_, best)| agreed.share() > best.share()) {
            self.best = Some((window, agreed));
        }
    }
}

fn finding(name: &str, window: Window, agreed: Agreement) -> Finding {
    let Window { from, to, sum } = window;
    let what = match (from == to, sum) {
        (true, _) => format!("the value {} later", text::count(to.unsigned_abs() as u64, "row")),
        (_, false) => format!("the mean of rows {from:+} to {to:+} around it"),
        (_, true) => format!("the sum of rows {from:+} to {to:+} around it"),
    };
    Finding {
        kind: "looks_ahead",
        columns: vec![name.to_owned()],
        parts: vec![PARTS[0]],
        figures: BTreeMap::from([
            ("rows", agreed.rows as f64),
            ("share", agreed.share()),
            ("from", from as f64),
            ("to", to as f64),
        ]),
        what: format!(
            "{} equals {what} of the target's column in {} of {} rows looked at",
            text::name(name),
            agreed.agreed,
            agreed.rows
        ),
    }
}

/// The unit that all values are rounded to, at most one; `None` where there is none.
#[expect(clippy::float_cmp, reason = "a decimal is the f64 nearest to its quotient, to the bit")]
fn unit(values: &[f64]) -> Option<f64> {
    let known = || values.iter().filter(|v| !v.is_nan());
    let places = (0..=PLACES).find(|places| {
        let ten = 10_f64.powi(*places);
        known().all(|v| (v * ten).round() / ten == *v)
    })?;
    Some(10_f64.powi(-places))
}
