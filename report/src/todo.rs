//! What must be done before a report may be reviewed or published.

use common::error::{Class, Error, Result};
use common::text;

use crate::desk::Desk;
use crate::reference::Filled;
use crate::revise::Findings;

/// Things named in an error.
const NAMED: usize = 10;

/// Says in the log what asks for the analyst.
pub(crate) fn tell(desk: &Desk, findings: &Findings, filled: &Filled) {
    let path = text::path(&desk.path);
    for name in &findings.conflicts {
        if findings.half.contains(name) {
            log::warn!("{path}: block `{name}` is not brought up to date until its conflict is resolved");
        } else {
            log::warn!("{path}: block `{name}` was changed and so were its figures: both versions are in it");
        }
    }
    for damage in &findings.damages {
        log::warn!("{path}:{}: {}; left as it is", damage.line, damage.what);
    }
    if findings.stale > 0 {
        let notes = text::count(findings.stale as u64, "note");
        log::warn!("{path}: {notes} on words that were written for earlier numbers");
    }
    for one in &filled.unknown {
        let expression = text::shown(&one.expression);
        log::warn!("{path}:{}: {{{{ {expression} }}}}: {}", one.line, one.why);
    }
}

/// Refuses where anything is left to do.
///
/// # Errors
/// [`Class::Gate`] naming what is left, by line.
pub(crate) fn refuse(
    desk: &Desk,
    report: &str,
    placeholders: &[usize],
    findings: &Findings,
    filled: &Filled,
) -> Result<()> {
    let mut all: Vec<String> =
        placeholders.iter().map(|line| format!("line {line}: a placeholder to fill")).collect();
    for (i, line) in report.lines().enumerate() {
        if line.trim_start().starts_with("<!-- millrace:begin stale:") {
            all.push(format!("line {}: a note on words written for earlier numbers", i + 1));
        }
        if line.trim_start().starts_with("<!-- millrace:begin conflict") {
            all.push(format!("line {}: a conflict to resolve", i + 1));
        }
    }
    all.extend(findings.conflicts.iter().map(|name| format!("block `{name}` has a conflict")));
    all.extend(findings.damages.iter().map(|damage| format!("line {}: {}", damage.line, damage.what)));
    all.extend(
        filled.unknown.iter().map(|one| {
            format!("line {}: {{{{ {} }}}} names no figure", one.line, text::shown(&one.expression))
        }),
    );
    if all.is_empty() {
        return Ok(());
    }
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Err(Error::new(Class::Gate, format!("not ready: {}{more}", all.join("; "))).at(&desk.path))
}
