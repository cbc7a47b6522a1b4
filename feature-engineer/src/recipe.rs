//! The recipe: which features are made, from what, in which order. Stored with the model.

use std::collections::HashSet;

use common::error::{Error, Result};
use common::schema::{Field, Kind, Role};
use common::text;
use serde::Serialize;

use crate::make::Feature;
use crate::settings::{Settings, Statistic};

/// How one feature, or the indicators of one text column, is made.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Spec {
    /// A numeric column as it is.
    Value { name: String },
    /// Indicators of a text column.
    Category { column: String },
    /// The column `rows` rows earlier.
    Lag { name: String, column: String, rows: u32 },
    /// A statistic of the last `window` rows; `before` leaves the row itself out.
    Rolling { name: String, column: String, window: u32, min_rows: u32, statistic: Statistic, before: bool },
    /// A quotient of two columns or features above.
    Ratio { name: String, numerator: String, denominator: String },
}

impl Spec {
    /// Name of the feature, or of the text column.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Value { name }
            | Self::Lag { name, .. }
            | Self::Rolling { name, .. }
            | Self::Ratio { name, .. } => name,
            Self::Category { column } => column,
        }
    }
}

/// What is predicted and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct TargetSpec {
    /// Column of the clean table.
    pub(crate) source: String,
    /// Rows ahead.
    pub(crate) horizon: u32,
    /// Column of the features table.
    pub(crate) column: String,
    /// Column with the last known value, where there is time.
    pub(crate) persistence: Option<String>,
}

/// The features before anything is learned.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Recipe {
    pub(crate) specs: Vec<Spec>,
    pub(crate) target: TargetSpec,
}

impl Recipe {
    /// The recipe that `settings` ask for over a clean table with `fields`.
    pub(crate) fn new(settings: &Settings, fields: &[Field]) -> Result<Self> {
        let columns = Columns { settings, fields };
        let mut specs = columns.as_they_are()?;
        columns.lags(&mut specs)?;
        columns.rolling(&mut specs)?;
        columns.ratios(&mut specs)?;
        if specs.is_empty() {
            return Err(Error::usage("[features] makes no feature"));
        }
        Ok(Self { specs, target: columns.target()? })
    }

    /// Every column of the features table has one name; those of indicators only the data tell.
    pub(crate) fn check_names(&self, features: &[Feature], fields: &[Field]) -> Result<()> {
        let keys = fields.iter().filter(|f| f.role != Role::Input).map(|f| f.name.as_str());
        let target = [Some(self.target.column.as_str()), self.target.persistence.as_deref()];
        let mut names: HashSet<&str> = keys.chain(target.into_iter().flatten()).collect();
        match features.iter().find(|f| !names.insert(&f.name)) {
            Some(f) => Err(Error::usage(format!(
                "[features] makes {} twice, or it is a key or the target",
                text::name(&f.name)
            ))),
            None => Ok(()),
        }
    }
}

struct Columns<'a> {
    settings: &'a Settings,
    fields: &'a [Field],
}

impl Columns<'_> {
    fn field(&self, name: &str, key: &str) -> Result<&Field> {
        self.fields.iter().find(|f| f.name == name).ok_or_else(|| {
            let near = text::did_you_mean(name, self.fields.iter().map(|f| f.name.as_str()));
            Error::usage(format!("[features] {key} names {}, which is no column{near}", text::name(name)))
        })
    }

    fn numeric(&self, name: &str, key: &str) -> Result<()> {
        let field = self.field(name, key)?;
        if field.kind.is_numeric() {
            return Ok(());
        }
        Err(Error::usage(format!(
            "[features] {key} names {}, which is a {}, no number",
            text::name(name),
            field.kind
        )))
    }

    /// The row's own target value must not be among what predicts it.
    fn gives_away(&self, name: &str) -> bool {
        self.settings.horizon == 0 && name == self.settings.target
    }

    fn as_they_are(&self) -> Result<Vec<Spec>> {
        let section = &self.settings.section;
        for name in &section.exclude {
            self.field(name, "exclude")?;
        }
        let names: Vec<String> = if let Some(names) = &section.columns {
            names.clone()
        } else {
            let usable = |f: &&Field| {
                f.role == Role::Input
                    && !matches!(f.kind, Kind::Date | Kind::Datetime)
                    && !self.gives_away(&f.name)
            };
            self.fields.iter().filter(usable).map(|f| f.name.clone()).collect()
        };
        let mut specs = Vec::new();
        for name in names.into_iter().filter(|n| !section.exclude.contains(n)) {
            let field = self.field(&name, "columns")?;
            if self.gives_away(&name) {
                return Err(Error::usage(format!(
                    "[features] columns names {}, which is the target itself",
                    text::name(&name)
                )));
            }
            match (field.role, field.kind) {
                (Role::Input | Role::Entity, Kind::String) => specs.push(Spec::Category { column: name }),
                (Role::Input, kind) if kind.is_numeric() => specs.push(Spec::Value { name }),
                (role, kind) => {
                    return Err(Error::usage(format!(
                        "[features] columns names {}, a {kind} used as {}: it cannot be a feature as it is",
                        text::name(&name),
                        if role == Role::Time { "time" } else { "key" }
                    )));
                }
            }
        }
        Ok(specs)
    }

    fn lags(&self, specs: &mut Vec<Spec>) -> Result<()> {
        for lags in &self.settings.section.lags {
            for column in &lags.columns {
                self.numeric(column, "lags")?;
                specs.extend(lags.rows.iter().map(|rows| Spec::Lag {
                    name: format!("{column}_lag_{rows}"),
                    column: column.clone(),
                    rows: *rows,
                }));
            }
        }
        Ok(())
    }

    fn rolling(&self, specs: &mut Vec<Spec>) -> Result<()> {
        for rolling in &self.settings.section.rolling {
            for column in &rolling.columns {
                self.numeric(column, "rolling")?;
                for window in &rolling.windows {
                    specs.extend(rolling.statistics.iter().map(|statistic| Spec::Rolling {
                        name: format!("{column}_{}_{window}", statistic.name()),
                        column: column.clone(),
                        window: *window,
                        min_rows: rolling.min_rows.unwrap_or(*window),
                        statistic: *statistic,
                        before: self.gives_away(column),
                    }));
                }
            }
        }
        Ok(())
    }

    /// Ratios, those made of other ratios after them, whatever their names.
    fn ratios(&self, specs: &mut Vec<Spec>) -> Result<()> {
        let mut waiting: Vec<_> = self.settings.section.ratios.iter().collect();
        while !waiting.is_empty() {
            let names: HashSet<&String> = waiting.iter().map(|(name, _)| *name).collect();
            let (later, ready): (Vec<_>, Vec<_>) = waiting
                .into_iter()
                .partition(|(name, (a, b))| [a, b].iter().any(|c| *c != *name && names.contains(c)));
            if ready.is_empty() {
                return Err(Error::usage(format!(
                    "[features] ratios: {} are made of one another",
                    text::names(names)
                )));
            }
            for (name, (numerator, denominator)) in ready {
                self.operand(name, numerator, specs)?;
                self.operand(name, denominator, specs)?;
                specs.push(Spec::Ratio {
                    name: name.clone(),
                    numerator: numerator.clone(),
                    denominator: denominator.clone(),
                });
            }
            waiting = later;
        }
        Ok(())
    }

    /// Checks one side of the ratio `name`: a feature above, or a number that is not the target.
    fn operand(&self, name: &str, column: &str, specs: &[Spec]) -> Result<()> {
        if specs.iter().any(|s| s.name() == column && !matches!(s, Spec::Category { .. })) {
            return Ok(());
        }
        self.numeric(column, "ratios")?;
        if self.gives_away(column) {
            return Err(Error::usage(format!(
                "[features] ratios: {} is made of the target itself",
                text::name(name)
            )));
        }
        Ok(())
    }

    fn target(&self) -> Result<TargetSpec> {
        let Settings { target, horizon, time, .. } = self.settings;
        let field = self.field(target, "target")?;
        if !field.kind.is_numeric() {
            return Err(Error::usage(format!(
                "[project] target: {} is a {}, and a regression predicts a number",
                text::name(target),
                field.kind
            )));
        }
        let column = if *horizon == 0 { target.clone() } else { format!("{target}_ahead_{horizon}") };
        let persistence = time.as_ref().map(|_| format!("{target}_last_known"));
        Ok(TargetSpec { source: target.clone(), horizon: *horizon, column, persistence })
    }
}
