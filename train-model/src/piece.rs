//! One features table, or a piece of one, and how its training rows are read some at a time.

use std::ops::Range;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Class, Error, Result};
use common::ledger::Parts;
use common::project::names;
use common::schema::{Contract, Field, Role, with_role};
use common::table::{TableReader, numbers_of, texts};
use common::{Task, text};
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray as _};
use rayon::prelude::*;

use crate::design::{Feature, Numbers};
use crate::kept::Kept;
use crate::settings::Settings;

/// Numbers that are worked on at a time, and the rows that this may be at least and at most.
const CELLS: usize = 1 << 18;
const LEAST_ROWS: usize = 1 << 10;
const MOST_ROWS: usize = 1 << 13;

/// A features table that was opened, with the roles of its columns.
pub(crate) struct Piece {
    pub(crate) table: Checkpoint,
    pub(crate) fields: Vec<Field>,
    pub(crate) features: Vec<Feature>,
    pub(crate) target: Feature,
    split: Option<String>,
    kept: Kept,
}

/// A part of the split that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Train,
    Calibration,
}

/// What is asked of a table.
pub(crate) struct Ask<'a> {
    pub(crate) parts: &'a [Part],
    /// Columns beside the numbers.
    pub(crate) also: &'a [String],
    /// Whether every column is needed.
    pub(crate) whole: bool,
    /// Bytes that may be kept, where these columns or some of them will be asked for again.
    pub(crate) keep: usize,
}

impl Ask<'_> {
    /// The numbers of the training rows.
    pub(crate) const TRAINING: Self = Ask { parts: &[Part::Train], also: &[], whole: false, keep: 0 };
}

/// Some neighbouring rows of one part: few enough to stay in a processor's cache.
pub(crate) struct Batch {
    pub(crate) part: Part,
    pub(crate) numbers: Numbers,
    /// The rows between the first and the last, of all parts.
    around: DataFrame,
    /// Which of them these are.
    runs: Vec<Range<usize>>,
}

impl Batch {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.numbers.target.len()
    }

    /// The rows as they stand, with all columns that were asked for.
    pub(crate) fn rows(&self) -> Result<DataFrame> {
        if self.len() == self.around.height() {
            return Ok(self.around.clone());
        }
        let mut wanted = vec![false; self.around.height()];
        self.runs.iter().for_each(|run| wanted[run.clone()].fill(true));
        picked(&self.around, &wanted)
    }

    /// The rows that lack neither a feature nor the target, with all columns that were asked for.
    pub(crate) fn complete(self) -> Result<(Numbers, DataFrame)> {
        let columns: Vec<&Vec<f64>> = self.numbers.features.iter().chain([&self.numbers.target]).collect();
        let known: Vec<bool> = (0..self.len()).map(|i| columns.iter().all(|c| !c[i].is_nan())).collect();
        let rows = self.rows()?;
        if known.iter().all(|known| *known) {
            return Ok((self.numbers, rows));
        }
        Ok((self.numbers.picked(&known), picked(&rows, &known)?))
    }
}

impl Piece {
    /// Opens input number `index`.
    pub(crate) fn open(places: &Places, index: usize, settings: &Settings) -> Result<Self> {
        let table = places.open(index, Task::FeatureEngineer)?;
        let mut fields = TableReader::open(&table, None)?.fields().to_vec();
        let Columns { features, target, split } = if table.manifest.is_some() {
            Columns::recorded(&table, &fields, settings)?
        } else {
            let contract = Contract::read(&places.project.path(names::SCHEMA))?;
            fields = fields.into_iter().map(|f| declared(f, contract.as_ref())).collect();
            Columns::by_hand(&table, &fields, settings)?
        };
        Ok(Self { table, fields, features, target, split, kept: Kept::default() })
    }

    /// Reads the table once: `work` is called with its rows, some at a time, on all processors, and `take` with what
    /// it gives, in the order of the rows. A table without split has training rows only. What is missing is NaN,
    /// but in training rows it is refused. Returns the rows of each part.
    pub(crate) fn each<T: Send>(
        &self,
        ask: &Ask<'_>,
        work: impl Fn(Batch) -> Result<T> + Sync + Send,
        mut take: impl FnMut(T) -> Result<()> + Send,
    ) -> Result<Parts> {
        let mut wanted: Vec<String> = self.features.iter().map(|f| f.name.clone()).collect();
        wanted.push(self.target.name.clone());
        wanted.extend(self.split.iter().chain(ask.also).cloned());
        let mut read = Parts::default();
        let rows = (CELLS / wanted.len()).clamp(LEAST_ROWS, MOST_ROWS);
        let columns = if ask.whole { None } else { Some(wanted) };
        self.kept.each(&self.table, columns.as_deref(), ask.keep, |batch| {
            let share = |i: usize| {
                let start = i * rows;
                let around = batch.slice(start.cast_signed() as i64, rows.min(batch.height() - start));
                self.share(&around, ask.parts, &work)
            };
            let shares: Vec<_> = (0..batch.height().div_ceil(rows)).into_par_iter().map(share).collect();
            for found in shares {
                let (parts, found) = found?;
                read.train += parts.train;
                read.calibration += parts.calibration;
                read.test += parts.test;
                read.gap += parts.gap;
                found.into_iter().try_for_each(&mut take)?;
            }
            Ok(())
        })?;
        Ok(read)
    }

    /// What `work` makes of the wanted parts of some rows, and how many of them are of each part.
    fn share<T>(
        &self,
        around: &DataFrame,
        wanted: &[Part],
        work: impl Fn(Batch) -> Result<T>,
    ) -> Result<(Parts, Vec<T>)> {
        let (read, runs) = self.runs(around)?;
        let mut found = Vec::new();
        for (part, runs) in [Part::Train, Part::Calibration].into_iter().zip(runs) {
            if wanted.contains(&part) && !runs.is_empty() {
                let numbers = self.numbers(around, &runs, part == Part::Train)?;
                found.push(work(Batch { part, numbers, around: around.clone(), runs })?);
            }
        }
        Ok((read, found))
    }

    /// Rows of each part, and where those of the training and the calibration part stand.
    fn runs(&self, rows: &DataFrame) -> Result<(Parts, [Vec<Range<usize>>; 2])> {
        let mut read = Parts::default();
        let mut runs: [Vec<Range<usize>>; 2] = Default::default();
        let Some(split) = &self.split else {
            read.train = rows.height() as u64;
            runs[0].extend((rows.height() > 0).then_some(0..rows.height()));
            return Ok((read, runs));
        };
        let mut start = 0;
        for run in texts(rows, split)?.chunk_by(|a, b| a == b) {
            let here = start..start + run.len();
            start = here.end;
            *match run[0] {
                Some("train") => {
                    runs[0].push(here);
                    &mut read.train
                }
                Some("calibration") => {
                    runs[1].push(here);
                    &mut read.calibration
                }
                Some("test") => &mut read.test,
                _ => &mut read.gap,
            } += run.len() as u64;
        }
        Ok((read, runs))
    }

    fn numbers(&self, rows: &DataFrame, runs: &[Range<usize>], complete: bool) -> Result<Numbers> {
        let known = |feature: &Feature| {
            let values = numbers_of(rows, &feature.name, runs).map_err(|e| e.at(&self.table.path))?;
            if complete && values.iter().fold(false, |any, value| any | value.is_nan()) {
                return Err(Error::new(
                    Class::Schema,
                    format!(
                        "column {} is missing in a row; features are filled before they come here",
                        text::name(&feature.name)
                    ),
                )
                .at(&self.table.path));
            }
            Ok(values)
        };
        Ok(Numbers {
            features: self.features.iter().map(known).collect::<Result<_>>()?,
            target: known(&self.target)?,
        })
    }
}

/// The columns that a fit is made of.
struct Columns {
    features: Vec<Feature>,
    target: Feature,
    split: Option<String>,
}

impl Columns {
    fn recorded(table: &Checkpoint, fields: &[Field], settings: &Settings) -> Result<Self> {
        let target = with_role(fields, Role::Target)
            .ok_or_else(|| Error::checkpoint("its manifest names no target").at(&table.path))?;
        if target.name != settings.target_column {
            return Err(Error::checkpoint(format!(
                "its target is {}, the configuration asks for {}; run `feature-engineer` again",
                text::name(&target.name),
                text::name(&settings.target_column)
            ))
            .at(&table.path));
        }
        let features = fields.iter().filter(|f| f.role == Role::Feature).map(feature).collect();
        let split = with_role(fields, Role::Split).map(|f| f.name.clone());
        Ok(Self { features, target: feature(target), split })
    }

    /// A table made by hand: the target by name, `split` where it is there, every other number a
    /// feature.
    fn by_hand(table: &Checkpoint, fields: &[Field], settings: &Settings) -> Result<Self> {
        let target = [settings.target_column.clone(), settings.target.clone()]
            .into_iter()
            .find_map(|name| fields.iter().find(|f| f.name == name))
            .ok_or_else(|| {
                let near = text::did_you_mean(&settings.target, fields.iter().map(|f| f.name.as_str()));
                Error::new(Class::Schema, format!("has no column {}{near}", text::name(&settings.target)))
                    .at(&table.path)
            })?;
        let key = |name: &str| {
            settings.entity.as_deref() == Some(name)
                || settings.time.as_ref().is_some_and(|t| t.iter().any(|c| c == name))
        };
        let split = fields.iter().find(|f| f.name == "split").map(|f| f.name.clone());
        let last_known = format!("{}_last_known", settings.target);
        let apart = |name: &str| name == target.name || name == last_known || name == "split" || key(name);
        let (numeric, others): (Vec<&Field>, Vec<&Field>) =
            fields.iter().filter(|f| !apart(&f.name)).partition(|f| f.kind.is_numeric());
        let features: Vec<Feature> = numeric.into_iter().map(feature).collect();
        log::warn!(
            "a table without manifest: features are its numeric columns {}",
            text::names(features.iter().map(|f| &f.name))
        );
        if !others.is_empty() {
            log::warn!("not used, since no numbers: {}", text::names(others.iter().map(|f| &f.name)));
        }
        Ok(Self { features, target: feature(target), split })
    }
}

/// The rows that `wanted` marks.
fn picked(rows: &DataFrame, wanted: &[bool]) -> Result<DataFrame> {
    let mask = BooleanChunked::from_slice("wanted".into(), wanted);
    rows.filter(&mask).map_err(|e| Error::unexpected(format!("cannot pick rows: {e}")))
}

fn feature(field: &Field) -> Feature {
    Feature { name: field.name.clone(), decimals: field.decimals }
}

/// The field with the decimals that `schema.json` declares for its name.
fn declared(field: Field, contract: Option<&Contract>) -> Field {
    let decimals = contract.and_then(|c| c.field(&field.name)).and_then(|f| f.decimal_places);
    field.with_decimals(decimals)
}
