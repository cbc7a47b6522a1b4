//! The records of one source, each with the line it begins on.

use std::fs::File;
use std::path::Path;

use common::{Class, Error, Result};
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};

use crate::scan::Violation;
use crate::sources::{Source, unreadable};
use crate::strict::{BUFFER, Facts, Strict};

/// A source being read.
pub(crate) struct Records<'a> {
    reader: Reader<Strict<File>>,
    shown: &'a Path,
}

impl<'a> Records<'a> {
    /// Opens a source at its beginning.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub(crate) fn open(source: &'a Source) -> Result<Self> {
        // Counts of cells are ours to check: the crate stops at the first that differs.
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(Strict::new(source.open()?));
        Ok(Self { reader, shown: &source.shown })
    }

    /// Reads the next record and returns its line, or nothing at the end; blank lines are skipped.
    ///
    /// # Errors
    /// [`Class::Refused`] with file and line where the source is broken.
    pub(crate) fn next(&mut self, record: &mut StringRecord) -> Result<Option<u64>> {
        if !self.reader.read_record(record).map_err(|e| self.broken(&e))? {
            return Ok(None);
        }
        match self.reader.get_mut().next_start() {
            Some(line) => Ok(Some(line)),
            None => Err(Error::unexpected("two readers disagree on where records begin").at(self.shown)),
        }
    }

    /// What the source held beside its records, once the last was read.
    pub(crate) fn finish(self) -> Facts {
        self.reader.into_inner().into_facts()
    }

    fn broken(&self, error: &csv::Error) -> Error {
        let ErrorKind::Io(io) = error.kind() else {
            return Error::unexpected(format!("cannot be read as CSV: {error}")).at(self.shown);
        };
        match io.get_ref().and_then(|inner| inner.downcast_ref::<Violation>()) {
            Some(violation) => {
                Error::new(Class::Refused, violation.to_string()).at_line(self.shown, violation.line)
            }
            None => unreadable(self.shown, io),
        }
    }
}
