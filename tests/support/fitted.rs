//! Tables made by hand for fits, and the model files that come of them.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::panel::Random;

/// A number from 0 to 1.
pub(crate) fn uniform(random: &mut Random) -> f64 {
    (random.next() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A features table with the columns `names`, the target `y` and `split`: `row` gives features and target.
pub(crate) fn table(
    names: &[&str],
    rows: usize,
    part: impl Fn(usize) -> &'static str,
    mut row: impl FnMut(usize) -> Vec<f64>,
) -> String {
    let mut out = names.join(",") + ",y,split\n";
    for i in 0..rows {
        for value in row(i) {
            let _ = write!(out, "{value},");
        }
        out += part(i);
        out.push('\n');
    }
    out
}

/// The lines after the header in another order, drawn by `seed`.
pub(crate) fn shuffled(csv: &str, seed: u64) -> String {
    let mut lines: Vec<&str> = csv.lines().skip(1).collect();
    let mut random = Random(seed);
    for i in (1..lines.len()).rev() {
        lines.swap(i, usize::try_from(random.below(i as u64 + 1)).unwrap());
    }
    csv.lines().take(1).chain(lines).fold(String::new(), |text, line| text + line + "\n")
}

/// A project with `features.csv`, made by hand, and these lines in `[train]`.
pub(crate) fn by_hand(train: &str, csv: &str) -> TempDir {
    let config = format!("[project]\ntarget = \"y\"\n[train]\n{train}\n");
    crate::support::project(&[("pipeline.toml", &config), ("features.csv", csv)])
}

/// Fits the table and gives the model file as JSON.
pub(crate) fn fit(train: &str, csv: &str) -> Value {
    let folder = by_hand(train, csv);
    crate::support::run("train-model", folder.path(), &["-q", "-i", "features.csv"]).success();
    model(folder.path())
}

/// The model file as JSON.
pub(crate) fn model(folder: &Path) -> Value {
    let path = folder.join("models/model.pkl");
    let model = model::Model::from_bytes(&std::fs::read(&path).unwrap(), &path).unwrap();
    serde_json::to_value(model).unwrap()
}

/// The prediction of a model file of trees for one row, by its description in the documentation.
pub(crate) fn predict(model: &Value, row: &[f64]) -> f64 {
    let trees = &model["function"]["trees"];
    let leaf = |tree: &Value| {
        let mut node = 0;
        loop {
            let at = |list: &str| &tree[list][node];
            let feature = at("feature").as_i64().unwrap();
            if feature < 0 {
                return at("value").as_f64().unwrap();
            }
            let below = row[usize::try_from(feature).unwrap()] < at("threshold").as_f64().unwrap();
            let child = if below { at("left") } else { at("right") };
            node = usize::try_from(child.as_u64().unwrap()).unwrap();
        }
    };
    trees["trees"]
        .as_array()
        .unwrap()
        .iter()
        .fold(trees["base"].as_f64().unwrap(), |sum, tree| sum + leaf(tree))
}
