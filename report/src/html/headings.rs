//! The headings of a document: a stable id each, and the table of contents.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use super::items::{Item, Kind};
use super::text::escaped;

/// Longest id made of a heading, in characters.
const LONGEST_ID: usize = 60;
/// Ids that the page uses itself.
const TAKEN: [&str; 2] = ["content", "footnotes"];
/// Fewest headings that deserve a table of contents.
const FEWEST: usize = 3;

/// A heading.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) id: String,
    /// Its text without markup.
    pub(super) text: String,
    level: HeadingLevel,
    /// Whether it is a part of the document, not of a quotation, a list or a conflict.
    listed: bool,
}

/// All headings in the order of the pieces.
pub(super) fn collect<'a>(items: impl Iterator<Item = &'a Item<'a>>) -> Vec<Heading> {
    let mut all = Vec::new();
    let mut taken: BTreeSet<String> = TAKEN.iter().map(|t| (*t).to_owned()).collect();
    let mut open: Option<(HeadingLevel, String)> = None;
    let (mut depth, mut conflicts) = (0_usize, 0_usize);
    for item in items {
        match item {
            Item::Event(Event::Start(Tag::Heading { level, .. })) => open = Some((*level, String::new())),
            Item::Event(Event::End(TagEnd::Heading(_))) => {
                if let Some((level, text)) = open.take() {
                    let id = free(&slug(&text), &mut taken);
                    all.push(Heading { id, text, level, listed: depth == 0 && conflicts == 0 });
                }
            }
            Item::Event(Event::Start(_)) => depth += 1,
            Item::Event(Event::End(_)) => depth = depth.saturating_sub(1),
            Item::Event(event) => {
                if let Some((_, text)) = &mut open {
                    push_plain(text, event);
                }
            }
            Item::Text(words) => {
                if let Some((_, text)) = &mut open {
                    text.push_str(words);
                }
            }
            Item::Mark(mark) if mark.paired && mark.kind == Kind::Block("conflict".to_owned()) => {
                conflicts = if mark.opens { conflicts + 1 } else { conflicts.saturating_sub(1) };
            }
            Item::Mark(_) | Item::RawStart(_) | Item::RawEnd(_) => {}
        }
    }
    all
}

/// Adds the words of an event to plain text.
pub(super) fn push_plain(out: &mut String, event: &Event) {
    match event {
        Event::Text(text) | Event::Html(text) | Event::Code(text) => out.push_str(text),
        Event::SoftBreak | Event::HardBreak => out.push(' '),
        _ => {}
    }
}

/// The table of contents: headings of levels 2 and 3; nothing where there are few.
pub(super) fn contents(headings: &[Heading]) -> String {
    let listed: Vec<&Heading> = headings
        .iter()
        .filter(|h| h.listed && !h.text.trim().is_empty())
        .filter(|h| matches!(h.level, HeadingLevel::H2 | HeadingLevel::H3))
        .collect();
    if listed.len() < FEWEST {
        return String::new();
    }
    let mut out = String::from(
        "<nav class=\"contents\" aria-label=\"Contents\">\n<details>\n<summary>Contents</summary>\n<ul>\n",
    );
    for heading in listed {
        let class = if heading.level == HeadingLevel::H3 { " class=\"sub\"" } else { "" };
        let (id, text) = (escaped(&heading.id), escaped(&heading.text));
        let _ = writeln!(out, "<li{class}><a href=\"#{id}\">{text}</a></li>");
    }
    out + "</ul>\n</details>\n</nav>\n"
}

/// Letters and digits in small letters, all else as one hyphen between them.
fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let cut: String = out.chars().take(LONGEST_ID).collect();
    let cut = cut.trim_end_matches('-');
    if cut.is_empty() { "section".to_owned() } else { cut.to_owned() }
}

/// The slug, or the first of `slug-2`, `slug-3`... that no heading has.
fn free(slug: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2_u64..).map(|n| format!("{slug}-{n}"));
    let id = std::iter::once(slug.to_owned()).chain(numbered).find(|id| !taken.contains(id));
    let id = id.unwrap_or_default();
    taken.insert(id.clone());
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_letters_and_never_twice() {
        assert_eq!(slug("Errors beside the baselines"), "errors-beside-the-baselines");
        assert_eq!(slug("  «Où?» R² & x_1 "), "où-r²-x-1");
        assert_eq!(slug("!!!"), "section");
        assert_eq!(slug(&"ab ".repeat(100)).len(), 59);
        let mut taken = BTreeSet::new();
        let ids: Vec<String> = ["a", "a-2", "a", "a"].iter().map(|s| free(s, &mut taken)).collect();
        assert_eq!(ids, ["a", "a-2", "a-3", "a-4"]);
    }
}
