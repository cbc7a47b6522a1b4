//! What the cells of a column are, learned cell by cell in any order and any number of pieces.

use std::collections::BTreeMap;

use super::kind::Kind;
use super::numerals::Numerals;
use super::pattern::{Pattern, Patterns};

/// What the cells of a column are. Counts and smallest places only, so that one result comes of any order
/// of the cells and any cut into pieces. Missing cells are not for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inference {
    /// By kind; texts here are those that no date pattern reads.
    kinds: [Tally; KINDS.len()],
    /// Texts that date patterns read, by all the patterns that do.
    dates: BTreeMap<Patterns, Tally>,
}

/// In the order of their tallies.
const KINDS: [Kind; 6] =
    [Kind::String, Kind::Integer, Kind::Number, Kind::Boolean, Kind::Date, Kind::Datetime];

/// Kinds that make a column of one kind, for which the cells outside are misfits.
const GROUPS: [&[Kind]; 4] =
    [&[Kind::Integer, Kind::Number], &[Kind::Boolean], &[Kind::Date], &[Kind::Datetime]];

/// How many cells, and the smallest place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tally {
    count: u64,
    first: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self { count: 0, first: u64::MAX }
    }
}

impl Tally {
    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.min(other.first);
    }

    fn first(self) -> Option<u64> {
        (self.count > 0).then_some(self.first)
    }
}

/// Tallies as one.
fn sum<'a>(tallies: impl Iterator<Item = &'a Tally>) -> Tally {
    tallies.fold(Tally::default(), |mut all, one| {
        all.merge(*one);
        all
    })
}

fn index(kind: Kind) -> usize {
    match kind {
        Kind::String => 0,
        Kind::Integer => 1,
        Kind::Number => 2,
        Kind::Boolean => 3,
        Kind::Date => 4,
        Kind::Datetime => 5,
    }
}

impl Inference {
    /// Nothing learned yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a cell that is not missing; of two places the smaller one is the earlier.
    #[inline]
    pub fn add(&mut self, cell: &str, numerals: &Numerals, place: u64) {
        let one = Tally { count: 1, first: place };
        let kind = Kind::narrowest(cell, numerals);
        // Only a text that begins with a digit can be a date: words pay nothing.
        if kind == Kind::String
            && cell.as_bytes().first().is_some_and(u8::is_ascii_digit)
            && let Some(patterns) = Patterns::of(cell)
        {
            self.dates.entry(patterns).or_default().merge(one);
        } else {
            self.kinds[index(kind)].merge(one);
        }
    }

    /// Adds what was learned from other cells.
    pub fn merge(&mut self, other: &Self) {
        for (own, tally) in self.kinds.iter_mut().zip(other.kinds) {
            own.merge(tally);
        }
        for (patterns, tally) in &other.dates {
            self.dates.entry(*patterns).or_default().merge(*tally);
        }
    }

    /// The narrowest kind that holds every cell; text where there is none.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if let Some(pattern) = self.pattern() {
            return if pattern.is_timed() { Kind::Datetime } else { Kind::Date };
        }
        let found = KINDS.into_iter().filter(|kind| self.count(*kind) > 0);
        found.reduce(Kind::join).unwrap_or(Kind::String)
    }

    /// The strptime pattern of the column's dates, where they are dates and not in ISO 8601.
    #[must_use]
    pub fn format(&self) -> Option<&'static str> {
        self.pattern().map(Pattern::name)
    }

    /// The two patterns that read every cell of a column whose days are all below 13: only a person can
    /// tell them apart, so the column is text until one is declared.
    #[must_use]
    pub fn ambiguous_dates(&self) -> Option<[&'static str; 2]> {
        let mut names = self.patterns()?.iter().map(Pattern::name);
        Some([names.next()?, names.next()?])
    }

    /// Cells whose narrowest kind is `kind`; dates that are not in ISO 8601 count as text.
    #[must_use]
    pub fn count(&self, kind: Kind) -> u64 {
        self.tally(kind).count
    }

    /// The smallest place of a cell whose narrowest kind is `kind`.
    #[must_use]
    pub fn first(&self, kind: Kind) -> Option<u64> {
        self.tally(kind).first()
    }

    /// Where a column is text only because of fewer than half of its cells, the others being numbers,
    /// truth values or dates in one form: how many these are, and the smallest place of one. A header
    /// that stands twice, a line of totals, a typing error.
    #[must_use]
    pub fn misfit(&self) -> Option<(u64, u64)> {
        if self.kind() != Kind::String {
            return None;
        }
        let total = self.count_all();
        let kinds = GROUPS.iter().map(|group| {
            let outside = KINDS.iter().filter(|kind| !group.contains(kind));
            sum(outside.map(|kind| &self.kinds[index(*kind)]).chain(self.dates.values()))
        });
        let patterns = Pattern::all().map(|pattern| {
            let outside = self.dates.iter().filter(|(patterns, _)| !patterns.has(pattern));
            sum(self.kinds.iter().chain(outside.map(|(_, tally)| tally)))
        });
        let rest = kinds.chain(patterns).min_by_key(|tally| tally.count)?;
        rest.first().filter(|_| rest.count < total - rest.count).map(|first| (rest.count, first))
    }

    /// All cells.
    #[must_use]
    pub fn count_all(&self) -> u64 {
        self.all().count
    }

    /// The smallest place of any cell.
    #[must_use]
    pub fn first_of_all(&self) -> Option<u64> {
        self.all().first()
    }

    fn all(&self) -> Tally {
        sum(self.kinds.iter().chain(self.dates.values()))
    }

    fn tally(&self, kind: Kind) -> Tally {
        let texts = (kind == Kind::String).then(|| self.dates.values());
        sum(std::iter::once(&self.kinds[index(kind)]).chain(texts.into_iter().flatten()))
    }

    /// The one pattern that reads every cell.
    fn pattern(&self) -> Option<Pattern> {
        let mut patterns = self.patterns()?.iter();
        patterns.next().filter(|_| patterns.next().is_none())
    }

    /// The patterns that read every cell, where no cell is anything else.
    fn patterns(&self) -> Option<Patterns> {
        let pure = self.kinds.iter().all(|tally| tally.count == 0);
        self.dates.keys().copied().reduce(Patterns::and).filter(|_| pure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(cells: &[&str]) -> Inference {
        let mut inference = Inference::new();
        cells.iter().zip(10..).for_each(|(cell, place)| inference.add(cell, &Numerals::PLAIN, place));
        inference
    }

    #[test]
    fn a_column_is_what_all_its_cells_are() {
        for (cells, kind) in [
            (&["1", "2", " 3"][..], Kind::Integer),
            (&["1", "2.5"], Kind::Number),
            (&["1", "02"], Kind::String),
            (&["true", "1"], Kind::String),
            (&["2020-01-01", "2020-01-02"], Kind::Date),
            (&["2020-01-01", "2020-01-02 10:00"], Kind::String),
            (&["2020-01-01", "31/12/2020"], Kind::String),
            (&["1", "31/12/2020"], Kind::String),
            (&[], Kind::String),
        ] {
            let found = learned(cells);
            assert_eq!((found.kind(), found.format()), (kind, None), "{cells:?}");
        }
    }

    #[test]
    fn one_cell_can_say_which_part_is_the_day() {
        let found = |cells: &[&str]| (learned(cells).kind(), learned(cells).format());
        assert_eq!(found(&["1/2/2020", "03/04/2020", "13/1/2020"]), (Kind::Date, Some("%d/%m/%Y")));
        assert_eq!(found(&["1/2/2020", "03/04/2020", "1/13/2020"]), (Kind::Date, Some("%m/%d/%Y")));
        assert_eq!(found(&["1.2.2020", "3.4.2020"]), (Kind::Date, Some("%d.%m.%Y")));
        assert_eq!(found(&["2020/2/1"]), (Kind::Date, Some("%Y/%m/%d")));
        assert_eq!(found(&["31-12-2020 9:30", "01-02-2020 10:15"]), (Kind::Datetime, Some("%d-%m-%Y %H:%M")));
        // Never two orders in one column, nor two ways of the time.
        assert_eq!(found(&["13/1/2020", "1/13/2020"]), (Kind::String, None));
        assert_eq!(found(&["13/1/2020", "13.1.2020"]), (Kind::String, None));
        assert_eq!(found(&["13/1/2020", "13/1/2020 10:00"]), (Kind::String, None));
        assert_eq!(found(&["13/1/2020", "soon"]), (Kind::String, None));
    }

    #[test]
    fn days_below_13_leave_it_open_which_part_is_the_day() {
        let open = learned(&["1/2/2020", "03/04/2020"]);
        assert_eq!((open.kind(), open.format(), open.misfit()), (Kind::String, None, None));
        assert_eq!(open.ambiguous_dates(), Some(["%d/%m/%Y", "%m/%d/%Y"]));
        assert_eq!(learned(&["1-2-2020 1:00"]).ambiguous_dates(), Some(["%d-%m-%Y %H:%M", "%m-%d-%Y %H:%M"]));
        for cells in [&["1/2/2020", "13/4/2020"][..], &["1/2/2020", "soon"], &["1.2.2020"], &["5"], &[]] {
            assert_eq!(learned(cells).ambiguous_dates(), None, "{cells:?}");
        }
    }

    #[test]
    fn counts_and_places_are_by_narrowest_kind() {
        let found = learned(&["1", "x", "1/2/2020", "2.5", "3", "y"]);
        assert_eq!((found.count(Kind::Integer), found.first(Kind::Integer)), (2, Some(10)));
        assert_eq!((found.count(Kind::Number), found.first(Kind::Number)), (1, Some(13)));
        assert_eq!((found.count(Kind::String), found.first(Kind::String)), (3, Some(11)));
        assert_eq!((found.count(Kind::Date), found.first(Kind::Date)), (0, None));
    }

    #[test]
    fn a_minority_that_makes_a_column_text_is_told() {
        for (cells, misfit) in [
            (&["1", "2.5", "x", "4", "total"][..], Some((2, 12))),
            (&["x", "2", "x", "4"], None),
            (&["1", "2", "3"], None),
            (&["x", "y"], None),
            (&["31/12/2020", "30/12/2020", "12/31/2020"], Some((1, 12))),
            (&["1/2/2020", "date", "3/4/2020"], Some((1, 11))),
            (&["2020-01-01", "2020-01-02", "1/2/2020"], Some((1, 12))),
            (&["true", "n/a", "false"], Some((1, 11))),
            (&["90210", "02134", "60601"], Some((1, 11))),
            (&[], None),
        ] {
            assert_eq!(learned(cells).misfit(), misfit, "{cells:?}");
        }
    }
}
