//! Rows that are equal in every cell.

use std::collections::HashMap;

use crate::typed::Digest;

/// Which rows stay, and which equal an earlier one.
pub(crate) struct Found {
    /// For every row, whether it is the first of its kind.
    pub(crate) first: Vec<bool>,
    /// Rows that equal an earlier row, with that row; both from 0.
    pub(crate) repeats: Vec<(u64, u64)>,
}

/// Compares rows by their identities.
pub(crate) fn find(digests: &[Digest]) -> Found {
    let mut seen: HashMap<&Digest, u64> = HashMap::with_capacity(digests.len());
    let mut found = Found { first: Vec::with_capacity(digests.len()), repeats: Vec::new() };
    for (digest, row) in digests.iter().zip(0..) {
        let earlier = *seen.entry(digest).or_insert(row);
        found.first.push(earlier == row);
        if earlier != row {
            found.repeats.push((row, earlier));
        }
    }
    found
}
