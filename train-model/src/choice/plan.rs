//! Which rows the candidates are fitted to and measured on, fold by fold.

use std::collections::HashMap;

use common::config::Span;
use common::hash;
use common::time::Clock;

use crate::rows::Rows;
use crate::settings::FoldBy;

/// Stretches of time in each fold, whose errors count as independent of one another.
const STRETCHES: usize = 4;
/// Below this many rows they are dealt anew several times, since how they fall moves the errors.
const FEW: usize = 5000;
/// Times that few rows are dealt.
const REPEATS: u8 = 3;
/// Stands for a dealing of its own: that of training rows to the parts that choose a penalty.
const INNER: u8 = u8::MAX;

/// Rows by their place in [`Rows`].
pub(super) struct Fold {
    pub(super) train: Vec<usize>,
    pub(super) validate: Vec<usize>,
    /// The part of each training row, for the choice of a penalty.
    pub(super) parts: Vec<usize>,
}

/// All folds, and what groups the rows.
pub(super) struct Plan {
    pub(super) folds: Vec<Fold>,
    pub(super) repeats: u8,
    /// The group of each row.
    pub(super) groups: Vec<u64>,
}

/// What folds must respect.
pub(super) struct Respect<'a> {
    pub(super) by: FoldBy,
    pub(super) count: usize,
    /// Rows ahead, within the entity, that a target lies.
    pub(super) horizon: usize,
    pub(super) clock: Option<&'a Clock>,
    pub(super) gap: Option<Span>,
}

impl Plan {
    /// Deals the rows.
    ///
    /// By time: the first half of the rows only trains; the second is cut into folds, each measured by a fit to
    /// what lies before it (rolling origin: Tashman 2000). By entity or key: each fold by a fit to all others.
    pub(super) fn new(rows: &Rows, respect: &Respect<'_>) -> Self {
        match respect.by {
            FoldBy::Time => Self::rolling(rows, respect),
            FoldBy::Entity => Self::dealt(&rows.entities, respect.count),
            FoldBy::Key => Self::dealt(&rows.hashes, respect.count),
        }
    }

    fn dealt<K: AsRef<[u8]> + Copy + Ord>(keys: &[K], count: usize) -> Self {
        let repeats = if keys.len() < FEW { REPEATS } else { 1 };
        let inner = deal(keys, count, INNER);
        let mut folds = Vec::new();
        for repeat in 0..repeats {
            let of = deal(keys, count, repeat);
            folds.extend((0..count).map(|fold| {
                let (validate, train): (Vec<usize>, Vec<usize>) =
                    (0..keys.len()).partition(|i| of[*i] == fold);
                Fold { parts: train.iter().map(|i| inner[*i]).collect(), train, validate }
            }));
        }
        let mut distinct = keys.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let group = |key: &K| distinct.binary_search(key).unwrap_or_default() as u64;
        Self { folds, repeats, groups: keys.iter().map(group).collect() }.without_empty()
    }

    fn rolling(rows: &Rows, respect: &Respect<'_>) -> Self {
        let stretches = STRETCHES * respect.count;
        let stretch = blocks(&rows.times, 2 * stretches);
        let reach = targets(rows, respect.horizon);
        let fold = |k: usize| {
            let within = stretches + STRETCHES * k..stretches + STRETCHES * (k + 1);
            let validate: Vec<usize> = (0..rows.len()).filter(|i| within.contains(&stretch[*i])).collect();
            let start = validate.iter().map(|i| rows.times[*i]).min().unwrap_or(i64::MIN);
            let limit = match (respect.clock, &respect.gap) {
                (Some(clock), Some(gap)) => clock.before(start, gap),
                _ => start,
            };
            let known = |i: &usize| rows.times[*i] < limit && reach[*i].is_some_and(|t| t < start);
            let train: Vec<usize> = (0..rows.len()).filter(known).collect();
            let times: Vec<i64> = train.iter().map(|i| rows.times[*i]).collect();
            Fold { parts: blocks(&times, respect.count), train, validate }
        };
        let folds = (0..respect.count).map(fold).collect();
        let groups = stretch.iter().map(|s| *s as u64).collect();
        Self { folds, repeats: 1, groups }.without_empty()
    }

    fn without_empty(mut self) -> Self {
        self.folds.retain(|fold| !fold.train.is_empty() && !fold.validate.is_empty());
        self
    }
}

/// The part of each key, the same wherever it stands.
fn deal<K: AsRef<[u8]>>(keys: &[K], count: usize, salt: u8) -> Vec<usize> {
    let part = |key: &K| {
        let mut salted = vec![salt];
        salted.extend_from_slice(key.as_ref());
        usize::try_from(hash::key(&salted).cast_unsigned() % count as u64).unwrap_or_default()
    };
    keys.iter().map(part).collect()
}

/// The block of each time: `count` stretches in their order, of about equally many rows, none cut within a time.
fn blocks(times: &[i64], count: usize) -> Vec<usize> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    times.iter().map(|t| sorted.partition_point(|s| s < t) * count / times.len()).collect()
}

/// The time at which the target of each row is known: that of the row `horizon` rows ahead in its entity.
/// Nothing where no such row is there.
fn targets(rows: &Rows, horizon: usize) -> Vec<Option<i64>> {
    if horizon == 0 {
        return rows.times.iter().map(|t| Some(*t)).collect();
    }
    let mut entities: HashMap<[u8; 16], Vec<usize>> = HashMap::new();
    for i in 0..rows.len() {
        let entity = rows.entities.get(i).copied().unwrap_or_default();
        entities.entry(entity).or_default().push(i);
    }
    let mut out = vec![None; rows.len()];
    for of in entities.values_mut() {
        of.sort_by_key(|i| rows.times[*i]);
        for (i, ahead) in of.iter().zip(of.iter().skip(horizon)) {
            out[*i] = Some(rows.times[*ahead]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two entities over 40 steps of time.
    fn panel() -> Rows {
        let mut rows = Rows::default();
        for i in 0..80_u8 {
            rows.hashes.push([i; 32]);
            rows.times.push(i64::from(i / 2));
            rows.entities.push([i % 2; 16]);
            rows.numbers.target.push(f64::from(i));
        }
        rows
    }

    #[test]
    fn training_rows_lie_before_the_fold_with_their_targets_and_the_gap() {
        let rows = panel();
        for (horizon, gap) in [(0, 0), (3, 0), (3, 7), (9, 7)] {
            let field =
                common::schema::Field::new("t", common::schema::Kind::Integer, common::schema::Role::Time);
            let names: common::config::TimeColumns = serde_json::from_str("\"t\"").unwrap();
            let clock = Clock::new(&names, &[field]).unwrap();
            let span = (gap > 0).then(|| Span::parse(&gap.to_string()).unwrap());
            let respect = Respect { by: FoldBy::Time, count: 5, horizon, clock: Some(&clock), gap: span };
            let plan = Plan::new(&rows, &respect);
            let starts: Vec<i64> =
                plan.folds.iter().map(|f| f.validate.iter().map(|i| rows.times[*i]).min().unwrap()).collect();
            assert_eq!(starts, [20, 24, 28, 32, 36]);
            for (fold, start) in plan.folds.iter().zip(starts) {
                assert_eq!(fold.validate.len(), 8);
                let last = fold.train.iter().map(|i| rows.times[*i]).max().unwrap();
                // Times are steps of one, so `horizon` rows ahead are `horizon` steps.
                let ahead = i64::try_from(horizon).unwrap();
                assert_eq!(last, start - 1 - ahead.max(gap));
                assert_eq!(i64::try_from(fold.train.len()).unwrap(), 2 * (last + 1));
            }
            // Every stretch of the second half is a group of its own.
            let mut groups: Vec<u64> =
                plan.folds.iter().flat_map(|f| f.validate.iter().map(|i| plan.groups[*i])).collect();
            groups.sort_unstable();
            groups.dedup();
            assert_eq!(groups.len(), 20);
        }
    }

    #[test]
    fn an_entity_is_never_on_both_sides_and_every_row_is_measured_once_a_dealing() {
        let mut rows = panel();
        rows.entities = (0..80_u8).map(|i| [i % 13; 16]).collect();
        for by in [FoldBy::Entity, FoldBy::Key] {
            let plan = Plan::new(&rows, &Respect { by, count: 4, horizon: 0, clock: None, gap: None });
            let mut measured = vec![0; rows.len()];
            for fold in &plan.folds {
                assert_eq!(fold.train.len() + fold.validate.len(), 80);
                fold.validate.iter().for_each(|i| measured[*i] += 1);
                let apart = |i: &usize| fold.train.iter().all(|j| rows.entities[*i] != rows.entities[*j]);
                assert!(by == FoldBy::Key || fold.validate.iter().all(apart));
            }
            assert_eq!(measured, vec![usize::from(REPEATS); 80]);
        }
    }
}
