//! A first look at times and groups: how long periods are, and which groups are told apart.

use std::collections::HashMap;

use common::config::{PeriodLength, TimeColumns};
use common::error::{Error, Result};
use common::table::{TableReader, texts};
use common::text;
use common::time::{Clock, Period, Spread};
use polars::prelude::{Column, DataFrame, DataType};

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
    places: HashMap<Option<String>, usize>,
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
        let mut counts: Vec<HashMap<Option<String>, u64>> = vec![HashMap::new(); columns.segments.len()];
        let is_plain = columns.time.is_empty() && columns.segments.is_empty();
        while let Some(batch) = if is_plain { None } else { reader.next_batch()? } {
            let parts = texts(&batch, &columns.split)?;
            let is = |row: usize, part: usize| parts[row] == Some(PARTS[part]);
            if let Some(known) = &clock {
                if let Ok(times) = known.ordinals(&batch)? {
                    for (row, time) in times.into_iter().enumerate() {
                        if is(row, 1) || is(row, 2) {
                            later.add(known, time);
                        }
                        if is(row, 2) {
                            test.add(known, time);
                        }
                    }
                } else {
                    log::warn!("rows without a valid time in {}: no periods", text::names(known.columns()));
                    clock = None;
                }
            }
            for (segment, counts) in columns.segments.iter().zip(&mut counts) {
                let cells = levels(&batch, &segment.column)?;
                for (_, cell) in cells.into_iter().enumerate().filter(|(row, _)| is(*row, 2)) {
                    *counts.entry(cell).or_default() += 1;
                }
            }
        }
        let periods = clock.map(|clock| {
            let auto = || later.at_most(&clock, test.length(&clock), MOST_PERIODS / 2);
            Periods { length: settings.period.unwrap_or_else(auto), clock }
        });
        let segments =
            columns.segments.iter().zip(counts).map(|(segment, counts)| Levels::new(segment, counts));
        Ok(Self { periods, segments: segments.collect() })
    }
}

impl Periods {
    /// The period of each row of a batch with its time.
    pub(crate) fn of(&self, batch: &DataFrame) -> Result<Vec<(i64, Period)>> {
        let times = self.clock.ordinals(batch)?;
        let times = times.map_err(|_| Error::unexpected("a row without the time that it had before"))?;
        Ok(times.into_iter().map(|time| (time, self.clock.period(self.length, time))).collect())
    }
}

impl Levels {
    fn new(segment: &Segment, counts: HashMap<Option<String>, u64>) -> Self {
        let mut levels: Vec<(Option<String>, u64)> = counts.into_iter().collect();
        levels.sort_by(|(a_name, a), (b_name, b)| b.cmp(a).then_with(|| a_name.cmp(b_name)));
        let all = levels.len() as u64;
        let named: Vec<_> = levels.into_iter().take(MOST_LEVELS).map(|(name, _)| name).collect();
        let places = named.iter().cloned().zip(0..).collect();
        Self { segment: segment.clone(), all, named, places }
    }

    /// How many levels are joined.
    pub(crate) fn joined(&self) -> u64 {
        self.all - self.named.len() as u64
    }

    /// How many groups there are, the joined levels being one.
    pub(crate) fn groups(&self) -> usize {
        self.named.len() + usize::from(self.joined() > 0)
    }

    /// The group of each row of a batch; the joined levels are the last.
    pub(crate) fn of(&self, batch: &DataFrame) -> Result<Vec<usize>> {
        let place = |level: Option<String>| self.places.get(&level).copied().unwrap_or(self.named.len());
        Ok(levels(batch, &self.segment.column)?.into_iter().map(place).collect())
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
pub(crate) fn levels(batch: &DataFrame, name: &str) -> Result<Vec<Option<String>>> {
    let failed = |e| Error::checkpoint(format!("column {} cannot be read: {e}", text::name(name)));
    let column = batch.column(name).map_err(failed)?;
    if let Ok(numbers) = column.f64() {
        return Ok(numbers.iter().map(|cell| cell.map(|v| v.to_string())).collect());
    }
    let column: Column = column.cast(&DataType::String).map_err(failed)?;
    Ok(column.str().map_err(failed)?.iter().map(|cell| cell.map(str::to_owned)).collect())
}
