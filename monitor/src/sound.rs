//! Whether a state that was read can be one: what `monitor` writes for some rows and this model.

use model::Model;
use serde_json::Value;
use stats::{Counts, Coverage, Moments};

use crate::figures;
use crate::period::is_label;
use crate::piece::Piece;
use crate::state::{State, WHOLE};

/// More rows than anybody has: sums of them stay far within u64.
const MOST_ROWS: u64 = 1 << 50;
/// Pieces of a state: a day each for thousands of years.
const MOST_PIECES: usize = 1 << 20;
/// Digits of 32 bits that a sum of squares of numbers has, with room: 2 * 2098 bits, and those of the number of rows.
const MOST_DIGITS: usize = 160;

type Sound = Result<(), String>;

/// Checks a state against the model that it was counted for.
pub(crate) fn state(state: &State, model: &Model) -> Sound {
    if state.pieces.is_empty() || state.pieces.len() > MOST_PIECES {
        return Err(format!("it has {} periods, expected 1 to {MOST_PIECES}", state.pieces.len()));
    }
    let hex = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if state.inputs.is_empty() || !state.inputs.iter().all(|i| hex(&i.sha256)) {
        return Err("it does not say which files its rows are of".to_owned());
    }
    let empty = Piece::new(model);
    let mut rows = 0_u64;
    for (label, of) in &state.pieces {
        if label != WHOLE && (state.period.is_none() || !is_label(label)) {
            return Err("the label of a period is none".to_owned());
        }
        piece(of, &empty, model)?;
        rows = rows.saturating_add(of.rows);
    }
    if rows > MOST_ROWS {
        return Err(format!("it has more than {MOST_ROWS} rows"));
    }
    all_counted(&state.features, &empty.shift.features, rows)
}

fn piece(of: &Piece, empty: &Piece, model: &Model) -> Sound {
    let figures::Rows { n, without_outcome, without_prediction } = figures::Rows {
        n: of.rows,
        without_outcome: of.without_outcome,
        without_prediction: of.without_prediction,
    };
    let pairs = of.pairs.len() as u64;
    let most = without_outcome.max(without_prediction);
    if !(1..=MOST_ROWS).contains(&n)
        || most > n
        || pairs > n - most
        || pairs + without_outcome + without_prediction < n
    {
        return Err("the rows of a period do not add up".to_owned());
    }
    all_counted(&of.shift.features, &empty.shift.features, n)?;
    counted(&of.shift.prediction, &empty.shift.prediction, n)?;
    counted(&of.shift.target, &empty.shift.target, n - without_outcome)?;
    counted(&of.shift.residual, &empty.shift.residual, n - without_outcome)?;
    if of.intervals.len() != model.intervals.levels.len() {
        return Err("it has another number of interval levels than the model".to_owned());
    }
    of.intervals.iter().try_for_each(|held| coverage(held, &of.pairs))
}

fn all_counted(of: &[Counts], empty: &[Counts], rows: u64) -> Sound {
    if of.len() != empty.len() {
        return Err("it counts another number of features than the model has".to_owned());
    }
    of.iter().zip(empty).try_for_each(|(of, empty)| counted(of, empty, rows))
}

/// Counts of so many rows in the bins of the model.
fn counted(of: &Counts, empty: &Counts, rows: u64) -> Sound {
    if of.are_of(empty, rows) && short(&json(of)?) {
        return Ok(());
    }
    Err("the counts in the bins of a reference do not add up to the rows".to_owned())
}

/// Intervals of some or all of these rows.
fn coverage(of: &Coverage, pairs: &[(f64, f64)]) -> Sound {
    let wrong = || Err("what it says of intervals is not sound".to_owned());
    let of = json(of)?;
    let count = |key: &str| of[key].as_u64().unwrap_or(u64::MAX);
    let (rows, held) = (pairs.len() as u64, of["outcomes"]["n"].as_u64().unwrap_or(u64::MAX));
    if held > rows || count("covered") > held || count("missing") > rows || !short(&of) {
        return wrong();
    }
    let is_negative = |key: &str| of[key][0].as_bool() != Some(false);
    if is_negative("width") || is_negative("outside") {
        return wrong();
    }
    if held == rows {
        let mut outcomes = Moments::new();
        pairs.iter().for_each(|(_, actual)| outcomes.add(*actual));
        if json(&outcomes)? != of["outcomes"] {
            return wrong();
        }
    }
    Ok(())
}

/// Whether no list in it is longer than the digits of a sum: longer ones would only cost time.
fn short(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.len() <= MOST_DIGITS && list.iter().all(short),
        Value::Object(map) => map.values().all(short),
        _ => true,
    }
}

fn json<T: serde::Serialize>(of: &T) -> Result<Value, String> {
    serde_json::to_value(of).map_err(|e| e.to_string())
}
