use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::drift::{Sides, share};
use crate::{Psi, Value};

/// How many rows of a column there are, and how many of them have no value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Nulls {
    /// Rows, missing ones too.
    pub rows: u64,
    /// Rows without a value.
    pub nulls: u64,
}

impl Nulls {
    /// Adds one row.
    pub fn add(&mut self, missing: bool) {
        self.rows += 1;
        self.nulls += u64::from(missing);
    }

    /// Adds all rows of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.nulls += other.nulls;
    }

    /// Rows without a value as a share of all, in `[0, 1]`.
    ///
    /// # Errors
    /// [`crate::Reason::NoRows`] without rows.
    pub fn rate(&self) -> Value {
        share(self.nulls, self.rows)
    }

    /// The population stability index of missing against known rows, this column's as the reference: two
    /// bins, or one, and no index, where neither side misses any.
    #[must_use]
    pub fn compare(&self, current: &Self) -> Psi {
        Sides {
            reference: &[self.rows.saturating_sub(self.nulls)],
            current: &[current.rows.saturating_sub(current.nulls)],
            missing_reference: self.nulls,
            missing: current.nulls,
        }
        .psi()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Categories, CategoryReference, Reason, Verdict};

    fn nulls(rows: u64, nulls: u64) -> Nulls {
        Nulls { rows, nulls }
    }

    #[test]
    fn two_bins_by_hand() {
        // n = 8 and m = 8, halves added: r = (8.5, 0.5) / 9, c = (5.5, 3.5) / 9, differences -3/9 and 3/9.
        let psi = nulls(8, 0).compare(&nulls(8, 3));
        let hand = ((8.5_f64 / 5.5).ln() + (3.5_f64 / 0.5).ln()) / 3.0;
        assert!((psi.psi.unwrap() - hand).abs() < 1e-15);
        assert_eq!(psi.df, 1);
        assert_eq!(nulls(100, 1).compare(&nulls(100, 60)).verdict, Verdict::Large);
        assert_eq!(nulls(100, 0).compare(&nulls(50, 0)).absent.reason("psi"), Some(Reason::OneBin));
        assert_eq!(nulls(0, 0).compare(&nulls(5, 2)).absent.reason("psi"), Some(Reason::NoRows));
        assert_eq!(nulls(0, 0).rate(), Err(Reason::NoRows));
    }

    #[test]
    fn as_a_category_with_missing_rows() {
        let column = |known: usize, missing: usize| {
            let mut all = vec![Some("known"); known];
            all.extend(vec![None; missing]);
            all
        };
        let mut training = Categories::new();
        training.extend(column(90, 10));
        let reference = CategoryReference::learn(&training);
        let other = reference.compare(&reference.count(column(30, 20)));
        let own = nulls(100, 10).compare(&nulls(50, 20));
        assert_eq!((own.psi, own.threshold_99, own.df), (other.psi, other.threshold_99, other.df));
    }

    #[test]
    fn pieces_merge_to_the_whole() {
        let (mut whole, mut left, mut right) = (Nulls::default(), Nulls::default(), Nulls::default());
        for (i, missing) in [true, false, true, false, false].into_iter().enumerate() {
            whole.add(missing);
            if i < 2 { left.add(missing) } else { right.add(missing) }
        }
        right.merge(&left);
        assert_eq!((right, whole.rate()), (whole, Ok(0.4)));
    }
}
