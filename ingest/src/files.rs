//! Files of the form that the sources had, read as strictly and handed on as batches of text: what `predict` calls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use common::manifest::FileRecord;
use common::publish::Target;
use common::schema::Numerals;
use common::table::{Format, RawRows};
use common::{Error, Project, Result, text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::combine;
use crate::dialects::{DialectKeys, Given};
use crate::feed::Event;
use crate::piece::Reading;
use crate::rejects::{self, Rejected};
use crate::settings::Settings;
use crate::sources::{self, Entry, Source};
use crate::survey::{self, Form, Plan};

/// A dialect as it was given, and the sources it was given for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Recorded {
    /// Entries of `sources`, where there are several dialects.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    sources: BTreeSet<String>,
    keys: Value,
}

/// What was given of the dialects of all sources, without repeats and in an order of its own.
pub(crate) fn recorded(settings: &Settings) -> Value {
    let mut all: BTreeMap<String, Recorded> = BTreeMap::new();
    for (_, given) in &settings.entries {
        let keys = given.recorded();
        let one = all.entry(keys.to_string());
        let one = one.or_insert_with(|| Recorded { sources: BTreeSet::new(), keys });
        one.sources.insert(given.entry.clone());
    }
    let mut all: Vec<Recorded> = all.into_values().collect();
    if let [one] = all.as_mut_slice() {
        one.sources.clear();
    }
    serde_json::json!(all)
}

/// How files are written: what was given of it, the rest is found.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Nothing where nobody recorded it.
    given: Option<Given>,
}

impl Manner {
    /// The manner that `dialects` (as a manifest or a model holds them) tell of; of several the one of the entry `like`.
    ///
    /// # Errors
    /// [`common::Class::Usage`] where there are several and none is picked; [`common::Class::Checkpoint`] where they are none.
    pub fn of(dialects: &Value, like: Option<&str>) -> Result<Self> {
        let none = |e: String| Error::checkpoint(format!("it does not say how raw files are written: {e}"));
        let all: Vec<Recorded> = Deserialize::deserialize(dialects).map_err(|e| none(e.to_string()))?;
        let entries = || all.iter().flat_map(|r| r.sources.iter().map(String::as_str));
        let one = match (all.as_slice(), like) {
            ([], _) => return Ok(Self::default()),
            ([one], None) => one,
            (several, None) => {
                return Err(Error::usage(format!(
                    "the sources were written in {} different ways: say which one by --like, one of {}",
                    several.len(),
                    text::names(entries())
                )));
            }
            (several, Some(like)) => several.iter().find(|r| r.sources.contains(like)).ok_or_else(|| {
                let near = text::did_you_mean(like, entries());
                let known = if several.len() == 1 {
                    "all sources were written in one way, so it is not needed".to_owned()
                } else {
                    format!("expected one of {}", text::names(entries()))
                };
                Error::usage(format!("--like {}: {known}{near}", text::name(like)))
            })?,
        };
        let keys = DialectKeys::deserialize(&one.keys).map_err(|e| none(e.to_string()))?;
        let given = keys.check(String::new()).map_err(|(key, what)| none(format!("{key}: {what}")))?;
        Ok(Self { given: Some(given) })
    }

    /// Cells that stand for a missing value, and the marks of numbers, as far as they are known.
    #[must_use]
    pub fn spelling(&self) -> Option<(Vec<String>, Numerals)> {
        let spelling = &self.given.as_ref()?.spelling;
        Some((spelling.null_tokens.iter().cloned().collect(), spelling.numerals))
    }
}

/// Files that are there, each with its columns.
pub struct Files {
    settings: Settings,
    sources: Vec<Source>,
    forms: Vec<Arc<Form>>,
    given: Arc<Given>,
    history: usize,
}

/// Some rows of one file, in their order.
pub struct Batch {
    /// Number of the file, from 0.
    pub file: usize,
    /// Runs of rows on consecutive lines: the first line, and how many.
    pub runs: Vec<(u64, u64)>,
    /// The columns asked for, as text; an empty cell is missing.
    pub rows: RawRows,
}

impl Files {
    /// Finds the files and looks at their headers: those of `history`, then those of `new`. `-` is standard input,
    /// a folder is all its tables. Files that would be recorded under one name are recorded as they were given.
    ///
    /// # Errors
    /// [`common::Class::Unavailable`] where one is not there; [`common::Class::Refused`] where it cannot be read, or its
    /// form cannot be told; [`common::Class::Usage`] where the output is one of them.
    pub fn open(
        [history, new]: [&[PathBuf]; 2],
        project: &Project,
        manner: &Manner,
        output: &Target,
        quiet: bool,
    ) -> Result<Self> {
        let mut settings = Settings::plain(project.clone(), quiet)?;
        let given = Arc::new(manner.given.clone().unwrap_or_default());
        let mut earlier = 0;
        for (path, number) in history.iter().chain(new).zip(0..) {
            let entry = Entry::of_argument(path)?;
            if matches!(entry, Entry::Remote(_)) {
                return Err(Error::usage("is an address; download it and name the file").at(path));
            }
            if number < history.len() {
                earlier += if matches!(entry, Entry::Stdin) { 1 } else { entry.paths(project)?.len() };
            }
            settings.entries.push((entry, Arc::clone(&given)));
        }
        let mut sources = sources::find(&settings, output)?;
        tell_apart(&mut sources);
        let look = |source: &Source| survey::look(source, &settings).map(Arc::new);
        let forms = sources.iter().map(look).collect::<Result<_>>()?;
        Ok(Self { settings, sources, forms, given, history: earlier })
    }

    /// How many of them, the first, hold earlier rows.
    #[must_use]
    pub fn history(&self) -> usize {
        self.history
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The name of each file, as it is recorded.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.sources.iter().map(|s| s.name.clone()).collect()
    }

    /// The columns of a file, in its order.
    #[must_use]
    pub fn columns(&self, file: usize) -> &[String] {
        self.forms.get(file).map_or(&[], |form| &form.names)
    }

    /// The path of a file, for messages.
    #[must_use]
    pub fn shown(&self, file: usize) -> PathBuf {
        self.sources.get(file).map(|s| s.shown.clone()).unwrap_or_default()
    }

    /// Reads the `columns` of all files, file by file; a cell that a file has no column for is missing.
    ///
    /// # Errors
    /// [`common::Class::Refused`] for a broken file, by line; what `each` returns.
    pub fn read(
        &self,
        columns: &[String],
        mut each: impl FnMut(Batch) -> Result<()>,
    ) -> Result<Vec<FileRecord>> {
        let plan = |form: &Arc<Form>| Arc::new(Plan::new(Arc::clone(form), &self.given, columns));
        let plans: Vec<Arc<Plan>> = self.forms.iter().map(plan).collect();
        let reading = Reading {
            columns,
            format: Format::Arrow,
            limits: self.settings.limits,
            profiled: false,
            written: false,
            most_bad: rejects::MOST_LISTED,
        };
        let mut records = Vec::with_capacity(self.sources.len());
        let mut rejected = Rejected::refusing();
        let mut rows = 0;
        let count = AtomicU64::new(0);
        combine::on_threads(&self.sources, &plans, &self.settings, &reading, &count, |coming| {
            for event in coming {
                let file = records.len();
                match event {
                    Event::Block(piece) => {
                        let mut piece =
                            piece.recv().map_err(|_| Error::unexpected("a thread that reads has ended"))?;
                        rejected.add(&mut piece, file, &self.sources[file])?;
                        rows += piece.count;
                        if !rejected.is_final() && piece.count > 0 {
                            each(Batch { file, runs: piece.runs, rows: piece.rows? })?;
                        }
                    }
                    Event::End(facts) => records.push(FileRecord {
                        name: self.sources[file].name.clone(),
                        sha256: facts.sha256,
                        bytes: facts.bytes,
                    }),
                    Event::Failed(error) => return Err(error),
                }
            }
            Ok(())
        })?;
        rejected.finish(rows, &self.sources)?;
        Ok(records)
    }
}

/// Outside the project a file is recorded by its bare name; where several have one name, as the command line names them.
fn tell_apart(sources: &mut [Source]) {
    let mut named: BTreeMap<String, u64> = BTreeMap::new();
    sources.iter().for_each(|source| *named.entry(source.name.clone()).or_default() += 1);
    for source in sources.iter_mut().filter(|source| named.get(&source.name).is_some_and(|n| *n > 1)) {
        source.name = text::lossless(source.shown.as_os_str());
    }
}
