//! One edition of the report: all texts of a run, made in memory before anything is written.

use std::path::PathBuf;

use common::checkpoint::Places;
use common::error::Result;
use common::manifest::Manifest;
use common::publish::Replaced;
use serde_json::json;

use crate::aim::Aim;
use crate::desk::Desk;
use crate::facts::Facts;
use crate::keep::Publication;
use crate::memory::Known;
use crate::page::{self, Image};
use crate::reference::{self, Filled};
use crate::release::Release;
use crate::revise::{self, Figures, Revised};
use crate::standing::{Standing, Vouched};
use crate::{document, draft, figures, html, todo};

/// All texts of a run.
pub(crate) struct Edition<'a> {
    desk: &'a Desk,
    revised: Revised,
    /// The report, with references to fill.
    text: String,
    /// Lines of it with a placeholder.
    placeholders: Vec<usize>,
    draft: String,
    filled: Filled,
    html: String,
    images: Vec<Image>,
    release: Option<Release>,
}

impl<'a> Edition<'a> {
    /// Makes them.
    ///
    /// # Errors
    /// [`common::Class::Gate`] where the report is to be reviewed or published and is not ready.
    pub(crate) fn new(places: &Places, facts: &mut Facts, desk: &'a Desk, aim: &Aim) -> Result<Self> {
        let vouched = Vouched { metrics: facts.metrics_record().sha256.clone(), words: words(desk) };
        let before = desk.state.as_ref().map(|state| state.standing.clone()).unwrap_or_default();
        let release = match aim {
            Aim::Publish(version) => Some(Release::plan(places, version.as_deref(), &before, &vouched)?),
            Aim::Report | Aim::Review => None,
        };
        facts.standing = match (aim, &release) {
            (Aim::Review, _) => Standing::Reviewed(vouched),
            (_, Some(release)) => Standing::Published { version: release.version.clone(), vouched },
            _ => before.beside(&vouched),
        };
        let draft = draft::compose(facts)?;
        let generated = document::parse(&draft, &|_| Vec::new()).generated();
        let now = Known::of(&facts.raw);
        let last = desk.state.as_ref().and_then(|state| serde_json::from_str(&state.metrics).ok());
        let last = last.as_ref().map(Known::of);
        let metrics = facts.raw.to_string();
        let same = desk.state.as_ref().is_some_and(|state| state.metrics == metrics);
        let figures = Figures { before: last.as_ref(), now: &now, same };
        let mut revised = revise::revise(&generated, desk.found.as_ref(), figures);
        revised.state.metrics = metrics;
        revised.state.standing = facts.standing.clone().with_words(&revised.words);
        let text = revised.document.render();
        let filled = reference::fill(&text, &facts.raw);
        let placeholders = html::placeholders(&text);
        todo::tell(desk, &revised.findings, &filled);
        if *aim != Aim::Report {
            todo::refuse(desk, &text, &placeholders, &revised.findings, &filled)?;
        }
        let images = page::images(facts, &filled.text);
        let html = page::write(facts, &filled.text, &images, &revised.findings);
        Ok(Self { desk, revised, text, placeholders, draft, filled, html, images, release })
    }

    /// Writes them; [`Replaced::Changed`] where the report was saved meanwhile.
    ///
    /// # Errors
    /// Where that fails; what was there stays.
    pub(crate) fn write(&self, places: &Places, facts: &Facts, config: &str) -> Result<Replaced> {
        let companions = self.companions(facts);
        if let Some(release) = &self.release {
            release.write(facts, &self.filled.text, &companions, &self.images)?;
        }
        let mut manifest = Manifest::new(common::Task::Report, config, facts.inputs());
        manifest.ledger = facts.metrics.ledger.clone();
        manifest.found = json!({
            "edited": self.revised.findings.edited,
            "standing": self.revised.state.standing.word(),
            "conflicts": self.revised.findings.conflicts.len(),
            "stale": self.revised.findings.stale,
            "damages": self.revised.findings.damages.len(),
            "placeholders": self.placeholders.len(),
            "unknown_references": self.filled.unknown.len(),
        });
        let publication = Publication {
            places,
            desk: self.desk,
            text: self.desk.encoded(&self.text),
            state: self.revised.state.clone(),
            apart: self.revised.findings.apart.then(|| self.draft.clone()),
            companions,
            manifest,
        };
        publication.publish()
    }

    /// HTML and figures, by path.
    fn companions(&self, facts: &Facts) -> Vec<(PathBuf, String)> {
        let folder = figures::folder(&self.desk.path);
        let figures = facts.figures.iter().map(|f| (folder.join(format!("{}.svg", f.name)), f.svg.clone()));
        figures.chain([(self.desk.path.with_extension("html"), self.html.clone())]).collect()
    }
}

/// SHA-256 of the words of the analyst as they are now.
fn words(desk: &Desk) -> String {
    desk.found.as_ref().map(revise::words).unwrap_or_default()
}
