//! One value of a good model changed at random: refused, or predictions that are numbers. Never a panic or a hang.

use std::path::Path;
use std::time::{Duration, Instant};

use model::{Model, Tree, Trees, pickle};
use serde_json::{Map, Value, json};

use super::support::panel::{Panel, Random};
use super::support::{project, read, run, write};
use super::{MODEL, READERS, reads};

/// Changes of each model.
const CHANGES: u64 = 2000;
/// Of these, so many that are taken go through the programs too.
const MOST_RUN: usize = 12;

/// All places in a value, the outermost first.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    let mut go = |key: &str, inner: &Value| {
        places(inner, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), out);
    };
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| go(&i.to_string(), item)),
        Value::Object(map) => map.iter().for_each(|(key, item)| go(key, item)),
        _ => {}
    }
}

fn place_in(random: &mut Random, length: usize) -> usize {
    usize::try_from(random.below(length as u64)).unwrap()
}

fn pick<T: Copy>(random: &mut Random, all: &[T]) -> T {
    all[place_in(random, all.len())]
}

fn scalar(random: &mut Random) -> Value {
    const TEXTS: [&str; 6] = ["", "x", "nan", "1e999", "\u{202e}", "price"];
    const WHOLE: [u64; 9] = [0, 1, 2, 63, 64, 255, 1 << 20, 1 << 40, u64::MAX];
    const NUMBERS: [f64; 12] =
        [0.0, -0.0, 1.0, -1.0, 0.1, 5e-324, 1e-300, 1e17, 1e300, -1e300, f64::MAX, f64::MIN];
    match random.below(7) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(pick(random, &TEXTS)),
        3 => json!(pick(random, &WHOLE)),
        4 => json!(-random.below(1 << 40).cast_signed() - 1),
        _ => json!(pick(random, &NUMBERS)),
    }
}

/// Changes one value: replaced, taken away, doubled, moved, or a number a little off.
fn change(value: &mut Value, random: &mut Random) -> String {
    let mut all = Vec::new();
    places(value, "", &mut all);
    let place = all.swap_remove(place_in(random, all.len()));
    let target = value.pointer_mut(&place).unwrap();
    match (target, random.below(4)) {
        (Value::Array(items), how @ 1..) if !items.is_empty() => {
            let i = place_in(random, items.len());
            match how {
                1 => drop(items.remove(i)),
                2 => items.insert(i, items[i].clone()),
                _ => items.reverse(),
            }
        }
        (Value::Object(map), how @ 1..) if !map.is_empty() => {
            let key = map.keys().nth(place_in(random, map.len())).unwrap().clone();
            let old = map.remove(&key).unwrap();
            match how {
                1 => {}
                2 => drop(map.insert(format!("{key}x"), old)),
                _ => map.extend([("new".to_owned(), old.clone()), (key, old)]),
            }
        }
        (target @ Value::Number(_), 2..) => {
            let factor = pick(random, &[-1.0, 0.5, 2.0, 1e10, 1e-10, 1.0 + 1e-12]);
            *target = json!(target.as_f64().unwrap() * factor);
        }
        (target, _) => *target = scalar(random),
    }
    place
}

/// What the features table holds, in the order of the model's features.
fn table(folder: &Path, model: &Model) -> Option<Vec<Vec<f64>>> {
    let text = read(folder.join("data/processed/features.csv"));
    let header = text.lines().next().unwrap();
    let known = |name: &String| header.split(',').any(|column| column == name);
    if !model.features.iter().all(known) {
        return None;
    }
    let numbers = |name| super::support::column(&text, name).iter().map(|c| c.parse().unwrap()).collect();
    Some(model.features.iter().map(|name| numbers(name)).collect())
}

/// Changes the model of `folder` again and again.
fn survives(folder: &Path, seed: u64, log: bool) {
    let good = pickle::read(&std::fs::read(folder.join(MODEL)).unwrap()).unwrap();
    std::fs::remove_file(folder.join("models/model.pkl.meta.json")).unwrap_or_default();
    let mut random = Random(seed);
    let (mut taken, mut ran) = (0, 0);
    let begun = Instant::now();
    for round in 0..CHANGES {
        let mut value = good.clone();
        let place = change(&mut value, &mut random);
        // What cannot be written, as a model cannot be, is not a file.
        let Ok(bytes) = pickle::write(&value) else { continue };
        let model = match Model::from_bytes(&bytes, Path::new("m")) {
            Ok(model) => model,
            Err(error) => {
                assert_eq!(error.class(), common::Class::Checkpoint, "{round}: {place}: {error}");
                assert!(error.to_string().len() < 1000, "{place}: {error}");
                continue;
            }
        };
        taken += 1;
        let Some(columns) = table(folder, &model) else { continue };
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        // A log link may overflow for a row that is out of all range.
        let sound = |y: &f64| y.is_finite() || (log && *y == f64::INFINITY);
        assert!(model.predict(&slices).iter().all(sound), "{round}: {place}: predictions are not finite");
        if value != good && ran < MOST_RUN && random.below(8) == 0 {
            ran += 1;
            through_the_programs(folder, &bytes, &place);
        }
    }
    assert!(
        taken > 50 && taken < CHANGES,
        "{taken} of {CHANGES} changes were taken: the test means something"
    );
    assert_eq!(ran, MOST_RUN);
    assert!(begun.elapsed() < Duration::from_mins(5));
}

fn through_the_programs(folder: &Path, bytes: &[u8], place: &str) {
    write(folder.join(MODEL), bytes);
    for reader in READERS {
        let output = reads(folder, reader);
        let said = String::from_utf8_lossy(&output.stderr);
        // A graph holds no terms and no trees, which is no fault of the file.
        let unheld = output.status.code() == Some(2) && said.contains("cannot be exported as ONNX");
        assert!(unheld || matches!(output.status.code(), Some(0 | 13)), "{} of {place}: {said}", reader.0);
        for file in ["reports/metrics.json", "reports/report.md"] {
            let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
            assert!(!text.contains("NaN") && !text.contains("inf,"), "{file} of {place}");
        }
    }
}

#[test]
fn a_linear_model_with_its_preparation() {
    let folder = project(&[]);
    Panel::small(3).write(folder.path());
    for stage in ["ingest", "clean", "feature-engineer", "train-model"] {
        run(stage, folder.path(), &["-q"]).success();
    }
    survives(folder.path(), 1, false);
}

/// A table made by hand, fitted as `[train]` says.
fn fitted(train: &str) -> tempfile::TempDir {
    let config = format!("[project]\ntarget = \"y\"\n[train]\nmin_rows = 5\n{train}");
    let row = |i: i32| {
        let part = ["train", "train", "train", "calibration", "test"][usize::try_from(i % 5).unwrap()];
        format!("{},{},{},{part}\n", i % 7, f64::from(i * 5 % 11) / 3.0, 3 + i % 7 + i % 3)
    };
    let rows: String = (0..80).map(row).collect();
    let table = format!("x,z,y,split\n{rows}");
    let folder = project(&[("pipeline.toml", &config), ("data/processed/features.csv", &table)]);
    run("train-model", folder.path(), &["-q"]).success();
    folder
}

#[test]
fn a_model_with_terms() {
    let terms = "terms = [{ column = \"x\", degree = 3 }, { product = [\"x\", \"z\"] }, { column = \"z\", knots = 4 }]\n";
    survives(fitted(&format!("model = \"ridge\"\nlambda = 0.5\n{terms}")).path(), 2, false);
}

#[test]
fn a_model_with_a_log_link() {
    survives(fitted("model = \"tweedie\"\npower = 2.0\n").path(), 3, true);
}

#[test]
fn a_model_of_trees() {
    let folder = fitted("");
    let path = folder.path().join(MODEL);
    let mut model = Model::from_bytes(&std::fs::read(&path).unwrap(), &path).unwrap();
    let tree = Tree {
        feature: vec![0, 1, -1, -1, -1],
        threshold: vec![2.0, 0.5, 0.0, 0.0, 0.0],
        left: vec![1, 3, 0, 0, 0],
        right: vec![2, 4, 0, 0, 0],
        value: vec![0.0, 0.0, 100.0, 1.0, 10.0],
    };
    model.function = model::Function::Trees(Trees { base: 0.25, trees: vec![tree.clone(), tree] });
    model.statistics = Value::Object(Map::new());
    write(&path, model.to_bytes().unwrap());
    survives(folder.path(), 4, false);
}

/// An exponential overflows where a sum does not.
#[test]
fn a_prediction_that_is_no_number_is_no_figure() {
    let folder = fitted("model = \"tweedie\"\npower = 2.0\n");
    let path = folder.path().join(MODEL);
    let mut value = pickle::read(&std::fs::read(&path).unwrap()).unwrap();
    // Row 4 is the first with 3 in `x`: exp(900).
    value["function"]["linear"]["intercept"] = json!(0.0);
    value["function"]["linear"]["coefficients"] = json!([300.0, 0.0]);
    std::fs::remove_file(folder.path().join("models/model.pkl.meta.json")).unwrap();
    write(&path, pickle::write(&value).unwrap());
    let expected = "models/model.pkl: it predicts inf for data row 4; run `train-model` again";
    run("evaluate", folder.path(), &[]).code(13).stderr(predicates::str::contains(expected));
    assert!(!folder.path().join("reports/metrics.json").exists());
}

/// As many columns as the limits let in: the time grows as their number, not as its square.
#[test]
fn many_columns_are_read_in_moments() {
    let folder = fitted("");
    let path = folder.path().join(MODEL);
    let mut value = pickle::read(&std::fs::read(&path).unwrap()).unwrap();
    let names: Vec<String> = (0..80_000).map(|i| format!("column number {i}")).collect();
    let rows: u64 =
        value["reference"]["target"]["counts"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum();
    let unknown = json!({ "edges": [], "counts": [0], "missing": rows, "min": null, "max": null });
    let field = |name: &str| json!({ "name": name, "type": "number", "role": "input" });
    value["features"] = json!(names);
    value["fields"] = names.iter().map(|n| field(n)).chain([field("y")]).collect();
    value["decimals"] = json!({});
    value["statistics"] = Value::Null;
    value["importance"]["standardized"] = json!([]);
    value["importance"]["permutation"]["features"] = json!([]);
    value["reference"]["features"] =
        names.iter().map(|n| (n.clone(), unknown.clone())).collect::<Map<_, _>>().into();
    let linear = &mut value["function"]["linear"];
    linear["coefficients"] = json!(vec![0.0; names.len()]);
    linear["coefficients_low"] = json!([]);
    linear["aliased"] = names.iter().rev().cloned().collect();
    let bytes = pickle::write(&value).unwrap();
    let begun = Instant::now();
    assert_eq!(Model::from_bytes(&bytes, &path).unwrap().features.len(), names.len());
    // Here half a second; 40 s where each name is looked for among all.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
