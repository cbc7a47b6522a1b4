//! How each column is to be filled, checked against its type before any cell is read.

use std::collections::HashSet;

use common::error::{Error, Result};
use common::schema::{Field, Kind, Role};
use common::table::texts;
use common::text;
use polars::prelude::DataFrame;

use super::{FillValue, MISSING, indicator_of};
use crate::settings::{FillRule, Method, Settings};
use crate::violations::Violations;

/// How one column is to be filled.
pub(crate) struct Planned {
    pub(super) column: String,
    pub(super) kind: Kind,
    pub(super) method: Method,
    /// The value of the configuration, where the method is a constant or a category.
    pub(super) value: Option<FillValue>,
    pub(super) indicator: Indicator,
}

/// Whether a column says where cells were missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Indicator {
    Yes,
    No,
    /// Where training rows miss cells.
    Learned,
}

/// How every input column is to be filled; those of the target, keys and time never are.
///
/// # Errors
/// [`common::Class::Usage`] with the line, where a column's type has no such method or constant.
pub(crate) fn plan(settings: &Settings, fields: &[Field]) -> Result<Vec<Planned>> {
    let inputs = fields.iter().filter(|f| f.role == Role::Input && !settings.is_kept(&f.name));
    let taken: HashSet<&str> = fields.iter().map(|f| f.name.as_str()).collect();
    let planned = inputs.map(|field| one(settings, &taken, field)).collect::<Result<Vec<_>>>()?;
    let filled = |p: &Planned| p.method != Method::None || p.indicator != Indicator::No;
    Ok(planned.into_iter().filter(filled).collect())
}

fn one(settings: &Settings, taken: &HashSet<&str>, field: &Field) -> Result<Planned> {
    let own = settings.fill.columns.get(&field.name);
    let none = FillRule::of(Method::None);
    let (key, rule): (&[&str], &FillRule) = match (own, field.kind) {
        (Some(rule), _) => (&["fill", "columns", &field.name], rule),
        (None, Kind::Integer | Kind::Number) => (&["fill", "number"], &settings.fill.number),
        (None, Kind::String | Kind::Boolean) => (&["fill", "text"], &settings.fill.text),
        (None, Kind::Date | Kind::Datetime) => (&["fill"], &none),
    };
    let wrong = |what: &str| -> Error {
        let article = if field.kind == Kind::Integer { "an" } else { "a" };
        let name = text::name(&field.name);
        let message = format!("[clean.fill] column {name} is {article} {}, {what}", field.kind);
        settings.wrong(key, &message)
    };
    let value = match rule.method {
        Method::Median | Method::Mean if !is_number(field.kind) => {
            return Err(wrong(&format!("which has no {}", rule.method.name())));
        }
        Method::Mode if matches!(field.kind, Kind::Date | Kind::Datetime) => {
            return Err(wrong("which has no mode here: fill it with `last` or a constant"));
        }
        Method::Missing if field.kind != Kind::String => {
            return Err(wrong("and only text has a category of its own for missing cells"));
        }
        Method::Missing => Some(FillValue::Text(MISSING.to_owned())),
        Method::Constant => {
            let cell = rule.constant.as_deref().unwrap_or_default();
            let value = FillValue::parse(field.kind, cell);
            Some(value.ok_or_else(|| wrong(&format!("and the constant `{}` is none", text::shown(cell))))?)
        }
        _ => None,
    };
    let indicator = match rule.method {
        _ if rule.indicator => Indicator::Yes,
        Method::None => Indicator::No,
        _ if settings.fill.indicators => Indicator::Learned,
        _ => Indicator::No,
    };
    let name = indicator_of(&field.name);
    if indicator != Indicator::No && taken.contains(name.as_str()) {
        let key = if indicator == Indicator::Learned { &["fill", "indicators"] } else { key };
        let message = format!(
            "[clean.fill] the indicator of {} would be {}, which is a column already: rename that column, or do without the indicator",
            text::name(&field.name),
            text::name(&name)
        );
        return Err(settings.wrong(key, &message));
    }
    Ok(Planned { column: field.name.clone(), kind: field.kind, method: rule.method, value, indicator })
}

/// Notes every cell that already holds the text which would mark the missing ones, in `columns`; `first` is
/// the number of the first row.
pub(crate) fn refuse_category<'a>(
    columns: impl Iterator<Item = &'a str>,
    table: &DataFrame,
    fields: &[Field],
    first: u64,
    breaches: &mut Violations,
) -> Result<()> {
    for column in columns {
        let position = fields.iter().position(|f| f.name == column).unwrap_or(0);
        let rows = texts(table, column)?.into_iter().zip(first..).filter(|(cell, _)| *cell == Some(MISSING));
        for (_, row) in rows {
            let what =
                format!("found `{MISSING}`, which [clean.fill] makes of missing cells: choose another fill");
            breaches.add_cell(row, position, column, what);
        }
    }
    Ok(())
}

impl Planned {
    /// The column, where its missing cells become a category of their own.
    pub(crate) fn category(&self) -> Option<&str> {
        (self.method == Method::Missing).then_some(self.column.as_str())
    }
}

pub(super) fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Integer | Kind::Number)
}

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Median => "median",
            Self::Mean => "mean",
            Self::Mode => "mode",
            Self::Last => "last",
            Self::Missing => "missing",
            Self::Constant => "constant",
            Self::None => "none",
        }
    }
}
