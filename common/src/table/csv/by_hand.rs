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
