//! The HTML file beside the report: what the report says now, an analyst's words included.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::facts::Facts;
use crate::html::{self, Banner, Figure, Page};
use crate::revise::Findings;
use crate::standing::Standing;
use crate::words;

/// Largest image of an analyst that is embedded, in bytes.
const LARGEST: u64 = 8 << 20;

/// An image beside the report, by its name as the report has it.
pub(crate) type Image = (String, Vec<u8>);

/// The page of a report whose references are filled, with `images` and the figures of this run in it.
pub(crate) fn write(facts: &Facts, report: &str, images: &[Image], findings: &Findings) -> String {
    let drawn: Vec<(String, &str)> =
        facts.figures.iter().map(|figure| (figure.address(&facts.report), figure.svg.as_str())).collect();
    let drawn_here = drawn.iter().map(|(path, svg)| Figure { path, bytes: svg.as_bytes() });
    let figures: Vec<Figure<'_>> =
        drawn_here.chain(images.iter().map(|(path, bytes)| Figure { path, bytes })).collect();
    let words = match &facts.standing {
        Standing::Draft => open(findings),
        Standing::Reviewed(_) => {
            "Somebody read it, and vouches for its words beside these numbers.".to_owned()
        }
        Standing::Published { version, .. } => format!("Version {version}."),
    };
    let state = match &facts.standing {
        Standing::Draft => "Draft",
        Standing::Reviewed(_) => "Reviewed",
        Standing::Published { .. } => "Published",
    };
    let page = Page {
        title: &facts.settings.title,
        language: "en",
        state: Some(Banner { state, words: &words }),
        figures: &figures,
    };
    html::page(report, &page)
}

/// What a draft still asks of the analyst.
fn open(findings: &Findings) -> String {
    let all: Vec<String> = [
        (findings.conflicts.len(), "conflict"),
        (findings.stale, "note on words written for earlier numbers"),
        (findings.damages.len(), "damaged marker"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, noun)| match (count, noun.split_once(' ')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(("note", rest))) => format!("{count} notes {rest}"),
        _ => format!("{count} {noun}s"),
    })
    .collect();
    let open = if all.is_empty() { String::new() } else { format!(" Open: {}.", words::joined(&all)) };
    format!("Nobody vouches for its words yet.{open}")
}

/// Images of the analyst that stand beside the report and are shown in it.
pub(crate) fn images(facts: &Facts, report: &str) -> Vec<Image> {
    let drawn: Vec<String> = facts.figures.iter().map(|figure| figure.address(&facts.report)).collect();
    let others = html::local_images(report).into_iter().filter(|name| !drawn.contains(name));
    others.filter_map(|name| Some((name.clone(), read(&facts.report.with_file_name(&name))?))).collect()
}

/// A regular file of bearable size.
fn read(path: &Path) -> Option<Vec<u8>> {
    let meta = path.metadata().ok()?;
    if !meta.is_file() || meta.len() > LARGEST {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
