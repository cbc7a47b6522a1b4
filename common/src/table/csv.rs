//! Batches of our own CSV form: cut at ends of records, each piece read on all processors, one piece ahead.

mod batch;
mod by_hand;
mod columns;
pub(super) mod encode;
mod pieces;

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use polars::prelude::DataFrame;

use crate::error::{Error, Result};
use crate::schema::Field;
use batch::Plan;
use pieces::Pieces;

pub(super) use by_hand::by_hand;

/// Batches of a CSV file with known columns.
pub(super) struct CsvBatches {
    source: Source,
}

enum Source {
    /// Nothing is read yet.
    Closed(Option<Box<Batches>>),
    /// A thread reads ahead.
    Ahead(Receiver<Result<DataFrame>>),
}

/// The file, and how it is read.
struct Batches {
    pieces: Pieces,
    fields: Vec<Field>,
    plan: Plan,
    rows: u64,
    first: bool,
}

impl CsvBatches {
    pub(super) fn new(path: &Path, file: File, fields: &[Field], picked: &[Field]) -> Result<Self> {
        let batches = Batches {
            pieces: Pieces::new(path, file)?,
            fields: fields.to_vec(),
            plan: Plan::new(fields, picked),
            rows: 0,
            first: true,
        };
        Ok(Self { source: Source::Closed(Some(Box::new(batches))) })
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<DataFrame>> {
        match &mut self.source {
            Source::Closed(batches) => {
                let Some(mut batches) = batches.take() else { return Ok(None) };
                let first = batches.next_batch()?;
                if !batches.pieces.ended() {
                    self.source = Source::Ahead(batches.read_ahead()?);
                }
                Ok(first)
            }
            Source::Ahead(batches) => batches.recv().ok().transpose(),
        }
    }
}

impl Batches {
    /// Reads the rest on a thread of its own, a batch ahead of who takes them.
    fn read_ahead(mut self: Box<Self>) -> Result<Receiver<Result<DataFrame>>> {
        let (sender, receiver) = sync_channel(1);
        let path = self.pieces.path().to_path_buf();
        let read = move || {
            while let Some(batch) = self.next_batch().transpose() {
                let failed = batch.is_err();
                // Nobody may be waiting any more.
                if sender.send(batch).is_err() || failed {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new().name("read".to_owned()).spawn(read);
        thread.map(|_| receiver).map_err(|e| Error::read(&path, &e))
    }

    fn next_batch(&mut self) -> Result<Option<DataFrame>> {
        let mut piece = self.pieces.next()?;
        let mut begin = 0;
        if self.first {
            self.first = false;
            let (names, length) = header(self.pieces.path(), &piece)?;
            if !names.iter().eq(self.fields.iter().map(|f| &f.name)) {
                return Err(
                    Error::checkpoint("the header is not what its manifest says").at(self.pieces.path())
                );
            }
            begin = length;
            if piece.len() == length && !self.pieces.ended() {
                (piece, begin) = (self.pieces.next()?, 0);
            }
        }
        if piece.len() == begin {
            return Ok(None);
        }
        let batch = self.plan.parse(&piece[begin..], self.rows).map_err(|e| e.at(self.pieces.path()))?;
        self.rows += batch.height() as u64;
        Ok(Some(batch))
    }
}

/// Names in the header of `piece`, and the header's length in bytes.
fn header(path: &Path, piece: &[u8]) -> Result<(Vec<String>, usize)> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(piece);
    let mut record = ::csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => {}
        Ok(false) => return Err(Error::checkpoint("is empty, not even a header").at(path)),
        Err(e) => return Err(Error::checkpoint(format!("the header cannot be read: {e}")).at(path)),
    }
    let length = usize::try_from(reader.position().byte()).unwrap_or(piece.len());
    Ok((record.iter().map(str::to_owned).collect(), length))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::schema::Role;

    #[test]
    fn a_table_made_by_hand_is_read_as_the_kinds_it_was_found_to_hold() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"n,x,d,t\n5 ,+0.5\t,2024-02-29, a \n 7,,,\"\"\n+8,\" .5 \",1999-12-31,007\n")
            .unwrap();
        let path = Path::new("by_hand.csv");
        let (copy, columns) = by_hand(path, &file).unwrap();
        let fields: Vec<Field> =
            columns.into_iter().map(|(name, kind)| Field::new(name, kind.unwrap(), Role::Input)).collect();
        let kinds: Vec<Kind> = fields.iter().map(|f| f.kind).collect();
        assert_eq!(kinds, [Kind::Integer, Kind::Number, Kind::Date, Kind::String]);
        let mut batches = CsvBatches::new(path, copy, &fields, &fields).unwrap();
        let table = batches.next_batch().unwrap().unwrap();
        let numbers: Vec<_> = table.column("n").unwrap().i64().unwrap().iter().collect();
        assert_eq!(numbers, [Some(5), Some(7), Some(8)]);
        let numbers: Vec<_> = table.column("x").unwrap().f64().unwrap().iter().collect();
        assert_eq!(numbers, [Some(0.5), None, Some(0.5)]);
        assert_eq!(table.column("d").unwrap().null_count(), 1);
        assert_eq!(table.column("t").unwrap().str().unwrap().get(0), Some(" a "));
    }
}
