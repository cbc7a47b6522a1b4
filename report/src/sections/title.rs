//! The title.

use crate::facts::Facts;
use crate::{escape, number};

/// Title, author, and what the marks are for.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let settings = &facts.settings;
    let mut out = vec![format!("# {}", escape::text(&settings.title))];
    out.extend(settings.author.as_ref().map(|author| format!("Author: {}", escape::text(author))));
    let rows: u64 = facts.metrics.parts().iter().map(|(_, part)| part.n).sum();
    out.push(format!(
        "*Generated from {}; what stands outside the marked blocks is the analyst's.*",
        number::counted(rows, "row")
    ));
    out
}
