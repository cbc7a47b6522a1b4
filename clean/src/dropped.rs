//! The file of dropped rows: which line of which source, and why.

use std::path::Path;

use common::error::{Error, Result};
use common::publish::{self, Target, Written};

use crate::violations::Sources;

/// Writes one line a dropped row.
pub(crate) fn write(path: &Path, dropped: &[(u64, u64)], sources: &Sources) -> Result<Written> {
    let failed = |e: csv::Error| Error::unexpected(format!("cannot list the dropped rows: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["source", "line", "reason", "same_as_source", "same_as_line"]).map_err(failed)?;
    for (row, earlier) in dropped {
        let ((source, line), (first, at)) = (sources.of(Some(*row)), sources.of(Some(*earlier)));
        writer
            .write_record([source, &line.to_string(), "duplicate", first, &at.to_string()])
            .map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|e| Error::unexpected(e.to_string()))?;
    publish::of_bytes(&Target::file(path), &bytes)
}
