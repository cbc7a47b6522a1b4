//! The values of a feature, each kept once.

use std::sync::Arc;

use polars::prelude::IdxSize;

/// The values of a feature, one a row; NaN where it is missing.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    /// A number a row, shared with what is made of them.
    Numbers(Arc<Vec<f64>>),
    /// 1 in the rows at this place, else 0; the places are shared with the column's other indicators.
    Indicator { places: Arc<Vec<u32>>, place: u32 },
}

impl Values {
    /// The values of some rows.
    pub(crate) fn pick(&self, rows: &[IdxSize]) -> Vec<f64> {
        match self {
            Self::Numbers(values) => rows.iter().map(|row| values[*row as usize]).collect(),
            Self::Indicator { places, place } => {
                rows.iter().map(|row| flag(places[*row as usize] == *place)).collect()
            }
        }
    }

    /// Calls `each` with every value of rows `from` on, as many as `of` has, beside those of `of`.
    pub(crate) fn zip_from<T>(&self, from: usize, of: &mut [T], mut each: impl FnMut(&mut T, f64)) {
        let to = from + of.len();
        match self {
            Self::Numbers(values) => {
                of.iter_mut().zip(&values[from..to]).for_each(|(own, value)| each(own, *value));
            }
            Self::Indicator { places, place } => {
                of.iter_mut().zip(&places[from..to]).for_each(|(own, at)| each(own, flag(at == place)));
            }
        }
    }

    /// The numbers, if it is no indicator.
    pub(crate) fn numbers(&self) -> Option<&[f64]> {
        match self {
            Self::Numbers(values) => Some(values),
            Self::Indicator { .. } => None,
        }
    }

    /// Whether a value is missing.
    pub(crate) fn any_missing(&self) -> bool {
        self.numbers().is_some_and(|values| values.iter().any(|v| v.is_nan()))
    }

    /// Fills in place.
    pub(crate) fn fill(&mut self, fill: f64) {
        if let Self::Numbers(values) = self {
            Arc::make_mut(values).iter_mut().filter(|v| v.is_nan()).for_each(|v| *v = fill);
        }
    }

    /// As a column of numbers.
    pub(crate) fn into_numbers(self) -> Vec<f64> {
        match self {
            Self::Numbers(values) => Arc::unwrap_or_clone(values),
            Self::Indicator { places, place } => places.iter().map(|at| flag(*at == place)).collect(),
        }
    }
}

impl From<Vec<f64>> for Values {
    fn from(values: Vec<f64>) -> Self {
        Self::Numbers(Arc::new(values))
    }
}

fn flag(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}
