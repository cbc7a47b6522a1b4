//! The title.

use crate::facts::Facts;
use crate::standing::Standing;
use crate::{escape, number};

/// Title, author, and what the marks are for.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let settings = &facts.settings;
    let mut out = vec![format!("# {}", escape::text(&settings.title))];
    out.extend(settings.author.as_ref().map(|author| format!("Author: {}", escape::text(author))));
    let rows: u64 = facts.metrics.parts().iter().map(|(_, part)| part.n).sum();
    let standing = match &facts.standing {
        Standing::Draft => "A draft".to_owned(),
        Standing::Reviewed(_) => "Reviewed".to_owned(),
        Standing::Published { version, .. } => format!("Published as version {}", escape::text(version)),
    };
    let marks = match &facts.standing {
        // Readers see no marks.
        Standing::Published { .. } => "",
        _ => "; what stands outside the marked blocks is the analyst's",
    };
    out.push(format!("*{standing}. Generated from {}{marks}.*", number::counted(rows, "row")));
    out
}
