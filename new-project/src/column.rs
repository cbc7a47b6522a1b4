//! What each column holds beside its type: missing cells, range, levels, whether values repeat.

use std::collections::BTreeMap;

use common::Result;
use common::schema::{Form, Kind, Numerals};

use crate::distinct::{self, Distinct};
use crate::draft::Draft;
use crate::types::{Type, Types};
use crate::{moment, rows};

/// Most levels of a text column that are kept by name.
const MOST_LEVELS: usize = 200;

/// Longest text that is kept as a level, in bytes.
const LONGEST_LEVEL: usize = 200;

/// Most distinct values counted exactly in each column.
const MOST_DISTINCT: usize = 1 << 14;

/// The facts of one column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Where it stands in the table.
    pub(crate) at: usize,
    pub(crate) kind: Kind,
    pub(crate) form: Form,
    pub(crate) numerals: Numerals,
    pub(crate) rows: u64,
    pub(crate) nulls: u64,
    /// Least and largest value; of dates in seconds since 1970.
    pub(crate) range: Option<(f64, f64)>,
    /// How many values are distinct.
    pub(crate) distinct: u64,
    /// Cells of a value that was there before, among the values that were followed.
    pub(crate) repeats: u64,
    /// Whether all values are whole numbers.
    pub(crate) is_whole: bool,
    /// The levels of a text column and their rows, where they are few.
    pub(crate) levels: Option<BTreeMap<String, u64>>,
    /// What a person should know of the guess at its type.
    pub(crate) note: Option<String>,
    missing: std::rc::Rc<Vec<String>>,
}

impl Column {
    /// Whether a cell is missing.
    pub(crate) fn is_missing(&self, cell: &str) -> bool {
        self.missing.iter().any(|word| word == cell)
    }

    /// Its value in a row as a number, where it has one.
    pub(crate) fn value(&self, record: &csv::StringRecord) -> Option<f64> {
        let cell = record.get(self.at).filter(|cell| !self.is_missing(cell))?;
        moment::of_cell(cell, self.kind, &self.form)
    }

    /// Whether it is one of numbers that a model can predict or use.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Integer | Kind::Number)
    }

    /// Whether it is one of dates or datetimes.
    pub(crate) fn is_date(&self) -> bool {
        matches!(self.kind, Kind::Date | Kind::Datetime)
    }

    /// Cells that are not missing.
    pub(crate) fn known(&self) -> u64 {
        self.rows - self.nulls
    }

    /// Whether all rows share one value, or none has any.
    pub(crate) fn is_constant(&self) -> bool {
        self.distinct <= 1
    }

    /// Whether nearly every value is another.
    pub(crate) fn is_nearly_unique(&self) -> bool {
        self.distinct * 100 >= self.known() * 95
    }
}

struct Counted {
    column: Column,
    distinct: Distinct<()>,
}

/// Learns the facts over all rows.
///
/// # Errors
/// A table that cannot be read.
pub(crate) fn facts(draft: &Draft, types: &Types) -> Result<Vec<Column>> {
    let missing = std::rc::Rc::new(types.missing.clone());
    let new = |(at, (name, column)): (usize, (&String, &Type))| Counted {
        column: Column {
            name: name.clone(),
            at,
            kind: column.kind,
            form: Form::new(column.format.as_deref(), column.numerals),
            numerals: column.numerals,
            rows: 0,
            nulls: 0,
            range: None,
            distinct: 0,
            repeats: 0,
            is_whole: true,
            levels: (column.kind == Kind::String).then(BTreeMap::new),
            note: column.note.clone(),
            missing: missing.clone(),
        },
        distinct: Distinct::new(MOST_DISTINCT),
    };
    let mut all: Vec<Counted> = draft.names.iter().zip(&types.columns).enumerate().map(new).collect();
    rows::each(draft, |_, record| all.iter_mut().zip(record).for_each(|(one, cell)| one.add(cell)))?;
    Ok(all.into_iter().map(Counted::finish).collect())
}

impl Counted {
    fn add(&mut self, cell: &str) {
        let column = &mut self.column;
        column.rows += 1;
        if column.is_missing(cell) {
            column.nulls += 1;
            return;
        }
        let repeated = if column.kind == Kind::String {
            column.add_level(cell);
            self.distinct.add(distinct::hash(cell), ())
        } else {
            let value = moment::of_cell(cell, column.kind, &column.form).unwrap_or(0.0) + 0.0;
            let (low, high) = column.range.unwrap_or((value, value));
            column.range = Some((low.min(value), high.max(value)));
            column.is_whole &= value.fract() == 0.0;
            self.distinct.add(distinct::hash(value.to_bits()), ())
        };
        column.repeats += u64::from(repeated);
    }

    fn finish(mut self) -> Column {
        self.column.distinct = self.distinct.count();
        self.column
    }
}

impl Column {
    fn add_level(&mut self, cell: &str) {
        let Some(levels) = &mut self.levels else { return };
        if let Some(count) = levels.get_mut(cell) {
            *count += 1;
        } else if levels.len() < MOST_LEVELS && cell.len() <= LONGEST_LEVEL {
            levels.insert(cell.to_owned(), 1);
        } else {
            self.levels = None;
        }
    }
}
