//! Rows of one part that stand in another.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::sample::Sample;
use super::{Evidence, Finding, PARTS};

/// Least share of the later part's rows, beyond what repeats within the earlier part make likely.
const SHARE: f64 = 0.05;
/// Standard errors of that share that must be passed, too.
const ERRORS: f64 = 4.0;
/// Fewest shared rows.
const MIN_ROWS: usize = 5;

/// Names pairs of parts of which the later repeats the earlier more often than the earlier repeats itself.
///
/// Where rows come from one source, a row of the later part equals one of the earlier about as often as a
/// row of the earlier equals another one of it: that is how often few discrete features repeat honestly.
pub(super) fn shared(evidence: &Evidence<'_>, sample: &Sample) -> Vec<Finding> {
    let parts = evidence.kept.map(|rows| {
        let mut contents: Vec<u64> = rows.iter().map(|row| sample.contents[*row as usize]).collect();
        contents.par_sort_unstable();
        contents
    });
    let pairs = [(0, 1), (0, 2), (1, 2)];
    pairs.iter().filter_map(|&(earlier, later)| compare(&parts, earlier, later)).collect()
}

fn compare(parts: &[Vec<u64>; 3], earlier: usize, later: usize) -> Option<Finding> {
    let (known, rows) = (&parts[earlier], &parts[later]);
    // Both ascend, so that one pass over either is enough.
    let mut next = known.iter().peekable();
    let is_known = |content: &&u64| {
        while next.next_if(|known| known < content).is_some() {}
        next.peek() == Some(content)
    };
    let shared = rows.iter().filter(is_known).count();
    let repeated: usize = known.chunk_by(|a, b| a == b).map(<[u64]>::len).filter(|n| *n > 1).sum();
    if shared < MIN_ROWS {
        return None;
    }
    let (n, m) = (known.len() as f64, rows.len() as f64);
    let (share, within) = (shared as f64 / m, repeated as f64 / n);
    // One repeat is added, so that few rows without any do not count as never.
    let likely = (repeated as f64 + 1.0) / (n + 2.0);
    let error = (likely * (1.0 - likely) * (1.0 / n + 1.0 / m)).sqrt();
    if share - likely < SHARE.max(ERRORS * error) {
        return None;
    }
    let names = [PARTS[earlier], PARTS[later]];
    Some(Finding {
        kind: "rows_shared",
        columns: Vec::new(),
        parts: names.to_vec(),
        figures: BTreeMap::from([("rows", shared as f64), ("share", share), ("repeated_within", within)]),
        what: format!(
            "{shared} of {} {} rows have the features and the target of a {} row ({:.1} %; {:.1} % of {} rows repeat one another)",
            rows.len(),
            names[1],
            names[0],
            100.0 * share,
            100.0 * within,
            names[0]
        ),
    })
}
