//! Which items of two sequences are the same, or were.

/// Items paired, each with one at most, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pairs(Vec<(usize, usize)>);

impl Pairs {
    pub(super) fn second_of(&self, first: usize) -> Option<usize> {
        self.0.iter().find(|(a, _)| *a == first).map(|(_, b)| *b)
    }

    pub(super) fn first_of(&self, second: usize) -> Option<usize> {
        self.0.iter().find(|(_, b)| *b == second).map(|(a, _)| *a)
    }
}

/// Items compared at most, in either sequence: beyond that nothing is paired.
const MOST: usize = 2_000;

/// The pairs that are most alike in all (Needleman and Wunsch 1970, without a price for gaps); what is left over between
/// two pairs, equally many on both sides, is paired in order.
///
/// `alike` is 1 for equal items, and 0 for items that have nothing to do with each other.
pub(super) fn pairs<T>(a: &[T], b: &[T], alike: impl Fn(&T, &T) -> f64) -> Pairs {
    if a.len() > MOST || b.len() > MOST {
        return Pairs::default();
    }
    let score: Vec<Vec<f64>> = a.iter().map(|x| b.iter().map(|y| alike(x, y)).collect()).collect();
    // best[i][j]: of what is left of `a` from i and of `b` from j.
    let mut best = vec![vec![0.0_f64; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let pair = if score[i][j] > 0.0 { score[i][j] + best[i + 1][j + 1] } else { 0.0 };
            best[i][j] = pair.max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        let pair = score[i][j] + best[i + 1][j + 1];
        if score[i][j] > 0.0 && pair >= best[i + 1][j] && pair >= best[i][j + 1] {
            out.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if best[i + 1][j] >= best[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    Pairs(filled(&out, a.len(), b.len()))
}

/// The same with what is left over between two pairs, equally many on both sides.
fn filled(pairs: &[(usize, usize)], a: usize, b: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let (mut i, mut j) = (0, 0);
    for &(x, y) in pairs.iter().chain([&(a, b)]) {
        if x - i == y - j {
            out.extend((i..x).zip(j..y));
        }
        if (x, y) != (a, b) {
            out.push((x, y));
        }
        (i, j) = (x + 1, y + 1);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(a: &str, b: &str) -> Vec<(usize, usize)> {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let alike = |x: &char, y: &char| match x == y {
            true => 1.0,
            false if x.eq_ignore_ascii_case(y) => 0.5,
            false => 0.0,
        };
        pairs(&chars(a), &chars(b), alike).0
    }

    #[test]
    fn equal_and_alike_items_are_paired_in_order() {
        assert_eq!(of("abcd", "abd"), [(0, 0), (1, 1), (3, 2)]);
        assert_eq!(of("abc", "aXbC"), [(0, 0), (1, 2), (2, 3)]);
        assert_eq!(of("aaB", "baa"), [(0, 1), (1, 2)]);
        assert!(of("", "abc").is_empty());
    }

    #[test]
    fn what_is_left_over_is_paired_where_it_is_as_much() {
        assert_eq!(of("axc", "ayc"), [(0, 0), (1, 1), (2, 2)]);
        assert_eq!(of("axzc", "ayc"), [(0, 0), (3, 2)]);
        assert_eq!(of("x", "y"), [(0, 0)]);
    }
}
