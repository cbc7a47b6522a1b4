//! Rows of one identity.

use rayon::prelude::*;

use crate::settings::Keep;
use crate::typed::Digest;

/// A row whose identity is that of another one, which stands for it; both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Repeat {
    pub(crate) row: usize,
    pub(crate) kept: usize,
}

/// All rows but the first (or the last) of each identity, in their order; a row without identity repeats nothing.
///
/// Memory: 16 bytes a row.
pub(crate) fn repeats(
    rows: usize,
    identity: impl Fn(usize) -> Option<Digest> + Sync,
    keep: Keep,
) -> Vec<Repeat> {
    // As many as there are rows at first, so that they are made in one piece.
    let head = |row: usize| (identity(row).map_or(0, |digest| head(&digest)), row);
    let mut heads: Vec<(u64, usize)> = (0..rows).into_par_iter().map(head).collect();
    heads.retain(|(_, row)| identity(*row).is_some());
    let mut repeats = Vec::new();
    for alike in alike(&mut heads) {
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

/// Rows that share a number with others, side by side: all that could be of one identity.
pub(crate) fn alike(heads: &mut [(u64, usize)]) -> impl Iterator<Item = &[(u64, usize)]> {
    heads.par_sort_unstable();
    heads.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1)
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
}
