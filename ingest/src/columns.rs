//! The header of each source, and the columns they have in common. Compared before anything is read
//! whole, so that a wrong file is named at once.

use std::collections::HashMap;
use std::path::Path;

use common::{Class, Error, Result, text};
use csv::StringRecord;

use crate::records::Records;
use crate::scan::limits;
use crate::sources::Source;

/// Most files listed that differ.
const MOST_LISTED: usize = 10;

/// The columns of the table: those of the first source, which all others must have.
///
/// # Errors
/// [`Class::Refused`]: a header that is none, or sources whose columns differ, all listed.
pub(crate) fn agree(sources: &[Source]) -> Result<Vec<String>> {
    let mut columns: Vec<String> = Vec::new();
    let mut differences = Vec::new();
    for (source, i) in sources.iter().zip(0..) {
        let names = header(&mut Records::open(source)?, &source.shown)?;
        if i == 0 {
            columns = names;
        } else if let Err(difference) = positions(&columns, &names) {
            differences.push((source, difference));
        }
    }
    let Some((source, difference)) = differences.first() else { return Ok(columns) };
    let others = differences.iter().skip(1).take(MOST_LISTED - 1);
    let others = others.map(|(s, d)| format!("{}: {d}", text::path(&s.shown))).collect();
    let more = match differences.len() as u64 - 1 {
        0 => String::new(),
        n => format!("; {} too", text::count(n, "more source")),
    };
    let first = text::path(&sources[0].shown);
    Err(Error::new(Class::Refused, format!("columns differ from {first}: {difference}{more}"))
        .at(&source.shown)
        .with_details(others))
}

/// Reads the header: the first record.
///
/// # Errors
/// [`Class::Refused`]: none, a name that is empty, repeated or too long.
pub(crate) fn header(records: &mut Records<'_>, shown: &Path) -> Result<Vec<String>> {
    let mut record = StringRecord::new();
    let Some(line) = records.next(&mut record)? else {
        return Err(Error::new(Class::Refused, "is empty, expected a header and rows").at(shown));
    };
    let refused = |message: String| Error::new(Class::Refused, message).at_line(shown, line);
    let mut seen = HashMap::new();
    for (name, number) in record.iter().zip(1u64..) {
        if name.trim().is_empty() {
            return Err(refused(format!("column {number} has no name")));
        }
        if name.len() > limits::NAME_BYTES {
            return Err(refused(format!(
                "the name of column {number} has {} bytes, at most {} are read",
                name.len(),
                limits::NAME_BYTES
            )));
        }
        if let Some(first) = seen.insert(name, number) {
            return Err(refused(format!("columns {first} and {number} are both named {}", text::name(name))));
        }
    }
    if let Some(separator) = record.get(0).filter(|_| record.len() == 1).and_then(other_separator) {
        return Err(refused(format!(
            "one column, whose name seems to hold several parted by {separator}; expected commas"
        )));
    }
    Ok(record.iter().map(str::to_owned).collect())
}

/// What else than commas seems to part the one name of a header: never read several columns as one.
fn other_separator(name: &str) -> Option<&'static str> {
    let separators = [(";", "semicolons"), ("\t", "tabs"), ("|", "bars"), ("  ", "blanks")];
    separators.into_iter().find(|(text, _)| name.trim().contains(text)).map(|(_, word)| word)
}

/// Where each of `columns` stands among `names`, or in what they differ.
pub(crate) fn positions(columns: &[String], names: &[String]) -> std::result::Result<Vec<usize>, String> {
    let at: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    let found: Vec<usize> = columns.iter().filter_map(|c| at.get(c.as_str()).copied()).collect();
    if found.len() == columns.len() && found.len() == names.len() {
        return Ok(found);
    }
    let known: HashMap<&str, usize> = columns.iter().map(String::as_str).zip(0..).collect();
    let missing: Vec<&String> = columns.iter().filter(|c| !at.contains_key(c.as_str())).collect();
    let extra: Vec<&String> = names.iter().filter(|n| !known.contains_key(n.as_str())).collect();
    let parts = [("missing", missing), ("extra", extra)];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    Err(parts.map(|(what, names)| format!("{what} {}", text::names(names))).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_or_their_difference_told() {
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let columns = names(&["a", "b", "c"]);
        assert_eq!(positions(&columns, &names(&["c", "a", "b"])), Ok(vec![1, 2, 0]));
        assert_eq!(positions(&columns, &names(&["a", "b"])), Err("missing `c`".to_owned()));
        assert_eq!(
            positions(&columns, &names(&["a", "d", "b", "e"])),
            Err("missing `c`; extra `d`, `e`".to_owned())
        );
    }
}
