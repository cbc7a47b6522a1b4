//! Patterns of file names: `*`, `?`, `[...]` within a name, `**` over folders.
//!
//! The `glob` crate matches each name; the walk is ours, since its own passes silently over names
//! that are not UTF-8 and over folders it cannot read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use glob::Pattern;

/// Whether `text` is a pattern and not a plain path.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Every path below `root` that `pattern` matches, sorted by bytes; `root` itself is taken as it is. Names that begin with a dot never match:
/// hidden files, and the temporary files of a run.
///
/// # Errors
/// A folder that cannot be read, or a pattern that is none.
pub(crate) fn expand(root: &Path, pattern: &str) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut found = vec![root.to_path_buf()];
    let mut parts = Path::new(pattern).components().peekable();
    while let Some(part) = parts.next() {
        let part = part.as_os_str();
        match part.to_str().filter(|text| is_pattern(text)) {
            None => found.iter_mut().for_each(|path| path.push(part)),
            Some("**") => found = with_folders_below(found)?,
            Some(text) => {
                let broken = |e| (pattern.into(), io::Error::other(format!("no valid pattern: {e}")));
                let name = Pattern::new(text).map_err(broken)?;
                found = matching(&found, &name, parts.peek().is_some())?;
            }
        }
    }
    found.retain(|path| fs::symlink_metadata(path).is_ok());
    found.sort_unstable_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    found.dedup();
    Ok(found)
}

fn matching(
    folders: &[PathBuf],
    name: &Pattern,
    folders_only: bool,
) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut found = Vec::new();
    for folder in folders {
        for path in visible(folder)? {
            let matches = path.file_name().is_some_and(|n| name.matches(&n.to_string_lossy()));
            if matches && (!folders_only || path.is_dir()) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// `folders` and all folders below them; links to folders are not followed, so that it ends.
fn with_folders_below(folders: Vec<PathBuf>) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut found = Vec::new();
    let mut open = folders;
    while let Some(folder) = open.pop() {
        let below = visible(&folder)?.into_iter();
        open.extend(below.filter(|p| fs::symlink_metadata(p).is_ok_and(|m| m.is_dir())));
        found.push(folder);
    }
    Ok(found)
}

/// What a folder holds, but for names that begin with a dot; nothing where there is no folder.
fn visible(folder: &Path) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let named = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let failed = |e| (named.to_path_buf(), e);
    let entries = match fs::read_dir(named) {
        Ok(entries) => entries,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(e) => return Err(failed(e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        if !name.as_encoded_bytes().starts_with(b".") {
            names.push(folder.join(name));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt as _;

    #[test]
    fn names_are_matched_sorted_by_bytes_and_hidden_ones_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["b.csv", "B.csv", "a 1.csv", ".hidden.csv", ".b.csv.tmp-x1", "c.txt", "x/d.csv", "x/y/e.csv"]
        {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let odd = std::ffi::OsStr::from_bytes(b"\xff.csv");
        fs::write(folder.path().join(odd), "").unwrap();
        let names = |pattern: &str| -> Vec<String> {
            let found = expand(folder.path(), pattern).unwrap();
            found
                .iter()
                .map(|p| p.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(names("*.csv"), ["B.csv", "a 1.csv", "b.csv", "\u{fffd}.csv"]);
        assert_eq!(names("**/*.csv"), ["B.csv", "a 1.csv", "b.csv", "x/d.csv", "x/y/e.csv", "\u{fffd}.csv"]);
        assert_eq!(names("[ab]?1.csv"), ["a 1.csv"]);
        assert_eq!(names("*/d.csv"), ["x/d.csv"]);
        assert!(names("*.parquet").is_empty());
        assert!(names("none/*.csv").is_empty());
    }
}
