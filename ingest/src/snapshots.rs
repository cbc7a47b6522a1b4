//! Snapshots of remote sources, and `sources.lock`, which says what they must hold.
//!
//! A snapshot is downloaded once and read from then on, as long as its hash is the lock's. Only where it is
//! asked for (`--refresh`) is a server asked for changes; these are told, and taken up.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use common::error::reason;
use common::project::names;
use common::{Class, Error, Project, Result, hash, json, publish, text};
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::dialects::Given;
use crate::fetch::{self, Answer, Fetched, Version};
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    charset: Option<String>,
    /// Where the snapshot stands; for people, the place follows from the address.
    snapshot: String,
}

impl Known {
    fn version(&self) -> Version {
        Version { etag: self.etag.clone(), last_modified: self.last_modified.clone() }
    }
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

/// The bytes of a remote source on this machine.
pub(crate) struct Snapshot {
    /// Where they stand.
    pub(crate) path: PathBuf,
    /// Label of the encoding that the server names.
    pub(crate) charset: Option<String>,
}

/// The snapshot of `address`: downloaded where there is none; where changes are asked for, the server is
/// asked whether it still has the same; else it is used as it is.
///
/// # Errors
/// [`Class::Refused`] where a hash is not the lock's, both shown; else as [`fetch::fetch`].
pub(crate) fn snapshot(
    address: &Address,
    given: &Given,
    settings: &Settings,
) -> std::result::Result<Snapshot, Failure> {
    let name = format!("{}/{}.csv", names::SNAPSHOTS, address.stem());
    let path = settings.project.path(&name);
    let mut lock = Lock::read(&settings.project)?;
    let known = lock.get(address).cloned();
    let at_hand = if path.is_file() && known.is_some() { Some(hash_of(&path)?) } else { None };
    if let (Some(known), Some(found), false) = (&known, &at_hand, settings.refresh) {
        agree(&known.sha256, found, "the snapshot", &path)?;
        log::info!("{}: using the snapshot {}", address.name(), text::path(&path));
        return Ok(Snapshot { path, charset: known.charset.clone() });
    }
    // A server is asked about a version only where its bytes are at hand and sound.
    let sound = known.as_ref().filter(|known| at_hand.as_ref() == Some(&known.sha256));
    let version = sound.map(Known::version).filter(|v| v.etag.is_some() || v.last_modified.is_some());
    let doing = if version.is_some() { "asking for changes" } else { "downloading" };
    log::info!("{}: {doing}", address.name());
    let fetched = match (fetch::fetch(address, &path, &settings.bounds, version.as_ref())?, sound) {
        (Answer::Body(fetched), _) => fetched,
        (Answer::Unchanged, Some(known)) => {
            log::info!("{}: unchanged, sha256 {}", address.name(), known.sha256);
            return Ok(Snapshot { path, charset: known.charset.clone() });
        }
        (Answer::Unchanged, None) => return Err(fetch::refused(address, "says that nothing has changed")),
    };
    let charset = charset(&fetched, given, address)?;
    let now = Known {
        sha256: fetched.file.sha256.clone(),
        bytes: fetched.file.bytes,
        etag: fetched.version.etag,
        last_modified: fetched.version.last_modified,
        charset: charset.clone(),
        snapshot: name,
    };
    let changed = match &known {
        Some(known) if !settings.refresh => {
            agree(&known.sha256, &now.sha256, "the download", Path::new(address.name()))?;
            false
        }
        Some(known) => known.sha256 != now.sha256,
        None => false,
    };
    match &known {
        Some(known) if changed => log::warn!(
            "{}: changed: sha256 was {}, is {} ({} bytes)",
            address.name(),
            text::shown(&known.sha256),
            now.sha256,
            now.bytes
        ),
        Some(_) => log::info!("{}: the same bytes, sha256 {}", address.name(), now.sha256),
        None => log::info!("{}: {} bytes to {}", address.name(), now.bytes, text::path(&path)),
    }
    // Killed between the two files, the next run must find no entry rather than one that is wrong.
    if changed {
        lock.0.remove(address.name());
        lock.write(&settings.project)?;
    }
    publish::publish(vec![fetched.file])?;
    lock.0.insert(address.name().to_owned(), now);
    lock.write(&settings.project)?;
    Ok(Snapshot { path, charset })
}

/// The encoding that the server names, unless one is given here, which goes before it.
fn charset(
    fetched: &Fetched,
    given: &Given,
    address: &Address,
) -> std::result::Result<Option<String>, Failure> {
    let Some(label) = &fetched.charset else { return Ok(None) };
    let is_utf8 = strict_csv::Encoding::of_label(label) == Some(strict_csv::Encoding::Utf8);
    if is_utf8 || !fetched.is_utf8_beyond_ascii {
        return Ok(Some(label.clone()));
    }
    if given.told.encoding.is_none() {
        let message = format!(
            "the server names the encoding {}, and the bytes are UTF-8; give `encoding` in [ingest]",
            text::name(label)
        );
        return Err(fetch::refused(address, message));
    }
    Ok(None)
}

fn hash_of(path: &Path) -> Result<String> {
    let file = File::open(path);
    let hashed = file.and_then(|mut f| hash::of_reader(&mut f)).map_err(|e| unreadable(path, &e));
    Ok(hashed?.0)
}

fn agree(pinned: &str, found: &str, what: &str, at: &Path) -> Result<()> {
    if pinned == found {
        return Ok(());
    }
    Err(Error::new(
        Class::Refused,
        format!(
            "{what} has sha256 {found}, {} says {}; `make refresh` (`ingest --refresh`) downloads it and takes \
             what comes",
            names::SOURCES_LOCK,
            text::shown(pinned)
        ),
    )
    .at(at))
}
