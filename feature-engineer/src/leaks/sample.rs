//! What stands in each row as one number, and samples of rows that do not depend on their order.

use super::{Evidence, PARTS, rank};

/// Most rows of a part that are looked at where a check need not see all.
const MOST: usize = 20_000;

/// Rows by part.
pub(super) struct Sample {
    /// Hash of features and outcome of every row.
    pub(super) contents: Vec<u64>,
    /// Row numbers of the part, the lowest hashes of content and key first.
    pub(super) train: Vec<usize>,
    pub(super) calibration: Vec<usize>,
    pub(super) test: Vec<usize>,
}

impl Sample {
    pub(super) fn of(evidence: &Evidence<'_>) -> Self {
        let mut contents = vec![0; evidence.target.len()];
        for values in evidence.features.iter().map(|f| f.values).chain([evidence.target]) {
            contents.iter_mut().zip(values).for_each(|(hash, value)| *hash = mixed(*hash, bits(*value)));
        }
        let keyed = |row: usize| {
            let time = evidence.times.map_or(0, |times| times[row].cast_unsigned());
            let entity = evidence.entities.as_ref().and_then(|all| all[row]).unwrap_or_default();
            entity.bytes().fold(mixed(contents[row], time), |hash, byte| mixed(hash, byte.into()))
        };
        let [train, calibration, test] = PARTS.map(|part| {
            let rows = (0..contents.len()).filter(|r| evidence.kept[*r] && evidence.parts[*r] == part);
            lowest(rows.map(|row| (keyed(row), row)).collect())
        });
        Self { contents, train, calibration, test }
    }

    /// Parts by name with their rows.
    pub(super) fn parts(&self) -> [(&'static str, &[usize]); 3] {
        [(PARTS[0], &self.train), (PARTS[1], &self.calibration), (PARTS[2], &self.test)]
    }
}

/// Numbers of all rows in the features table, by place of their part.
pub(super) fn by_part(evidence: &Evidence<'_>) -> [Vec<usize>; 3] {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for row in (0..evidence.kept.len()).filter(|r| evidence.kept[*r]) {
        if let Some(place) = rank(evidence.parts[row]) {
            parts[place].push(row);
        }
    }
    parts
}

/// Values of some rows.
pub(super) fn pick(values: &[f64], rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|row| values[*row]).collect()
}

fn lowest(mut rows: Vec<(u64, usize)>) -> Vec<usize> {
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
