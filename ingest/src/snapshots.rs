//! Snapshots of remote sources, and `sources.lock`, which says what they must hold.
//!
//! A snapshot is downloaded once and read from then on, as long as its hash is the lock's.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use common::error::reason;
use common::project::names;
use common::{Class, Error, Project, Result, hash, json, publish, text};
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::fetch::{self, Bounds};
use crate::retry::Failure;
use crate::settings::Settings;
use crate::sources::unreadable;

/// What is known of one remote source.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// SHA-256 of its bytes.
    pub(crate) sha256: String,
    bytes: u64,
    #[serde(default)]
    etag: Option<String>,
    #[serde(default)]
    last_modified: Option<String>,
    /// Where the snapshot stands; for people, the place follows from the address.
    snapshot: String,
}

/// `sources.lock`: remote sources by their address without secrets.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Lock(BTreeMap<String, Known>);

impl Lock {
    /// Reads the lock of a project; an empty one where there is none.
    ///
    /// # Errors
    /// [`Class::Usage`] with the line where it is no lock file.
    pub(crate) fn read(project: &Project) -> Result<Self> {
        let path = project.path(names::SOURCES_LOCK);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(Error::usage(format!("cannot read: {}", reason(&e))).at(&path)),
        };
        serde_json::from_str(&text).map_err(|e| {
            let line = u64::try_from(e.line()).unwrap_or(1);
            Error::usage("is no lock file of remote sources; restore it, or remove it to download anew")
                .at_line(&path, line)
        })
    }

    /// What is known of `address`.
    pub(crate) fn get(&self, address: &Address) -> Option<&Known> {
        self.0.get(address.name())
    }

    fn write(&self, project: &Project) -> Result<()> {
        publish::write_if_changed(&project.path(names::SOURCES_LOCK), json::pretty(self)?.as_bytes())
            .map(drop)
    }
}

/// The snapshot of `address`, downloaded where there is none or a new one is asked for.
///
/// # Errors
/// [`Class::Refused`] where a hash is not the lock's, both shown; else as [`fetch::fetch`].
pub(crate) fn snapshot(address: &Address, settings: &Settings) -> std::result::Result<PathBuf, Failure> {
    let name = format!("{}/{}.csv", names::SNAPSHOTS, address.stem());
    let path = settings.project.path(&name);
    let mut lock = Lock::read(&settings.project)?;
    let pinned = lock.get(address).map(|known| known.sha256.clone());
    if let Some(pinned) = pinned.as_deref().filter(|_| !settings.refresh && path.is_file()) {
        let file = File::open(&path);
        let (found, _) = file.and_then(|mut f| hash::of_reader(&mut f)).map_err(|e| unreadable(&path, &e))?;
        agree(pinned, &found, "the snapshot", &path)?;
        log::info!("{}: using the snapshot {}", address.name(), text::path(&path));
        return Ok(path);
    }
    log::info!("{}: downloading", address.name());
    let bounds = Bounds { timeout: settings.timeout, bytes: settings.max_source_bytes };
    let fetched = fetch::fetch(address, &path, bounds)?;
    if let Some(pinned) = pinned.as_deref().filter(|_| !settings.refresh) {
        agree(pinned, &fetched.file.sha256, "the download", Path::new(address.name()))?;
    }
    let known = Known {
        sha256: fetched.file.sha256.clone(),
        bytes: fetched.file.bytes,
        etag: fetched.etag,
        last_modified: fetched.last_modified,
        snapshot: name,
    };
    log::info!("{}: {} bytes to {}", address.name(), known.bytes, text::path(&path));
    // Killed between the two files, the next run must find no entry rather than one that is wrong.
    if pinned.is_some_and(|pinned| pinned != known.sha256) {
        lock.0.remove(address.name());
        lock.write(&settings.project)?;
    }
    publish::publish(vec![fetched.file])?;
    lock.0.insert(address.name().to_owned(), known);
    lock.write(&settings.project)?;
    Ok(path)
}

fn agree(pinned: &str, found: &str, what: &str, at: &Path) -> Result<()> {
    if pinned == found {
        return Ok(());
    }
    Err(Error::new(
        Class::Refused,
        format!(
            "{what} has sha256 {found}, {} says {}; `ingest --refresh` downloads it and takes what comes",
            names::SOURCES_LOCK,
            text::shown(pinned)
        ),
    )
    .at(at))
}
