//! From `perpetual`'s trees to ours.

use common::error::{Error, Result};
use model::{Tree, Trees};
use perpetual::PerpetualBooster;
use perpetual::node::Node;
use perpetual::tree::core::Tree as Theirs;

/// The booster's trees, for a target that was brought to `(y - centre) / sd` before the fit.
///
/// # Errors
/// [`common::Class::Unexpected`] for a tree that plain thresholds cannot hold: a branch of its own for missing
/// values, or a split by categories; the options of the fit exclude both.
pub(super) fn trees(booster: &PerpetualBooster, centre: f64, sd: f64) -> Result<Trees> {
    let trees = booster.trees.iter().map(|tree| convert(tree, sd)).collect::<Result<_>>()?;
    Ok(Trees { base: centre + sd * booster.base_score, trees })
}

fn convert(theirs: &Theirs, sd: f64) -> Result<Tree> {
    let broken = || Error::unexpected("the fit gave a tree that is not sound");
    let mut ours = Tree::default();
    // Their number of each of our nodes; children are appended behind their parents.
    let mut numbers = vec![0];
    let mut at = 0;
    while at < numbers.len() {
        let node = theirs.nodes.get(&numbers[at]).ok_or_else(broken)?;
        if node.is_leaf {
            push(&mut ours, -1, 0.0, [0, 0], f64::from(node.weight_value) * sd);
        } else {
            if has_more_than_a_threshold(node) {
                return Err(broken());
            }
            let left = u32::try_from(numbers.len()).map_err(|_| broken())?;
            numbers.extend([node.left_child, node.right_child]);
            let feature = i64::try_from(node.split_feature).map_err(|_| broken())?;
            push(&mut ours, feature, node.split_value, [left, left + 1], 0.0);
        }
        at += 1;
        if numbers.len() > theirs.nodes.len() {
            return Err(broken());
        }
    }
    Ok(ours)
}

fn has_more_than_a_threshold(node: &Node) -> bool {
    node.left_cats.is_some() || node.has_missing_branch()
}

fn push(tree: &mut Tree, feature: i64, threshold: f64, children: [u32; 2], value: f64) {
    tree.feature.push(feature);
    tree.threshold.push(threshold);
    tree.left.push(children[0]);
    tree.right.push(children[1]);
    tree.value.push(value);
}
