//! Where an output goes: a regular file, or standard output.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Class, Error, Result};

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A regular file, not there yet or to be replaced.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

impl Target {
    /// A file.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self::File(path.to_path_buf())
    }

    /// `-` is standard output, all else a file.
    #[must_use]
    pub fn of_argument(path: &Path) -> Self {
        if path.as_os_str() == "-" { Self::Stdout } else { Self::file(path) }
    }

    /// The path shown in messages.
    #[must_use]
    pub fn shown(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Stdout => Path::new("-"),
        }
    }

    /// Refuses, before any work, what cannot be an output: devices, folders, links, a parent that
    /// is no folder, and folders inside the project that lead out of it by a link.
    ///
    /// # Errors
    /// [`Class::Write`] with the reason.
    pub fn check(&self, project: &Path) -> Result<()> {
        let Self::File(path) = self else { return Ok(()) };
        refuse_unless_regular(path)?;
        let absolute = std::path::absolute(path).map_err(|e| Error::write(path, &e))?;
        let root = std::path::absolute(project).map_err(|e| Error::write(project, &e))?;
        let (absolute, root) = (crate::project::lexical(&absolute), crate::project::lexical(&root));
        let Some(parent) = absolute.parent() else { return Ok(()) };
        // Only a folder that is there can be a link; the rest will be made.
        let Some(existing) = parent.ancestors().find(|p| p.exists()) else { return Ok(()) };
        if !existing.is_dir() {
            return Err(
                Error::new(Class::Write, "not a folder, so nothing can be written below it").at(existing)
            );
        }
        if let (true, Ok(real), Ok(real_root)) =
            (existing.starts_with(&root), existing.canonicalize(), root.canonicalize())
            && !real.starts_with(&real_root)
        {
            return Err(Error::new(
                Class::Write,
                "is a link that leads out of the project; name a file outside with -o if that is meant",
            )
            .at(existing));
        }
        Ok(())
    }
}

/// Refuses a path that is there and is not a regular file.
pub(super) fn refuse_unless_regular(path: &Path) -> Result<()> {
    let Ok(meta) = fs::symlink_metadata(path) else { return Ok(()) };
    let kind = meta.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "is a folder"
    } else if kind.is_symlink() {
        "is a link, which is never written through"
    } else {
        "is a device or a pipe"
    };
    Err(Error::new(Class::Write, format!("{what}; an output must be a regular file or `-`")).at(path))
}
