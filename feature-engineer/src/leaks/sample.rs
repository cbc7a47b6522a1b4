//! What stands in each row as one number, and samples of rows that do not depend on their order.

use polars::prelude::IdxSize;
use rayon::prelude::*;

use super::{Evidence, PARTS};

/// Most rows of a part that are looked at where a check need not see all.
const MOST: usize = 20_000;
/// Rows whose contents are taken together, so that they stay in the cache.
const BLOCK: usize = 4096;

/// Rows by part.
pub(super) struct Sample {
    /// Hash of features and outcome of every row.
    pub(super) contents: Vec<u64>,
    /// Row numbers of the part, the lowest hashes of content and key first.
    pub(super) train: Vec<IdxSize>,
    pub(super) calibration: Vec<IdxSize>,
    pub(super) test: Vec<IdxSize>,
}

impl Sample {
    pub(super) fn of(evidence: &Evidence<'_>) -> Self {
        let mut contents = vec![0; evidence.target.len()];
        contents.par_chunks_mut(BLOCK).enumerate().for_each(|(block, contents)| {
            let first = block * BLOCK;
            let add = |hash: &mut u64, value: f64| *hash = mixed(*hash, bits(value));
            evidence.features.iter().for_each(|feature| feature.values.zip_from(first, contents, add));
            contents.iter_mut().zip(&evidence.target[first..]).for_each(|(hash, value)| add(hash, *value));
        });
        let keyed = |row: usize| {
            let time = evidence.times.map_or(0, |times| times[row].cast_unsigned());
            let entity = evidence.entities.and_then(|all| all.get(row)).unwrap_or_default();
            entity.bytes().fold(mixed(contents[row], time), |hash, byte| mixed(hash, byte.into()))
        };
        let [train, calibration, test] = evidence
            .kept
            .map(|rows| lowest(rows.par_iter().map(|row| (keyed(*row as usize), *row)).collect()));
        Self { contents, train, calibration, test }
    }

    /// Parts by name with their rows.
    pub(super) fn parts(&self) -> [(&'static str, &[IdxSize]); 3] {
        [(PARTS[0], &self.train), (PARTS[1], &self.calibration), (PARTS[2], &self.test)]
    }
}

/// Values of some rows.
pub(super) fn pick(values: &[f64], rows: &[IdxSize]) -> Vec<f64> {
    rows.iter().map(|row| values[*row as usize]).collect()
}

fn lowest(mut rows: Vec<(u64, IdxSize)>) -> Vec<IdxSize> {
    if rows.len() > MOST {
        rows.select_nth_unstable(MOST);
        rows.truncate(MOST);
    }
    rows.sort_unstable();
    rows.into_iter().map(|(_, row)| row).collect()
}

/// All missing values have the same bits, and so have the two zeros.
fn bits(value: f64) -> u64 {
    if value.is_nan() { u64::MAX } else { (value + 0.0).to_bits() }
}

/// The hash with one more value: the finaliser of splitmix64 (Steele, Lea, Flood 2014).
fn mixed(hash: u64, value: u64) -> u64 {
    let z = (hash ^ value).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
