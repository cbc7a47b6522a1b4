//! `report --check`: whether what somebody vouched for still is what the metrics say.

use std::path::Path;

use common::checkpoint::Places;
use common::error::{Class, Error, Result};
use common::manifest::Manifest;
use common::text;

use crate::desk::Desk;
use crate::facts::Facts;
use crate::standing::{Standing, Vouched};
use crate::{release, revise};

/// Refuses where the manifest, or the standing, speaks of what is not there any more.
fn vouched_for(path: &Path, desk: &Desk, standing: &Standing) -> Result<()> {
    let gate = |why: String| Err(Error::new(Class::Gate, why).at(path));
    let manifest = Manifest::read(&Manifest::path_of(path)).ok().flatten();
    let said = manifest.as_ref().and_then(|m| m.found.get("standing")?.as_str()).unwrap_or("draft");
    if desk.state.is_none() && said != "draft" {
        let state = text::path(&desk.state_path);
        return gate(format!(
            "was {}, and {state}, which knows what was vouched for, is gone",
            text::shown(said)
        ));
    }
    match standing {
        Standing::Published { version, .. } if !release::folder_of(path).join(version).is_dir() => {
            gate(format!("was published as version {version}, which is not in published/"))
        }
        _ => Ok(()),
    }
}

/// Checks, and writes nothing.
///
/// # Errors
/// [`Class::Gate`] where a reviewed or published report is of other numbers or words than now;
/// [`Class::Checkpoint`] where a published version was changed.
pub(crate) fn run(places: &Places, facts: &Facts) -> Result<()> {
    let path = places.output.shown();
    let desk = Desk::open(path)?;
    let metrics = &facts.metrics_record().sha256;
    let standing = desk.state.as_ref().map(|state| state.standing.clone()).unwrap_or_default();
    if let (Some(then), Some(found)) = (standing.vouched(), &desk.found) {
        let now = Vouched { metrics: metrics.clone(), words: revise::words(found) };
        let what = match (then.metrics == now.metrics, then.words == now.words) {
            (true, true) => None,
            (false, _) => Some("numbers"),
            (true, false) => Some("words"),
        };
        if let Some(what) = what {
            let why = format!("was {} with other {what} than it has now", standing.word());
            return Err(Error::new(Class::Gate, why).at(path));
        }
    } else if standing.vouched().is_some() {
        return Err(Error::new(Class::Gate, format!("was {} and is gone", standing.word())).at(path));
    }
    vouched_for(path, &desk, &standing)?;
    let newest = release::check(&release::folder_of(path), metrics)?;
    let published = newest.map_or_else(String::new, |version| {
        format!("; version {} is of these numbers", text::shown(&version))
    });
    log::info!("{} is a {} report{published}", text::path(path), standing.word());
    Ok(())
}
