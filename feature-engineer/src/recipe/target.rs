//! What is predicted.

use common::config::TargetStatistic;
use common::error::{Error, Result};
use common::schema::Role;
use common::text;

use super::graph::Graph;
use super::spec::TargetSpec;
use crate::settings::Settings;

impl Graph<'_> {
    /// The target: a numeric column of the clean table, or an expression.
    pub(super) fn target(&self) -> Result<TargetSpec> {
        let settings = self.wanted.settings;
        let Settings { target, horizon, target_statistic, time, .. } = settings;
        let wrong = |what: String| Error::usage(format!("[project] target: {} {what}", text::name(target)));
        match (settings.expressions.get(target), self.wanted.field(target)) {
            (None, None) => {
                return Err(match self.wanted.step(target) {
                    Some(step) => {
                        wrong(format!("is a step of `{}`, expected a column or an expression", step.key()))
                    }
                    None => wrong(format!("is no column{}", self.wanted.near(target))),
                });
            }
            (None, Some(field)) if matches!(field.role, Role::Entity | Role::Time) => {
                let role = if field.role == Role::Time { "time" } else { "entity" };
                return Err(wrong(format!("is the {role}: name the column to predict")));
            }
            (None, Some(field)) if !field.kind.is_numeric() => {
                return Err(wrong(format!("is a {}, and a regression predicts a number", field.kind)));
            }
            (Some(_), Some(_)) => {
                return Err(wrong("is both a column and an expression: rename the expression".to_owned()));
            }
            (None | Some(_), _) => {}
        }
        // Steps learn from the rows whose target is known.
        if settings.expressions.get(target).is_some() {
            let sources = settings.expressions.sources(target);
            if let Some(step) = sources.iter().find_map(|name| self.wanted.step(name)) {
                return Err(wrong(format!(
                    "is made of {}, a step of `{}`: the target's expression is made of columns and expressions",
                    text::name(step.name()),
                    step.key()
                )));
            }
        }
        let persistence = time.as_ref().map(|_| match target_statistic {
            TargetStatistic::Value => format!("{target}_last_known"),
            TargetStatistic::Mean => format!("{target}_mean_last_{horizon}"),
        });
        Ok(TargetSpec {
            source: target.clone(),
            horizon: *horizon,
            statistic: *target_statistic,
            column: settings.target_column.clone(),
            persistence,
        })
    }
}
