//! Raw text to typed values: every cell read by its rule, every breach noted.

use common::checkpoint::Checkpoint;
use common::error::Result;
use common::schema::{Kind, Value};
use common::table::{TableReader, texts};
use common::{hash, text};
use polars::prelude::{Column, DataFrame, DataType, PolarsResult, TimeUnit};

use crate::columns::{Rule, Rules};
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
        // A table made by hand may already hold types; the contract is read on its text all the same.
        let batch = as_text(&batch)?;
        let cells: Vec<Vec<Option<&str>>> = names.iter().map(|n| texts(&batch, n)).collect::<Result<_>>()?;
        digests.extend(identities(&names, &cells));
        let columns =
            rules.columns.iter().zip(&cells).enumerate().map(|(position, (rule, cells))| {
                parse(rule, position, row, cells, &rules.missing, violations)
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

/// The typed values of one column of a batch that begins at `first` in the raw table.
fn parse(
    rule: &Rule,
    position: usize,
    first: u64,
    cells: &[Option<&str>],
    missing: &[String],
    violations: &mut Violations,
) -> Result<Column> {
    let mut values: Vec<Option<Value>> = Vec::with_capacity(cells.len());
    for (cell, row) in cells.iter().zip(first..) {
        let cell = cell.unwrap_or_default();
        let read = if missing.iter().any(|m| m == cell) {
            if rule.required { Err("is missing, and must not be".to_owned()) } else { Ok(None) }
        } else {
            check(rule, cell).map(Some)
        };
        values.push(read.unwrap_or_else(|what| {
            violations.add_cell(row, position, &rule.field.name, what);
            None
        }));
    }
    column(rule, values)
}

fn check(rule: &Rule, cell: &str) -> std::result::Result<Value, String> {
    let kind = rule.field.kind;
    let found = || format!("`{}`", text::shown(cell));
    let expected = || match &rule.pattern {
        Some(pattern) => format!("a {kind} like {pattern}"),
        None if kind == Kind::Integer => "an integer".to_owned(),
        None => format!("a {kind}"),
    };
    let value = kind
        .parse(cell, rule.pattern.as_deref())
        .ok_or_else(|| format!("found {}, expected {}", found(), expected()))?;
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

fn column(rule: &Rule, values: Vec<Option<Value>>) -> Result<Column> {
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
