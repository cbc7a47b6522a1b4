//! A first look at times and groups: how long periods are, and which groups are told apart.

use std::borrow::Cow;
use std::collections::HashMap;

use common::config::{PeriodLength, TimeColumns};
use common::error::{Error, Result};
use common::table::{TableReader, texts};
use common::text;
use common::time::{Clock, Spread};
use polars::prelude::{Column, DataFrame, DataType, Float64Chunked, StringChunked};

use crate::columns::Segment;
use crate::metrics::PARTS;
use crate::pair::Pair;
use crate::settings::Settings;

/// Periods at most, where a period counts for each part that it holds rows of.
pub(crate) const MOST_PERIODS: usize = 1000;
/// Levels of a segment that are told apart.
const MOST_LEVELS: usize = 200;

/// How rows are told apart.
pub(crate) struct Survey {
    /// Where the table has time.
    pub(crate) periods: Option<Periods>,
    /// In the order of the columns.
    pub(crate) segments: Vec<Levels>,
}

/// How time is cut.
pub(crate) struct Periods {
    pub(crate) clock: Clock,
    pub(crate) length: PeriodLength,
}

/// The levels of a column in the test part.
pub(crate) struct Levels {
    pub(crate) segment: Segment,
    /// How many there are.
    pub(crate) all: u64,
    /// Those that are told apart, by number of test rows, then by name.
    pub(crate) named: Vec<Option<String>>,
    /// Their places.
    places: HashMap<String, usize>,
    /// That of the missing value.
    missing: Option<usize>,
}

impl Survey {
    /// Looks at the columns of time and groups.
    ///
    /// # Errors
    /// [`common::Class::Usage`] where periods were asked for that the time does not have; [`common::Class::Checkpoint`]
    /// where the table cannot be read.
    pub(crate) fn of(pair: &Pair, settings: &Settings) -> Result<Self> {
        let columns = &pair.columns;
        let mut reader = TableReader::open(&pair.table, Some(&columns.grouping()))?;
        let mut clock = clock(pair, settings, &reader)?;
        let (mut test, mut later) = (Spread::default(), Spread::default());
        let mut counts = vec![Counted::default(); columns.segments.len()];
        let look = |batch: DataFrame| {
            let parts = texts(&batch, &columns.split)?;
            let rows_of = |part: usize| {
                (0..parts.len()).filter(|row| parts[*row] == Some(PARTS[part])).collect::<Vec<_>>()
            };
            let rows = rows_of(2);
            if let Some(known) = &clock {
                if let Ok(times) = known.ordinals(&batch)? {
                    spread(&mut later, known, &times, &rows_of(1));
                    spread(&mut test, known, &times, &rows);
                } else {
                    log::warn!("rows without a valid time in {}: no periods", text::names(known.columns()));
                    clock = None;
                }
            }
            for (segment, counted) in columns.segments.iter().zip(&mut counts) {
                let cells = Cells::of(&batch, &segment.column)?;
                rows.iter().for_each(|row| counted.add(cells.get(*row)));
            }
            Ok(())
        };
        if !(columns.time.is_empty() && columns.segments.is_empty()) {
            reader.each(look)?;
        }
        later.merge(&test);
        let periods = clock.map(|clock| {
            let auto = || later.at_most(&clock, test.length(&clock), MOST_PERIODS / 2);
            Periods { length: settings.period.unwrap_or_else(auto), clock }
        });
        let segments =
            columns.segments.iter().zip(counts).map(|(segment, counts)| Levels::new(segment, counts));
        Ok(Self { periods, segments: segments.collect() })
    }
}

/// How often each value of a column was seen.
#[derive(Clone, Default)]
struct Counted {
    known: HashMap<String, u64>,
    missing: u64,
}

impl Counted {
    fn add(&mut self, cell: Option<Cow<'_, str>>) {
        let Some(cell) = cell else {
            self.missing += 1;
            return;
        };
        match self.known.get_mut(&*cell) {
            Some(count) => *count += 1,
            None => drop(self.known.insert(cell.into_owned(), 1)),
        }
    }
}

/// Adds the times of some rows, each of them once.
fn spread(spread: &mut Spread, clock: &Clock, times: &[i64], rows: &[usize]) {
    let mut times: Vec<i64> = rows.iter().map(|row| times[*row]).collect();
    times.sort_unstable();
    times.dedup();
    times.into_iter().for_each(|time| spread.add(clock, time));
}

impl Levels {
    fn new(segment: &Segment, counts: Counted) -> Self {
        let missing = (counts.missing > 0).then_some((None, counts.missing));
        let known = counts.known.into_iter().map(|(name, rows)| (Some(name), rows));
        let mut levels: Vec<(Option<String>, u64)> = known.chain(missing).collect();
        levels.sort_by(|(a_name, a), (b_name, b)| b.cmp(a).then_with(|| a_name.cmp(b_name)));
        let all = levels.len() as u64;
        let named: Vec<_> = levels.into_iter().take(MOST_LEVELS).map(|(name, _)| name).collect();
        let places =
            named.iter().cloned().zip(0..).filter_map(|(name, place)| Some((name?, place))).collect();
        let missing = named.iter().position(Option::is_none);
        Self { segment: segment.clone(), all, named, places, missing }
    }

    /// How many levels are joined.
    pub(crate) fn joined(&self) -> u64 {
        self.all - self.named.len() as u64
    }

    /// How many groups there are, the joined levels being one.
    pub(crate) fn groups(&self) -> usize {
        self.named.len() + usize::from(self.joined() > 0)
    }

    /// The groups of some rows of a batch; the joined levels are the last.
    pub(crate) fn of(&self, batch: &DataFrame, rows: &[usize]) -> Result<Vec<usize>> {
        let cells = Cells::of(batch, &self.segment.column)?;
        let place = |row: &usize| {
            let place = cells.get(*row).map_or(self.missing, |cell| self.places.get(&*cell).copied());
            place.unwrap_or(self.named.len())
        };
        Ok(rows.iter().map(place).collect())
    }
}

/// The clock of the table, where it has time; the length of the periods fits it.
fn clock(pair: &Pair, settings: &Settings, reader: &TableReader) -> Result<Option<Clock>> {
    let wrong = |why: String| Error::usage(format!("[evaluate] period: {why}"));
    let time = pair.columns.time.clone();
    if time.is_empty() {
        let asked =
            settings.period.map(|_| wrong("needs [project] time, which the table has not".to_owned()));
        return asked.map_or(Ok(None), Err);
    }
    match (Clock::new(&TimeColumns(time), reader.fields()), settings.period) {
        (Ok(clock), Some(length)) => clock.check_period(length).map(|()| Some(clock)).map_err(wrong),
        (Ok(clock), None) => Ok(Some(clock)),
        (Err(error), Some(_)) => Err(error),
        (Err(error), None) => {
            log::warn!("{error}: no periods");
            Ok(None)
        }
    }
}

/// The cells of a column as text, whatever its type.
pub(crate) enum Cells {
    Text(StringChunked),
    Numbers(Float64Chunked),
}

impl Cells {
    /// Those of the column `name`.
    pub(crate) fn of(batch: &DataFrame, name: &str) -> Result<Self> {
        let failed = |e| Error::checkpoint(format!("column {} cannot be read: {e}", text::name(name)));
        let column = batch.column(name).map_err(failed)?;
        if let Ok(numbers) = column.f64() {
            return Ok(Self::Numbers(numbers.clone()));
        }
        let column: Column = column.cast(&DataType::String).map_err(failed)?;
        Ok(Self::Text(column.str().map_err(failed)?.clone()))
    }

    /// The cell of a row.
    pub(crate) fn get(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(cells) => cells.get(row).map(Cow::Borrowed),
            Self::Numbers(cells) => cells.get(row).map(|value| Cow::Owned(value.to_string())),
        }
    }
}
