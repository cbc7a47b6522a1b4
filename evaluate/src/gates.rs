//! Gates: limits on figures of a JSON file, by their dotted paths.
//!
//! Nothing here knows which file it is: its form comes as a JSON Schema and its figures as a JSON value, so that
//! any program which writes figures can have gates of its own.

mod figure;
mod form;
mod limit;
mod path;

use std::collections::BTreeMap;

use common::config::Config;
use common::error::{Class, Error, Result};
use common::text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use limit::{Limit, Word};

use crate::metrics::Status;
use figure::Figure;
use path::Path;

/// Keys that say what the gates say.
const OF_GATES: [&str; 2] = ["status", "gates"];

/// A section of `pipeline.toml` that sets limits: `fail` and `warn`, each by the paths of figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gates {
    /// Limits that must be kept.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fail: BTreeMap<String, Limit>,
    /// Limits that are only warned of.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub warn: BTreeMap<String, Limit>,
}

/// A limit and the figure that it is set on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// Path of the figure.
    pub metric: String,
    /// What follows where the limit is not kept.
    pub level: GateLevel,
    /// The limit.
    pub limit: Limit,
    /// The figure; `null` where it has no value.
    pub value: Option<Word>,
    /// Whether the limit is kept; a figure without value keeps none.
    pub kept: bool,
    /// Why there is no value: a reason code, `not_there` where these data have no such figure, or `not_known`.
    pub reason: Option<String>,
}

/// What follows where a limit is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateLevel {
    /// The status is `fail`.
    Fail,
    /// The status is `warn`, where it would be `pass`.
    Warn,
}

impl Gates {
    /// Whether no limit is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fail.is_empty() && self.warn.is_empty()
    }

    /// Checks the limits against `form`, the JSON Schema of the file they are set on. `section` is where they stand
    /// in the configuration, such as `["gates"]`.
    ///
    /// # Errors
    /// [`Class::Usage`] with the line: a path that no such file can have, a limit that is none, or none for its figure.
    pub fn check(&self, config: &Config, section: &[&str], form: &Value) -> Result<()> {
        self.all().try_for_each(|(level, metric, limit)| {
            let sound = Path::parse(metric).and_then(|path| {
                if path.0.first().is_some_and(|first| OF_GATES.contains(&first.as_str())) {
                    return Err(format!("{} says what the gates say: it cannot be one", text::name(metric)));
                }
                form::kind(form, &path)
            });
            sound
                .and_then(|kind| limit.check(&kind).map_err(|why| format!("{}: {why}", text::name(metric))))
                .map_err(|why| refused(config, section, level, metric, &why))
        })
    }

    /// Holds the figures of `file`, which has the form `form`, against the limits: first those of `fail`, each list by path.
    ///
    /// # Errors
    /// [`Class::Usage`] with the line of a path that names what these data have not, such as an unknown feature.
    pub fn judge(&self, config: &Config, section: &[&str], form: &Value, file: &Value) -> Result<Vec<Gate>> {
        let judged = self.all().map(|(level, metric, limit)| {
            let found = Path::parse(metric).and_then(|path| figure::find(form, file, &path));
            found
                .and_then(|figure| Gate::new(level, metric, limit, figure))
                .map_err(|why| refused(config, section, level, metric, &why))
        });
        judged.collect()
    }

    fn all(&self) -> impl Iterator<Item = (GateLevel, &String, &Limit)> {
        let fail = self.fail.iter().map(|(metric, limit)| (GateLevel::Fail, metric, limit));
        fail.chain(self.warn.iter().map(|(metric, limit)| (GateLevel::Warn, metric, limit)))
    }
}

fn refused(config: &Config, section: &[&str], level: GateLevel, metric: &str, why: &str) -> Error {
    let mut place = section.to_vec();
    place.extend([level.name(), metric]);
    config.invalid_at(&place, &format!("[{}.{}] {why}", section.join("."), level.name()))
}

impl GateLevel {
    /// As the configuration names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
        }
    }
}

impl Gate {
    fn new(
        level: GateLevel,
        metric: &str,
        limit: &Limit,
        figure: Figure,
    ) -> std::result::Result<Self, String> {
        let (value, reason) = match figure {
            Figure::Known(value) => (Some(value), None),
            Figure::Absent(reason) => (None, Some(reason)),
        };
        if let Some(value) = &value {
            limit.check(&form::Kind::of(value)).map_err(|why| format!("{}: {why}", text::name(metric)))?;
        }
        let kept = value.as_ref().is_some_and(|value| limit.holds(value));
        Ok(Self { metric: metric.to_owned(), level, limit: limit.clone(), value, kept, reason })
    }

    /// What is wrong, on one line, safe for a terminal.
    #[must_use]
    pub fn said(&self) -> String {
        let metric = text::name(&self.metric);
        match (&self.value, &self.reason) {
            (Some(value), _) => format!("{metric} is {value}, expected {}", self.limit),
            (None, reason) => {
                let reason = text::shown(reason.as_deref().unwrap_or("not_known"));
                format!("{metric} cannot be told: {reason}; expected {}", self.limit)
            }
        }
    }
}

/// What the gates say together.
#[must_use]
pub fn status(gates: &[Gate]) -> Status {
    let broken = |level| gates.iter().any(|gate| !gate.kept && gate.level == level);
    match (broken(GateLevel::Fail), broken(GateLevel::Warn)) {
        (true, _) => Status::Fail,
        (_, true) => Status::Warn,
        _ => Status::Pass,
    }
}

/// The failure that the broken gates are, where one of them is of level `fail`; its details name each.
#[must_use]
pub fn failure(gates: &[Gate]) -> Option<Error> {
    let broken = gates.iter().filter(|gate| !gate.kept && gate.level == GateLevel::Fail);
    let said: Vec<String> = broken.map(|gate| format!("gate broken: {}", gate.said())).collect();
    let n = said.len() as u64;
    (n > 0).then(|| Error::new(Class::Gate, format!("{} broken", text::count(n, "gate"))).with_details(said))
}
