//! The template file of a project.

use std::path::{Component, Path};

use common::hash;
use common::manifest::FileRecord;
use common::project::Project;
use common::text;
use serde::Serialize;

/// Longest template, in bytes.
const LARGEST: u64 = 1 << 20;

/// The template of a project by name and content.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Source {
    /// Its path below the project folder.
    pub(crate) path: String,
    /// SHA-256 of its bytes.
    pub(crate) sha256: String,
    /// Number of bytes.
    #[serde(skip)]
    pub(crate) bytes: u64,
    /// What it holds.
    #[serde(skip)]
    pub(crate) text: String,
}

impl Source {
    /// Its name, hash and size, as manifests record them.
    pub(crate) fn record(&self) -> FileRecord {
        FileRecord { name: self.path.clone(), sha256: self.sha256.clone(), bytes: self.bytes }
    }
}

/// Reads the template at `path` below the project folder.
///
/// # Errors
/// What is wrong with the path or the file.
pub(crate) fn load(project: &Project, path: &str) -> Result<Source, String> {
    let relative = Path::new(path);
    let below = relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if path.trim().is_empty() || !below {
        return Err("expected a path below the project folder, such as \"report.template.md\"".to_owned());
    }
    let file = project.path(relative);
    let said = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => format!(
            "{} is not there; `report --print-template` prints the one that is built in, to begin with",
            text::path(&file)
        ),
        _ => format!("cannot read {}: {}", text::path(&file), common::error::reason(&e)),
    };
    let real = file.canonicalize().map_err(said)?;
    let root = project.root().canonicalize().map_err(said)?;
    if !real.starts_with(&root) {
        return Err(format!("{} is a link out of the project folder", text::path(&file)));
    }
    // Looked at before it is opened: a pipe would hang.
    let meta = real.metadata().map_err(said)?;
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(format!("{}: a template is a regular file of at most 1 MiB", text::path(&file)));
    }
    let bytes = std::fs::read(&real).map_err(said)?;
    let (sha256, length) = (hash::hex(&bytes), bytes.len() as u64);
    let no_text = |at: usize| format!("{}: is no text in UTF-8: byte {}", text::path(&file), at + 1);
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(no_text(at));
    }
    let text = String::from_utf8(bytes).map_err(|e| no_text(e.utf8_error().valid_up_to()))?;
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(format!("{}: is empty", text::path(&file)));
    }
    let path = project.record_name(&file);
    Ok(Source { path, sha256, bytes: length, text })
}
