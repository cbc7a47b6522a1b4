//! What the model says of rows: column by column, in the order in which they are written.

use common::schema::{Field, Kind, Role};
use common::table::number_column;
use model::Model;
use polars::prelude::Column;

use crate::rows::{Mark, Rows};

/// What the model says of some rows.
pub(crate) struct Scored {
    /// The prediction, then what else is said in numbers; as [`fields`] has them.
    pub(crate) columns: Vec<Column>,
    /// Why a row has no prediction.
    pub(crate) absent: Vec<Option<&'static str>>,
    /// Features outside the range of the training rows.
    pub(crate) outside: Vec<Mark>,
}

/// The columns that [`score`] gives: the prediction, and the bounds of its interval at each level.
pub(crate) fn fields(model: &Model) -> Vec<Field> {
    let bounds = model.intervals.levels.iter().flat_map(|level| names(*level));
    let names = ["prediction".to_owned()].into_iter().chain(bounds);
    names.map(|name| Field::new(name, Kind::Number, Role::Prediction)).collect()
}

/// The names of the columns of a level's bounds: `lower_90` and `upper_90`.
fn names(level: f64) -> [String; 2] {
    // 0.29 is to be 29, not 28.999999999999996.
    let percent = (level * 1e12).round() / 1e10;
    ["lower", "upper"].map(|bound| format!("{bound}_{percent}"))
}

/// The rows with features outside the range of the training rows; `columns` in the model's order.
#[must_use]
pub fn outside(model: &Model, columns: &[&[f64]]) -> Vec<Mark> {
    let outside = model.features.iter().zip(columns).filter_map(|(name, column)| {
        let (least, most) = model.reference.features.get(name)?.range()?;
        let beyond = |value: &f64| *value < least || *value > most;
        // Mostly no row is, and then nothing is kept.
        if !column.iter().any(beyond) {
            return None;
        }
        Mark::new(name, column.iter().map(beyond).collect())
    });
    outside.collect()
}

/// Scores rows. A row that misses a feature has no prediction (`missing_feature`), nor one whose
/// prediction is beyond the range of f64 (`not_finite`).
pub(crate) fn score(model: &Model, rows: &Rows) -> Scored {
    let columns: Vec<&[f64]> = rows.features.iter().map(Vec::as_slice).collect();
    let mut predictions = model.predict(&columns);
    let mut absent: Vec<Option<&'static str>> = vec![None; predictions.len()];
    for column in columns.iter().filter(|column| column.iter().any(|v| v.is_nan())) {
        let missing = absent.iter_mut().zip(*column).filter(|(_, value)| value.is_nan());
        missing.for_each(|(why, _)| *why = Some("missing_feature"));
    }
    for (prediction, why) in predictions.iter_mut().zip(&mut absent) {
        if !prediction.is_finite() {
            why.get_or_insert("not_finite");
        }
        if why.is_some() {
            *prediction = f64::NAN;
        }
    }
    let outside = outside(model, &columns);
    let mut said = vec![number_column("prediction", &predictions)];
    for level in model.intervals(&columns, &predictions) {
        let missing = || vec![f64::NAN; predictions.len()];
        let (lower, upper) = level.bounds.map_or_else(|_| (missing(), missing()), |b| (b.lower, b.upper));
        let both = names(level.level).into_iter().zip([lower, upper]);
        said.extend(both.map(|(name, values)| number_column(&name, &values)));
    }
    Scored { columns: said, absent, outside }
}
