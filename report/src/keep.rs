//! Publishing the draft without ever destroying what an analyst wrote.
//!
//! A `report.md` whose bytes are not those this stage wrote last was edited: it is left alone, and a
//! draft that differs from the last one goes beside it as `report.new.md`. The manifest keeps the
//! hash of what the stage wrote last, and that of the last draft.

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::checkpoint::Places;
use common::error::{Class, Error, Result};
use common::manifest::{FileRecord, Manifest};
use common::publish::{self, Target};
use common::{hash, text};
use serde_json::json;

use crate::page;

/// Wait before a failed write is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// Names tried for a draft beside an edited report.
const NAMES: u32 = 1000;

/// A draft on its way to disk.
struct Publication<'a> {
    places: &'a Places,
    path: &'a Path,
    draft: &'a str,
    sha256: String,
    manifest: &'a Manifest,
    title: &'a str,
}

/// What stood there before.
struct Before {
    /// SHA-256 of the report, where there is one.
    report: Option<String>,
    /// The manifest of the last run of this stage.
    manifest: Option<Manifest>,
}

/// Publishes `draft` with its manifest; a failed write is tried once more.
///
/// # Errors
/// [`Class::Write`] where it failed twice; the old report is whole then.
pub(crate) fn publish(places: &Places, draft: &str, manifest: &Manifest, title: &str) -> Result<()> {
    let Target::File(path) = &places.output else {
        // What a pipe has taken cannot be taken back, so there is one try.
        let mut manifest = manifest.clone();
        manifest.found = json!({ "draft_sha256": hash::hex(draft.as_bytes()), "edited": false });
        return places.publish(publish::of_bytes(&places.output, draft.as_bytes())?, Vec::new(), manifest);
    };
    let one = Publication { places, path, draft, sha256: hash::hex(draft.as_bytes()), manifest, title };
    match one.publish() {
        Err(error) if error.class() == Class::Write => {
            log::warn!("{error}; trying once more");
            std::thread::sleep(PAUSE);
            one.publish()
        }
        outcome => outcome,
    }
}

impl Publication<'_> {
    fn publish(&self) -> Result<()> {
        let before = Before::read(self.path, self.manifest)?;
        // Before the manifest, which is always last.
        let edited = before.edited(&self.sha256);
        page::publish(self.path, (!edited).then_some(self.draft), self.title)?;
        if edited { self.beside(&before) } else { self.replace(&before) }
    }

    /// Nobody edited the report: the draft takes its place.
    fn replace(&self, before: &Before) -> Result<()> {
        let unchanged = before.report.as_ref() == Some(&self.sha256);
        if unchanged {
            // An editor that has the file open is not told of a change that is none.
            self.manifest_alone(self.record(self.path), Vec::new(), false)?;
        } else {
            let written = publish::of_bytes(&self.places.output, self.draft.as_bytes())?;
            if sha256_of(self.path)? != before.report {
                // Somebody saved it just now: look again.
                return self.publish();
            }
            let mut manifest = self.manifest.clone();
            manifest.found = self.found(false);
            self.places.publish(written, Vec::new(), manifest)?;
        }
        self.remove_old_draft(before)?;
        log::info!("wrote {}{}", text::path(self.path), if unchanged { " (no change)" } else { "" });
        Ok(())
    }

    /// Somebody edited the report: it stays, and a draft that is new goes beside it.
    fn beside(&self, before: &Before) -> Result<()> {
        let last = before.manifest.as_ref();
        let output = last.map_or_else(
            || FileRecord {
                name: self.places.project.record_name(self.path),
                sha256: String::new(),
                bytes: 0,
            },
            |m| m.output.clone(),
        );
        if before.last_draft() == Some(self.sha256.as_str()) {
            self.manifest_alone(output, last.map(|m| m.companions.clone()).unwrap_or_default(), true)?;
            log::warn!(
                "{} was edited and is left as it is; the draft has not changed since",
                text::path(self.path)
            );
            return Ok(());
        }
        let path = self.free_name(before)?;
        publish::publish(vec![publish::of_bytes(&Target::file(&path), self.draft.as_bytes())?])?;
        self.manifest_alone(output, vec![self.record(&path)], true)?;
        log::warn!(
            "{} was edited and is left as it is; the new draft is in {}",
            text::path(self.path),
            text::path(&path)
        );
        Ok(())
    }

    /// `report.new.md`, or the next number where a person wrote into that.
    fn free_name(&self, before: &Before) -> Result<PathBuf> {
        for number in 1..NAMES {
            let path = new_name(self.path, number);
            match sha256_of(&path)? {
                None => return Ok(path),
                Some(sha256) if sha256 == self.sha256 || before.wrote(&sha256) => return Ok(path),
                Some(_) => {}
            }
        }
        Err(Error::new(Class::Write, "too many edited drafts beside it; remove some").at(self.path))
    }

    /// Removes the draft beside the report once it has been taken up, unless a person wrote into it.
    fn remove_old_draft(&self, before: &Before) -> Result<()> {
        for companion in before.manifest.iter().flat_map(|m| &m.companions) {
            let names = (1..NAMES).map(|number| new_name(self.path, number));
            for path in names.take_while(|p| p.exists()) {
                if self.places.project.record_name(&path) == companion.name
                    && sha256_of(&path)?.as_ref() == Some(&companion.sha256)
                {
                    publish::remove(&path)?;
                    log::info!("removed {}, which is in the report now", text::path(&path));
                }
            }
        }
        Ok(())
    }

    fn manifest_alone(&self, output: FileRecord, companions: Vec<FileRecord>, edited: bool) -> Result<()> {
        let manifest = Manifest { output, companions, found: self.found(edited), ..self.manifest.clone() };
        let target = Target::file(&Manifest::path_of(self.path));
        publish::publish(vec![publish::of_bytes(&target, manifest.to_json()?.as_bytes())?])
    }

    fn found(&self, edited: bool) -> serde_json::Value {
        json!({ "draft_sha256": self.sha256, "edited": edited })
    }

    fn record(&self, path: &Path) -> FileRecord {
        let name = self.places.project.record_name(path);
        FileRecord { name, sha256: self.sha256.clone(), bytes: self.draft.len() as u64 }
    }
}

impl Before {
    fn read(path: &Path, new: &Manifest) -> Result<Self> {
        let manifest = match Manifest::read(&Manifest::path_of(path)) {
            Ok(manifest) => manifest.filter(|m| m.stage == new.stage),
            Err(error) => {
                // Without it, whatever stands there counts as edited: nothing is lost.
                log::warn!("{error}");
                None
            }
        };
        Ok(Self { report: sha256_of(path)?, manifest })
    }

    /// Whether a person changed the report: it is neither what was written last, nor a draft they
    /// took up as it was.
    fn edited(&self, draft: &str) -> bool {
        self.report
            .as_ref()
            .is_some_and(|now| now != draft && !self.wrote(now) && self.last_draft() != Some(now))
    }

    fn wrote(&self, sha256: &str) -> bool {
        self.manifest.iter().flat_map(|m| m.companions.iter().chain([&m.output])).any(|f| f.sha256 == sha256)
    }

    fn last_draft(&self) -> Option<&str> {
        self.manifest.as_ref()?.found.get("draft_sha256")?.as_str()
    }
}

/// `report.md` and 1 give `report.new.md`, and 2 gives `report.new.2.md`.
fn new_name(path: &Path, number: u32) -> PathBuf {
    let ending = if number == 1 { "new".to_owned() } else { format!("new.{number}") };
    match path.extension() {
        Some(extension) => path.with_extension(format!("{ending}.{}", extension.to_string_lossy())),
        None => path.with_extension(ending),
    }
}

/// SHA-256 of a file; nothing where there is none.
fn sha256_of(path: &Path) -> Result<Option<String>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::read(path, &e)),
    };
    if !file.metadata().is_ok_and(|m| m.is_file()) {
        return Err(Error::new(Class::Write, "is no regular file").at(path));
    }
    let (sha256, _) = hash::of_reader(&mut &file).map_err(|e| Error::read(path, &e))?;
    Ok(Some(sha256))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_draft_stands_beside_the_report() {
        let name = |number| new_name(Path::new("reports/report.md"), number);
        assert_eq!(name(1), Path::new("reports/report.new.md"));
        assert_eq!(name(2), Path::new("reports/report.new.2.md"));
        assert_eq!(new_name(Path::new("x/draft"), 1), Path::new("x/draft.new"));
    }
}
