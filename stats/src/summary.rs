use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Absent, Moments, OrderStatistics, Quantiles, Reference};

/// Moments and quantiles of one column, or one part of it, learned together.
///
/// Memory: the values present, 8 bytes each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Count, sum, sum of squares, least and largest value.
    pub moments: Moments,
    /// The values, for order statistics.
    pub quantiles: Quantiles,
}

impl Column {
    /// A column without rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one value; NaN and infinities count as missing.
    pub fn add(&mut self, value: f64) {
        self.moments.add(value);
        self.quantiles.add(value);
    }

    /// Adds a column or a piece of one.
    pub fn extend(&mut self, values: &[f64]) {
        self.moments.extend(values);
        self.quantiles.extend(values);
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.moments.merge(&other.moments);
        self.quantiles.merge(&other.quantiles);
    }

    /// What drift is measured against, of what was added; sorts it, so that the summary costs little afterwards.
    pub fn reference(&mut self) -> Reference {
        self.quantiles.sort();
        Reference::from_order_with(&mut self.quantiles, &self.moments)
    }

    /// The summary of what was added.
    pub fn summary(&mut self) -> Summary {
        Summary::new(&self.moments, &mut self.quantiles)
    }
}

/// The figures that describe one numeric feature in one part of the data, in the feature's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Rows, missing ones too.
    pub rows: u64,
    /// Rows without a value.
    pub nulls: u64,
    /// Arithmetic mean of the values present.
    pub mean: Option<f64>,
    /// Sample standard deviation (n - 1).
    pub sd: Option<f64>,
    /// Least value.
    pub min: Option<f64>,
    /// Lower quartile (type 7).
    pub q25: Option<f64>,
    /// Median (type 7).
    pub median: Option<f64>,
    /// Upper quartile (type 7).
    pub q75: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// Reasons of the figures that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

impl Summary {
    /// Summarises a column held in memory.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut column = Column::new();
        column.extend(values);
        column.summary()
    }

    /// The summary of moments and order statistics of the same rows.
    #[must_use]
    pub fn new(moments: &Moments, order: &mut impl OrderStatistics) -> Self {
        let mut absent = Absent::default();
        Self {
            rows: moments.n() + moments.missing(),
            nulls: moments.missing(),
            mean: absent.keep("mean", moments.mean()),
            sd: absent.keep("sd", moments.sd()),
            min: absent.keep("min", moments.min()),
            q25: absent.keep("q25", order.quantile_of(1, 4)),
            median: absent.keep("median", order.median()),
            q75: absent.keep("q75", order.quantile_of(3, 4)),
            max: absent.keep("max", moments.max()),
            absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    #[test]
    fn a_column_by_hand() {
        // 1, 2, 4, 9 and one missing: mean 4, squares of deviations 9 + 4 + 0 + 25 = 38, sd = sqrt(38/3).
        // Quartiles at h = 0.75, 1.5, 2.25: 1 + 0.75, (2 + 4)/2, 4 + 0.25 * 5.
        let summary = Summary::of(&[4.0, f64::NAN, 1.0, 9.0, 2.0]);
        assert_eq!((summary.rows, summary.nulls), (5, 1));
        assert_eq!(summary.mean, Some(4.0));
        assert_eq!(summary.sd, Some((38.0_f64 / 3.0).sqrt()));
        assert_eq!((summary.min, summary.max), (Some(1.0), Some(9.0)));
        assert_eq!((summary.q25, summary.median, summary.q75), (Some(1.75), Some(3.0), Some(5.25)));
        assert!(summary.absent.is_empty());
    }

    #[test]
    fn what_is_absent_is_null_with_a_reason() {
        let summary = Summary::of(&[f64::NAN]);
        let text = serde_json::to_string(&summary).unwrap();
        assert!(text.contains(r#""mean":null"#) && text.contains(r#""mean":"no_rows""#), "{text}");
        assert_eq!(serde_json::from_str::<Summary>(&text).unwrap(), summary);
        let summary = Summary::of(&[2.0]);
        assert_eq!((summary.mean, summary.q25, summary.sd), (Some(2.0), Some(2.0), None));
        assert_eq!(summary.absent.reason("sd"), Some(Reason::TooFewRows));
    }
}
