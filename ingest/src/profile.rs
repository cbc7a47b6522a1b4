//! What is found out about a column: the type of all its cells, and how many are missing.

use std::collections::BTreeSet;

use common::schema::Kind;

/// The profile of one column: the same for any order of its cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    kind: Option<Kind>,
    nulls: u64,
}

impl Profile {
    /// Adds a cell.
    pub(crate) fn add(&mut self, cell: &str, null_tokens: &BTreeSet<String>) {
        if cell.is_empty() || null_tokens.contains(cell) {
            self.nulls += 1;
            return;
        }
        match self.kind {
            Some(kind) if kind.parse(cell, None).is_some() => {}
            Some(kind) => self.kind = Some(kind.join(Kind::narrowest(cell))),
            None => self.kind = Some(Kind::narrowest(cell)),
        }
    }

    /// The narrowest type that holds every cell; text where all are missing.
    pub(crate) fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::String)
    }

    /// Number of missing cells.
    pub(crate) fn nulls(&self) -> u64 {
        self.nulls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(cells: &[&str]) -> (Kind, u64) {
        let tokens = BTreeSet::from(["NA".to_owned()]);
        let mut profile = Profile::default();
        cells.iter().for_each(|cell| profile.add(cell, &tokens));
        (profile.kind(), profile.nulls())
    }

    #[test]
    fn the_type_holds_every_cell_that_is_not_missing() {
        assert_eq!(profile(&["1", "", "NA", "2"]), (Kind::Integer, 2));
        assert_eq!(profile(&["1", "2.5", "3"]), (Kind::Number, 0));
        assert_eq!(profile(&["1", "02"]), (Kind::String, 0));
        assert_eq!(profile(&["true", "1"]), (Kind::String, 0));
        assert_eq!(profile(&["1", "2020-01-01", "2020-01-02"]), (Kind::String, 0));
        assert_eq!(profile(&["NA", ""]), (Kind::String, 2));
        assert_eq!(profile(&["na"]), (Kind::String, 0));
    }
}
