//! The draft: generated sections between marks, and room for the analyst around them.

use crate::facts::Facts;
use crate::sections;

/// What the analyst is asked to replace.
const NOTES: &str = "\
## Notes of the analyst

[TODO: what the numbers mean for those who use them, what was left out, what to do next.] This section, and \
whatever else is written outside the marked blocks, belongs to the analyst.";

/// The whole report, with a final line end.
pub(crate) fn compose(facts: &Facts) -> common::Result<String> {
    let limits = sections::gates::write(facts).map(|paragraphs| block("limits", &paragraphs));
    let first =
        [block("title", &sections::title::write(facts)), block("answer", &sections::answer::write(facts))];
    let rest = [
        NOTES.to_owned(),
        block("data", &sections::data::write(facts)),
        block("errors", &sections::errors::write(facts)),
        block("calibration", &sections::calibration::write(facts)),
        block("intervals", &sections::intervals::write(facts)),
        block("periods", &sections::periods::write(facts)),
        block("segments", &sections::segments::write(facts)),
        block("worst", &sections::worst::write(facts)),
        block("drift", &sections::drift::write(facts)),
        block("model", &sections::model::write(facts)),
        block("ledger", &sections::ledger::write(facts)),
        block("reproduce", &sections::reproduce::write(facts)),
    ];
    let blocks = first.into_iter().chain(limits).chain(rest);
    Ok(blocks.filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n\n") + "\n")
}

/// Paragraphs between the marks of one block, or nothing where there are none. No text from data can hold a mark: it has no `<`.
fn block(name: &str, paragraphs: &[String]) -> String {
    if paragraphs.is_empty() {
        return String::new();
    }
    let text = paragraphs.join("\n\n");
    format!("<!-- millrace:begin {name} -->\n\n{text}\n\n<!-- millrace:end {name} -->")
}
