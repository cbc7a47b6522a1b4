//! One step of the recipe.

use common::config::TargetStatistic;
use formula::Expression;
use serde::{Deserialize, Serialize};

use crate::settings::{CalendarPart, Statistic, Window};

/// How one feature, or the indicators of one text column, is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Spec {
    /// A numeric column as it is.
    Value { name: String },
    /// Indicators of a text column.
    Category { column: String },
    /// A row-wise expression.
    Expression { name: String, expression: String },
    /// A part of a date, of the project's time where there is no column.
    Calendar { name: String, column: Option<String>, part: CalendarPart, wave: Option<Wave> },
    /// The natural logarithm; missing where the value is not above zero.
    Log { name: String, column: String },
    /// The value less that of `rows` rows earlier.
    Difference { name: String, column: String, rows: u32 },
    /// The difference as a share of the earlier value.
    PercentChange { name: String, column: String, rows: u32 },
    /// The value `rows` rows earlier.
    Lag { name: String, column: String, rows: u32 },
    /// A statistic of the last rows; `before` leaves the row itself out. Without `min_rows` the entity's
    /// history must fill the window's span.
    Rolling {
        name: String,
        column: String,
        window: Window,
        min_rows: Option<u32>,
        statistic: Statistic,
        before: bool,
    },
    /// A statistic of all rows so far.
    Expanding { name: String, column: String, min_rows: u32, statistic: Statistic, before: bool },
    /// A quotient.
    Ratio { name: String, numerator: String, denominator: String },
}

/// A part of a date on its circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wave {
    Sin,
    Cos,
}

/// What is predicted and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TargetSpec {
    /// Column of the clean table, or an expression of the recipe.
    pub(crate) source: String,
    /// Rows ahead.
    pub(crate) horizon: u32,
    /// The value at the horizon, or the mean up to it.
    pub(crate) statistic: TargetStatistic,
    /// Column of the features table.
    pub(crate) column: String,
    /// Column with what persistence predicts, where there is time.
    pub(crate) persistence: Option<String>,
}

impl Spec {
    /// Name of the feature, or of the text column.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Value { name }
            | Self::Expression { name, .. }
            | Self::Calendar { name, .. }
            | Self::Log { name, .. }
            | Self::Difference { name, .. }
            | Self::PercentChange { name, .. }
            | Self::Lag { name, .. }
            | Self::Rolling { name, .. }
            | Self::Expanding { name, .. }
            | Self::Ratio { name, .. } => name,
            Self::Category { column } => column,
        }
    }

    /// The columns and other steps it is made of, by name; parts of a date are made of the time.
    pub(crate) fn operands(&self) -> Vec<String> {
        match self {
            Self::Value { .. } | Self::Category { .. } | Self::Calendar { .. } => Vec::new(),
            Self::Expression { expression, .. } => {
                let parsed = Expression::parse(expression);
                parsed.map(|e| e.columns().into_iter().map(str::to_owned).collect()).unwrap_or_default()
            }
            Self::Log { column, .. }
            | Self::Difference { column, .. }
            | Self::PercentChange { column, .. }
            | Self::Lag { column, .. }
            | Self::Rolling { column, .. }
            | Self::Expanding { column, .. } => vec![column.clone()],
            Self::Ratio { numerator, denominator, .. } => vec![numerator.clone(), denominator.clone()],
        }
    }

    /// The key of `[features]` that asked for it.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::Value { .. } | Self::Category { .. } => "columns",
            Self::Expression { .. } => "expressions",
            Self::Calendar { .. } => "calendar",
            Self::Log { .. } => "logs",
            Self::Difference { .. } => "differences",
            Self::PercentChange { .. } => "percent_changes",
            Self::Lag { .. } => "lags",
            Self::Rolling { .. } => "rolling",
            Self::Expanding { .. } => "expanding",
            Self::Ratio { .. } => "ratios",
        }
    }
}
