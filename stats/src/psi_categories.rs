use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::drift::{Psi, Sides, share, total};
use crate::{Categories, Reason, Value};

/// Rows of a category to expect on the smaller side for a bin of its own.
const EXPECTED_ROWS: u128 = 5;

/// The training profile of a categorical feature that drift is measured against.
///
/// A training category is a bin where five rows of it are to be expected on the smaller side. Rarer ones
/// and those that training has not seen share one bin, `other`: with a bin each, many rare categories alarm
/// without drift, since the chi-squared level does not hold for them (Cochran 1954). The rows of both sides
/// together decide which are rare: the training rows alone would pick those that chance made frequent there.
/// `other` and the bin of missing rows exist where either side has any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryReference {
    counts: BTreeMap<String, u64>,
    missing: u64,
}

impl CategoryReference {
    /// Learns from the counted training part.
    #[must_use]
    pub fn learn(training: &Categories) -> Self {
        Self { counts: training.counts().clone(), missing: training.missing() }
    }

    /// Training rows in each category.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }

    /// Training rows without a value.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }
}

impl CategoryReference {
    /// Counts of no rows, to [`add`](CategoryReference::add) to.
    #[must_use]
    pub fn empty(&self) -> CategoryCounts {
        let counts = self.counts.keys().map(|category| (category.clone(), 0)).collect();
        CategoryCounts { counts, unseen: 0, missing: 0 }
    }

    /// Adds one row to counts that [`empty`](CategoryReference::empty) of this reference began.
    pub fn add(&self, counts: &mut CategoryCounts, value: Option<&str>) {
        match value.map(|value| counts.counts.get_mut(value)) {
            None => counts.missing += 1,
            Some(None) => counts.unseen += 1,
            Some(Some(count)) => *count += 1,
        }
    }

    /// Counts a column, or a piece of one, in the categories of this reference.
    #[must_use]
    pub fn count<'a>(&self, values: impl IntoIterator<Item = Option<&'a str>>) -> CategoryCounts {
        let mut counts = self.empty();
        for value in values {
            self.add(&mut counts, value);
        }
        counts
    }

    /// The population stability index of the counted rows against this reference.
    #[must_use]
    pub fn compare(&self, counts: &CategoryCounts) -> Psi {
        let (mut reference, mut current) = (Vec::new(), Vec::new());
        let mut other = (0_u64, counts.unseen);
        let n = u128::from(total(self.counts.values())) + u128::from(self.missing);
        let m = u128::from(total(counts.counts.values()))
            + u128::from(counts.unseen)
            + u128::from(counts.missing);
        let (smaller, both) = (n.min(m), n + m);
        for (category, &rows) in &self.counts {
            let new = counts.counts.get(category).copied().unwrap_or(0);
            if (u128::from(rows) + u128::from(new)).saturating_mul(smaller) >= EXPECTED_ROWS * both {
                reference.push(rows);
                current.push(new);
            } else {
                other = (other.0.saturating_add(rows), other.1.saturating_add(new));
            }
        }
        if other != (0, 0) {
            reference.push(other.0);
            current.push(other.1);
        }
        let mut psi = Sides {
            reference: &reference,
            current: &current,
            missing_reference: self.missing,
            missing: counts.missing,
        }
        .psi();
        psi.share_unseen = psi.absent.keep("share_unseen", share(counts.unseen, psi.n));
        psi
    }
}

/// Rows counted in the categories of one [`CategoryReference`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryCounts {
    counts: BTreeMap<String, u64>,
    unseen: u64,
    missing: u64,
}

impl CategoryCounts {
    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// [`Reason::BinsDiffer`], with nothing added, if `other` counted other categories.
    pub fn merge(&mut self, other: &Self) -> Value<()> {
        if !self.counts.keys().eq(other.counts.keys()) {
            return Err(Reason::BinsDiffer);
        }
        for (count, more) in self.counts.values_mut().zip(other.counts.values()) {
            *count += more;
        }
        self.unseen += other.unseen;
        self.missing += other.missing;
        Ok(())
    }

    /// Rows in categories that the reference has not seen.
    #[must_use]
    pub fn unseen(&self) -> u64 {
        self.unseen
    }

    /// Rows without a value.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }
}
