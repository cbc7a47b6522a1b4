//! Raw text to typed values: every cell read by its rule, every breach noted.

use common::checkpoint::Checkpoint;
use common::error::Result;
use common::schema::{Form, Kind, Numerals, Value};
use common::table::{TableReader, texts};
use common::{hash, text};
use polars::prelude::{Column, DataFrame, DataType, PolarsResult, TimeUnit};

use crate::columns::{Rule, Rules};
use crate::spelling::Spellings;
use crate::violations::Violations;

/// Identity of a row: the first 128 bits of the SHA-256 of its cells, by column name.
pub(crate) type Digest = [u8; 16];

/// The raw table, typed, with the identity of each row as it stood in the raw text.
pub(crate) struct Typed {
    pub(crate) table: DataFrame,
    pub(crate) digests: Vec<Digest>,
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
        let cells: Vec<Vec<Option<&str>>> = names.iter().map(|n| texts(&batch, n)).collect::<Result<_>>()?;
        digests.extend(identities(&names, &cells));
        let spelled: Vec<usize> =
            (row..).take(batch.height()).map(|row| rules.spellings.of_row(row)).collect();
        let columns = rules.columns.iter().zip(&cells).enumerate().map(|(position, (rule, cells))| {
            let forms = if plain[position] { vec![] } else { rules.spellings.forms(&rule.form) };
            let column = Cells { rule, forms, position, first: row, texts: cells, spelled: &spelled };
            parse(&column, &rules.spellings, violations)
        });
        let typed = DataFrame::new(batch.height(), columns.collect::<Result<Vec<_>>>()?)?;
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

/// The typed values of one column of a batch.
fn parse(column: &Cells<'_>, spellings: &Spellings, violations: &mut Violations) -> Result<Column> {
    let rule = column.rule;
    let mut values: Vec<Option<Value>> = Vec::with_capacity(column.texts.len());
    for ((cell, row), spelling) in column.texts.iter().zip(column.first..).zip(column.spelled) {
        let cell = cell.unwrap_or_default();
        let read = if spellings.is_missing(*spelling, cell) {
            if rule.required { Err("is missing, and must not be".to_owned()) } else { Ok(None) }
        } else {
            check(rule, column.forms.get(*spelling).unwrap_or(&Form::PLAIN), cell).map(Some)
        };
        values.push(read.unwrap_or_else(|what| {
            violations.add_cell(row, column.position, &rule.field.name, what);
            None
        }));
    }
    typed_column(rule, values)
}

/// What a cell is expected to be.
fn expected(kind: Kind, form: &Form) -> String {
    let numerals = form.numerals();
    match (kind, form.pattern()) {
        (Kind::Integer, _) if numerals.thousands().is_some() => format!("an integer with {numerals}"),
        (Kind::Integer, _) => "an integer".to_owned(),
        (Kind::Number, _) if *numerals != Numerals::PLAIN => format!("a number with {numerals}"),
        (Kind::Date | Kind::Datetime, Some(pattern)) => format!("a {kind} like {pattern}"),
        _ => format!("a {kind}"),
    }
}

fn check(rule: &Rule, form: &Form, cell: &str) -> std::result::Result<Value, String> {
    let kind = rule.field.kind;
    let found = || format!("`{}`", text::shown(cell));
    let value = kind
        .parse(cell, form)
        .ok_or_else(|| format!("found {}, expected {}", found(), expected(kind, form)))?;
    let number = match &value {
        Value::Integer(n) => Some(*n as f64),
        Value::Number(x) => Some(*x),
        _ => None,
    };
    if let (Some(x), Some(least)) = (number, rule.minimum)
        && x < least
    {
        return Err(format!("found {}, expected at least {least}", found()));
    }
    if let (Some(x), Some(most)) = (number, rule.maximum)
        && x > most
    {
        return Err(format!("found {}, expected at most {most}", found()));
    }
    if let (Some(x), Some(places)) = (number, rule.field.decimals)
        && exact::decimal::integers(&[x], places).is_err()
    {
        return Err(format!(
            "found {}, expected a decimal of at most {places} places and 15 digits",
            found()
        ));
    }
    if rule.one_of.as_ref().is_some_and(|allowed| !allowed.iter().any(|a| a == cell)) {
        return Err(format!("found {}, which is not one of the values allowed", found()));
    }
    Ok(value)
}

fn typed_column(rule: &Rule, values: Vec<Option<Value>>) -> Result<Column> {
    let name = rule.field.name.as_str();
    let column = match rule.field.kind {
        Kind::String => {
            let texts: Vec<Option<String>> = values
                .into_iter()
                .map(|v| match v {
                    Some(Value::String(s)) => Some(s),
                    _ => None,
                })
                .collect();
            Ok(Column::new(name.into(), texts))
        }
        Kind::Integer => {
            let numbers: Vec<Option<i64>> = values
                .into_iter()
                .map(|v| match v {
                    Some(Value::Integer(n)) => Some(n),
                    _ => None,
                })
                .collect();
            Ok(Column::new(name.into(), numbers))
        }
        Kind::Number => {
            let numbers: Vec<Option<f64>> = values
                .into_iter()
                .map(|v| match v {
                    Some(Value::Number(x)) => Some(x),
                    _ => None,
                })
                .collect();
            Ok(Column::new(name.into(), numbers))
        }
        Kind::Boolean => {
            let flags: Vec<Option<bool>> = values
                .into_iter()
                .map(|v| match v {
                    Some(Value::Boolean(b)) => Some(b),
                    _ => None,
                })
                .collect();
            Ok(Column::new(name.into(), flags))
        }
        Kind::Date => {
            let days: Vec<Option<i32>> = values
                .into_iter()
                .map(|v| match v {
                    Some(Value::Date(d)) => Some(d.to_epoch_days()),
                    _ => None,
                })
                .collect();
            Column::new(name.into(), days).cast(&DataType::Date)
        }
        Kind::Datetime => {
            let micros: Vec<Option<i64>> = values
                .into_iter()
                .map(|v| match v {
                    Some(Value::Datetime(t)) => Some(t.and_utc().timestamp_micros()),
                    _ => None,
                })
                .collect();
            Column::new(name.into(), micros).cast(&DataType::Datetime(TimeUnit::Microseconds, None))
        }
    };
    Ok(column?)
}
