//! Section `[features]`, as it is written.

mod shapes;

use std::collections::BTreeMap;

use common::config::{Config, TargetStatistic, TimeColumns};
use common::error::{Error, Result};
use common::schema::{Field, Role};
use common::{CommonArgs, config, json, text};
use formula::Expressions;
use serde::{Deserialize, Serialize};
use stats::Centre;

use crate::leaks::Leaks;
use crate::timeline::Timeline;

pub(crate) use shapes::{Calendar, CalendarPart, Expanding, Lags, Rolling, Statistic, Window};

/// Name of the column that `clean` adds.
pub(crate) const SPLIT: &str = "split";

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) target: String,
    pub(crate) horizon: u32,
    pub(crate) target_statistic: TargetStatistic,
    /// Column of the features table that holds what is predicted.
    #[serde(skip)]
    pub(crate) target_column: String,
    pub(crate) entity: Option<String>,
    pub(crate) time: Option<TimeColumns>,
    /// Columns of `[evaluate] segments`, which are carried along.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) segments: Vec<String>,
    #[serde(flatten)]
    pub(crate) section: Section,
    /// The expressions, parsed.
    #[serde(skip)]
    pub(crate) expressions: Expressions,
}

/// Section `[features]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Section {
    /// Columns used as they are (text as indicators); all inputs where this is not given.
    pub(crate) columns: Option<Vec<String>>,
    /// Columns and features left out.
    pub(crate) exclude: Vec<String>,
    /// Row-wise expressions by name.
    pub(crate) expressions: BTreeMap<String, String>,
    /// Parts of dates.
    pub(crate) calendar: Vec<Calendar>,
    /// Columns whose natural logarithm is taken.
    pub(crate) logs: Vec<String>,
    /// A row's value less that of an earlier row of the entity.
    pub(crate) differences: Vec<Lags>,
    /// The same as a share of the earlier value.
    pub(crate) percent_changes: Vec<Lags>,
    /// Values of earlier rows of the entity.
    pub(crate) lags: Vec<Lags>,
    /// Statistics of the last rows of the entity.
    pub(crate) rolling: Vec<Rolling>,
    /// Statistics of all rows of the entity so far.
    pub(crate) expanding: Vec<Expanding>,
    /// Quotients by name: numerator and denominator.
    #[serde(deserialize_with = "shapes::pairs")]
    pub(crate) ratios: BTreeMap<String, (String, String)>,
    /// Most indicators made of one text column; rarer values share `other`.
    pub(crate) max_categories: usize,
    /// What a feature's missing values are filled with, learned on training rows.
    pub(crate) fill: Centre,
    /// What is done where a feature or the split seems to give the outcome away.
    pub(crate) leaks: Leaks,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            columns: None,
            exclude: Vec::new(),
            expressions: BTreeMap::new(),
            calendar: Vec::new(),
            logs: Vec::new(),
            differences: Vec::new(),
            percent_changes: Vec::new(),
            lags: Vec::new(),
            rolling: Vec::new(),
            expanding: Vec::new(),
            ratios: BTreeMap::new(),
            max_categories: 50,
            fill: Centre::Median,
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
        let timed = project.time.is_some();
        if project.horizon > 0 && !timed {
            return Err(config.invalid("project", "horizon", "a horizon needs [project] time"));
        }
        if project.target_statistic == TargetStatistic::Mean && project.horizon == 0 {
            let message = "the mean of the next rows needs a horizon: how many they are";
            return Err(config.invalid("project", "target_statistic", message));
        }
        section.check(&config, timed)?;
        let expressions = config.expressions()?;
        let segments = config.segments()?;
        Ok(Self {
            segments,
            target_column: project.target_column(),
            target: project.target,
            horizon: project.horizon,
            target_statistic: project.target_statistic,
            entity: project.entity,
            time: project.time,
            section,
            expressions,
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
        if let Some(entity) = &self.entity
            && self.time.as_ref().is_some_and(|t| t.iter().any(|c| c == entity))
        {
            return Err(Error::usage(format!(
                "[project] entity: {} is the time, expected the column of the group rows belong to",
                text::name(entity)
            )));
        }
        if let Some(name) = self.segments.iter().find(|s| !fields.iter().any(|f| f.name == **s)) {
            let near = text::did_you_mean(name, fields.iter().map(|f| f.name.as_str()));
            return Err(Error::usage(format!(
                "[evaluate] segments names {}, which is no column{near}",
                text::name(name)
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

    /// The columns of `[evaluate] segments` that the table of features would not hold without them: no keys.
    pub(crate) fn segments_of(&self, fields: &[Field]) -> Vec<Field> {
        let is_carried = |f: &&Field| f.role == Role::Input && self.segments.contains(&f.name);
        fields.iter().filter(is_carried).cloned().collect()
    }

    /// Refuses spans of windows that do not fit the time of the table.
    pub(crate) fn check_spans(&self, timeline: Option<&Timeline>) -> Result<()> {
        let Some(timeline) = timeline else { return Ok(()) };
        for window in self.section.rolling.iter().flat_map(|r| &r.windows) {
            if let Window::Span(span) = window {
                let wrong = |what: String| Error::usage(format!("[features] rolling: window {what}"));
                timeline.clock.check_span(span).map_err(wrong)?;
            }
        }
        Ok(())
    }

    /// The effective configuration, as `--print-config` shows it.
    pub(crate) fn print(&self) -> Result<String> {
        json::pretty(self)
    }
}

impl Section {
    fn check(&self, config: &Config, timed: bool) -> Result<()> {
        let wrong = |key: &str, message: &str| Err(config.invalid("features", key, message));
        let steps = [
            ("lags", &self.lags),
            ("differences", &self.differences),
            ("percent_changes", &self.percent_changes),
        ];
        for (key, entries) in steps {
            if !timed && !entries.is_empty() {
                return wrong(key, "need [project] time");
            }
            if entries.iter().any(|l| l.rows.contains(&0)) {
                return wrong(key, "rows are counted from 1: the row before");
            }
        }
        if !timed && !self.rolling.is_empty() {
            return wrong("rolling", "needs [project] time");
        }
        if !timed && !self.expanding.is_empty() {
            return wrong("expanding", "needs [project] time");
        }
        if self.rolling.iter().any(|r| r.windows.contains(&Window::Rows(0)) || r.min_rows == Some(0)) {
            return wrong("rolling", "windows and min_rows are at least 1");
        }
        let too_many = |r: &Rolling| {
            r.windows.iter().any(|w| matches!((w, r.min_rows), (Window::Rows(w), Some(m)) if m > *w))
        };
        if self.rolling.iter().any(too_many) {
            return wrong("rolling", "min_rows is more than a window holds");
        }
        if self.expanding.iter().any(|e| e.min_rows == Some(0)) {
            return wrong("expanding", "min_rows is at least 1");
        }
        if self.calendar.iter().any(|c| c.cyclical && c.parts.contains(&CalendarPart::Year)) {
            return wrong("calendar", "years do not come again: `cyclical` is for the other parts");
        }
        if !timed && self.calendar.iter().any(|c| c.column.is_none()) {
            return wrong("calendar", "needs a `column`, or [project] time");
        }
        if self.max_categories < 2 {
            return wrong("max_categories", "is at least 2");
        }
        Ok(())
    }
}
