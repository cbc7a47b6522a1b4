//! Section `[features]`, as it is written.

use std::collections::BTreeMap;

use common::config::TimeColumns;
use common::error::{Error, Result};
use common::schema::{Field, Role};
use common::{CommonArgs, config, json, text};
use serde::{Deserialize, Serialize};

use crate::leaks::Leaks;

/// Name of the column that `clean` adds.
pub(crate) const SPLIT: &str = "split";

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

/// Section `[features]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Section {
    /// Columns used as they are (text as indicators); all inputs where this is not given.
    pub(crate) columns: Option<Vec<String>>,
    /// Columns left out of these.
    pub(crate) exclude: Vec<String>,
    /// Quotients by name: numerator and denominator, which may be lags or windows.
    pub(crate) ratios: BTreeMap<String, (String, String)>,
    /// Values of earlier rows of the entity.
    pub(crate) lags: Vec<Lags>,
    /// Statistics of the last rows of the entity.
    pub(crate) rolling: Vec<Rolling>,
    /// Most indicators made of one text column; rarer values share `other`.
    pub(crate) max_categories: usize,
    /// What a feature's missing values are filled with, learned on training rows.
    pub(crate) fill: Fill,
    /// What is done where a feature or the split seems to give the outcome away.
    pub(crate) leaks: Leaks,
}

/// Values of earlier rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lags {
    pub(crate) columns: Vec<String>,
    /// How many rows back.
    pub(crate) rows: Vec<u32>,
}

/// Statistics over windows of rows that end at the row itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rolling {
    pub(crate) columns: Vec<String>,
    /// Lengths in rows.
    pub(crate) windows: Vec<u32>,
    pub(crate) statistics: Vec<Statistic>,
    /// Least number of known values; a full window of them where this is not given.
    #[serde(default)]
    pub(crate) min_rows: Option<u32>,
}

/// A statistic of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Statistic {
    Mean,
    /// Standard deviation with n - 1.
    Std,
    Min,
    Max,
    Sum,
}

impl Statistic {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Std => "std",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
        }
    }
}

/// What missing values of a feature are filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fill {
    Median,
    Mean,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            columns: None,
            exclude: Vec::new(),
            ratios: BTreeMap::new(),
            lags: Vec::new(),
            rolling: Vec::new(),
            max_categories: 50,
            fill: Fill::Median,
            leaks: Leaks::Warn,
        }
    }
}

impl Settings {
    /// Reads the configuration and checks all that can be checked without data.
    pub(crate) fn load(args: &CommonArgs) -> Result<Self> {
        let config = config::load(args)?;
        let project = config.project()?;
        let section: Section = config.section("features")?;
        let wrong = |key: &str, message: &str| Err(config.invalid("features", key, message));
        let timed = project.time.is_some();
        if project.horizon > 0 && !timed {
            return Err(config.invalid("project", "horizon", "a horizon needs [project] time"));
        }
        if !timed && !section.lags.is_empty() {
            return wrong("lags", "need [project] time");
        }
        if !timed && !section.rolling.is_empty() {
            return wrong("rolling", "needs [project] time");
        }
        if section.lags.iter().any(|l| l.rows.contains(&0)) {
            return wrong("lags", "rows are counted from 1: the row before");
        }
        if section.rolling.iter().any(|r| r.windows.contains(&0) || r.min_rows == Some(0)) {
            return wrong("rolling", "windows and min_rows are at least 1");
        }
        if section.rolling.iter().any(|r| r.min_rows.is_some_and(|m| r.windows.iter().any(|w| m > *w))) {
            return wrong("rolling", "min_rows is more than a window holds");
        }
        if section.max_categories < 2 {
            return wrong("max_categories", "is at least 2");
        }
        Ok(Self {
            target: project.target,
            horizon: project.horizon,
            entity: project.entity,
            time: project.time,
            section,
        })
    }

    /// The columns of a clean table with the roles that this configuration gives them: a table made by
    /// hand has none, and `clean` may have run under another configuration.
    pub(crate) fn with_roles(&self, fields: &[Field]) -> Result<Vec<Field>> {
        if let Some(entity) = self.entity.as_ref().filter(|e| !fields.iter().any(|f| f.name == **e)) {
            let near = text::did_you_mean(entity, fields.iter().map(|f| f.name.as_str()));
            return Err(Error::usage(format!(
                "[project] entity names {}, which is no column{near}",
                text::name(entity)
            )));
        }
        let role = |name: &str| {
            if self.entity.as_deref() == Some(name) {
                Role::Entity
            } else if self.time.as_ref().is_some_and(|t| t.iter().any(|c| c == name)) {
                Role::Time
            } else if name == SPLIT {
                Role::Split
            } else {
                Role::Input
            }
        };
        Ok(fields.iter().map(|f| Field { role: role(&f.name), ..f.clone() }).collect())
    }

    /// The effective configuration, as `--print-config` shows it.
    pub(crate) fn print(&self) -> Result<String> {
        json::pretty(self)
    }
}
