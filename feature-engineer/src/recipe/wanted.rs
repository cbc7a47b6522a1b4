//! The steps that `[features]` asks for, in the order of its keys.

use common::error::{Error, Result};
use common::schema::{Field, Kind, Role};
use common::text;

use super::spec::{Spec, Wave};
use crate::settings::{Calendar, CalendarPart, Settings, Window};

/// The columns of the clean table and what is asked of them.
pub(crate) struct Wanted<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) fields: &'a [Field],
    pub(crate) specs: Vec<Spec>,
}

impl<'a> Wanted<'a> {
    pub(crate) fn of(settings: &'a Settings, fields: &'a [Field]) -> Result<Self> {
        let mut wanted = Self { settings, fields, specs: Vec::new() };
        wanted.columns()?;
        wanted.expressions();
        wanted.calendar()?;
        wanted.steps();
        wanted.windows();
        wanted.ratios();
        Ok(wanted)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The step of that name that is no column as it is.
    pub(crate) fn step(&self, name: &str) -> Option<&Spec> {
        let is_column = |s: &Spec| matches!(s, Spec::Value { .. } | Spec::Category { .. });
        self.specs.iter().find(|s| s.name() == name && !is_column(s))
    }

    pub(crate) fn no_column(&self, name: &str, key: &str) -> Error {
        let what = match self.step(name) {
            Some(step) => format!("a step of `{}` and no column", step.key()),
            None => format!("which is no column{}", self.near(name)),
        };
        Error::usage(format!("[features] {key} names {}, {what}", text::name(name)))
    }

    /// The nearest name of a column or step, as a question.
    pub(crate) fn near(&self, name: &str) -> String {
        let names = self.fields.iter().map(|f| f.name.as_str());
        text::did_you_mean(name, names.chain(self.specs.iter().map(Spec::name)))
    }

    /// Whether the row's own target value stands in this column of the clean table, or is made of it.
    pub(crate) fn gives_away(&self, name: &str) -> bool {
        let Settings { horizon, target, expressions, .. } = self.settings;
        *horizon == 0 && (name == target || expressions.sources(target).iter().any(|s| s == name))
    }

    /// Columns as they are: all inputs, or those named.
    fn columns(&mut self) -> Result<()> {
        let section = &self.settings.section;
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
        for name in names.into_iter().filter(|n| !section.exclude.contains(n)) {
            let spec = self.as_it_is(name)?;
            self.specs.push(spec);
        }
        Ok(())
    }

    fn as_it_is(&self, name: String) -> Result<Spec> {
        let field = self.field(&name).ok_or_else(|| self.no_column(&name, "columns"))?;
        if self.settings.horizon == 0 && name == self.settings.target {
            return Err(Error::usage(format!(
                "[features] columns names {}, which is the target itself",
                text::name(&name)
            )));
        }
        match (field.role, field.kind) {
            (Role::Input | Role::Entity, Kind::String) => Ok(Spec::Category { column: name }),
            (Role::Input, kind) if kind.is_numeric() => Ok(Spec::Value { name }),
            (role, kind) => Err(Error::usage(format!(
                "[features] columns names {}, a {kind} used as {}: it cannot be a feature as it is",
                text::name(&name),
                if role == Role::Time { "time" } else { "key" }
            ))),
        }
    }

    fn expressions(&mut self) {
        for (name, expression) in &self.settings.section.expressions {
            self.specs.push(Spec::Expression { name: name.clone(), expression: expression.clone() });
        }
    }

    fn calendar(&mut self) -> Result<()> {
        for calendar in &self.settings.section.calendar {
            let prefix = self.dated(calendar)?;
            for part in &calendar.parts {
                let name = format!("{prefix}_{}", part.name());
                let spec =
                    |name, wave| Spec::Calendar { name, column: calendar.column.clone(), part: *part, wave };
                if calendar.cyclical {
                    self.specs.push(spec(format!("{name}_sin"), Some(Wave::Sin)));
                    self.specs.push(spec(format!("{name}_cos"), Some(Wave::Cos)));
                } else {
                    self.specs.push(spec(name, None));
                }
            }
        }
        Ok(())
    }

    /// What the names of a date's parts begin with; the column must hold dates.
    fn dated(&self, calendar: &Calendar) -> Result<String> {
        let time = self.settings.time.as_ref().map(|t| t.iter().collect::<Vec<_>>()).unwrap_or_default();
        let column = match (&calendar.column, time.as_slice()) {
            (Some(column), _) => column.as_str(),
            (None, [column]) => column,
            (None, columns) => return in_parts(columns.len(), calendar),
        };
        let field = self.field(column).ok_or_else(|| self.no_column(column, "calendar"))?;
        let clocked = calendar.parts.iter().any(|p| matches!(p, CalendarPart::Hour | CalendarPart::Minute));
        match field.kind {
            Kind::Datetime => Ok(column.to_owned()),
            Kind::Date if !clocked => Ok(column.to_owned()),
            kind => Err(Error::usage(format!(
                "[features] calendar names {}, of type {kind}: it has no such part",
                text::name(column)
            ))),
        }
    }

    fn steps(&mut self) {
        let section = &self.settings.section;
        for column in &section.logs {
            self.specs.push(Spec::Log { name: format!("{column}_log"), column: column.clone() });
        }
        let entries =
            [("diff", &section.differences), ("pct", &section.percent_changes), ("lag", &section.lags)];
        for (ending, entries) in entries {
            for (lags, column) in entries.iter().flat_map(|l| l.columns.iter().map(move |c| (l, c))) {
                for rows in &lags.rows {
                    let (name, column, rows) = (format!("{column}_{ending}_{rows}"), column.clone(), *rows);
                    self.specs.push(match ending {
                        "diff" => Spec::Difference { name, column, rows },
                        "pct" => Spec::PercentChange { name, column, rows },
                        _ => Spec::Lag { name, column, rows },
                    });
                }
            }
        }
    }

    fn windows(&mut self) {
        for rolling in &self.settings.section.rolling {
            for (column, window) in
                rolling.columns.iter().flat_map(|c| rolling.windows.iter().map(move |w| (c, w)))
            {
                for statistic in &rolling.statistics {
                    let full = match window {
                        Window::Rows(rows) => Some(*rows),
                        Window::Span(_) => None,
                    };
                    self.specs.push(Spec::Rolling {
                        name: format!("{column}_{}_{}", statistic.name(), window.name()),
                        column: column.clone(),
                        window: window.clone(),
                        min_rows: rolling.min_rows.or(full),
                        statistic: *statistic,
                        before: false,
                    });
                }
            }
        }
        for expanding in &self.settings.section.expanding {
            for (column, statistic) in
                expanding.columns.iter().flat_map(|c| expanding.statistics.iter().map(move |s| (c, s)))
            {
                self.specs.push(Spec::Expanding {
                    name: format!("{column}_{}_expanding", statistic.name()),
                    column: column.clone(),
                    min_rows: expanding.min_rows.unwrap_or(1),
                    statistic: *statistic,
                    before: false,
                });
            }
        }
    }

    fn ratios(&mut self) {
        for (name, (numerator, denominator)) in &self.settings.section.ratios {
            self.specs.push(Spec::Ratio {
                name: name.clone(),
                numerator: numerator.clone(),
                denominator: denominator.clone(),
            });
        }
    }
}

/// What a time that stands in several columns, from the year downwards, has of a calendar.
fn in_parts(columns: usize, calendar: &Calendar) -> Result<String> {
    let needs = |part: &CalendarPart| match part {
        CalendarPart::Year => 1,
        CalendarPart::Quarter | CalendarPart::Month => 2,
        CalendarPart::Week | CalendarPart::Day | CalendarPart::DayOfYear | CalendarPart::Weekday => 3,
        CalendarPart::Hour => 4,
        CalendarPart::Minute => 5,
    };
    match calendar.parts.iter().find(|part| needs(part) > columns) {
        Some(part) => Err(Error::usage(format!(
            "[features] calendar: the {} of a time of {}",
            part.name(),
            text::count(columns as u64, "column")
        ))),
        None => Ok("time".to_owned()),
    }
}
