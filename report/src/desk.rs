//! The report as it lies on the desk of the analyst: read before anything is written.

use std::path::{Path, PathBuf};

use common::Task;
use common::error::{Class, Error, Result};
use common::manifest::Manifest;
use common::project::beside;
use common::{hash, publish, text};

use crate::revise::Found;
use crate::state::{self, State};

/// Largest report that is read, in bytes.
const LARGEST: u64 = 16 << 20;
/// Names tried for a file beside the report.
const NAMES: u32 = 1000;

/// The report and what is remembered of it.
pub(crate) struct Desk {
    pub(crate) path: PathBuf,
    pub(crate) state_path: PathBuf,
    /// SHA-256 of the report's bytes; nothing where there is none.
    pub(crate) sha256: Option<String>,
    pub(crate) found: Option<Found>,
    pub(crate) state: Option<State>,
    /// Whether its lines end with `\r\n`, as some editors have it.
    windows: bool,
    byte_order_mark: bool,
}

const MARK: &str = "\u{feff}";

impl Desk {
    /// Reads the report at `path`, after taking care of what a killed run left.
    ///
    /// # Errors
    /// [`Class::Write`] where what stands there is no regular file of readable size; [`Class::Usage`] where it is not UTF-8.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let state_path = beside(path, state::ENDING);
        let state = State::read(&state_path)?;
        rescue(path, state.as_ref())?;
        let mut desk = Self {
            path: path.to_path_buf(),
            state_path,
            sha256: None,
            found: None,
            state: state.clone(),
            windows: false,
            byte_order_mark: false,
        };
        let Some(bytes) = bytes_of(path)? else { return Ok(desk) };
        desk.sha256 = Some(hash::hex(&bytes));
        let mut text = String::from_utf8(bytes).map_err(|e| {
            let good = e.utf8_error().valid_up_to();
            let line = 1 + String::from_utf8_lossy(&e.as_bytes()[..good]).matches('\n').count();
            Error::usage(format!("line {line} is not UTF-8; save the report as UTF-8")).at(path)
        })?;
        if let Some(rest) = text.strip_prefix(MARK) {
            (desk.byte_order_mark, text) = (true, rest.to_owned());
        }
        // Mixed line ends become those of most lines.
        desk.windows = 2 * text.matches("\r\n").count() > text.matches('\n').count();
        let text = text.replace("\r\n", "\n");
        refuse_half_merged(path, &text)?;
        if state.is_none() && desk.is_as_generated() {
            // By a version without a state, or the state was lost: a new draft takes its place.
            return Ok(desk);
        }
        if state.is_none() && text.contains("<!-- millrace:begin") {
            log::warn!(
                "{}: without {} it is not known which blocks were removed, nor what numbers in its text stood for",
                text::path(path),
                text::path(&desk.state_path)
            );
        }
        desk.found = Some(Found { text, state });
        Ok(desk)
    }

    /// Whether the manifest vouches for the report as it is, and for no word of an analyst in it.
    fn is_as_generated(&self) -> bool {
        let Ok(Some(manifest)) = Manifest::read(&Manifest::path_of(&self.path)) else { return false };
        let edited = manifest.found.get("edited").and_then(serde_json::Value::as_bool);
        manifest.stage == Task::Report.name()
            && edited == Some(false)
            && Some(&manifest.output.sha256) == self.sha256.as_ref()
    }

    /// A text as this report's editor has it.
    pub(crate) fn encoded(&self, text: &str) -> String {
        let text = if self.windows { text.replace('\n', "\r\n") } else { text.to_owned() };
        if self.byte_order_mark { format!("{MARK}{text}") } else { text }
    }
}

/// Refuses a report with the marks of a merge by git in it: both sides may hold the same blocks.
fn refuse_half_merged(path: &Path, text: &str) -> Result<()> {
    let at = |mark: &str| text.lines().position(|line| line.starts_with(mark));
    match (at("<<<<<<< "), at(">>>>>>> ")) {
        (Some(line), Some(_)) => {
            let why = "a conflict of git stands here; resolve it, then run this again";
            Err(Error::usage(why).at_line(path, line as u64 + 1))
        }
        _ => Ok(()),
    }
}

/// The bytes of a regular file; nothing where there is none.
fn bytes_of(path: &Path) -> Result<Option<Vec<u8>>> {
    let meta = match path.symlink_metadata() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::read(path, &e)),
        Ok(meta) => meta,
    };
    if !meta.is_file() {
        return Err(Error::new(Class::Write, "is no regular file").at(path));
    }
    if meta.len() > LARGEST {
        return Err(Error::new(Class::Write, "is larger than 16 MiB, which no report is").at(path));
    }
    std::fs::read(path).map(Some).map_err(|e| Error::read(path, &e))
}

/// SHA-256 of the report's bytes; nothing where there is none.
///
/// # Errors
/// As [`Desk::open`].
pub(crate) fn sha256_of(path: &Path) -> Result<Option<String>> {
    Ok(bytes_of(path)?.map(|bytes| hash::hex(&bytes)))
}

/// What an analyst saved at the very moment when a run replaced the report, or was killed doing so, stands aside.
fn rescue(path: &Path, state: Option<&State>) -> Result<()> {
    let now = sha256_of(path)?;
    for aside in publish::set_aside(path) {
        let Some(bytes) = bytes_of(&aside)? else { continue };
        let sha256 = hash::hex(&bytes);
        let ours = state.is_some_and(|state| state.written.contains(&sha256));
        if !ours && now.as_ref() != Some(&sha256) {
            let kept = free_name(path, "saved", &sha256)?;
            publish::publish(vec![publish::of_bytes(&publish::Target::file(&kept), &bytes)?])?;
            log::warn!(
                "{} was saved at the moment it was replaced: that text is in {}",
                text::path(path),
                text::path(&kept)
            );
        }
        publish::remove(&aside)?;
    }
    Ok(())
}

/// `report.new.md` (or `report.new.2.md`...), which is not there yet or holds these bytes already.
///
/// # Errors
/// [`Class::Write`] where a thousand such files are there.
pub(crate) fn free_name(path: &Path, word: &str, sha256: &str) -> Result<PathBuf> {
    for number in 1..NAMES {
        let candidate = numbered(path, word, number);
        match bytes_of(&candidate)? {
            None => return Ok(candidate),
            Some(bytes) if hash::hex(&bytes) == sha256 => return Ok(candidate),
            Some(_) => {}
        }
    }
    Err(Error::new(Class::Write, format!("too many files `{word}` beside it; remove some")).at(path))
}

/// `report.md`, `new` and 1 give `report.new.md`, and 2 gives `report.new.2.md`.
fn numbered(path: &Path, word: &str, number: u32) -> PathBuf {
    let ending = if number == 1 { word.to_owned() } else { format!("{word}.{number}") };
    match path.extension() {
        Some(extension) => path.with_extension(format!("{ending}.{}", extension.to_string_lossy())),
        None => path.with_extension(ending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beside_the_report_is_numbered() {
        let name = |number| numbered(Path::new("reports/report.md"), "new", number);
        assert_eq!(name(1), Path::new("reports/report.new.md"));
        assert_eq!(name(2), Path::new("reports/report.new.2.md"));
        assert_eq!(numbered(Path::new("x/draft"), "new", 1), Path::new("x/draft.new"));
    }
}
