//! Section `[train]`, checked.

use std::collections::BTreeMap;

use common::config::TimeColumns;
use common::error::Result;
use common::{CommonArgs, config, json};
use serde::{Deserialize, Serialize};

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) target: String,
    pub(crate) horizon: u32,
    pub(crate) entity: Option<String>,
    pub(crate) time: Option<TimeColumns>,
    #[serde(flatten)]
    pub(crate) section: Section,
}

/// Section `[train]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Section {
    /// The family.
    pub(crate) model: Family,
    /// What computes it.
    pub(crate) solver: Solver,
    /// Least number of training rows.
    pub(crate) min_rows: u64,
}

/// A family of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Family {
    /// Ordinary least squares.
    Ols,
}

/// What computes a fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Solver {
    /// linfa-linear: Householder QR in f64.
    Linfa,
}

impl Default for Section {
    fn default() -> Self {
        Self { model: Family::Ols, solver: Solver::Linfa, min_rows: 30 }
    }
}

impl Settings {
    /// Reads and checks the configuration.
    pub(crate) fn load(args: &CommonArgs) -> Result<Self> {
        let config = config::load(args)?;
        let project = config.project()?;
        let section: Section = config.section("train")?;
        if section.min_rows < 2 {
            return Err(config.invalid("train", "min_rows", "is at least 2"));
        }
        Ok(Self {
            target: project.target,
            horizon: project.horizon,
            entity: project.entity,
            time: project.time,
            section,
        })
    }

    /// The effective configuration, as `--print-config` shows it.
    pub(crate) fn print(&self) -> Result<String> {
        json::pretty(self)
    }

    /// Settings of the fit by name, for log and model file.
    pub(crate) fn hyperparameters(&self) -> Result<BTreeMap<String, serde_json::Value>> {
        let mut all = BTreeMap::from([("intercept".to_owned(), serde_json::Value::Bool(true))]);
        if let serde_json::Value::Object(section) = json::value(&self.section)? {
            all.extend(section);
        }
        Ok(all)
    }
}
