//! Tables made by hand, brought into our own form.

use std::fs::File;
use std::io::Seek as _;
use std::path::Path;

use super::super::batches::Named;
use crate::error::{Error, Result};
use crate::schema::{Kind, Numerals};

/// A CSV file made by hand, rewritten in our own form, with its columns, each with the narrowest kind
/// that fits all its cells. Blank lines, a byte-order mark, other line ends and quotes inside a cell
/// mean other things to polars, or shift its rows.
pub(in crate::table) fn by_hand(path: &Path, file: &File) -> Result<(File, Named)> {
    let mut file = file.try_clone().map_err(|e| Error::read(path, &e))?;
    file.rewind().map_err(|e| Error::read(path, &e))?;
    let broken = |e: ::csv::Error| Error::checkpoint(format!("cannot be read as CSV: {e}")).at(path);
    let failed = |e: ::csv::Error| Error::write(path, &e.into());
    let mut reader = ::csv::ReaderBuilder::new().from_reader(&mut file);
    let header = reader.headers().map_err(broken)?.clone();
    if header.is_empty() {
        return Err(Error::checkpoint("is empty, not even a header").at(path));
    }
    let mut copy = ::csv::Writer::from_writer(tempfile::tempfile().map_err(|e| Error::write(path, &e))?);
    copy.write_record(&header).map_err(failed)?;
    let mut kinds: Vec<Option<Kind>> = vec![None; header.len()];
    for record in reader.records() {
        let record = record.map_err(broken)?;
        for (kind, cell) in kinds.iter_mut().zip(&record) {
            if !cell.is_empty() {
                let own = Kind::narrowest(cell, &Numerals::PLAIN);
                *kind = Some(kind.map_or(own, |k| k.join(own)));
            }
        }
        copy.write_record(&record).map_err(failed)?;
    }
    let copy = copy.into_inner().map_err(|e| Error::write(path, e.error()))?;
    let columns = header.iter().map(str::to_owned).zip(kinds.into_iter().map(|k| k.or(Some(Kind::String))));
    Ok((copy, columns.collect()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::CsvBatches;
    use super::*;
    use crate::schema::{Field, Role};

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
