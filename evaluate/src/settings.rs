//! Section `[evaluate]`, checked.

use std::ops::RangeInclusive;

use common::error::Result;
use common::{CommonArgs, config};
use serde::{Deserialize, Serialize};

/// Bins that make sense: one tells nothing, hundreds tell noise.
const DECILES: RangeInclusive<u16> = 2..=100;

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Bins of the calibration table.
    pub(crate) deciles: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self { deciles: 10 }
    }
}

impl Settings {
    /// Reads and checks the section.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line.
    pub(crate) fn load(args: &CommonArgs) -> Result<Self> {
        let config = config::load(args)?;
        let settings: Self = config.section("evaluate")?;
        if !DECILES.contains(&settings.deciles) {
            let (least, most) = (DECILES.start(), DECILES.end());
            return Err(config.invalid("evaluate", "deciles", &format!("expected {least} to {most}")));
        }
        Ok(settings)
    }
}
