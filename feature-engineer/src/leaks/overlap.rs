//! Parts that lie beside one another in time.

use std::collections::BTreeMap;

use super::{Evidence, Finding, PARTS};

/// Names rows of a later part that come before a row of an earlier part within their entity: lags,
/// windows and the target at its horizon then carry what one part should not know of the other.
pub(super) fn in_time(evidence: &Evidence<'_>) -> Option<Finding> {
    let (groups, times) = evidence.groups.zip(evidence.times)?;
    let mut before = 0;
    let mut rows = 0;
    let mut seen = [false; 3];
    for group in groups {
        // The least part among the rows after the time at hand.
        let mut least = PARTS.len();
        for at_one_time in group.chunk_by(|a, b| times[*a] == times[*b]).rev() {
            let places = at_one_time.iter().filter_map(|row| evidence.part_of(*row));
            for place in places.clone() {
                rows += usize::from(place > 0);
                if place > least {
                    before += 1;
                    seen[place] = true;
                    seen[least] = true;
                }
            }
            least = places.fold(least, usize::min);
        }
    }
    if before == 0 {
        return None;
    }
    let parts: Vec<&str> = (0..3).filter(|p| seen[*p]).map(|p| PARTS[p]).collect();
    let how = match evidence.split {
        Some("hash") => ", as the split is by a hash",
        Some("column") => ", as the split is by a column",
        _ => "",
    };
    Some(Finding {
        kind: "parts_overlap_in_time",
        columns: evidence.keys.iter().map(|key| (*key).to_owned()).collect(),
        figures: BTreeMap::from([("rows", f64::from(before)), ("share", f64::from(before) / rows as f64)]),
        what: format!(
            "{before} of {rows} rows of later parts come before a row of an earlier part in time ({}){how}",
            parts.join(", ")
        ),
        parts,
    })
}
