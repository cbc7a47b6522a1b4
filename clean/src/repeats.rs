//! Rows of one identity.

use rayon::prelude::*;

use crate::settings::Keep;
use crate::typed::Digest;

/// Spreads numbers over all places: 2^64 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
pub(crate) const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A row whose identity is that of another one, which stands for it; both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Repeat {
    pub(crate) row: usize,
    pub(crate) kept: usize,
}

/// All rows but the first (or the last) of each identity, in their order; a row without identity repeats nothing.
///
/// Memory: as [`alike`], and 24 bytes a repeat.
pub(crate) fn repeats(rows: usize, identity: impl Fn(usize) -> Option<Digest>, keep: Keep) -> Vec<Repeat> {
    let alike = alike(rows, |row| identity(row).map(|digest| head(&digest)));
    let mut repeats = Vec::new();
    for alike in alike.chunk_by(|a, b| a.0 == b.0) {
        let mut alike: Vec<_> = alike.iter().map(|(_, row)| (identity(*row), *row)).collect();
        alike.sort_unstable();
        for same in alike.chunk_by(|a, b| a.0 == b.0) {
            let kept = if keep == Keep::Last { same.last() } else { same.first() };
            let Some((_, kept)) = kept else { continue };
            let others = same.iter().filter(|(_, row)| row != kept);
            repeats.extend(others.map(|(_, row)| Repeat { row: *row, kept: *kept }));
        }
    }
    repeats.sort_unstable();
    repeats
}

/// Rows that could share their number with others: these all, those of one number side by side, and few others.
///
/// Memory: four to eight bytes a row, and 16 for each of those found.
pub(crate) fn alike(rows: usize, number: impl Fn(usize) -> Option<u64>) -> Vec<(u64, usize)> {
    // Places that numbers fall on: where only one did, it is shared with none.
    let places = 16 * rows.max(4).next_power_of_two();
    let place = |number: u64| {
        let place = number.wrapping_mul(SPREAD) >> (64 - places.trailing_zeros());
        (usize::try_from(place / 64).unwrap_or(0), 1u64 << (place % 64))
    };
    let (mut once, mut again) = (vec![0u64; places / 64], vec![0u64; places / 64]);
    for number in (0..rows).filter_map(&number) {
        let (word, bit) = place(number);
        again[word] |= once[word] & bit;
        once[word] |= bit;
    }
    drop(once);
    let numbered = (0..rows).filter_map(|row| Some((number(row)?, row)));
    let mut alike: Vec<(u64, usize)> = numbered
        .filter(|(number, _)| {
            let (word, bit) = place(*number);
            again[word] & bit != 0
        })
        .collect();
    alike.par_sort_unstable();
    alike
}

/// The first 64 bits.
fn head(digest: &Digest) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_or_the_last_stands_for_the_others() {
        // The first three share 64 bits; rows 0 and 2 are one, 1 is another, 4 has no identity.
        let digest = |tail: u8| Some([7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, tail]);
        let identities =
            [digest(1), digest(2), digest(1), Some([0; 16]), None, digest(1), None, Some([0; 16])];
        let found = |keep| {
            let all = repeats(identities.len(), |row| identities[row], keep);
            all.into_iter().map(|r| (r.row, r.kept)).collect::<Vec<_>>()
        };
        assert_eq!(found(Keep::First), [(2, 0), (5, 0), (7, 3)]);
        assert_eq!(found(Keep::Last), [(0, 5), (2, 5), (3, 7)]);
        assert_eq!(repeats(0, |_| None, Keep::First), []);
    }

    #[test]
    fn of_many_rows_those_that_repeat_another() {
        // Every third number comes twice more, far from its first row.
        let number = |row: usize| (if row < 3000 { row } else { row % 1000 * 3 }) as u64;
        let identity = |row: usize| {
            let mut digest = Digest::default();
            digest[..8].copy_from_slice(&number(row).to_le_bytes());
            Some(digest)
        };
        let found = repeats(5000, identity, Keep::First);
        let expected = |row: usize| Repeat { row, kept: row % 1000 * 3 };
        assert_eq!(found, (3000..5000).map(expected).collect::<Vec<_>>());
        assert_eq!(repeats(3000, identity, Keep::First), []);
    }
}
