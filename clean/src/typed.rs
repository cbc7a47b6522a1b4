//! Raw text to typed values: every cell read by its rule, every breach noted.

use common::checkpoint::Checkpoint;
use common::error::Result;
use common::schema::{Form, Kind, Value};
use common::table::{TableReader, texts};
use common::{hash, text};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, NewChunkedArray as _, PolarsResult, TimeUnit,
};

use crate::columns::{Rule, Rules};
use crate::spelling::Spellings;
use crate::violations::Violations;

/// Identity of a row: the first 128 bits of the SHA-256 of its cells, by column name.
pub type Digest = [u8; 16];

/// The raw table, typed, with the identity of each row as it stood in the raw text.
pub(crate) struct Typed {
    pub(crate) table: DataFrame,
    pub(crate) digests: Vec<Digest>,
}

impl Typed {
    /// The rows that `stays` marks.
    pub(crate) fn of(self, stays: &[bool]) -> Result<Self> {
        let mask = BooleanChunked::from_slice("stays".into(), stays);
        let digests = self.digests.into_iter().zip(stays).filter(|(_, stays)| **stays);
        Ok(Self { table: self.table.filter(&mask)?, digests: digests.map(|(digest, _)| digest).collect() })
    }
}

/// Reads the whole raw table.
pub(crate) fn read(raw: &Checkpoint, rules: &Rules, violations: &mut Violations) -> Result<Typed> {
    let names: Vec<String> = rules.columns.iter().map(|r| r.field.name.clone()).collect();
    let mut reader = TableReader::open_raw(raw, Some(&names))?;
    let mut table: Option<DataFrame> = None;
    let mut digests = Vec::new();
    let mut row = 0;
    while let Some(batch) = reader.next_batch()? {
        // A table made by hand may already hold types; the contract is read on its text all the same,
        // which is then in our own form.
        let plain: Vec<bool> =
            names.iter().map(|n| Ok(*batch.column(n)?.dtype() != DataType::String)).collect::<Result<_>>()?;
        let batch = as_text(&batch)?;
        digests.extend(digests_of(&batch, &names)?);
        let place = Place { first: row, positions: None, plain: &plain };
        let typed = typed(&batch, rules, &place, violations)?;
        row += batch.height() as u64;
        match &mut table {
            None => table = Some(typed),
            Some(all) => all.vstack_mut_owned(typed).map(drop)?,
        }
    }
    let mut table = table.unwrap_or_else(DataFrame::empty);
    table.rechunk_mut();
    Ok(Typed { table, digests })
}

/// Where a batch stands.
pub(crate) struct Place<'a> {
    /// The number of its first row, from 0.
    pub(crate) first: u64,
    /// The places of its columns in the source, from 0; those in the table where they are not given.
    pub(crate) positions: Option<&'a [usize]>,
    /// Columns whose cells are in our own form; none where the list is empty.
    pub(crate) plain: &'a [bool],
}

/// A batch of text, typed by the rules; it has a column for each of them.
pub(crate) fn typed(
    batch: &DataFrame,
    rules: &Rules,
    place: &Place<'_>,
    violations: &mut Violations,
) -> Result<DataFrame> {
    let spelled: Vec<usize> =
        (place.first..).take(batch.height()).map(|row| rules.spellings.of_row(row)).collect();
    let columns = rules.columns.iter().enumerate().map(|(number, rule)| {
        let texts = texts(batch, &rule.field.name)?;
        let is_plain = place.plain.get(number) == Some(&true);
        let forms = if is_plain { vec![] } else { rules.spellings.forms(&rule.form) };
        let position = place.positions.and_then(|all| all.get(number).copied()).unwrap_or(number);
        let spellings = &rules.spellings;
        let column =
            Cells { rule, spellings, forms, position, first: place.first, texts: &texts, spelled: &spelled };
        column.typed(violations)
    });
    Ok(DataFrame::new(batch.height(), columns.collect::<Result<Vec<_>>>()?)?)
}

/// The identities of the rows of a batch of text, over the columns `names`.
pub(crate) fn digests_of(batch: &DataFrame, names: &[String]) -> Result<Vec<Digest>> {
    let cells: Vec<Vec<Option<&str>>> = names.iter().map(|n| texts(batch, n)).collect::<Result<_>>()?;
    Ok(identities(names, &cells))
}

fn as_text(batch: &DataFrame) -> PolarsResult<DataFrame> {
    let rows = batch.height();
    let columns = batch.columns().iter().map(|c| match c.dtype() {
        DataType::String => Ok(c.clone()),
        _ => c.cast(&DataType::String),
    });
    DataFrame::new(rows, columns.collect::<PolarsResult<Vec<_>>>()?)
}

/// The identity of each row: independent of the order of the columns, and of rows.
fn identities(names: &[String], cells: &[Vec<Option<&str>>]) -> Vec<Digest> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|i| &names[*i]);
    let rows = cells.first().map_or(0, Vec::len);
    let mut buffer = Vec::new();
    (0..rows)
        .map(|row| {
            buffer.clear();
            for &column in &order {
                let cell = cells[column][row].unwrap_or_default();
                buffer.extend((cell.len() as u64).to_le_bytes());
                buffer.extend(cell.as_bytes());
            }
            hash::digest128(&buffer)
        })
        .collect()
}

/// One column of a batch.
struct Cells<'a> {
    rule: &'a Rule,
    spellings: &'a Spellings,
    /// Its form in each spelling; none where it is in our own.
    forms: Vec<Form>,
    /// Its position in the table, from 0.
    position: usize,
    /// The row of its first cell in the raw table, from 0.
    first: u64,
    texts: &'a [Option<&'a str>],
    /// The number of the spelling of each row.
    spelled: &'a [usize],
}

impl<'a> Cells<'a> {
    /// The typed values; a breach is noted and its cell is missing.
    fn typed(&self, violations: &mut Violations) -> Result<Column> {
        let name = self.rule.field.name.as_str().into();
        Ok(match self.rule.field.kind {
            Kind::String => {
                Column::new(name, self.each(violations, |cell, _| keep(self.rule, cell).map(Some)))
            }
            Kind::Number => Column::new(name, self.numbers(violations)),
            Kind::Integer => Column::new(name, self.identities(violations)),
            Kind::Boolean => Column::new(name, self.identities(violations)).cast(&DataType::Boolean)?,
            Kind::Date => Column::new(name, self.identities(violations))
                .cast(&DataType::Int32)?
                .cast(&DataType::Date)?,
            Kind::Datetime => {
                let moment = DataType::Datetime(TimeUnit::Microseconds, None);
                Column::new(name, self.identities(violations)).cast(&moment)?
            }
        })
    }

    fn numbers(&self, violations: &mut Violations) -> Vec<Option<f64>> {
        self.each(violations, |cell, form| match parse(self.rule, form, cell)? {
            Value::Number(x) => Ok(Some(x)),
            _ => Ok(None),
        })
    }

    /// Values whose identity is all there is of them: of all types but texts and numbers.
    fn identities(&self, violations: &mut Violations) -> Vec<Option<i64>> {
        self.each(violations, |cell, form| Ok(parse(self.rule, form, cell)?.identity()))
    }

    /// Every cell as `read` has it; what it calls wrong is noted.
    fn each<T>(
        &self,
        violations: &mut Violations,
        read: impl Fn(&'a str, &Form) -> std::result::Result<Option<T>, String>,
    ) -> Vec<Option<T>> {
        let rule = self.rule;
        let mut values = Vec::with_capacity(self.texts.len());
        for ((cell, row), spelling) in self.texts.iter().zip(self.first..).zip(self.spelled) {
            let cell = cell.unwrap_or_default();
            let value = if !self.is_missing(*spelling, cell) {
                read(cell, self.forms.get(*spelling).unwrap_or(&Form::PLAIN))
            } else if rule.constraints.required {
                Err("is missing, and must not be".to_owned())
            } else {
                Ok(None)
            };
            values.push(value.unwrap_or_else(|what| {
                violations.add_cell(row, self.position, &rule.field.name, what);
                None
            }));
        }
        values
    }

    fn is_missing(&self, spelling: usize, cell: &str) -> bool {
        match &self.rule.missing {
            Some(own) => own.iter().any(|missing| missing == cell),
            None => self.spellings.is_missing(spelling, cell),
        }
    }
}

fn found(cell: &str) -> String {
    format!("found `{}`", text::shown(cell))
}

/// A text that keeps its rule.
fn keep<'a>(rule: &Rule, cell: &'a str) -> std::result::Result<&'a str, String> {
    match rule.constraints.breach_of_text(cell) {
        None => Ok(cell),
        Some(what) => Err(format!("{}, {what}", found(cell))),
    }
}

/// The value of a cell that is no text, where it keeps its rule.
fn parse(rule: &Rule, form: &Form, cell: &str) -> std::result::Result<Value, String> {
    let kind = rule.field.kind;
    let Some(value) = kind.parse(cell, form) else {
        return Err(format!("{}, expected {}", found(cell), form.expected(kind)));
    };
    if let Some(what) = rule.constraints.breach_of_value(&value) {
        return Err(format!("{}, {what}", found(cell)));
    }
    if let (Value::Number(x), Some(places)) = (&value, rule.field.decimals)
        && exact::decimal::integers(&[*x], places).is_err()
    {
        return Err(format!("{}, {}", found(cell), not_decimal(*x, places)));
    }
    Ok(value)
}

/// Why `x` is no decimal of `places`: too many of them, or too large beside so many.
fn not_decimal(x: f64, places: u32) -> String {
    let counted = text::count(u64::from(places), "place");
    match exact::decimal::places(&[x]) {
        Some(own) if own <= places => {
            format!("too large for a decimal of {counted}: 15 digits are held in all; declare fewer places")
        }
        _ => format!("expected a decimal of at most {counted} after the point"),
    }
}
