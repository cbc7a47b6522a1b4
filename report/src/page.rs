//! The HTML file beside the report: what the report says now, an analyst's words included.

use std::path::Path;

use common::error::{Error, Result};
use common::publish;

use crate::html::{self, Figure, Page};

/// Writes the page beside the report at `path`, of `draft`, or of what stands in the report where there is none, with the
/// images beside it that it shows.
///
/// # Errors
/// Where the report cannot be read or the page not be written.
pub(crate) fn publish(path: &Path, draft: Option<&str>, title: &str) -> Result<()> {
    let markdown = match draft {
        Some(draft) => draft.to_owned(),
        None => {
            let bytes = std::fs::read(path).map_err(|e| Error::read(path, &e))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    let images = images(path, &markdown);
    let figures: Vec<Figure> = images.iter().map(|(path, bytes)| Figure { path, bytes }).collect();
    let html = html::page(&markdown, &Page { title, language: "en", state: None, figures: &figures });
    publish::write_if_changed(&path.with_extension("html"), html.as_bytes())?;
    Ok(())
}

/// The images that the report names and that are there.
fn images(report: &Path, markdown: &str) -> Vec<(String, Vec<u8>)> {
    let read = |name: String| {
        let bytes = std::fs::read(report.with_file_name(&name)).ok()?;
        Some((name, bytes))
    };
    html::local_images(markdown).into_iter().filter_map(read).collect()
}
