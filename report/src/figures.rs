//! Figures of the run as SVG: the same bytes on every machine, legible on light and on dark, with what they show in words.
//!
//! Marks are placed here and drawn by `plotters`; its own axes are not used, since they do not take
//! every range of numbers. Where there is nothing to show there is no figure.

mod by_time;
mod canvas;
mod data;
mod drift;
mod effects;
mod frame;
mod ink;
mod label;
mod over_time;
mod predicted;
mod reliability;
mod residuals;
mod scale;
mod times;

use std::path::{Path, PathBuf};

use common::checkpoint::Checkpoint;
use common::error::Result;
use model::Model;

use crate::escape;
use crate::facts::Facts;
use crate::metrics::Metrics;
use canvas::Canvas;
use label::Quote;

/// A figure and what it shows in words.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    /// The stem of its file.
    pub(crate) name: &'static str,
    /// What it shows, in numbers, for those who do not see it; Markdown without marks.
    pub(crate) alt: String,
    /// What its marks stand for; Markdown without marks.
    pub(crate) caption: String,
    /// The document.
    pub(crate) svg: String,
}

/// What a figure shows and what its marks stand for.
struct Words {
    alt: String,
    caption: String,
}

impl Figure {
    /// Writes the canvas; the words are made twice, since names are escaped otherwise in Markdown than in the drawing.
    fn new(name: &'static str, title: &str, words: impl Fn(Quote) -> Words, canvas: &Canvas) -> Result<Self> {
        let svg = canvas.svg(name, title, &words(label::quoted).alt)?;
        let Words { alt, caption } = words(escape::quoted);
        Ok(Self { name, alt, caption, svg })
    }

    /// Where it stands, as the report beside it has it.
    pub(crate) fn address(&self, report: &Path) -> String {
        let folder = folder(report);
        let folder = folder.file_name().unwrap_or_default().to_string_lossy();
        format!("{}/{}.svg", address(&folder), self.name)
    }
}

/// All figures that have something to show, of the metrics and the figure data beside them.
///
/// # Errors
/// [`common::Class::Checkpoint`] where figure data are damaged.
pub(crate) fn draw(measured: &Checkpoint, metrics: &Metrics, model: &Model) -> Result<Vec<Figure>> {
    let rows = data::read(measured, "predicted.csv")?;
    let all = [
        predicted::draw(metrics, &rows)?,
        reliability::draw(metrics, &data::read(measured, "reliability.csv")?)?,
        over_time::draw(metrics)?,
        by_time::draw(metrics, &data::read(measured, "by_time.csv")?)?,
        drift::draw(metrics)?,
        residuals::draw(metrics, &data::read(measured, "residuals.csv")?, &rows)?,
        effects::draw(metrics, model)?,
    ];
    Ok(all.into_iter().flatten().collect())
}

/// The paragraphs that show a figure, in Markdown; none where there is no such figure.
pub(crate) fn image(facts: &Facts, name: &str) -> Vec<String> {
    let Some(figure) = facts.figures.iter().find(|figure| figure.name == name) else { return Vec::new() };
    vec![format!("![{}]({})", figure.alt, figure.address(&facts.report)), format!("*{}*", figure.caption)]
}

/// Where the figures of a report stand: beside it, `report.figures` for `report.md`.
pub(crate) fn folder(report: &Path) -> PathBuf {
    report.with_extension("figures")
}

/// A file name as it stands in an address.
fn address(name: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    name.bytes().map(one).collect()
}

/// A share in percent with one decimal.
fn share(value: f64) -> String {
    format!("{:.1} %", 100.0 * value)
}
