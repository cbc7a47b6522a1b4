//! `--list-sources`: what a run would read, as lines that change whenever a source does. Make keeps
//! them in a file that is rewritten only on change. Nothing is waited for or downloaded.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use common::{Result, text};

use crate::settings::Settings;
use crate::sources::Entry;

/// One line a source: its name, then its size and time in nanoseconds, or what is amiss; parts are
/// separated by tabs, which names have escaped. The hash of a remote source stands in `sources.lock`, which
/// Make looks at itself: a run writes it, and must not have to run again for that.
///
/// # Errors
/// A folder that cannot be read.
pub(crate) fn list(settings: &Settings) -> Result<String> {
    let mut lines = String::new();
    let mut line = |name: &str, rest: &str| lines.extend([&text::one_line(name), "\t", rest, "\n"]);
    for (entry, _) in &settings.entries {
        let name = entry.name(&settings.project);
        match entry {
            Entry::Stdin => line(&name, "standard input"),
            Entry::Remote(_) => line(&name, "remote"),
            _ => {
                let paths = entry.paths(&settings.project)?;
                if paths.is_empty() {
                    line(&name, "missing");
                }
                for path in paths {
                    line(&settings.project.record_name(&path), &state(&path));
                }
            }
        }
    }
    Ok(lines)
}

fn state(path: &Path) -> String {
    match path.metadata() {
        Ok(meta) if meta.is_file() => format!("{}\t{}", meta.size(), nanoseconds(&meta)),
        Ok(_) => "no regular file".to_owned(),
        Err(_) => "missing".to_owned(),
    }
}

fn nanoseconds(meta: &Metadata) -> i128 {
    i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec())
}
