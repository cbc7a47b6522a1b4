//! Columns of text read in other ways: numbers with other marks, dates in other forms.
//!
//! A reading holds where it reads every cell. Where two do, the marks go with those of the other columns,
//! and of two forms of dates the one that brings the rows into order; else the column stays text, and a
//! comment says so. Nothing is guessed silently.

use chrono::{NaiveDate, NaiveDateTime};
use common::schema::{Inference, Kind, Numerals};
use common::text;

use crate::distinct::hash;
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

/// Forms of dates, those of a day first in each.
pub(crate) const PATTERNS: [&str; 30] = [
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
];

/// Cells a date's form is tried on at most: a longer one is none.
const LONGEST: usize = 40;

/// The readings of one column that hold so far.
pub(crate) struct Alternates {
    marks: Vec<(Numerals, Inference)>,
    dates: Vec<Dates>,
    /// The first cell, while every one is a month without a day.
    months: Option<String>,
}

/// One form of dates, and how often it goes back in time from row to row.
struct Dates {
    pattern: &'static str,
    last: Option<NaiveDateTime>,
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
        let dates = dates.iter().map(|&pattern| Dates { pattern, last: None, back: 0, read: 0 });
        let months = (kind == Kind::String).then(String::new);
        Some(Self {
            months,
            marks: marks.into_iter().map(|n| (n, Inference::new())).collect(),
            dates: dates.collect(),
        })
    }

    /// Adds a cell; readings that do not read it are gone.
    pub(crate) fn add(&mut self, cell: &str, row: u64) {
        self.marks.retain_mut(|(numerals, found)| {
            found.add(cell, numerals, row);
            found.kind().is_numeric() && found.kind() != Kind::Boolean
        });
        match &mut self.months {
            Some(_) if !is_month(cell) => self.months = None,
            Some(first) if first.is_empty() => cell.clone_into(first),
            _ => {}
        }
        self.dates.retain_mut(|dates| cell.len() <= LONGEST && dates.add(cell));
    }

    /// Whether only a decimal comma reads the column.
    pub(crate) fn needs_decimal_comma(&self) -> bool {
        let mut decimals = self.marks.iter().map(|(n, _)| n.decimal());
        self.marks.iter().any(|(_, f)| f.kind() == Kind::Number) && decimals.all(|d| d == ',')
    }

    /// The best other reading, if any; `comma` says that the files write decimal commas.
    pub(crate) fn best(&self, now: &Type, comma: bool) -> Option<Type> {
        self.best_dates().or_else(|| self.best_marks(now, comma)).or_else(|| self.month())
    }

    /// A month is no date, and so no time, before it has a day.
    fn month(&self) -> Option<Type> {
        let first = self.months.as_ref().filter(|first| !first.is_empty())?;
        let note = format!(
            "months such as {}, and a date needs a day: to forecast, write the first of the month in the file (1999-01-01), or whole numbers in columns `year` and `month`",
            text::name(first)
        );
        Some(Type { kind: Kind::String, numerals: Numerals::PLAIN, format: None, note: Some(note) })
    }

    fn best_marks(&self, now: &Type, comma: bool) -> Option<Type> {
        // Numbers with points stay what they are, unless the files write decimal commas.
        if now.kind == Kind::Number && !comma {
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
        let kind = if is_timed(first.pattern) { Kind::Datetime } else { Kind::Date };
        let typed = |format: &str, note| Type {
            kind,
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

fn is_month(cell: &str) -> bool {
    const MONTHS: [&str; 5] = ["%Y-%m %d", "%Y/%m %d", "%m/%Y %d", "%b %Y %d", "%B %Y %d"];
    let first = format!("{cell} 1");
    cell.len() <= LONGEST && MONTHS.iter().any(|pattern| NaiveDate::parse_from_str(&first, pattern).is_ok())
}

impl Dates {
    fn add(&mut self, cell: &str) -> bool {
        let read = if is_timed(self.pattern) {
            NaiveDateTime::parse_from_str(cell, self.pattern).ok()
        } else {
            NaiveDate::parse_from_str(cell, self.pattern).ok().and_then(|d| d.and_hms_opt(0, 0, 0))
        };
        let year = |t: &NaiveDateTime| t.format("%Y").to_string().parse::<i32>().unwrap_or(0);
        let Some(time) = read.filter(|t| (1500..2300).contains(&year(t))) else { return false };
        self.back += u64::from(self.last.is_some_and(|last| time < last));
        self.read = hash((self.read, time));
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
