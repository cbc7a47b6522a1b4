//! `history.csv`: a row for each published version, for people and their spreadsheets.

use std::path::{Path, PathBuf};

use common::error::{Error, Result};
use common::{publish, text};
use serde_json::Value;

use super::{Card, METRICS};

/// Titles of the columns, and where in `metrics.json` a figure stands.
const COLUMNS: [(&str, &str); 14] = [
    ("data_from", "/clock/first/train"),
    ("data_to", "/clock/last/test"),
    ("test_rows", "/test/n"),
    ("mae", "/test/mae"),
    ("mae_lower", "/test/confidence/mae/lower"),
    ("mae_upper", "/test/confidence/mae/upper"),
    ("rmse", "/test/rmse"),
    ("r2", "/test/r2"),
    ("bias", "/test/bias"),
    ("better_than_persistence", "/improvement/persistence/mae"),
    ("better_than_median", "/improvement/train_median/mae"),
    ("calibration_error", "/test/calibration_error"),
    ("features_drifted", "/drift/alarms/test"),
    ("gates", "/status"),
];
/// The columns before and after them.
const FIRST: [&str; 2] = ["version", "published"];
const LAST: [&str; 2] = ["metrics_sha256", "model_sha256"];

/// Adds the rows that are missing; rows of versions whose folder is gone stay as they are.
///
/// # Errors
/// Where the file is no table, or cannot be written.
pub(super) fn bring(report: &Path, all: &[(PathBuf, Card)]) -> Result<()> {
    let path = path_of(report);
    let mut rows = read(&path)?;
    for (folder, card) in all {
        if rows.iter().all(|row| row.first() != Some(&card.version)) {
            rows.push(row(folder, card)?);
        }
    }
    let failed = |e: csv::Error| Error::new(common::Class::Write, e.to_string()).at(&path);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(titles()).map_err(failed)?;
    for row in &rows {
        writer.write_record(row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|e| Error::write(&path, e.error()))?;
    publish::write_if_changed(&path, &bytes)?;
    Ok(())
}

/// Where the history of the report at `report` stands.
pub(super) fn path_of(report: &Path) -> PathBuf {
    report.with_file_name("history.csv")
}

fn titles() -> Vec<&'static str> {
    FIRST.into_iter().chain(COLUMNS.map(|(title, _)| title)).chain(LAST).collect()
}

/// The rows that are there.
///
/// # Errors
/// [`common::Class::Checkpoint`] where it is no table of these columns.
pub(super) fn read(path: &Path) -> Result<Vec<Vec<String>>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::read(path, &e)),
    };
    publish::Target::file(path).check(path.parent().unwrap_or(Path::new("")))?;
    let refused = |why: String| {
        Error::checkpoint(format!("no history ({why}); move it away, it is written anew")).at(path)
    };
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
    let head = reader.headers().map_err(|e| refused(e.to_string()))?.clone();
    if head.iter().ne(titles()) {
        return Err(refused("other columns".to_owned()));
    }
    let rows = reader.records().map(|row| row.map(|row| row.iter().map(str::to_owned).collect()));
    rows.collect::<std::result::Result<_, csv::Error>>().map_err(|e| refused(e.to_string()))
}

fn row(folder: &Path, card: &Card) -> Result<Vec<String>> {
    let path = folder.join(METRICS);
    let bytes = std::fs::read(&path).map_err(|e| Error::read(&path, &e))?;
    let metrics: Value =
        serde_json::from_slice(&bytes).map_err(|e| Error::checkpoint(e.to_string()).at(&path))?;
    let cell = |pointer: &str| match metrics.pointer(pointer) {
        Some(Value::String(text)) => text::for_spreadsheet(text),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let mut out = vec![card.version.clone(), card.published.clone()];
    out.extend(COLUMNS.map(|(_, pointer)| cell(pointer)));
    out.extend([card.metrics_sha256.clone(), card.model_sha256.clone()]);
    Ok(out)
}
