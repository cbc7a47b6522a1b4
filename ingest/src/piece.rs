//! The rows of one block, on whichever thread is free.

use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex};

use common::Result;
use common::table::{Format, RawRows};
use strict_csv::{Bad, Block, Held, Limits, Problem, Record};

use crate::place::Place;
use crate::profile::Profile;
use crate::survey::Plan;

/// What every block is read with.
pub(crate) struct Reading<'a> {
    pub(crate) columns: &'a [String],
    pub(crate) format: Format,
    pub(crate) limits: Limits,
    /// Whether it is found out what each column holds.
    pub(crate) profiled: bool,
    /// Whether the rows are made as they will stand in the table.
    pub(crate) written: bool,
    /// Most bad records of a block that are kept one by one.
    pub(crate) most_bad: usize,
}

/// A block to be read by whoever is free.
pub(crate) struct Job {
    pub(crate) block: Block,
    /// Number of its source, from 0.
    pub(crate) source: usize,
    pub(crate) plan: Arc<Plan>,
    /// Where its rows go.
    pub(crate) reply: SyncSender<Piece>,
}

/// What came of a block.
pub(crate) struct Piece {
    pub(crate) rows: Result<RawRows>,
    /// Number of rows.
    pub(crate) count: u64,
    /// Runs of rows on consecutive lines: the first line, and how many.
    pub(crate) runs: Vec<(u64, u64)>,
    /// One for each column of the table.
    pub(crate) profiles: Vec<Profile>,
    pub(crate) held: Held,
    /// The first of the bad records, as many as are asked for.
    pub(crate) bad: Vec<BadRow>,
    /// All lines of bad records.
    pub(crate) bad_lines: u64,
}

/// A record that breaks the form, and its text.
#[derive(Clone, Debug)]
pub(crate) struct BadRow {
    pub(crate) line: u64,
    /// Offset of its first byte in the source, once inflated and decoded.
    pub(crate) byte: u64,
    /// The cell, from 1, where the problem is one cell's.
    pub(crate) column: Option<usize>,
    pub(crate) problem: Problem,
    pub(crate) raw: Vec<u8>,
}

/// Reads blocks until no more come.
pub(crate) fn work(jobs: &Mutex<Receiver<Job>>, reading: &Reading<'_>) {
    loop {
        let job = match jobs.lock() {
            Ok(queue) => queue.recv(),
            Err(_) => return,
        };
        let Ok(job) = job else { return };
        let piece = read(&job.block, job.source, &job.plan, reading);
        // Whoever waited for it may have failed meanwhile.
        let _ = job.reply.send(piece);
    }
}

fn read(block: &Block, source: usize, plan: &Plan, reading: &Reading<'_>) -> Piece {
    let mut rows = RawRows::new(reading.format, reading.columns, block.bytes() + block.bytes() / 16 + 64);
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let mut profiles = vec![Profile::default(); if reading.profiled { reading.columns.len() } else { 0 }];
    let mut bad = Vec::new();
    let mut bad_lines = 0;
    let verbatim = plan.is_verbatim();
    let numerals = plan.given.spelling.numerals;
    let add = |record: Record<'_>| {
        match runs.last_mut() {
            Some((line, count)) if *line + *count == record.line => *count += 1,
            _ => runs.push((record.line, 1)),
        }
        let place = Place { source, line: record.line }.packed();
        let cells = record.cells;
        if plan.same_order {
            for (profile, cell) in profiles.iter_mut().zip(cells.iter()) {
                profile.add(cell, &plan.nulls, numerals, place);
            }
            rows.push(record.plain.filter(|_| verbatim), cells.iter());
        } else {
            let cell = |position: &Option<usize>| position.map_or("", |at| cells.get(at));
            for (profile, position) in profiles.iter_mut().zip(&plan.positions) {
                match position {
                    Some(at) => profile.add(cells.get(*at), &plan.nulls, numerals, place),
                    None => profile.add_missing(),
                }
            }
            rows.push(None, plan.positions.iter().map(cell));
        }
    };
    let set_aside = |one: Bad| {
        bad_lines += one.lines;
        if bad.len() < reading.most_bad {
            bad.push(BadRow {
                line: one.line,
                byte: block.offset(one.start),
                column: one.column,
                problem: one.problem,
                raw: block.raw(&one).to_vec(),
            });
        }
    };
    let form = &plan.form;
    let held = block.read(&form.dialect, &reading.limits, form.names.len(), add, set_aside);
    let count = rows.len();
    let rows = if reading.written { rows.complete(reading.format) } else { Ok(rows) };
    Piece { rows, count, runs, profiles, held, bad, bad_lines }
}
