//! A sum of regression trees, as boosting makes it.

use serde::{Deserialize, Serialize};

/// Most nodes of one tree: a guard for readers, far above what boosting grows.
const MOST_NODES: usize = 1 << 20;

/// A sum of trees: `base` plus one leaf's value of each tree, summed in the order of the trees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trees {
    /// In units of the target.
    pub base: f64,
    /// The trees.
    pub trees: Vec<Tree>,
}

/// One tree, node by node; the root is node 0, and children stand behind their parent. All lists are as long
/// as there are nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// The feature that a node asks for, by its place among the features; in a leaf -1.
    pub feature: Vec<i64>,
    /// A row goes left where the feature is below it; in a leaf 0.
    pub threshold: Vec<f64>,
    /// The node on the left; in a leaf 0.
    pub left: Vec<u32>,
    /// The node on the right; in a leaf 0.
    pub right: Vec<u32>,
    /// What a leaf adds, in units of the target; elsewhere 0.
    pub value: Vec<f64>,
}

impl Trees {
    /// Refuses one that is not sound over so many features.
    pub(crate) fn check(&self, features: usize) -> Result<(), String> {
        if !self.base.is_finite() {
            return Err("the base of the trees is not finite".to_owned());
        }
        let number =
            |(i, tree): (usize, &Tree)| tree.check(features).map_err(|e| format!("tree {}: {e}", i + 1));
        self.trees.iter().enumerate().try_for_each(number)
    }

    /// As [`crate::Model::predict`].
    #[must_use]
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<f64> {
        let rows = columns.first().map_or(0, |c| c.len());
        let mut values = vec![self.base; rows];
        // Tree by tree, so that a tree stays in the processor's cache; each row still sums in their order.
        for tree in &self.trees {
            values.iter_mut().enumerate().for_each(|(i, sum)| *sum += tree.value(columns, i));
        }
        values
    }
}

impl Tree {
    fn check(&self, features: usize) -> Result<(), String> {
        let nodes = self.feature.len();
        let lengths = [self.threshold.len(), self.left.len(), self.right.len(), self.value.len()];
        if nodes == 0 || nodes > MOST_NODES || lengths.iter().any(|l| *l != nodes) {
            return Err(format!("{nodes} nodes with lists of {lengths:?}"));
        }
        let mut parents = vec![0_u32; nodes];
        for (node, feature) in self.feature.iter().enumerate() {
            if !self.threshold[node].is_finite() || !self.value[node].is_finite() {
                return Err(format!("node {node} holds a number that is not finite"));
            }
            if *feature == -1 {
                continue;
            }
            if usize::try_from(*feature).map_or(true, |f| f >= features) {
                return Err(format!("node {node} asks for feature {feature} of {features}"));
            }
            for child in [self.left[node], self.right[node]] {
                let child = child as usize;
                if child <= node || child >= nodes {
                    return Err(format!("node {node} has the child {child} of {nodes} nodes"));
                }
                parents[child] += 1;
            }
        }
        match parents.iter().skip(1).position(|n| *n != 1) {
            Some(node) => Err(format!("node {} has {} parents", node + 1, parents[node + 1])),
            None => Ok(()),
        }
    }

    /// What the tree adds for row `i`.
    fn value(&self, columns: &[&[f64]], i: usize) -> f64 {
        let mut node = 0;
        while let Ok(feature) = usize::try_from(self.feature[node]) {
            let left = columns[feature][i] < self.threshold[node];
            node = if left { self.left[node] } else { self.right[node] } as usize;
        }
        self.value[node]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x0 < 2 ? (x1 < 0.5 ? 1 : 10) : 100`.
    fn tree() -> Tree {
        Tree {
            feature: vec![0, 1, -1, -1, -1],
            threshold: vec![2.0, 0.5, 0.0, 0.0, 0.0],
            left: vec![1, 3, 0, 0, 0],
            right: vec![2, 4, 0, 0, 0],
            value: vec![0.0, 0.0, 100.0, 1.0, 10.0],
        }
    }

    #[test]
    fn a_row_goes_left_below_the_threshold_and_values_add_up() {
        let trees = Trees { base: 0.25, trees: vec![tree(), tree()] };
        assert_eq!(trees.check(2), Ok(()));
        let found = trees.predict(&[&[1.0, 1.0, 2.0], &[0.0, 0.5, 0.0]]);
        assert_eq!(found, [2.25, 20.25, 200.25]);
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let broken: [fn(&mut Tree); 8] = [
            |t| t.feature[0] = 2,
            |t| t.feature[0] = -2,
            |t| t.left[0] = 0,
            |t| t.left[0] = 9,
            |t| t.right[1] = 3,
            |t| t.value[2] = f64::NAN,
            |t| t.threshold.truncate(4),
            |t| *t = Tree::default(),
        ];
        for (i, change) in broken.iter().enumerate() {
            let mut tree = tree();
            change(&mut tree);
            assert!(Trees { base: 0.0, trees: vec![tree] }.check(2).is_err(), "{i}");
        }
        assert!(Trees { base: f64::INFINITY, trees: Vec::new() }.check(2).is_err());
    }
}
