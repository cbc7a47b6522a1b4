//! All sources into one table: read on one thread, understood on as many as there are processors,
//! written here in their order. Memory does not grow with the input, and the bytes do not depend on
//! the number of threads.

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use common::checkpoint::Places;
use common::ledger;
use common::lines::{self, LineIndexWriter};
use common::publish::{Target, Written};
use common::schema::{Field, Kind, Role};
use common::table::{Format, RawTable};
use common::{Class, Error, Result, text};
use strict_csv::{Extent, Held};

use crate::feed::{self, Event, Facts};
use crate::piece::{self, Piece, Reading};
use crate::profile::Profile;
use crate::progress::Progress;
use crate::rejects::{self, Rejected};
use crate::retyped::Retyped;
use crate::settings::{Rejects, Settings};
use crate::sources::Source;
use crate::survey::{Plan, Survey};

/// Most threads that read blocks: one writes what they make, and each has some blocks in memory.
const MOST_WORKERS: usize = 16;

/// The table, complete under its temporary name, and what was found on the way.
pub(crate) struct Combined {
    pub(crate) table: Written,
    /// The line index and the rejected records, as far as they are asked for.
    pub(crate) companions: Vec<Written>,
    /// The rejected records of an earlier run, to be removed once this one is published.
    pub(crate) stale: Option<PathBuf>,
    pub(crate) fields: Vec<Field>,
    pub(crate) profiles: Vec<Profile>,
    /// What each source held.
    pub(crate) read: Vec<ReadSource>,
    pub(crate) rows: u64,
}

/// What one source held.
pub(crate) struct ReadSource {
    pub(crate) facts: Facts,
    pub(crate) held: Held,
    pub(crate) rows: u64,
    /// Lines of records that were set aside.
    pub(crate) rejected: u64,
    /// The line of its first row.
    pub(crate) first_line: Option<u64>,
}

impl ReadSource {
    /// Its bytes and lines, and what each line was.
    pub(crate) fn counts(&self) -> ledger::Read {
        let (facts, held) = (&self.facts, &self.held);
        let of = |one: Extent| ledger::Extent { lines: one.lines, bytes: one.bytes };
        ledger::Read {
            sources: 1,
            bytes: facts.bytes,
            inflated_bytes: facts.inflated_bytes,
            text_bytes: facts.text_bytes,
            byte_order_mark_bytes: facts.mark_bytes,
            lines: facts.lines,
            skipped: of(held.skipped),
            header: of(held.header),
            blank: of(held.blank),
            comments: of(held.comments),
            footer: of(held.footer),
            rejected: of(held.rejected),
            rows: of(held.rows),
            extra_lines: held.extra_lines,
        }
    }
}

/// Reads every source and writes its rows, cells as they stood.
///
/// # Errors
/// [`Class::Refused`] for a broken source, by file and line; [`Class::Rows`] where there is no row.
pub(crate) fn combine(
    sources: &[Source],
    survey: &Survey,
    settings: &Settings,
    places: &Places,
) -> Result<Combined> {
    let format = Format::of(places.output.shown())?;
    let most_bad = if settings.rejects == Rejects::File { usize::MAX } else { rejects::MOST_LISTED };
    let reading = Reading {
        columns: &survey.columns,
        format,
        limits: settings.limits,
        profiled: true,
        written: true,
        most_bad,
    };
    let read = AtomicU64::new(0);
    let bytes = sources.iter().map(Source::bytes).sum();
    let mut table = Table::create(sources, survey, settings, places)?;
    on_threads(sources, &survey.plans, settings, &reading, &read, |coming| {
        table.take_all(coming, Progress::new(bytes, &read, settings.quiet))
    })?;
    table.finish()
}

/// Has the sources read on as many threads as there are processors; `take` gets what comes of them, in their order.
pub(crate) fn on_threads(
    sources: &[Source],
    plans: &[Arc<Plan>],
    settings: &Settings,
    reading: &Reading<'_>,
    read: &AtomicU64,
    take: impl FnOnce(Receiver<Event>) -> Result<()>,
) -> Result<()> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_WORKERS);
    let (events, coming) = sync_channel(2 * workers);
    let (jobs, waiting) = sync_channel(workers);
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (events, jobs) = (events, jobs);
            feed::feed(sources, plans, settings, read, &events, &jobs);
        });
        for _ in 0..workers {
            scope.spawn(|| piece::work(&waiting, reading));
        }
        // Dropped with an error, this end tells the others to stop.
        take(coming)
    })
}

/// The table being written.
struct Table<'a> {
    sources: &'a [Source],
    survey: &'a Survey,
    writer: RawTable,
    lines: Option<LineIndexWriter>,
    rejected: Rejected,
    retyped: Retyped<'a>,
    profiles: Vec<Profile>,
    read: Vec<ReadSource>,
}

/// The source whose blocks are coming.
#[derive(Default)]
struct Current {
    rows: u64,
    rejected: u64,
    first_line: Option<u64>,
    held: Held,
    profiles: Vec<Profile>,
}

impl<'a> Table<'a> {
    fn create(
        sources: &'a [Source],
        survey: &'a Survey,
        settings: &'a Settings,
        places: &Places,
    ) -> Result<Self> {
        let lines = places.companion(lines::ENDING);
        Ok(Self {
            writer: RawTable::create(&places.output, &survey.columns)?,
            lines: lines.map(|path| LineIndexWriter::create(&Target::File(path))).transpose()?,
            rejected: Rejected::begin(settings, places)?,
            retyped: Retyped::new(sources, survey, settings),
            profiles: vec![Profile::default(); survey.columns.len()],
            read: Vec::with_capacity(sources.len()),
            sources,
            survey,
        })
    }

    fn take_all(&mut self, coming: Receiver<Event>, mut progress: Progress<'_>) -> Result<()> {
        let mut current = Current::default();
        for event in coming {
            match event {
                Event::Block(piece) => {
                    let piece =
                        piece.recv().map_err(|_| Error::unexpected("a thread that reads has ended"))?;
                    self.take(piece, &mut current)?;
                    progress.look(self.writer.rows());
                }
                Event::End(facts) => {
                    let ended = std::mem::take(&mut current);
                    progress.beside(|| self.end(facts, &ended));
                }
                Event::Failed(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn take(&mut self, mut piece: Piece, current: &mut Current) -> Result<()> {
        let number = self.read.len();
        current.rows += piece.count;
        current.rejected += piece.bad_lines;
        current.first_line = current.first_line.or(piece.runs.first().map(|(line, _)| *line));
        current.held = current.held.and(piece.held);
        if current.profiles.is_empty() {
            current.profiles = std::mem::take(&mut piece.profiles);
        }
        current.profiles.iter_mut().zip(&piece.profiles).for_each(|(own, new)| own.merge(new));
        self.rejected.add(&mut piece, number, &self.sources[number])?;
        if self.rejected.is_final() {
            return Ok(());
        }
        if let Some(lines) = &mut self.lines {
            for (line, rows) in &piece.runs {
                lines.add_run(number, *line, *rows)?;
            }
        }
        self.writer.write(piece.rows?)
    }

    fn end(&mut self, facts: Facts, current: &Current) {
        let number = self.read.len();
        let shown = text::path(&self.sources[number].shown);
        log::info!("read {} from {shown}", text::count(current.rows, "row"));
        if current.rows + current.rejected == 0 {
            log::warn!("{shown} holds a header and no row");
        }
        if current.rejected > 0 {
            log::warn!("{shown}: {} with bad records", text::count(current.rejected, "line"));
        }
        let blank = current.held.blank.lines;
        if blank > 0 {
            log::info!("skipped {} in {shown}", text::count(blank, "blank line"));
        }
        self.retyped.check(&current.profiles, number);
        self.profiles.iter_mut().zip(&current.profiles).for_each(|(own, new)| own.merge(new));
        let Current { rows, rejected, first_line, .. } = *current;
        let held = current.held.and(facts.outside);
        self.read.push(ReadSource { facts, held, rows, rejected, first_line });
    }

    fn finish(self) -> Result<Combined> {
        let rows = self.writer.rows();
        let (rejects, stale) = self.rejected.finish(rows, self.sources)?;
        self.retyped.refuse()?;
        if rows == 0 {
            let sources = text::count(self.read.len() as u64, "source");
            let message = format!("no rows: {sources} with a header and nothing else");
            let first = self.sources.first().map(|s| s.shown.clone()).unwrap_or_default();
            return Err(Error::new(Class::Rows, message).at(&first));
        }
        let lines = self.lines.map(LineIndexWriter::finish).transpose()?;
        let field = |name: &String| Field::new(name, Kind::String, Role::Input);
        Ok(Combined {
            table: self.writer.finish()?,
            companions: lines.into_iter().chain(rejects).collect(),
            stale,
            fields: self.survey.columns.iter().map(field).collect(),
            profiles: self.profiles,
            read: self.read,
            rows,
        })
    }
}
