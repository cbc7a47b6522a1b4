//! Records that break the form: refused with their places, or set aside in a file under a limit.

use std::path::{Path, PathBuf};

use common::checkpoint::Places;
use common::publish::{Output, Target, Written};
use common::{Class, Error, Result, text};

use crate::piece::{BadRow, Piece};
use crate::settings::{Rejects, Settings};
use crate::sources::Source;

/// Ending of the file's name, after the table's own.
pub(crate) const ENDING: &str = "rejects.csv";

/// Places that are listed.
pub(crate) const MOST_LISTED: usize = 10;

/// The columns of the file.
const HEADER: [&str; 6] = ["source", "line", "byte", "column", "kind", "raw"];

/// What was found bad so far.
pub(crate) struct Rejected {
    file: Option<csv::Writer<Output>>,
    path: Option<PathBuf>,
    limit: Option<f64>,
    /// Whether the configuration could ask for the file.
    can_be_asked: bool,
    first: Vec<(usize, BadRow)>,
    lines: u64,
}

impl Rejected {
    /// Begins the file where one is asked for and has a place.
    ///
    /// # Errors
    /// [`Class::Write`].
    pub(crate) fn begin(settings: &Settings, places: &Places) -> Result<Self> {
        let path = places.companion(ENDING);
        // Without a place for the file, as in a pipe without `--meta`, nothing is set aside.
        let is_asked = settings.rejects == Rejects::File && path.is_some();
        let limit = is_asked.then_some(settings.rejects_limit);
        let mut rejected = Self { file: None, path, limit, can_be_asked: true, first: Vec::new(), lines: 0 };
        if let (Some(path), Some(_)) = (&rejected.path, limit) {
            let mut file = csv::Writer::from_writer(Output::create(&Target::File(path.clone()))?);
            file.write_record(HEADER).map_err(|e| failed(path, &e))?;
            rejected.file = Some(file);
        }
        Ok(rejected)
    }

    /// For sources of which no record is set aside.
    pub(crate) fn refusing() -> Self {
        Self { file: None, path: None, limit: None, can_be_asked: false, first: Vec::new(), lines: 0 }
    }

    /// Adds the bad records of a piece.
    ///
    /// # Errors
    /// [`Class::Write`].
    pub(crate) fn add(&mut self, piece: &mut Piece, number: usize, source: &Source) -> Result<()> {
        self.lines += piece.bad_lines;
        for bad in std::mem::take(&mut piece.bad) {
            if let (Some(file), Some(path)) = (&mut self.file, &self.path) {
                let column = bad.column.map(|c| c.to_string()).unwrap_or_default();
                let (line, byte) = (bad.line.to_string(), bad.byte.to_string());
                let record = [&source.name, &line, &byte, &column, bad.problem.kind(), &readable(&bad.raw)];
                file.write_record(record).map_err(|e| failed(path, &e))?;
            }
            if self.first.len() < MOST_LISTED {
                self.first.push((number, bad));
            }
        }
        Ok(())
    }

    /// Whether anything bad makes the run fail.
    pub(crate) fn is_final(&self) -> bool {
        self.limit.is_none() && self.lines > 0
    }

    /// Ends the file; the second is that of an earlier run, where none is asked for.
    ///
    /// # Errors
    /// [`Class::Refused`] with the first places where bad records are refused, or are above the limit.
    pub(crate) fn finish(self, rows: u64, sources: &[Source]) -> Result<(Option<Written>, Option<PathBuf>)> {
        let share = self.lines as f64 / (self.lines + rows).max(1) as f64;
        if self.lines > 0 && (rows == 0 || self.limit.is_none_or(|limit| share > limit)) {
            return Err(self.refuse(share, rows, sources));
        }
        match (self.file, self.path) {
            (Some(file), Some(path)) => {
                let output = file.into_inner().map_err(|e| Error::write(&path, e.error()))?;
                Ok((Some(output.finish()?), None))
            }
            (_, stale) => Ok((None, stale)),
        }
    }

    fn refuse(&self, share: f64, rows: u64, sources: &[Source]) -> Error {
        let place = |(number, bad): &(usize, BadRow)| {
            let cell = bad.column.map(|c| format!("cell {c}: ")).unwrap_or_default();
            (&sources[*number].shown, bad.line, format!("{cell}{}", bad.problem))
        };
        let Some((path, line, message)) = self.first.first().map(place) else {
            return Error::unexpected("bad records without a place");
        };
        let total = match self.lines {
            1 => String::new(),
            n => format!("; {n} lines with bad records in all"),
        };
        let hint = match self.limit {
            Some(_) if rows == 0 => "; no other row".to_owned(),
            Some(limit) => format!(
                "; {:.3} % of all lines, above `rejects_limit`, which is {} %",
                share * 100.0,
                format!("{:.6}", limit * 100.0).trim_end_matches('0').trim_end_matches('.')
            ),
            None if !self.can_be_asked => String::new(),
            None => "; `rejects = \"file\"` in [ingest] sets bad records aside".to_owned(),
        };
        let others = self.first.iter().skip(1).map(place);
        let others =
            others.map(|(path, line, what)| format!("{}:{line}: {what}", text::path(path))).collect();
        Error::new(Class::Refused, format!("{message}{total}{hint}")).at_line(path, line).with_details(others)
    }
}

/// The text of a record; bytes that are not UTF-8 and NUL are written as `\xNN`, a backslash twice.
fn readable(raw: &[u8]) -> String {
    let mut out = String::with_capacity(raw.len());
    for chunk in raw.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\0' => out.push_str("\\x00"),
                '\\' => out.push_str("\\\\"),
                c => out.push(c),
            }
        }
        chunk.invalid().iter().for_each(|b| out.push_str(&format!("\\x{b:02X}")));
    }
    out
}

fn failed(path: &Path, error: &csv::Error) -> Error {
    match error.kind() {
        csv::ErrorKind::Io(error) => Error::write(path, error),
        _ => Error::unexpected(format!("cannot list bad records: {error}")).at(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_made_readable() {
        assert_eq!(readable(b"a\\b,\"c\""), "a\\\\b,\"c\"");
        assert_eq!(readable(b"a\\b\xff\0\xc3\xa9"), "a\\\\b\\xFF\\x00\u{e9}");
    }
}
