//! The cells of a text column by number, so that each different text is looked at once.

use std::collections::HashMap;

/// The number of a missing cell.
pub(super) const NONE: u32 = u32::MAX;

/// The cells of a text column.
pub(super) struct Cells<'a> {
    /// Different texts, in the order of their first rows.
    texts: Vec<&'a str>,
    /// The number of each row's text.
    numbers: Vec<u32>,
}

impl<'a> Cells<'a> {
    pub(super) fn of(cells: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut texts: Vec<&str> = Vec::new();
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut number = |cell: &'a str| {
            *known.entry(cell).or_insert_with(|| {
                texts.push(cell);
                u32::try_from(texts.len() - 1).unwrap_or(NONE)
            })
        };
        let numbers = cells.map(|cell| cell.map_or(NONE, &mut number)).collect();
        Self { texts, numbers }
    }

    /// The texts that rows marked in `rows` have, with the number of these rows.
    pub(super) fn counts(&self, rows: &[bool]) -> Vec<(&'a str, u64)> {
        let mut counts = vec![0; self.texts.len()];
        for (number, _) in self.numbers.iter().zip(rows).filter(|(_, marked)| **marked) {
            counts.get_mut(*number as usize).into_iter().for_each(|count| *count += 1);
        }
        self.texts.iter().copied().zip(counts).filter(|(_, count)| *count > 0).collect()
    }

    /// What `of` says of each row's text, and `missing` of cells without.
    pub(super) fn map<T: Copy>(&self, missing: T, of: impl Fn(&str) -> T) -> Vec<T> {
        let said: Vec<T> = self.texts.iter().map(|text| of(text)).collect();
        self.numbers.iter().map(|number| said.get(*number as usize).copied().unwrap_or(missing)).collect()
    }
}
