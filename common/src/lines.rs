//! The line index beside a table: where each of its rows stood in the raw files.
//!
//! A text CSV with the header `row,source,line`, one line a run: rows from `row` (from 0) of the
//! table on come from source number `source` (from 0, as listed under `found.sources` of the
//! manifest), from consecutive lines that begin at `line` (from 1). A new run begins wherever that
//! breaks: after a record of several lines, after blank lines, with the next source.
//!
//! The tables of later stages have one of the same form, as long as every table before has: it still names
//! the raw files.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::publish::{Output, Target, Written};

/// Ending of the index's name, after the table's own.
pub const ENDING: &str = "lines.csv";

const HEADER: &str = "row,source,line";

/// Rows from `row` on that stand on consecutive lines of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    row: u64,
    source: usize,
    line: u64,
}

impl Run {
    /// The line on which `row` of this run begins.
    fn line_of(self, row: u64) -> u64 {
        self.line + (row - self.row)
    }
}

/// An index being written, a run at a time, in memory that does not grow.
pub struct LineIndexWriter {
    output: Output,
    rows: u64,
    run: Option<Run>,
}

impl LineIndexWriter {
    /// Opens an index for writing.
    ///
    /// # Errors
    /// [`crate::Class::Write`].
    pub fn create(target: &Target) -> Result<Self> {
        let mut output = Output::create(target)?;
        output.write_bytes(format!("{HEADER}\n").as_bytes())?;
        Ok(Self { output, rows: 0, run: None })
    }

    /// Adds the next `rows` rows, which stand on consecutive lines from `line` of source number `source`.
    ///
    /// # Errors
    /// [`crate::Class::Write`].
    pub fn add_run(&mut self, source: usize, line: u64, rows: u64) -> Result<()> {
        let row = self.rows;
        self.rows += rows;
        if self.run.is_some_and(|run| run.source == source && run.line_of(row) == line) {
            return Ok(());
        }
        self.run = Some(Run { row, source, line });
        self.output.write_bytes(format!("{row},{source},{line}\n").as_bytes())
    }

    /// Adds rows of the table that `index` is of, by their numbers (from 0): where they stood in the raw files.
    ///
    /// # Errors
    /// [`crate::Class::Write`].
    pub fn add_rows(&mut self, index: &LineIndex, rows: impl IntoIterator<Item = u64>) -> Result<()> {
        let mut near = 0;
        rows.into_iter().try_for_each(|row| {
            let (source, line) = index.place_near(row, &mut near);
            self.add_run(source, line, 1)
        })
    }

    /// Ends the index: every byte is on disk under its temporary name.
    ///
    /// # Errors
    /// [`crate::Class::Write`].
    pub fn finish(self) -> Result<Written> {
        self.output.finish()
    }
}

/// An index in memory: at least one run where there is a row, the first at row 0.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    runs: Vec<Run>,
    /// Rows added, where it was not read.
    rows: u64,
}

impl LineIndex {
    /// Adds the next `rows` rows, which stand on consecutive lines from `line` of source number `source`.
    pub fn add_run(&mut self, source: usize, line: u64, rows: u64) {
        let row = self.rows;
        self.rows += rows;
        if !self.runs.last().is_some_and(|run| run.source == source && run.line_of(row) == line) {
            self.runs.push(Run { row, source, line });
        }
    }

    /// The index of a table, which its manifest lists; nothing for one made by hand, or where it is gone.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where it is damaged or not the one listed.
    pub fn of(table: &Checkpoint) -> Result<Option<Self>> {
        let ending = format!(".{ENDING}");
        let is_listed =
            table.manifest.as_ref().is_some_and(|m| m.companions.iter().any(|c| c.name.ends_with(&ending)));
        let path = if is_listed { table.companion_listed(ENDING)? } else { None };
        path.map_or(Ok(None), |path| Self::read(&path))
    }

    /// Writes the index of a table that holds `rows` (from 0) of the table this one is of.
    ///
    /// # Errors
    /// [`crate::Class::Write`].
    pub fn write_rows(&self, path: &Path, rows: impl IntoIterator<Item = u64>) -> Result<Written> {
        let mut writer = LineIndexWriter::create(&Target::file(path))?;
        writer.add_rows(self, rows)?;
        writer.finish()
    }

    /// Reads the index at `path`; nothing where there is none.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] with the line where it is damaged.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::read(path, &e)),
        };
        let mut runs: Vec<Run> = Vec::new();
        for (text, number) in BufReader::new(file).lines().zip(1u64..) {
            let text = text.map_err(|e| Error::read(path, &e))?;
            if number == 1 && text == HEADER {
                continue;
            }
            let expected = runs.last().map_or(0, |run| run.row + 1);
            match parse(&text) {
                Some(run) if (run.row == 0) == runs.is_empty() && run.row >= expected => runs.push(run),
                _ => {
                    return Err(Error::checkpoint("the line index is damaged; run `ingest` again")
                        .at_line(path, number));
                }
            }
        }
        if runs.is_empty() {
            return Err(Error::checkpoint("the line index is empty; run `ingest` again").at(path));
        }
        Ok(Some(Self { runs, rows: 0 }))
    }

    /// The source number (from 0) and the line (from 1) on which `row` (from 0) begins.
    #[must_use]
    pub fn place(&self, row: u64) -> (usize, u64) {
        self.place_near(row, &mut 0)
    }

    /// The same, looking first in the run number `near`, which becomes that of the row: rows are mostly asked for in turn.
    fn place_near(&self, row: u64, near: &mut usize) -> (usize, u64) {
        let begins = |number: usize| self.runs.get(number).is_some_and(|run| run.row <= row);
        if !begins(*near) || begins(*near + 1) {
            *near = self.runs.partition_point(|run| run.row <= row).saturating_sub(1);
        }
        self.runs.get(*near).map_or((0, row + 2), |run| (run.source, run.line_of(row)))
    }
}

fn parse(text: &str) -> Option<Run> {
    let mut cells = text.split(',');
    let run = Run {
        row: cells.next()?.parse().ok()?,
        source: cells.next()?.parse().ok()?,
        line: cells.next()?.parse().ok()?,
    };
    cells.next().is_none().then_some(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish;

    #[test]
    fn places_come_back_as_they_went_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("raw.csv.lines.csv");
        // Lines 2, 3, then a blank one, 5 (two lines long), 7; then another source.
        let places = [(0, 2), (0, 3), (0, 5), (0, 7), (1, 2), (1, 3)];
        let mut writer = LineIndexWriter::create(&Target::file(&path)).unwrap();
        for (source, line) in places {
            writer.add_run(source, line, 1).unwrap();
        }
        publish::publish(vec![writer.finish().unwrap()]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "row,source,line\n0,0,2\n2,0,5\n3,0,7\n4,1,2\n");
        let index = LineIndex::read(&path).unwrap().unwrap();
        for (place, row) in places.into_iter().zip(0..) {
            assert_eq!(index.place(row), place);
            for mut near in 0..6 {
                assert_eq!(index.place_near(row, &mut near), place);
            }
        }
    }

    #[test]
    fn an_index_out_of_order_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.csv");
        assert!(LineIndex::read(&path).unwrap().is_none());
        for text in ["", "row,source,line\n", "0,0\n", "row,source,line\n1,0,2\n", "0,0,2\n0,0,3\n"] {
            std::fs::write(&path, text).unwrap();
            assert!(LineIndex::read(&path).is_err(), "{text:?}");
        }
    }
}
