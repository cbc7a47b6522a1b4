//! A folder as a source: the tables that lie in it, told by the ending of their names.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use common::text;

/// Endings of tables, each also with one of [`PACKED`].
const ENDINGS: [&str; 4] = ["csv", "tsv", "tab", "txt"];

/// Endings of packed files.
const PACKED: [&str; 3] = ["gz", "zst", "zstd"];

/// Most files named that are left out.
const MOST_NAMED: usize = 3;

/// What a folder holds.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// Its tables, sorted by the bytes of their names.
    pub(crate) tables: Vec<PathBuf>,
    /// Names of other files that are not hidden.
    others: Vec<String>,
    /// How many folders lie in it.
    folders: usize,
}

impl Folder {
    /// Looks into one folder; links are followed, folders below are not.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        let mut found = Self::default();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name();
            let path = folder.join(&name);
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if path.is_dir() {
                found.folders += 1;
            } else if is_table(&name) {
                found.tables.push(path);
            } else {
                found.others.push(text::shown(&name.to_string_lossy()));
            }
        }
        found.tables.sort_unstable_by(|a, b| bytes(a).cmp(bytes(b)));
        found.others.sort_unstable();
        Ok(found)
    }

    /// What of it is not read, in words; nothing where all is.
    pub(crate) fn left_out(&self) -> Option<String> {
        let files = (!self.others.is_empty()).then(|| {
            let more = if self.others.len() > MOST_NAMED { ", ..." } else { "" };
            let named: Vec<&str> = self.others.iter().take(MOST_NAMED).map(String::as_str).collect();
            format!("{} ({}{more})", text::count(self.others.len() as u64, "other file"), named.join(", "))
        });
        let folders = (self.folders > 0)
            .then(|| format!("{}, which `**` after it reads", text::count(self.folders as u64, "folder")));
        let parts: Vec<String> = files.into_iter().chain(folders).collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    }

    /// Why there is no source in it.
    pub(crate) fn emptiness(&self) -> String {
        let endings: Vec<String> = ENDINGS.iter().map(|ending| format!(".{ending}")).collect();
        let others = self.left_out().map(|others| format!("; it holds {others}")).unwrap_or_default();
        format!(
            "a folder without a file that ends in {} (or these and .gz, .zst){others}",
            endings.join(", ")
        )
    }
}

/// Whether a name ends as those of tables do, in letters of any size.
fn is_table(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or_default();
    let ending = if PACKED.contains(&ending) { stem.rsplit_once('.').unwrap_or_default().1 } else { ending };
    ENDINGS.contains(&ending)
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_by_their_names() {
        for (name, table) in [
            ("a.csv", true),
            ("A.CSV", true),
            ("a.b.tsv", true),
            ("a.txt.gz", true),
            ("a.tab.zst", true),
            ("csv", false),
            ("a.csv~", false),
            ("a.csv.bak", false),
            ("a.gz", false),
            ("a.json.gz", false),
            ("a.xlsx", false),
        ] {
            assert_eq!(is_table(OsStr::new(name)), table, "{name}");
        }
    }
}
