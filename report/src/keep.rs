//! Writing the report and what stands beside it, without ever destroying what an analyst wrote.
//!
//! The state goes first, with the old and the new texts, so that after a kill either report can be read; then
//! figures, then the report, in place of just the text that was read; then HTML and state; the manifest last.

use std::path::PathBuf;
use std::time::Duration;

use common::checkpoint::Places;
use common::error::{Class, Result};
use common::manifest::{FileRecord, Manifest};
use common::publish::{self, Replaced, Target};
use common::{hash, text};

use crate::desk::{self, Desk};
use crate::state::State;

/// Wait before a failed write is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// A report on its way to disk.
pub(crate) struct Publication<'a> {
    pub(crate) places: &'a Places,
    pub(crate) desk: &'a Desk,
    /// The report.
    pub(crate) text: String,
    pub(crate) state: State,
    /// The draft, where it goes beside a report that is the analyst's alone.
    pub(crate) apart: Option<String>,
    /// HTML and figures, by path.
    pub(crate) companions: Vec<(PathBuf, String)>,
    pub(crate) manifest: Manifest,
}

/// Writes a draft to a pipe, which has neither state nor companions.
///
/// # Errors
/// [`Class::Write`] or [`Class::Pipe`].
pub(crate) fn pipe(places: &Places, draft: &str, manifest: Manifest) -> Result<()> {
    // What a pipe has taken cannot be taken back, so there is one try.
    places.publish(publish::of_bytes(&places.output, draft.as_bytes())?, Vec::new(), manifest)
}

impl Publication<'_> {
    /// Writes everything; a failed write is tried once more. [`Replaced::Changed`] where the report was saved meanwhile.
    ///
    /// # Errors
    /// [`Class::Write`] where it failed twice; the old report is whole then.
    pub(crate) fn publish(&self) -> Result<Replaced> {
        let outcome = match self.once() {
            Err(error) if error.class() == Class::Write => {
                log::warn!("{error}; trying once more");
                std::thread::sleep(PAUSE);
                self.once()
            }
            outcome => outcome,
        };
        if outcome.is_err() {
            // What cannot be removed now, the next run looks at.
            let _ = publish::settle();
        }
        outcome
    }

    fn once(&self) -> Result<Replaced> {
        let path = &self.desk.path;
        let new = hash::hex(self.text.as_bytes());
        let changed = self.desk.sha256.as_ref() != Some(&new);
        let state = State { written: [new.clone()].into(), ..self.state.clone() };
        let meanwhile = match (&self.desk.state, &self.desk.found) {
            (Some(before), _) => Some(state.clone().with(before)),
            // Of a report whose state was lost nothing is known, and so it must stay until there is another.
            (None, Some(_)) => None,
            (None, None) => Some(State { drafts: state.drafts.clone(), ..State::default() }),
        };
        if let (true, Some(mut both)) = (changed, meanwhile) {
            // What was read is in the new report, so that after a kill it need not be kept.
            both.written.extend(self.desk.sha256.iter().chain([&new]).cloned());
            publish::write_if_changed(&self.desk.state_path, both.to_json()?.as_bytes())?;
        }
        let (html, figures): (Vec<_>, Vec<_>) =
            self.companions.iter().partition(|(path, _)| path.extension().is_some_and(|e| e == "html"));
        for (path, content) in figures {
            publish::write_if_changed(path, content.as_bytes())?;
        }
        if changed {
            let written = publish::of_bytes(&Target::file(path), self.text.as_bytes())?;
            if publish::replace(written, self.desk.sha256.as_deref())? == Replaced::Changed {
                return Ok(Replaced::Changed);
            }
        }
        for (path, content) in html {
            publish::write_if_changed(path, content.as_bytes())?;
        }
        self.beside()?;
        self.remove_old()?;
        if publish::settle()? == Replaced::Changed {
            return Ok(Replaced::Changed);
        }
        let state = state.to_json()?;
        publish::write_if_changed(&self.desk.state_path, state.as_bytes())?;
        self.vouch(&state)?;
        // Make goes by times: what was saved before the manifest would look as if it were in this run.
        if desk::sha256_of(path)?.as_ref() != Some(&new) {
            return Ok(Replaced::Changed);
        }
        log::info!("wrote {}{}", text::path(path), if changed { "" } else { " (no change)" });
        Ok(Replaced::Done)
    }

    /// The manifest, last: from here on Make takes the report as made.
    fn vouch(&self, state: &str) -> Result<()> {
        let mut companions: Vec<FileRecord> =
            self.companions.iter().map(|(path, content)| self.record(path, content)).collect();
        companions.push(self.record(&self.desk.state_path, state));
        let output = self.record(&self.desk.path, &self.text);
        let manifest = Manifest { output, companions, ..self.manifest.clone() };
        let target = Target::file(&Manifest::path_of(&self.desk.path));
        publish::publish(vec![publish::of_bytes(&target, manifest.to_json()?.as_bytes())?])
    }

    /// The draft beside a report that has no block, once.
    fn beside(&self) -> Result<()> {
        let Some(draft) = &self.apart else { return Ok(()) };
        let path = desk::free_name(&self.desk.path, "new", &hash::hex(draft.as_bytes()))?;
        publish::write_if_changed(&path, draft.as_bytes())?;
        log::warn!(
            "{} has no generated block and is left as it is; the draft is in {}",
            text::path(&self.desk.path),
            text::path(&path)
        );
        Ok(())
    }

    /// Removes companions of the last run that are made no more, unless somebody changed them.
    fn remove_old(&self) -> Result<()> {
        let Ok(Some(last)) = Manifest::read(&Manifest::path_of(&self.desk.path)) else { return Ok(()) };
        for old in &last.companions {
            let path = self.places.project.path(&old.name);
            let ours = self.companions.iter().any(|(now, _)| *now == path) || path == self.desk.state_path;
            let folder = self.desk.path.parent().map(common::project::lexical).unwrap_or_default();
            if ours || !common::project::lexical(&path).starts_with(folder) {
                continue;
            }
            if std::fs::read(&path).is_ok_and(|bytes| hash::hex(&bytes) == old.sha256) {
                publish::remove(&path)?;
            }
        }
        Ok(())
    }

    fn record(&self, path: &std::path::Path, content: &str) -> FileRecord {
        FileRecord::of(self.places.project.record_name(path), content.as_bytes())
    }
}
