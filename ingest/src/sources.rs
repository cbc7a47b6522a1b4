//! Finding the sources: files, patterns of files, addresses, standard input.

use std::collections::{HashMap, HashSet};
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Seek as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::error::reason;
use common::publish::{self, Target};
use common::{Class, Error, Project, Result, checkpoint, text};

use crate::address::Address;
use crate::dialects::Given;
use crate::folder::Folder;
use crate::retry::{self, Failure};
use crate::settings::Settings;
use crate::{pattern, s3, snapshots};

/// One thing that was asked for; a pattern may stand for many sources.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// Standard input.
    Stdin,
    /// A path from the command line, as it is.
    Argument(PathBuf),
    /// A path of the configuration, below the project folder.
    File(String),
    /// A pattern of the configuration, below the project folder.
    Pattern(String),
    /// An address.
    Remote(Address),
}

/// A source that is there and can be read.
#[derive(Debug)]
pub(crate) struct Source {
    /// Name in the manifest: a path below the project, or an address without secrets.
    pub(crate) name: String,
    /// Name in messages.
    pub(crate) shown: PathBuf,
    /// What is known of how it is written.
    pub(crate) given: Arc<Given>,
    place: Place,
}

#[derive(Debug)]
enum Place {
    File(PathBuf, Stamp),
    /// Standard input, spooled.
    Stdin(File),
}

/// What tells whether a file is still the one it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
        }
    }
}

/// The files an entry names, and the folders whose tables they are.
#[derive(Debug, Default)]
struct Looked {
    paths: Vec<PathBuf>,
    folders: Vec<(PathBuf, Folder)>,
}

impl Entry {
    /// An entry of the configuration; nothing for a text that names no source.
    pub(crate) fn of_configuration(text: &str) -> Result<Option<Self>> {
        Ok(match text {
            "" | "-" => None,
            text if Address::scheme(text).is_some() => Some(Self::Remote(Address::parse(text)?)),
            text if pattern::is_pattern(text) => Some(Self::Pattern(text.to_owned())),
            text => Some(Self::File(text.to_owned())),
        })
    }

    /// An entry of the command line, where the shell has expanded patterns.
    pub(crate) fn of_argument(path: &Path) -> Result<Self> {
        Ok(match path.to_str() {
            Some("-") => Self::Stdin,
            Some(text) if Address::scheme(text).is_some() => Self::Remote(Address::parse(text)?),
            _ => Self::Argument(path.to_path_buf()),
        })
    }

    /// The name under which it is recorded: no secrets, no folder of this machine but one configured.
    pub(crate) fn name(&self, project: &Project) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::Argument(path) => project.record_name(path),
            Self::File(text) | Self::Pattern(text) => text.clone(),
            Self::Remote(address) => address.name().to_owned(),
        }
    }

    /// The files it names, sorted by bytes; none for addresses and standard input.
    pub(crate) fn paths(&self, project: &Project) -> Result<Vec<PathBuf>> {
        self.look(project).map(|looked| looked.paths)
    }

    /// The same, with the folders whose tables they are.
    fn look(&self, project: &Project) -> Result<Looked> {
        let found = self.named(project)?;
        // A pattern names folders where it ends like one; else a folder among its files is a mistake.
        let of_folders = match self {
            Self::Pattern(text) => text.ends_with("**") || text.ends_with('/'),
            _ => true,
        };
        let mut looked = Looked::default();
        for path in found {
            if of_folders && path.is_dir() {
                let mut folder = Folder::read(&path).map_err(|e| unreadable(&path, &e))?;
                looked.paths.append(&mut folder.tables);
                looked.folders.push((path, folder));
            } else {
                looked.paths.push(path);
            }
        }
        Ok(looked)
    }

    fn named(&self, project: &Project) -> Result<Vec<PathBuf>> {
        Ok(match self {
            Self::Argument(path) => vec![path.clone()],
            Self::File(text) => vec![project.path(text)],
            Self::Pattern(text) => {
                let found = pattern::expand(&project.path(""), text);
                let found = found.map_err(|(path, e)| unreadable(&path, &e))?;
                // A name may hold what patterns are made of.
                let literal = project.path(text);
                if found.is_empty() && literal.exists() { vec![literal] } else { found }
            }
            Self::Stdin | Self::Remote(_) => Vec::new(),
        })
    }

    fn find(&self, given: &Arc<Given>, settings: &Settings) -> std::result::Result<Vec<Source>, Failure> {
        let file = |name, shown, path| Source::file(name, shown, path, given, settings);
        let local = |path: PathBuf| file(settings.project.record_name(&path), path.clone(), path);
        match self {
            Self::Stdin => Ok(vec![Source::stdin(given, settings)?]),
            Self::Remote(address) if s3::is_pattern(address) => {
                let objects = s3::objects(&snapshots::snapshot(address, given, settings)?.path)?;
                let found = objects.into_iter().map(|one| Self::Remote(one).find(given, settings));
                Ok(found.collect::<std::result::Result<Vec<_>, _>>()?.into_iter().flatten().collect())
            }
            Self::Remote(address) => {
                let snapshot = snapshots::snapshot(address, given, settings)?;
                let name = address.name().to_owned();
                let given = match snapshot.charset.filter(|_| given.told.encoding.is_none()) {
                    Some(label) => Arc::new(given.encoded(&label)),
                    None => Arc::clone(given),
                };
                Ok(vec![Source::file(name.clone(), PathBuf::from(name), snapshot.path, &given, settings)?])
            }
            Self::Argument(_) | Self::File(_) | Self::Pattern(_) => {
                let Looked { paths, folders } = self.look(&settings.project)?;
                if paths.is_empty() {
                    let empty = folders.first().map(|(_, folder)| folder.emptiness());
                    return Err(Failure::Unavailable(empty.unwrap_or_else(|| "no file matches".to_owned())));
                }
                for (path, folder) in &folders {
                    if let Some(others) = folder.left_out() {
                        log::info!("{}: not read: {others}", text::path(path));
                    }
                }
                paths.into_iter().map(local).collect()
            }
        }
    }
}

impl Source {
    fn file(
        name: String,
        shown: PathBuf,
        path: PathBuf,
        given: &Arc<Given>,
        settings: &Settings,
    ) -> std::result::Result<Self, Failure> {
        let meta = path.metadata().map_err(|e| match e.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Failure::Unavailable("no such file".to_owned()),
            _ => Failure::Final(unreadable(&shown, &e)),
        })?;
        let refused = |message: &str| Failure::Final(Error::new(Class::Refused, message).at(&shown));
        if meta.is_dir() {
            return Err(refused(
                "is a folder; name its files, as in `folder/*.csv`, or all of them by `folder/`",
            ));
        }
        if !meta.is_file() {
            return Err(refused("is a device or a pipe; a source is a regular file, an address, or `-i -`"));
        }
        if meta.size() > settings.max_source_bytes {
            return Err(Failure::Final(too_large(&shown, settings)));
        }
        Ok(Self { name, shown, given: Arc::clone(given), place: Place::File(path, Stamp::of(&meta)) })
    }

    fn stdin(given: &Arc<Given>, settings: &Settings) -> Result<Self> {
        let shown = PathBuf::from("-");
        let file = checkpoint::spool_stdin()?;
        let size = file.metadata().map_err(|e| unreadable(&shown, &e))?.size();
        if size > settings.max_source_bytes {
            return Err(too_large(&shown, settings));
        }
        Ok(Self { name: "-".to_owned(), shown, given: Arc::clone(given), place: Place::Stdin(file) })
    }

    /// Opens the source at its beginning.
    ///
    /// # Errors
    /// [`Class::Refused`] where it cannot be read, or is not the file that was found.
    pub(crate) fn open(&self) -> Result<File> {
        match &self.place {
            Place::File(path, stamp) => {
                let file = File::open(path).map_err(|e| unreadable(&self.shown, &e))?;
                let meta = file.metadata().map_err(|e| unreadable(&self.shown, &e))?;
                if Stamp::of(&meta) == *stamp { Ok(file) } else { Err(self.changed()) }
            }
            Place::Stdin(file) => {
                let again = file.try_clone().and_then(|mut f| f.rewind().map(|()| f));
                again.map_err(|e| unreadable(&self.shown, &e))
            }
        }
    }

    /// Bytes of the source as it was found, before it is inflated.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.place {
            Place::File(_, stamp) => stamp.size,
            Place::Stdin(file) => file.metadata().map_or(0, |meta| meta.size()),
        }
    }

    /// Refuses a source that is no longer the file that was found.
    ///
    /// # Errors
    /// [`Class::Refused`].
    pub(crate) fn unchanged(&self) -> Result<()> {
        match &self.place {
            Place::File(path, stamp) if !path.metadata().is_ok_and(|m| Stamp::of(&m) == *stamp) => {
                Err(self.changed())
            }
            _ => Ok(()),
        }
    }

    fn changed(&self) -> Error {
        Error::new(Class::Refused, "changed while it was read; run again once it is complete").at(&self.shown)
    }
}

/// Finds every source, waiting for those that are not there yet.
///
/// # Errors
/// [`Class::Unavailable`] after all retries; [`Class::Refused`] for what cannot be a source, or
/// stands twice; [`Class::Usage`] where the output is a source.
pub(crate) fn find(settings: &Settings, output: &Target) -> Result<Vec<Source>> {
    refuse_repeated_addresses(&settings.entries)?;
    let shown = |(entry, _): &(Entry, _)| shown(entry, settings);
    let found = retry::all(&settings.entries, settings.patience, shown, |(entry, given)| {
        entry.find(given, settings)
    })?;
    let sources: Vec<Source> = found.into_iter().flatten().collect();
    refuse_repeated_files(&sources)?;
    for source in &sources {
        if let Place::File(path, _) = &source.place {
            publish::refuse_same_file(output, path)?;
        }
    }
    Ok(sources)
}

/// Brings the snapshots of the remote sources up to date.
///
/// # Errors
/// As [`find`].
pub(crate) fn fetch(settings: &Settings) -> Result<()> {
    refuse_repeated_addresses(&settings.entries)?;
    let remote: Vec<_> = settings.entries.iter().filter(|(e, _)| matches!(e, Entry::Remote(_))).collect();
    if remote.is_empty() {
        log::info!("no source is remote, so there is nothing to ask for");
    }
    let shown = |(entry, _): &&(Entry, _)| shown(entry, settings);
    retry::all(&remote, settings.patience, shown, |(entry, given)| entry.find(given, settings)).map(drop)
}

fn shown(entry: &Entry, settings: &Settings) -> String {
    match entry {
        Entry::Argument(path) => text::path(path),
        other => text::one_line(&other.name(&settings.project)),
    }
}

fn refuse_repeated_addresses(entries: &[(Entry, Arc<Given>)]) -> Result<()> {
    let mut seen = HashSet::new();
    for (entry, _) in entries {
        let name = match entry {
            Entry::Remote(address) => address.name(),
            Entry::Stdin => "-",
            _ => continue,
        };
        if !seen.insert(name) {
            return Err(Error::new(Class::Refused, "stands twice among the sources").at(Path::new(name)));
        }
    }
    Ok(())
}

fn refuse_repeated_files(sources: &[Source]) -> Result<()> {
    let mut seen = HashMap::new();
    for source in sources {
        let Place::File(_, stamp) = &source.place else { continue };
        if let Some(first) = seen.insert((stamp.device, stamp.inode), &source.shown) {
            let message = if *first == source.shown {
                "stands twice among the sources".to_owned()
            } else {
                format!("is the same file as {}", text::path(first))
            };
            return Err(Error::new(Class::Refused, message).at(&source.shown));
        }
    }
    Ok(())
}

/// A source that is there and cannot be read.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Class::Refused, format!("cannot read: {}", reason(error))).at(path)
}

fn too_large(path: &Path, settings: &Settings) -> Error {
    let limit = settings.max_source_bytes;
    Error::new(
        Class::Refused,
        format!("is larger than {limit} bytes; raise `max_source_bytes` in [ingest] if it is meant"),
    )
    .at(path)
}
