//! Stage `feature-engineer` through its real binary on a table of many blocks: entities of every size, whose rows
//! lie far apart, give the same bytes with any number of threads, and each row its own entity's values.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::HashMap;
use std::fmt::Write as _;

use support::panel::Random;
use support::{cells, project, read, stage};
use tempfile::TempDir;

/// More than one batch of the writer, and more than one block of windows besides the largest entity.
const ROWS: u64 = 90_000;

const SETTINGS: &str = r#"[project]
target = "y"
horizon = 1
entity = "e"
time = "t"

[features]
exclude = ["half"]
lags = [{ columns = ["x"], rows = [1] }]
differences = [{ columns = ["twice"], rows = [1] }]
rolling = [
    { columns = ["x"], windows = [2], statistics = ["sum"] },
    { columns = ["x", "half"], windows = [5, "900"], statistics = ["mean", "std", "median", "max"], min_rows = 2 },
]
expanding = [{ columns = ["x_lag_1"], statistics = ["min", "mean"] }]
max_categories = 8

[features.expressions]
half = "x / 2"
twice = "half * 4 + z"

[features.ratios]
x_to_z = ["x", "z"]
"#;

/// A row of the clean table.
struct Row {
    entity: String,
    x: Option<u64>,
    cells: String,
}

/// Half of the rows are of one entity, the others of thousands.
fn rows() -> Vec<Row> {
    let mut random = Random(11);
    let row = |t: u64| {
        let of = if random.below(2) == 0 { 0 } else { 1 + random.below(6_000) };
        let x = (random.below(40) > 0).then(|| random.below(1_000));
        let kind = match random.below(30) {
            0 => String::new(),
            1 => format!("rare {}", random.below(200)),
            kind => format!("k{}", kind % 9),
        };
        let split =
            ["train", "train", "train", "calibration", "test"][usize::try_from(5 * t / ROWS).unwrap()];
        let shown = x.map_or(String::new(), |x| x.to_string());
        let (z, y) = (random.below(9), random.below(10_000));
        Row { entity: format!("e{of}"), x, cells: format!("e{of},{t},{split},{kind},{shown},{z},{y}\n") }
    };
    (0..ROWS).map(row).collect()
}

fn folder() -> TempDir {
    let mut table = "e,t,split,kind,x,z,y\n".to_owned();
    rows().iter().for_each(|row| table.write_str(&row.cells).unwrap());
    project(&[("pipeline.toml", SETTINGS), ("clean.csv", &table)])
}

/// What a run with so many threads writes: the features, those whose target is not known yet, the manifest.
fn written(folder: &TempDir, threads: &str) -> [String; 3] {
    let mut command = stage("feature-engineer");
    command.env("RAYON_NUM_THREADS", threads).env("POLARS_MAX_THREADS", threads);
    command.current_dir(folder.path()).args(["-q", "-i", "clean.csv"]).assert().success();
    ["features.csv", "features.csv.pending.csv", "features.csv.meta.json"]
        .map(|name| read(folder.path().join("data/processed").join(name)))
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let folder = folder();
    let one = written(&folder, "1");
    let five = written(&folder, "5");
    for (one, five) in one.iter().zip(&five) {
        assert!(one == five, "{} and {} bytes", one.len(), five.len());
    }
}

#[test]
fn every_row_gets_the_values_of_its_own_entity() {
    let [kept, pending, manifest] = written(&folder(), "3");
    let mut last: HashMap<String, Option<u64>> = HashMap::new();
    let before: Vec<Option<Option<u64>>> =
        rows().iter().map(|row| last.insert(row.entity.clone(), row.x)).collect();
    let rows = rows();
    let (mut seen, mut both_known) = (0, 0);
    for text in [kept, pending] {
        let table = cells(&text);
        let at = |name: &str| table[0].iter().position(|n| n == name).unwrap();
        let (e, t, x, lag, sum) = (at("e"), at("t"), at("x"), at("x_lag_1"), at("x_sum_2"));
        for line in &table[1..] {
            let t: usize = line[t].parse().unwrap();
            let shown = |cell: usize| line[cell].parse::<f64>().unwrap().to_bits();
            let expected = |value: u64| f64::from(u32::try_from(value).unwrap()).to_bits();
            assert_eq!(line[e], rows[t].entity);
            seen += 1;
            if let (Some(own), Some(Some(earlier))) = (rows[t].x, before[t]) {
                both_known += 1;
                let found = [shown(x), shown(lag), shown(sum)];
                assert_eq!(found, [own, earlier, own + earlier].map(expected), "row {t}");
            }
        }
    }
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let steps = manifest["ledger"].as_array().unwrap();
    let purged = steps.last().unwrap()["dropped"]["purged"].as_u64().unwrap();
    assert_eq!(seen + purged, ROWS, "each row is kept, pending or purged");
    assert!(both_known > ROWS / 2, "{both_known}");
}
