//! Section `[report]`, checked.

use common::error::Result;
use common::{CommonArgs, config};
use serde::{Deserialize, Serialize};

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Settings {
    /// Name of the project.
    pub(crate) project: String,
    /// Title of the report.
    pub(crate) title: String,
    /// Who answers for it.
    pub(crate) author: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    title: Option<String>,
    author: Option<String>,
}

impl Settings {
    /// Reads and checks the section.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line.
    pub(crate) fn load(args: &CommonArgs) -> Result<Self> {
        let config = config::load(args)?;
        let project = config.project()?.name;
        let section: Section = config.section("report")?;
        for (key, value) in [("title", &section.title), ("author", &section.author)] {
            if value.as_ref().is_some_and(|v| v.trim().is_empty()) {
                return Err(config.invalid("report", key, "must not be empty; leave the key out instead"));
            }
        }
        Ok(Self { title: section.title.unwrap_or_else(|| project.clone()), project, author: section.author })
    }
}
