//! The HTML file beside the report: what the report says now, an analyst's words included.

use std::path::Path;

use common::checkpoint::Places;
use common::error::{Error, Result};
use common::publish::{self, Target};

use crate::html::{self, Figure, Page};

/// Writes `report.html` from `report.md`, with the images beside it that it shows.
///
/// # Errors
/// Where the report cannot be read or the page not be written.
pub(crate) fn publish(places: &Places, title: &str) -> Result<()> {
    let Target::File(path) = &places.output else { return Ok(()) };
    let bytes = std::fs::read(path).map_err(|e| Error::read(path, &e))?;
    let markdown = String::from_utf8_lossy(&bytes);
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
