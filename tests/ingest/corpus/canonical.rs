//! A strict reader of what `ingest` writes, of its own: commas, double quotes where needed, a line
//! feed after each record, every record as long as the header.

use std::iter::Peekable;
use std::str::Chars;

/// The records of a text, the header first.
///
/// # Errors
/// Says where the text is not in canonical form.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
    let mut records: Vec<Vec<String>> = Vec::new();
    let mut letters = text.chars().peekable();
    while letters.peek().is_some() {
        let record = record(&mut letters).map_err(|e| format!("record {}: {e}", records.len() + 1))?;
        if records.first().is_some_and(|header| header.len() != record.len()) {
            return Err(format!("record {} has {} cells", records.len() + 1, record.len()));
        }
        records.push(record);
    }
    if records.is_empty() { Err("no header".to_owned()) } else { Ok(records) }
}

fn record(letters: &mut Peekable<Chars>) -> Result<Vec<String>, String> {
    let mut cells = Vec::new();
    loop {
        cells.push(if letters.next_if_eq(&'"').is_some() { quoted(letters)? } else { plain(letters)? });
        match letters.next() {
            Some(',') => {}
            Some('\n') => return Ok(cells),
            Some(c) => return Err(format!("{c:?} after a closing quote")),
            None => return Err("no line end".to_owned()),
        }
    }
}

/// The rest of a quoted cell.
fn quoted(letters: &mut Peekable<Chars>) -> Result<String, String> {
    let mut cell = String::new();
    while let Some(c) = letters.next() {
        match c {
            '"' if letters.next_if_eq(&'"').is_none() => return Ok(cell),
            c => cell.push(c),
        }
    }
    Err("a quote is never closed".to_owned())
}

fn plain(letters: &mut Peekable<Chars>) -> Result<String, String> {
    let mut cell = String::new();
    while let Some(c) = letters.next_if(|c| !matches!(c, ',' | '\n')) {
        if c == '"' {
            return Err("a quote within a cell".to_owned());
        }
        cell.push(c);
    }
    Ok(cell)
}
