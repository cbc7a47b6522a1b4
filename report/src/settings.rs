//! Section `[report]`, checked.

use common::error::Result;
use common::{CommonArgs, config};
use serde::{Deserialize, Serialize};

use crate::template::{self, Source, Template};

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Settings {
    /// Name of the project.
    pub(crate) project: String,
    /// Title of the report.
    pub(crate) title: String,
    /// Who answers for it.
    pub(crate) author: Option<String>,
    /// The template in place of the one built in.
    pub(crate) template: Option<Source>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    title: Option<String>,
    author: Option<String>,
    template: Option<String>,
}

impl Settings {
    /// Reads and checks the section, and the template that it names.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line, of the configuration or of the template.
    pub(crate) fn load(args: &CommonArgs) -> Result<Self> {
        let config = config::load(args)?;
        let project = config.project()?.name;
        let section: Section = config.section("report")?;
        for (key, value) in [("title", &section.title), ("author", &section.author)] {
            if value.as_ref().is_some_and(|v| v.trim().is_empty()) {
                return Err(config.invalid("report", key, "must not be empty; leave the key out instead"));
            }
        }
        let template = section
            .template
            .map(|path| template::load(&args.project(), &path))
            .transpose()
            .map_err(|why| config.invalid("report", "template", &why))?;
        // A mistake in it is told before any stage runs.
        template.as_ref().map(Template::new).transpose()?;
        let title = section.title.unwrap_or_else(|| project.clone());
        Ok(Self { title, project, author: section.author, template })
    }
}
