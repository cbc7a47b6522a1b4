//! Keys that stand in more than one part.

use std::collections::BTreeMap;

use common::text;
use polars::prelude::StringChunked;
use rayon::prelude::*;

use super::{Evidence, Finding, PARTS};

/// Rows of one key: how many there are in each part.
type Count = [u64; 3];

/// Names an entity's time, or without time an entity, that has rows in more than one part.
pub(super) fn shared(evidence: &Evidence<'_>) -> Option<Finding> {
    let in_several = |count: &Count| count.iter().filter(|n| **n > 0).count() > 1;
    let shared: Vec<Count> = match (evidence.groups, evidence.times, &evidence.entities) {
        (Some(groups), Some(times), _) => {
            let at_one_time = |group: &'_ Vec<usize>| -> Vec<Count> {
                let keys = group.chunk_by(|a, b| times[*a] == times[*b]).filter(|rows| rows.len() > 1);
                keys.map(|rows| count(evidence, rows)).filter(in_several).collect()
            };
            groups.par_iter().flat_map_iter(at_one_time).collect()
        }
        (None, _, Some(entities)) => by_entity(evidence, entities).into_iter().filter(in_several).collect(),
        _ => return None,
    };
    if shared.is_empty() {
        return None;
    }
    let rows: u64 = shared.iter().flat_map(|count| count.iter()).sum();
    let parts: Vec<_> = (0..3).filter(|p| shared.iter().any(|c| c[*p] > 0)).map(|p| PARTS[p]).collect();
    Some(Finding {
        kind: "keys_shared",
        columns: evidence.keys.iter().map(|key| (*key).to_owned()).collect(),
        figures: BTreeMap::from([("keys", shared.len() as f64), ("rows", rows as f64)]),
        what: format!(
            "{} of {} ({}) {} in more than one part: {}",
            text::count(shared.len() as u64, "value"),
            text::names(&evidence.keys),
            text::count(rows, "row"),
            if shared.len() == 1 { "stands" } else { "stand" },
            parts.join(", ")
        ),
        parts,
    })
}

fn count(evidence: &Evidence<'_>, rows: &[usize]) -> Count {
    let mut count = [0; 3];
    for place in rows.iter().filter_map(|row| evidence.part_of(*row)) {
        count[place] += 1;
    }
    count
}

fn by_entity(evidence: &Evidence<'_>, entities: &StringChunked) -> Vec<Count> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for (row, entity) in entities.iter().enumerate() {
        if let (Some(entity), Some(place)) = (entity, evidence.part_of(row)) {
            counts.entry(entity).or_default()[place] += 1;
        }
    }
    counts.into_values().collect()
}
