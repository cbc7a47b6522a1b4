//! What is predicted.

use common::config::TargetStatistic;
use common::error::{Error, Result};
use common::text;

use super::graph::Graph;
use super::spec::TargetSpec;
use crate::settings::Settings;

impl Graph<'_> {
    /// The target: a numeric column of the clean table, or an expression.
    pub(super) fn target(&self) -> Result<TargetSpec> {
        let settings = self.wanted.settings;
        let Settings { target, horizon, target_statistic, time, .. } = settings;
        if settings.expressions.get(target).is_none() {
            let field = self.wanted.field(target).ok_or_else(|| self.wanted.no_column(target, "target"))?;
            if !field.kind.is_numeric() {
                return Err(Error::usage(format!(
                    "[project] target: {} is a {}, and a regression predicts a number",
                    text::name(target),
                    field.kind
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
