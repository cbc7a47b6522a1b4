//! What is found out about a column: the type of all its cells, and how many are missing.

use std::collections::BTreeSet;

use common::schema::{Inference, Kind, Numerals};

/// The cells that stand for a missing value, made to be asked often.
#[derive(Clone, Debug)]
pub(crate) struct Nulls {
    tokens: Vec<String>,
    longest: usize,
}

impl Nulls {
    pub(crate) fn new(tokens: &BTreeSet<String>) -> Self {
        let longest = tokens.iter().map(String::len).max().unwrap_or(0);
        Self { tokens: tokens.iter().filter(|t| !t.is_empty()).cloned().collect(), longest }
    }

    fn has(&self, cell: &str) -> bool {
        cell.is_empty() || cell.len() <= self.longest && self.tokens.iter().any(|token| token == cell)
    }
}

/// The profile of one column: the same for any order of its cells and any number of pieces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    found: Inference,
    nulls: u64,
}

impl Profile {
    /// Adds a cell that stood at `place`.
    #[inline]
    pub(crate) fn add(&mut self, cell: &str, nulls: &Nulls, numerals: Numerals, place: u64) {
        if nulls.has(cell) {
            self.nulls += 1;
        } else {
            self.found.add(cell, &numerals, place);
        }
    }

    /// Adds a cell that the source does not have.
    pub(crate) fn add_missing(&mut self) {
        self.nulls += 1;
    }

    /// Adds what was found in other cells.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.found.merge(&other.found);
        self.nulls += other.nulls;
    }

    /// What the cells are that are not missing.
    pub(crate) fn found(&self) -> &Inference {
        &self.found
    }

    /// The narrowest type that holds every cell; text where all are missing.
    pub(crate) fn kind(&self) -> Kind {
        self.found.kind()
    }

    /// The place of the first cell that is not missing.
    pub(crate) fn first(&self) -> Option<u64> {
        self.found.first_of_all()
    }

    /// Number of missing cells.
    pub(crate) fn nulls(&self) -> u64 {
        self.nulls
    }

    /// Number of cells that are not missing.
    pub(crate) fn cells(&self) -> u64 {
        self.found.count_all()
    }

    /// Whether the cells of `other` are of another type: numbers beside text, dates beside numbers.
    /// Missing cells, integers among numbers, and dates that can be read either way, fit.
    pub(crate) fn clashes_with(&self, other: &Self) -> bool {
        if self.cells() == 0 || other.cells() == 0 {
            return false;
        }
        let mut both = self.clone();
        both.merge(other);
        both.kind() == Kind::String && (self.kind() != Kind::String || other.kind() != Kind::String)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(cells: &[&str]) -> Profile {
        let nulls = Nulls::new(&BTreeSet::from(["NA".to_owned(), String::new()]));
        let mut profile = Profile::default();
        cells.iter().zip(1..).for_each(|(cell, line)| profile.add(cell, &nulls, Numerals::PLAIN, line));
        profile
    }

    #[test]
    fn the_type_holds_every_cell_that_is_not_missing() {
        let found = |cells| (profile(cells).kind(), profile(cells).nulls());
        assert_eq!(found(&["1", "", "NA", "2"]), (Kind::Integer, 2));
        assert_eq!(found(&["1", "2.5", "3"]), (Kind::Number, 0));
        assert_eq!(found(&["1", "02"]), (Kind::String, 0));
        assert_eq!(found(&["true", "1"]), (Kind::String, 0));
        assert_eq!(found(&["1", "2020-01-01", "2020-01-02"]), (Kind::String, 0));
        assert_eq!(found(&["NA", ""]), (Kind::String, 2));
        assert_eq!(found(&["na"]), (Kind::String, 0));
    }

    #[test]
    fn another_type_clashes() {
        let clash = |a, b| profile(a).clashes_with(&profile(b));
        assert!(!clash(&["1"], &["2.5"]));
        assert!(!clash(&["1"], &["", "NA"]));
        assert!(!clash(&["a"], &["b"]));
        assert!(!clash(&["01/02/2020"], &["13/02/2020"]));
        assert!(clash(&["1"], &["a"]));
        assert!(clash(&["a"], &["1"]));
        assert!(clash(&["1"], &["2020-01-01"]));
        assert!(clash(&["12/31/2020"], &["31/12/2020"]));
    }
}
