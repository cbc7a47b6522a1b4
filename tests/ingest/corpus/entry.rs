//! A corpus folder: `manifest.json`, the files it names and the tables they hold.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A folder with a manifest.
pub(crate) struct Corpus {
    pub(crate) folder: PathBuf,
    pub(crate) entries: Vec<Entry>,
}

/// A file, what the reader is told of it, and what must come of it.
#[derive(Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) file: PathBuf,
    sha256: String,
    pub(crate) kind: String,
    pub(crate) outcome: Outcome,
    #[serde(default)]
    pub(crate) dialect: Map<String, Value>,
    #[serde(default)]
    pub(crate) header_check: HeaderCheck,
    expected: Option<PathBuf>,
    #[serde(default)]
    expected_alt: Vec<Alternative>,
    #[serde(default)]
    pub(crate) bad_lines: Vec<u64>,
    pub(crate) if_encoding_not_told: Option<NotTold>,
    /// What the text of some columns is worth.
    pub(crate) typed: Option<Map<String, Value>>,
}

/// What may come of a file.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The table, exactly.
    Table,
    /// One of the tables, exactly, or a refusal.
    TableOrRefuse,
    /// A refusal by line, or the bad records set aside and the rest exact.
    RefuseOrQuarantine,
    /// A refusal, with nothing written.
    Refuse,
    /// Any clean end, the same each time.
    NoCrash,
}

impl Outcome {
    /// The word of the manifest.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::TableOrRefuse => "table_or_refuse",
            Self::RefuseOrQuarantine => "refuse_or_quarantine",
            Self::Refuse => "refuse",
            Self::NoCrash => "no_crash",
        }
    }
}

/// How the names of the columns are compared.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HeaderCheck {
    /// Equal to the expected ones.
    #[default]
    Exact,
    /// As many as expected, none empty, no two alike.
    Distinct,
}

/// What must come of a file whose encoding is kept back.
#[derive(Deserialize)]
pub(crate) struct NotTold {
    pub(crate) outcome: Outcome,
    #[serde(default)]
    pub(crate) bad_lines: Vec<u64>,
}

/// A table that is as good as the first.
#[derive(Deserialize)]
struct Alternative {
    expected: PathBuf,
    #[serde(default)]
    bad_lines: Vec<u64>,
}

/// Cells as they must be read; no header where the file has none.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) header: Option<Vec<String>>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// Columns of the table, where it has a header or a row.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.header.as_ref().or(self.rows.first()).map(Vec::len)
    }
}

/// A table that is right if the records beginning in `bad_lines` were set aside.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) table: Table,
    pub(crate) bad_lines: Vec<u64>,
}

impl Corpus {
    /// The corpus in `folder`.
    pub(crate) fn open(folder: &Path) -> Self {
        #[derive(Deserialize)]
        struct Manifest {
            files: Vec<Entry>,
        }
        let manifest: Manifest = read_json(&folder.join("manifest.json"));
        assert!(!manifest.files.is_empty(), "{}: the manifest names no file", folder.display());
        Self { folder: folder.to_path_buf(), entries: manifest.files }
    }

    /// The bytes of an entry's file, which must be those of the manifest.
    pub(crate) fn bytes(&self, entry: &Entry) -> Vec<u8> {
        let path = self.folder.join(&entry.file);
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(common::hash::hex(&bytes), entry.sha256, "{} was changed", path.display());
        bytes
    }

    /// The tables that are right for an entry, the best first.
    pub(crate) fn candidates(&self, entry: &Entry) -> Vec<Candidate> {
        let first = entry.expected.iter().map(|path| (path, &entry.bad_lines));
        let others = entry.expected_alt.iter().map(|a| (&a.expected, &a.bad_lines));
        let candidate = |(path, bad_lines): (&PathBuf, &Vec<u64>)| Candidate {
            table: read_json(&self.folder.join(path)),
            bad_lines: bad_lines.clone(),
        };
        first.chain(others).map(candidate).collect()
    }
}

impl Entry {
    /// Last part of the file's path.
    pub(crate) fn file_name(&self) -> &str {
        self.file.file_name().and_then(|n| n.to_str()).unwrap()
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
