//! How many values are distinct, in bounded memory.
//!
//! Adaptive sampling by hash (Wegman; Flajolet 1990): values are kept whose hash ends in `depth` zero bits;
//! where too many are, `depth` grows. All occurrences of a value kept are seen, so that repeats are told
//! truly, and while `depth` is 0 everything is exact. One result for any order of rows.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// Distinct values by their hashes, each with what was first seen beside it.
#[derive(Clone, Debug)]
pub(crate) struct Distinct<V> {
    kept: HashMap<u64, V>,
    depth: u32,
    most: usize,
}

/// The hash of a value: the same in every run.
pub(crate) fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl<V> Distinct<V> {
    /// None yet; at most `most` are kept.
    pub(crate) fn new(most: usize) -> Self {
        Self { kept: HashMap::new(), depth: 0, most }
    }

    /// Adds one by its hash; says whether it was there.
    pub(crate) fn add(&mut self, hash: u64, value: V) -> bool {
        if self.depth > 0 && hash.trailing_zeros() < self.depth {
            return false;
        }
        if self.kept.contains_key(&hash) {
            return true;
        }
        self.kept.insert(hash, value);
        while self.kept.len() > self.most {
            self.depth += 1;
            self.kept.retain(|hash, _| hash.trailing_zeros() >= self.depth);
        }
        false
    }

    /// How many there are: exact, or with a standard error of about one part in the root of those kept.
    pub(crate) fn count(&self) -> u64 {
        (self.kept.len() as u64) << self.depth
    }

    /// Whether nothing was left out.
    pub(crate) fn is_exact(&self) -> bool {
        self.depth == 0
    }

    /// What was seen beside those kept.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.kept.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_while_it_fits_and_near_beyond() {
        let count = |n: u64, most: usize| {
            let mut distinct = Distinct::new(most);
            (0..2 * n).for_each(|i| {
                distinct.add(hash(i % n), ());
            });
            (distinct.count(), distinct.is_exact())
        };
        assert_eq!(count(1000, 1000), (1000, true));
        let (near, exact) = count(100_000, 4096);
        // Five standard errors of 1 / sqrt(2048).
        assert!(!exact && (89_000..111_000).contains(&near), "{near}");
    }
}
