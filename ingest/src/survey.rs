//! The dialect and the header of each source, found before any is read whole, so that a wrong file is
//! named at once; and the columns they have in common.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use common::schema::{Kind, Numerals};
use common::{Class, Error, Result, text};
use strict_csv::inflate::Packing;
use strict_csv::{Blocks, Dialect, Header, Limits, sniff};

use crate::dialects::Given;
use crate::open::{self, failed};
use crate::profile::Nulls;
use crate::settings::{Settings, Union};
use crate::sources::Source;

/// Most files listed that differ.
const MOST_LISTED: usize = 10;

/// How sources are to be read; sources that are alike share one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) dialect: Dialect,
    pub(crate) packing: Packing,
    /// The first record as it stood.
    header: Vec<String>,
    /// Its columns, in its order.
    pub(crate) names: Vec<String>,
}

/// How one form becomes rows of the table.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) form: Arc<Form>,
    /// How its values are written.
    pub(crate) given: Arc<Given>,
    /// The cells that stand for a missing value.
    pub(crate) nulls: Nulls,
    /// Where each column of the table stands in the source; nothing where it does not.
    pub(crate) positions: Vec<Option<usize>>,
    /// Whether its columns are the table's, in the same order.
    pub(crate) same_order: bool,
}

/// The columns of the table, and a plan for each source.
pub(crate) struct Survey {
    pub(crate) columns: Vec<String>,
    pub(crate) plans: Vec<Arc<Plan>>,
}

/// Surveys all sources.
///
/// # Errors
/// [`Class::Refused`]: a source whose dialect cannot be told, a header that is none, or sources whose
/// columns differ, all listed.
pub(crate) fn survey(sources: &[Source], settings: &Settings) -> Result<Survey> {
    let mut forms: Vec<Arc<Form>> = Vec::with_capacity(sources.len());
    for source in sources {
        let form = look(source, settings).map_err(|e| source.unchanged().err().unwrap_or(e))?;
        match forms.last().filter(|last| ***last == form) {
            Some(last) => forms.push(Arc::clone(last)),
            None => forms.push(Arc::new(form)),
        }
    }
    if let (Some(source), Some(form)) = (sources.first(), forms.first()) {
        warn_of_numbers(source, form);
    }
    let columns = match settings.union {
        Union::Strict => agree(sources, &forms)?,
        Union::Fill => unite(&forms),
    };
    if columns.len() > settings.limits.columns {
        let (found, most) = (columns.len(), settings.limits.columns);
        let first = sources.first().map_or(Path::new("."), |s| s.shown.as_path());
        let message = format!("with the sources after it makes {found} columns, at most {most} are read");
        return Err(Error::new(Class::Refused, message).at(first));
    }
    if let Some(unknown) = settings.types.keys().find(|name| !columns.contains(name)) {
        let hint = text::did_you_mean(unknown, columns.iter().map(String::as_str));
        return Err(Error::usage(format!(
            "[ingest] types: no source has a column {}{hint}",
            text::name(unknown)
        )));
    }
    let mut plans: Vec<Arc<Plan>> = Vec::with_capacity(forms.len());
    for (form, source) in forms.into_iter().zip(sources) {
        let is_like =
            |last: &&Arc<Plan>| Arc::ptr_eq(&last.form, &form) && Arc::ptr_eq(&last.given, &source.given);
        match plans.last().filter(is_like) {
            Some(last) => plans.push(Arc::clone(last)),
            None => plans.push(Arc::new(Plan::new(form, &source.given, &columns))),
        }
    }
    Ok(Survey { columns, plans })
}

impl Plan {
    pub(crate) fn new(form: Arc<Form>, given: &Arc<Given>, columns: &[String]) -> Self {
        let at: HashMap<&str, usize> = form.names.iter().map(String::as_str).zip(0..).collect();
        let positions: Vec<Option<usize>> = columns.iter().map(|c| at.get(c.as_str()).copied()).collect();
        // A file may have columns that the table has not.
        let same_order = positions.iter().copied().eq((0..form.names.len()).map(Some));
        let nulls = Nulls::new(&given.spelling.null_tokens);
        Self { form, given: Arc::clone(given), nulls, positions, same_order }
    }

    /// Whether a record without quotes can be written as it stands.
    pub(crate) fn is_verbatim(&self) -> bool {
        let dialect = &self.form.dialect;
        self.same_order && dialect.delimiter == b',' && dialect.quote == Some(b'"')
    }

    /// Refuses a header that is no longer the one that was surveyed.
    pub(crate) fn check(&self, header: Option<&Header>, source: &Source) -> Result<()> {
        if header.is_some_and(|h| h.cells == self.form.header) {
            return Ok(());
        }
        Err(Error::new(Class::Refused, "changed while it was read; run again once it is complete")
            .at(&source.shown))
    }
}

/// How one source is to be read.
pub(crate) fn look(source: &Source, settings: &Settings) -> Result<Form> {
    let count = AtomicU64::new(0);
    let mut opened = open::open(source, settings.caps, &count)?;
    let mut head = Vec::new();
    opened
        .text
        .by_ref()
        .take(sniff::HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(|e| failed(source, e.into()))?;
    let whole = head.len() < sniff::HEAD_BYTES;
    let encoding = opened.text.encoding();
    let dialect = sniff::find(&head, whole, encoding, &source.given.told)
        .map_err(|unclear| Error::new(Class::Refused, unclear.to_string()).at(&source.shown))?;
    let text = Cursor::new(head).chain(opened.text);
    let header = Blocks::new(text, &dialect, settings.limits, 0).header();
    let Some(header) = header.map_err(|damage| failed(source, damage))? else {
        return Err(Error::new(Class::Refused, "is empty, expected a header and rows").at(&source.shown));
    };
    let names = names(&header, &dialect, &source.given, settings.limits, &source.shown)?;
    Ok(Form { dialect, packing: opened.packing, header: header.cells, names })
}

/// Says so where the names of the columns are numbers: the first record may be data.
fn warn_of_numbers(source: &Source, form: &Form) {
    let is_number = |name: &String| Kind::narrowest(name, &Numerals::PLAIN).is_numeric();
    if form.dialect.header && form.names.iter().all(is_number) {
        let shown = text::path(&source.shown);
        log::warn!(
            "{shown}: every name in its header is a number; where that is a row, say `header = false`"
        );
    }
}

/// The names of the columns: those given, those of the header, or `column_1` and so on.
fn names(
    header: &Header,
    dialect: &Dialect,
    given: &Given,
    limits: Limits,
    shown: &Path,
) -> Result<Vec<String>> {
    let refused = |message: String| Error::new(Class::Refused, message).at_line(shown, header.line);
    let width = header.cells.len();
    if width > limits.columns {
        return Err(refused(format!("{width} columns, at most {} are read", limits.columns)));
    }
    let names = match &given.names {
        Some(names) if names.len() == width => names.clone(),
        Some(names) => {
            let (given, found) =
                (text::count(names.len() as u64, "name"), text::count(width as u64, "column"));
            return Err(refused(format!("{found}, but `names` in [ingest] gives {given}")));
        }
        None if dialect.header => header.cells.clone(),
        None => (1..=width).map(|n| format!("column_{n}")).collect(),
    };
    if dialect.header && header.cells[0].starts_with('\u{feff}') {
        return Err(refused("a second byte order mark; save the file as UTF-8 anew".to_owned()));
    }
    let mut seen = HashMap::new();
    for (name, number) in names.iter().zip(1u64..) {
        if name.trim().is_empty() {
            return Err(refused(format!("column {number} has no name; give all in `names`")));
        }
        if name.len() > limits.name_bytes {
            return Err(refused(format!(
                "the name of column {number} has {} bytes, at most {} are read",
                name.len(),
                limits.name_bytes
            )));
        }
        if let Some(first) = seen.insert(name, number) {
            return Err(refused(format!(
                "columns {first} and {number} are both named {}; give all in `names`",
                text::name(name)
            )));
        }
    }
    Ok(names)
}

/// The columns of the first source, which all others must have.
fn agree(sources: &[Source], forms: &[Arc<Form>]) -> Result<Vec<String>> {
    let Some(first) = forms.first() else { return Ok(Vec::new()) };
    let mut differences = Vec::new();
    for (source, form) in sources.iter().zip(forms).skip(1) {
        if !Arc::ptr_eq(first, form)
            && let Some(difference) = difference(&first.names, &form.names)
        {
            differences.push((source, difference));
        }
    }
    let Some((source, difference)) = differences.first() else { return Ok(first.names.clone()) };
    let others = differences.iter().skip(1).take(MOST_LISTED - 1);
    let others = others.map(|(s, d)| format!("{}: {d}", text::path(&s.shown))).collect();
    let more = match differences.len() as u64 - 1 {
        0 => String::new(),
        n => format!("; {} too", text::count(n, "more source")),
    };
    let first = text::path(&sources[0].shown);
    let message = format!(
        "columns differ from {first}: {difference}{more}; `union = \"fill\"` in [ingest] takes the columns of all"
    );
    Err(Error::new(Class::Refused, message).at(&source.shown).with_details(others))
}

/// The columns of all sources, in the order in which they first appear.
fn unite(forms: &[Arc<Form>]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut columns = Vec::new();
    let mut last: Option<&Arc<Form>> = None;
    for form in forms {
        if !last.is_some_and(|last| Arc::ptr_eq(last, form)) {
            columns.extend(form.names.iter().filter(|name| seen.insert(name.as_str())).cloned());
        }
        last = Some(form);
    }
    columns
}

/// In what `names` differ from `columns`, whatever their order.
fn difference(columns: &[String], names: &[String]) -> Option<String> {
    let lacks = |all: &[String], some: &[String]| -> Vec<String> {
        let known: std::collections::HashSet<&String> = all.iter().collect();
        some.iter().filter(|name| !known.contains(name)).cloned().collect()
    };
    let parts = [("missing", lacks(names, columns)), ("extra", lacks(columns, names))];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = parts.map(|(what, names)| format!("{what} {}", text::names(names))).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    fn form(names: &[&str]) -> Arc<Form> {
        let header = list(names);
        Arc::new(Form { dialect: Dialect::default(), packing: Packing::Plain, names: header.clone(), header })
    }

    #[test]
    fn columns_are_found_by_name_or_their_difference_told() {
        let columns = list(&["a", "b", "c"]);
        let plan = Plan::new(form(&["c", "a", "b"]), &Arc::default(), &columns);
        assert_eq!((plan.positions, plan.same_order), (vec![Some(1), Some(2), Some(0)], false));
        let plan = Plan::new(form(&["a", "c"]), &Arc::default(), &columns);
        assert_eq!((plan.positions, plan.same_order), (vec![Some(0), None, Some(1)], false));
        assert_eq!(difference(&columns, &list(&["c", "b", "a"])), None);
        assert_eq!(difference(&columns, &list(&["a", "b"])).unwrap(), "missing `c`");
        assert_eq!(
            difference(&columns, &list(&["a", "d", "b", "e"])).unwrap(),
            "missing `c`; extra `d`, `e`"
        );
    }

    #[test]
    fn a_union_has_the_columns_of_all_in_the_order_they_appear() {
        let forms = [form(&["b", "a"]), form(&["c", "a"]), form(&["a", "d"])];
        assert_eq!(unite(&forms), list(&["b", "a", "c", "d"]));
    }
}
