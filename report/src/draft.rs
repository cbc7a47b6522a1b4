//! The draft: the template, filled.

use common::error::Result;

use crate::facts::Facts;
use crate::template::Template;

/// The whole report, with a final line end, by the project's own template where it has one.
///
/// # Errors
/// [`common::Class::Usage`] with file and line of the template.
pub(crate) fn compose(facts: &Facts) -> Result<String> {
    let template =
        facts.settings.template.as_ref().map_or_else(|| Ok(Template::built_in()), Template::new)?;
    template.render(facts)
}
