//! Batches of our own CSV form: cut at ends of records, each piece read on all processors, one piece ahead.

mod batch;
mod by_hand;
mod columns;
pub(super) mod encode;
mod pieces;
mod texts;

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use polars::prelude::DataFrame;

use crate::error::{Error, Result};
use crate::schema::Field;
use batch::Plan;
use pieces::Pieces;

pub(super) use by_hand::by_hand;
pub(super) use texts::{CsvTexts, Cut, Share};

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

    use polars::prelude::{Column, DataType, TimeUnit};
    use proptest::prelude::*;

    use super::*;
    use crate::schema::{Kind, Role};

    /// A file that holds `text`.
    fn file(text: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        file
    }

    fn fields(kinds: &[Kind]) -> Vec<Field> {
        kinds.iter().zip('a'..).map(|(kind, name)| Field::new(name.to_string(), *kind, Role::Input)).collect()
    }

    /// All batches as one table.
    fn read(text: &[u8], fields: &[Field], picked: &[Field]) -> Result<DataFrame> {
        let mut batches = CsvBatches::new(Path::new("t.csv"), file(text), fields, picked)?;
        let mut all = batches.next_batch()?.unwrap();
        while let Some(batch) = batches.next_batch()? {
            all.vstack_mut_owned(batch).unwrap();
        }
        Ok(all)
    }

    fn failure(kinds: &[Kind], text: &str) -> String {
        read(text.as_bytes(), &fields(kinds), &fields(kinds)).unwrap_err().to_string()
    }

    #[test]
    fn a_record_of_another_form_is_named_by_its_row() {
        use Kind::{Boolean, Date, Integer, Number, String};
        for (kinds, rows, expected) in [
            (&[Integer, String][..], "1,x\n2\n", "data row 2: has 1, expected 2 cells"),
            (&[Integer, String], "1,x\n2,y,z\n", "data row 2: has more, expected 2 cells"),
            (&[Integer, String], "1,x\n\n", "data row 2: has 1, expected 2 cells"),
            (&[Integer, String], "1,x\n1.5,y\n", "data row 2: `1.5` in column `a` is no integer"),
            (&[Number, Number], "1,2\n3,inf\n", "data row 2: `inf` in column `b` is no number"),
            (&[Number, Number], "1,2\n3,1e309\n", "data row 2: `1e309` in column `b` is no number"),
            (&[Number, Number], "1,2\n3,4x\n", "data row 2: `4x` in column `b` is no number"),
            (&[Date, Boolean], "2024-02-30,true\n", "data row 1: `2024-02-30` in column `a` is no date"),
            (&[Date, Boolean], "2024-02-29,yes\n", "data row 1: `yes` in column `b` is no boolean"),
            (&[String, String], "\"x,y\n", "data row 1: a quote is not closed"),
            (&[String, String], "\"x\"z,y\n", "data row 1: text after a closing quote in column `a`"),
        ] {
            let found = failure(kinds, &format!("a,b\n{rows}"));
            assert!(found.contains(expected), "{found}\n{expected}");
        }
    }

    #[test]
    fn a_row_after_the_first_piece_has_its_own_number() {
        let mut text = b"a,b\n".to_vec();
        let rows = 2_000_000_u32;
        (0..rows).for_each(|i| text.extend_from_slice(format!("{i},x\n").as_bytes()));
        let kinds = fields(&[Kind::Integer, Kind::String]);
        let table = read(&text, &kinds, &kinds[..1]).unwrap();
        let numbers = table.column("a").unwrap().i64().unwrap().clone();
        assert!(numbers.iter().eq((0..i64::from(rows)).map(Some)));
        text.extend_from_slice(b"1\n");
        let error = read(&text, &kinds, &kinds).unwrap_err().to_string();
        assert!(error.contains("data row 2000001: has 1"), "{error}");
    }

    #[test]
    fn numbers_of_the_whole_grammar_are_read() {
        let kinds = fields(&[Kind::Number, Kind::Integer]);
        let text =
            "a,b\n 5 ,007\n+.5,+3\n\"1.\",\"2\"\n1E2,-9223372036854775808\n\"\",\n-0,9223372036854775807";
        let table = read(text.as_bytes(), &kinds, &kinds).unwrap();
        let numbers: Vec<_> = table.column("a").unwrap().f64().unwrap().iter().collect();
        assert_eq!(numbers, [Some(5.0), Some(0.5), Some(1.0), Some(100.0), None, Some(-0.0)]);
        let integers: Vec<_> = table.column("b").unwrap().i64().unwrap().iter().collect();
        assert_eq!(integers, [Some(7), Some(3), Some(2), Some(i64::MIN), None, Some(i64::MAX)]);
    }

    fn texts() -> impl Strategy<Value = Option<String>> {
        proptest::option::of(proptest::string::string_regex("[a-b,\"\\n\\r \u{e9}]{0,5}").unwrap())
    }

    fn numbers() -> impl Strategy<Value = Option<f64>> {
        let any = any::<f64>().prop_map(|x| if x.is_finite() { x } else { 0.0 });
        proptest::option::of(prop_oneof![
            any,
            Just(0.0),
            Just(1.0),
            Just(-0.0),
            (-1000_i32..1000).prop_map(|n| f64::from(n) / 8.0)
        ])
    }

    type Row = (Option<String>, Option<f64>, Option<i64>, Option<bool>, Option<i32>, Option<i64>);

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        use proptest::option::of;
        // Years 0 to 9999, as the grammar of dates has them.
        let row = (
            texts(),
            numbers(),
            of(any::<i64>()),
            of(any::<bool>()),
            of(-719_528..2_932_896),
            of(-60_000_000_000_000_000_i64..200_000_000_000_000_000),
        );
        proptest::collection::vec(row, 1..40)
    }

    fn table(rows: &[Row]) -> DataFrame {
        let days: Vec<Option<i32>> = rows.iter().map(|row| row.4).collect();
        let moments: Vec<Option<i64>> = rows.iter().map(|row| row.5).collect();
        let columns = vec![
            Column::new("a".into(), rows.iter().map(|row| row.0.clone()).collect::<Vec<_>>()),
            Column::new("b".into(), rows.iter().map(|row| row.1).collect::<Vec<_>>()),
            Column::new("c".into(), rows.iter().map(|row| row.2).collect::<Vec<_>>()),
            Column::new("d".into(), rows.iter().map(|row| row.3).collect::<Vec<_>>()),
            Column::new("e".into(), days).cast(&DataType::Date).unwrap(),
            Column::new("f".into(), moments).cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap(),
        ];
        DataFrame::new(rows.len(), columns).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(rows in rows()) {
            use Kind::{Boolean, Date, Datetime, Integer, Number, String};
            let table = table(&rows);
            let fields = fields(&[String, Number, Integer, Boolean, Date, Datetime]);
            let mut text = encode::header(fields.iter().map(|f| f.name.as_str()));
            encode::rows(&table).unwrap().into_iter().for_each(|piece| text.extend(piece));
            prop_assert!(read(&text, &fields, &fields).unwrap().equals_missing(&table));
            let some: Vec<Field> = fields.iter().step_by(2).cloned().collect();
            let part = read(&text, &fields, &some).unwrap();
            prop_assert!(part.equals_missing(&table.select(["a", "c", "e"]).unwrap()));
            // Another program's reader finds the same cells.
            let mut other = ::csv::Reader::from_reader(text.as_slice());
            for (record, row) in other.records().zip(&rows) {
                let record = record.unwrap();
                prop_assert_eq!(&record[0], row.0.as_deref().unwrap_or_default());
                let number: Option<f64> = (!record[1].is_empty()).then(|| record[1].parse().unwrap());
                prop_assert_eq!(number.map(f64::to_bits), row.1.map(f64::to_bits));
                prop_assert_eq!(&record[2], row.2.map(|n| n.to_string()).unwrap_or_default());
                prop_assert_eq!(&record[3], row.3.map(|t| t.to_string()).unwrap_or_default());
            }
        }
    }
}
