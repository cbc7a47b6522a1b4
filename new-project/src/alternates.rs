//! Columns of text read in other ways: numbers with other marks, dates in other forms.
//!
//! A reading holds where it reads every cell. Where two do, the marks go with those of the other columns,
//! and of two forms of dates the one that brings the rows into order; else the column stays text, and a
//! comment says so. Nothing is guessed silently.

use common::schema::{Form, Inference, Kind, Numerals};

use crate::distinct::hash;
use crate::moment;
use crate::types::{Type, is_timed};
use crate::words;

/// Marks of numbers, decimal and thousands, in the order in which they are preferred.
const MARKS: [(char, Option<char>); 9] = [
    (',', None),
    (',', Some('.')),
    ('.', Some(',')),
    (',', Some(' ')),
    ('.', Some(' ')),
    (',', Some('\u{a0}')),
    (',', Some('\u{202f}')),
    ('.', Some('\'')),
    ('.', Some('\u{2019}')),
];

/// Forms of dates, those of a day first in each; of months and quarters without a day at the end.
pub(crate) const PATTERNS: [&str; 44] = [
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d-%b-%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%B %d %Y",
    "%a %b %d %Y",
    "%a, %d %b %Y",
    "%Y.%m.%d",
    "%Y %m %d",
    "%Y%m%d",
    "%Y-%b-%d",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d %H:%M",
    "%Y%m%d%H%M%S",
    "%d/%m/%y %H:%M",
    "%m/%d/%y %H:%M",
    "%d %b %Y %H:%M",
    "%Y-%m",
    "%Y/%m",
    "%m/%Y",
    "%m-%Y",
    "%YM%m",
    "%Y-%b",
    "%Y %b",
    "%b %Y",
    "%b-%Y",
    "%B %Y",
    "%YQ%q",
    "%Y-Q%q",
    "%Y Q%q",
    "Q%q %Y",
];

/// Cells a date's form is tried on at most: a longer one is none.
const LONGEST: usize = 40;

/// The years 1500 to 2299, in seconds since 1970: what lies outside is no date but a number.
const SENSIBLE: std::ops::Range<f64> = -14_831_769_600.0..10_413_792_000.0;

/// The readings of one column that hold so far.
pub(crate) struct Alternates {
    /// Whether the column is text as it is, so that another reading is needed.
    is_text: bool,
    /// Whether a cell has a point: where none has, the marks read the same.
    has_point: bool,
    marks: Vec<(Numerals, Inference)>,
    dates: Vec<Dates>,
}

/// One form of dates, and how often it goes back in time from row to row.
struct Dates {
    pattern: &'static str,
    kind: Kind,
    form: Form,
    last: Option<f64>,
    back: u64,
    /// A hash of all that was read: two forms that read the same are one.
    read: u64,
}

impl Alternates {
    /// What a column of this type could be too: nothing for dates and truth values.
    pub(crate) fn of(kind: Kind, name: &str, told: Numerals) -> Option<Self> {
        let all = MARKS.iter().filter_map(|(d, t)| Numerals::new(*d, *t).ok()).filter(|n| *n != told);
        let (marks, dates): (Vec<Numerals>, &[&'static str]) = match kind {
            Kind::String => (all.collect(), &PATTERNS),
            Kind::Number => (all.filter(|n| n.decimal() == ',' && n.thousands() == Some('.')).collect(), &[]),
            // Eight digits are a date only where the name says so.
            Kind::Integer if is_named_date(name) => (Vec::new(), &["%Y%m%d"]),
            _ => return None,
        };
        Some(Self {
            is_text: kind == Kind::String,
            has_point: false,
            marks: marks.into_iter().map(|n| (n, Inference::new())).collect(),
            dates: dates.iter().map(|&pattern| Dates::new(pattern)).collect(),
        })
    }

    /// Adds a cell; readings that do not read it are gone.
    pub(crate) fn add(&mut self, cell: &str, row: u64) {
        self.has_point |= cell.contains('.');
        self.marks.retain_mut(|(numerals, found)| {
            found.add(cell, numerals, row);
            found.kind().is_numeric() && found.kind() != Kind::Boolean
        });
        self.dates.retain_mut(|dates| cell.len() <= LONGEST && dates.add(cell));
    }

    /// Whether only a decimal comma reads the column.
    pub(crate) fn needs_decimal_comma(&self) -> bool {
        let mut decimals = self.marks.iter().map(|(n, _)| n.decimal());
        self.is_text && self.marks.iter().any(|(_, f)| f.kind() == Kind::Number) && decimals.all(|d| d == ',')
    }

    /// The best other reading, if any; `comma` says that the files write decimal commas.
    pub(crate) fn best(&self, now: &Type, comma: bool) -> Option<Type> {
        self.best_dates().or_else(|| self.best_marks(now, comma))
    }

    fn best_marks(&self, now: &Type, comma: bool) -> Option<Type> {
        // Numbers with points stay what they are, unless the files write decimal commas.
        if now.kind == Kind::Number && !(comma && self.has_point) {
            return None;
        }
        let fits = |decimal: char| self.marks.iter().find(|(n, _)| n.decimal() == decimal);
        let (first, second) = if comma { (',', '.') } else { ('.', ',') };
        let (numerals, found) = fits(first).or_else(|| fits(second))?;
        let note = (fits(',').is_some() && fits('.').is_some()).then(|| {
            format!(
                "its numbers could have a decimal comma or commas between thousands; read with {numerals}"
            )
        });
        Some(Type { kind: found.kind(), numerals: *numerals, format: None, note })
    }

    fn best_dates(&self) -> Option<Type> {
        let first = self.dates.iter().min_by_key(|d| d.back)?;
        let others: Vec<&Dates> = self.dates.iter().filter(|d| d.read != first.read).collect();
        let typed = |format: &str, note| Type {
            kind: first.kind,
            numerals: Numerals::PLAIN,
            format: Some(format.to_owned()),
            note,
        };
        match others.iter().map(|d| d.back).min() {
            None => Some(typed(first.pattern, None)),
            Some(back) if first.back * 4 < back => {
                let (name, other) = (first.pattern, others[0].pattern);
                let note = format!(
                    "its dates could be {name} or {other}; read as {name}, by which rows go back in time {}, not {}",
                    words::counted(first.back, "time"),
                    words::count(back)
                );
                Some(typed(first.pattern, Some(note)))
            }
            Some(_) => Some(Type {
                kind: Kind::String,
                numerals: Numerals::PLAIN,
                format: None,
                note: Some(format!(
                    "text: its dates could be {} or {}, and only you can say which: give type and format in schema.json",
                    first.pattern, others[0].pattern
                )),
            }),
        }
    }
}

impl Dates {
    fn new(pattern: &'static str) -> Self {
        let kind = if is_timed(pattern) { Kind::Datetime } else { Kind::Date };
        let form = Form::new(Some(pattern), Numerals::PLAIN);
        Self { pattern, kind, form, last: None, back: 0, read: 0 }
    }

    fn add(&mut self, cell: &str) -> bool {
        let read = moment::of_cell(cell, self.kind, &self.form);
        let Some(time) = read.filter(|time| SENSIBLE.contains(time)) else { return false };
        self.back += u64::from(self.last.is_some_and(|last| time < last));
        self.read = hash((self.read, time.to_bits()));
        self.last = Some(time);
        true
    }
}

/// Whether a name speaks of time.
pub(crate) fn is_named_date(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "date",
        "datetime",
        "time",
        "timestamp",
        "day",
        "month",
        "year",
        "week",
        "quarter",
        "period",
        "ds",
        "dt",
        "hour",
        "when",
    ];
    words::of_name(name).iter().any(|word| NAMES.contains(&word.as_str()))
}
