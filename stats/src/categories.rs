use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How often each category occurs in a column; `None` is a missing value.
///
/// Memory: one entry for each different category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Categories {
    missing: u64,
    counts: BTreeMap<String, u64>,
}

impl Categories {
    /// A collector without values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one value; the empty text is a category like any other.
    pub fn add(&mut self, value: Option<&str>) {
        let Some(value) = value else {
            self.missing += 1;
            return;
        };
        // Looked up first: a key is allocated only for a category that is new.
        match self.counts.get_mut(value) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(value.to_owned(), 1);
            }
        }
    }

    /// Adds a column or a piece of one.
    pub fn extend<'a>(&mut self, values: impl IntoIterator<Item = Option<&'a str>>) {
        for value in values {
            self.add(value);
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.missing += other.missing;
        for (category, count) in &other.counts {
            *self.counts.entry(category.clone()).or_default() += count;
        }
    }

    /// Counts by category, in the order of the bytes of the category.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }

    /// How many values are present.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.counts.values().sum()
    }

    /// How many values were missing.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// The category with the largest count; among equals the first in the order of their bytes.
    /// `None` if no value is present.
    #[must_use]
    pub fn mode(&self) -> Option<&str> {
        let largest = self.counts.values().max()?;
        let mode = self.counts.iter().find(|(_, count)| *count == largest)?;
        Some(mode.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_the_first_of_the_most_frequent() {
        let mut categories = Categories::new();
        assert_eq!(categories.mode(), None);
        categories.extend([Some("b"), Some("a"), None, Some("b"), Some("a"), Some("c")]);
        assert_eq!(categories.mode(), Some("a"));
        assert_eq!((categories.n(), categories.missing()), (5, 1));
        categories.add(Some("b"));
        assert_eq!(categories.mode(), Some("b"));
        // Bytes, not any language's order: "Z" (0x5a) comes before "a" (0x61) and "ä" after both.
        let mut categories = Categories::new();
        categories.extend([Some("ä"), Some("a"), Some("Z")]);
        assert_eq!(categories.mode(), Some("Z"));
    }

    #[test]
    fn pieces_merge_to_the_whole() {
        let rows = [Some("x"), None, Some(""), Some("x"), Some("y")];
        let mut whole = Categories::new();
        whole.extend(rows);
        for cut in 0..=rows.len() {
            let (mut left, mut right) = (Categories::new(), Categories::new());
            left.extend(rows[..cut].iter().copied());
            right.extend(rows[cut..].iter().copied());
            right.merge(&left);
            assert_eq!(serde_json::to_string(&right).unwrap(), serde_json::to_string(&whole).unwrap());
        }
    }
}
