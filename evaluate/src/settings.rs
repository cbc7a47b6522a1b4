//! Sections `[evaluate]` and `[gates]`, checked.

use std::ops::RangeInclusive;

use common::config::{self, Config, PeriodLength};
use common::error::Result;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::gates::Gates;

/// The section that limits stand in.
pub(crate) const GATES: [&str; 1] = ["gates"];

/// Bins that make sense: one tells nothing, hundreds tell noise.
const DECILES: RangeInclusive<u16> = 2..=100;

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Bins of the calibration table.
    pub(crate) deciles: u16,
    /// How long the periods are that errors are told apart by; found from the test part where it is `"auto"`.
    #[serde(deserialize_with = "config::deserialize_auto", serialize_with = "auto")]
    pub(crate) period: Option<PeriodLength>,
    /// Columns, beside the entity, that errors are told apart by.
    pub(crate) segments: Vec<String>,
    /// Section `[gates]`, whose limits stand in the output.
    #[serde(skip_deserializing, skip_serializing_if = "Gates::is_empty")]
    pub(crate) gates: Gates,
}

impl Default for Settings {
    fn default() -> Self {
        Self { deciles: 10, period: None, segments: Vec::new(), gates: Gates::default() }
    }
}

impl Settings {
    /// Reads and checks the sections; `form` is the schema of the output.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line.
    pub(crate) fn of(config: &Config, form: &Value) -> Result<Self> {
        let mut settings: Self = Self { segments: config.segments()?, ..config.section("evaluate")? };
        if !DECILES.contains(&settings.deciles) {
            let (least, most) = (DECILES.start(), DECILES.end());
            return Err(config.invalid("evaluate", "deciles", &format!("expected {least} to {most}")));
        }
        settings.gates = config.section("gates")?;
        settings.gates.check(config, &GATES, form)?;
        Ok(settings)
    }
}

#[expect(clippy::ref_option, reason = "as serde calls it")]
fn auto<S: Serializer>(period: &Option<PeriodLength>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    match period {
        Some(length) => length.serialize(serializer),
        None => serializer.serialize_str("auto"),
    }
}
