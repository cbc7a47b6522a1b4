//! Makes trees keep to monotone constraints. `perpetual` keeps to them at a split by the feature itself, but
//! loses the bounds at splits by other features below it.

use model::Tree;

use crate::settings::Direction;

/// Moves the leaves of `tree` as little as it takes for predictions to go one way with each constrained feature.
///
/// At a split by such a feature all leaves of one side are kept on one side of a value, and those of the other
/// on the other: two rows that differ in that feature alone part at such a split. `of` gives the direction of a
/// feature by its place.
pub(super) fn keep(tree: &mut Tree, of: impl Fn(usize) -> Option<Direction>) {
    let nodes = tree.feature.len();
    let mut extremes: Vec<(f64, f64)> = tree.value.iter().map(|v| (*v, *v)).collect();
    for node in (0..nodes).rev().filter(|n| tree.feature[*n] >= 0) {
        let (left, right) = (extremes[tree.left[node] as usize], extremes[tree.right[node] as usize]);
        extremes[node] = (left.0.min(right.0), left.1.max(right.1));
    }
    let mut bounds = vec![(f64::NEG_INFINITY, f64::INFINITY); nodes];
    // Children stand behind their parents.
    for node in 0..nodes {
        let (low, high) = bounds[node];
        let Ok(feature) = usize::try_from(tree.feature[node]) else {
            tree.value[node] = tree.value[node].max(low).min(high);
            continue;
        };
        let (left, right) = (tree.left[node] as usize, tree.right[node] as usize);
        (bounds[left], bounds[right]) = ((low, high), (low, high));
        let (below, above) = match of(feature) {
            None => continue,
            Some(Direction::Increasing) => (left, right),
            Some(Direction::Decreasing) => (right, left),
        };
        // Between the two sides where they lie apart, else in the middle of where they overlap.
        let between = (extremes[below].1 / 2.0 + extremes[above].0 / 2.0).max(low).min(high);
        bounds[below].1 = between;
        bounds[above].0 = between;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feature 0 below 2: feature 1 below 0.5 gives 1, else 10; feature 0 from 2 on gives 4.
    fn tree() -> Tree {
        Tree {
            feature: vec![0, 1, -1, -1, -1],
            threshold: vec![2.0, 0.5, 0.0, 0.0, 0.0],
            left: vec![1, 3, 0, 0, 0],
            right: vec![2, 4, 0, 0, 0],
            value: vec![0.0, 0.0, 4.0, 1.0, 10.0],
        }
    }

    #[test]
    fn leaves_that_overlap_meet_in_the_middle_and_others_stay() {
        let mut bound = tree();
        keep(&mut bound, |feature| (feature == 0).then_some(Direction::Increasing));
        assert_eq!(bound.value[2..], [7.0, 1.0, 7.0]);
        let mut falling = tree();
        keep(&mut falling, |feature| (feature == 0).then_some(Direction::Decreasing));
        assert_eq!(falling.value[2..], [2.5, 2.5, 10.0]);
        let mut free = tree();
        keep(&mut free, |_| None);
        assert_eq!(free, tree());
        let mut kept = tree();
        keep(&mut kept, |feature| (feature == 1).then_some(Direction::Increasing));
        assert_eq!(kept, tree());
    }
}
