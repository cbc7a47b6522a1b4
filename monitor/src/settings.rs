//! Section `[monitor]`, checked.

use common::config::Config;
use common::error::Result;
use evaluate::gates::Gates;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::period::Period;

/// Where its limits stand in the configuration.
pub(crate) const GATES: [&str; 2] = ["monitor", "gates"];

/// Everything of the configuration that affects the bytes of the output.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// How long a period is, where the command line does not say.
    pub(crate) period: Period,
    /// Limits on figures of `monitor.json`.
    #[serde(skip_serializing_if = "Gates::is_empty")]
    pub(crate) gates: Gates,
}

impl Settings {
    /// Reads and checks the section; `form` is the schema of the output.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line.
    pub(crate) fn of(config: &Config, form: &Value) -> Result<Self> {
        let settings: Self = config.section("monitor")?;
        settings.gates.check(config, &GATES, form)?;
        Ok(settings)
    }
}
