//! The choice through the whole chain: what folds respect, and what the report says of it.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::fitted::{by_hand, model, table, uniform};
use super::support::panel::Random;
use super::support::{project, read, run};
use super::{AUTO, line, rows, step};

/// Runs the stages on raw rows and gives the model as JSON.
fn chain(config: &str, raw: &str) -> Value {
    let config = format!("{config}[ingest]\nsources = [\"raw.csv\"]\n");
    let folder = project(&[("pipeline.toml", &config), ("raw.csv", raw)]);
    for stage in ["ingest", "clean", "feature-engineer", "train-model"] {
        run(stage, folder.path(), &["-q"]).success();
    }
    model(folder.path())
}

/// The errors of a candidate, fold by fold.
fn folds(model: &Value, name: &str) -> Vec<f64> {
    let candidates = model["choice"]["candidates"].as_array().unwrap();
    let one = candidates.iter().find(|c| c["model"] == name).unwrap();
    one["folds"].as_array().unwrap().iter().map(|error| error.as_f64().unwrap()).collect()
}

#[test]
fn folds_of_time_leave_out_the_gap_before_them() {
    // Training rows are of 0 to 159, and two folds begin at 80 and 120. `y = 2 x + 1` but at 70 to 79: rows that
    // a gap of 10 keeps from the fit for the first fold, and not from that for the second.
    let wrong = |t: usize| if (70..80).contains(&t) { 1000 + 37 * (t % 7) } else { 0 };
    let raw = |last: usize| {
        let rows = (0..last).map(|t| format!("{t},{},{}\n", 7 * t % 11, 2 * (7 * t % 11) + 1 + wrong(t)));
        format!("t,x,y\n{}", rows.collect::<String>())
    };
    let config = |clean: &str| {
        format!(
            "[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\n{clean}\n[train]\n{AUTO}\nfolds = 2\n\
             candidates = [\"ols\", \"boosted\"]\nintervals = {{ method = \"none\" }}\n"
        )
    };
    let with = chain(&config("split = { test_from = 170, gap = 10 }"), &raw(190));
    let without = chain(&config("split = { test_from = 160 }"), &raw(180));
    for model in [&with, &without] {
        assert_eq!(model["training"]["rows"], 160);
        assert_eq!(
            (&model["choice"]["fold_by"], &model["choice"]["rows"]),
            (&json!("time"), &json!([40, 40]))
        );
    }
    let (with, without) = (folds(&with, "ols"), folds(&without, "ols"));
    assert!(with[0] < 1e-9 && without[0] > 50.0, "{with:?} {without:?}");
    // The fit for the second fold lacks only the gap before it, which is as the rest.
    assert!(with[1] > 50.0 && without[1] > 50.0, "{with:?} {without:?}");
}

#[test]
fn folds_of_entities_have_no_entity_on_both_sides() {
    // Each of 30 entities has a level of its own and a code that says which it is, and nothing else tells the level:
    // known for whom has been seen, not for others.
    let mut random = Random(5);
    let levels: Vec<f64> = (0..30).map(|_| 100.0 * uniform(&mut random)).collect();
    let rows: String = (0..600)
        .map(|i| {
            let (e, noise) = (i % 30, uniform(&mut random));
            format!("e{e},{e},{noise},{},train\n", levels[e] + noise)
        })
        .collect();
    let raw = format!("e,code,z,y,part\n{rows}");
    let fitted = |by: &str| {
        let config = format!(
            "[project]\ntarget = \"y\"\nentity = \"e\"\n[clean]\nsplit = {{ by = \"column\", column = \"part\" }}\n\
             [train]\n{AUTO}\nfold_by = \"{by}\"\nintervals = {{ method = \"none\" }}\n"
        );
        let model = chain(&config, &raw);
        assert_eq!(model["choice"]["fold_by"], by);
        (folds(&model, "boosted"), model["choice"]["groups"].clone())
    };
    let (seen, rows) = fitted("key");
    let (unseen, entities) = fitted("entity");
    assert_eq!((rows, entities), (json!(600), json!(30)));
    // Levels differ by 100 / 3 from one another on average.
    assert!(seen.iter().all(|error| *error < 5.0), "{seen:?}");
    assert!(unseen.iter().all(|error| *error > 10.0), "{unseen:?}");
}

/// The report of a table made by hand, and the model.
fn report(train: &str, csv: &str) -> (String, Value) {
    let folder: TempDir = by_hand(train, csv);
    let path: &Path = folder.path();
    run("train-model", path, &["-q", "-i", "features.csv"]).success();
    run("evaluate", path, &["-q", "-i", "features.csv", "-i", "models/model.pkl"]).success();
    run("report", path, &["-q", "-i", "reports/metrics.json", "-i", "models/model.pkl"]).success();
    (read(path.join("reports/report.md")), model(path))
}

#[test]
fn the_report_says_what_set_the_chosen_apart() {
    let two = format!("{AUTO}\ncandidates = [\"ols\", \"boosted\"]");
    let (text, model) = report(&two, &rows(300, 1.0, line));
    assert_eq!((&model["choice"]["chosen"], &model["choice"]["reason"]), (&json!("ols"), &json!("best")));
    let sentence = "**least squares** was chosen: it has the least error and is the simplest of those that could be fitted.";
    assert!(text.contains(sentence), "{text}");
    let (text, model) = report(&two, &rows(300, 0.2, step));
    let ols = &model["choice"]["candidates"][0];
    let [mae, difference, error] =
        ["mae", "difference", "standard_error"].map(|key| ols[key].as_f64().unwrap());
    assert!(difference > error && difference > 0.005 * (mae - difference), "{ols}");
    let sentence = "**boosted trees** was chosen: it has the least error; of the simpler ones least squares is worse by more than one standard error, and by more than 0.5 % of the error.";
    assert!(text.contains(sentence), "{text}");
}

#[test]
fn a_feature_with_one_value_among_the_calibration_rows_is_named() {
    // `k` varies in training and is 4 in calibration.
    let part = |i: usize| ["train", "calibration", "test"][i / 60];
    let mut random = Random(6);
    let csv = table(&["x", "k", "m|n"], 180, part, |i| {
        let [x, e] = std::array::from_fn(|_| uniform(&mut random));
        let k = if i / 60 == 1 { 4.0 } else { (i % 5) as f64 };
        vec![x, k, (i % 3) as f64, 2.0 * x + k + e]
    });
    let (text, model) = report("model = \"ols\"", &csv);
    let permutation = &model["importance"]["permutation"];
    assert_eq!(permutation["constant"], json!(["k"]));
    let told: Vec<&Value> =
        permutation["features"].as_array().unwrap().iter().map(|f| &f["feature"]).collect();
    assert_eq!(told, ["x", "m|n"]);
    let sentence = "Nothing can be told of what has one value in all of these rows: ";
    let named = text.split(sentence).nth(1).unwrap_or_else(|| panic!("{text}"));
    assert!(named.starts_with("“k”."), "{named}");
    let rest = table(&["x"], 180, part, |i| vec![(i % 7) as f64, (i % 7) as f64 + (i % 2) as f64]);
    assert!(!report("model = \"ols\"", &rest).0.contains(sentence), "every feature varies");
}

#[test]
fn what_the_simpler_candidates_lack_follows_the_numbers() {
    let mut seen = std::collections::BTreeSet::new();
    for (n, noise) in [(60, 0.6), (60, 1.6), (70, 1.3), (80, 1.6), (90, 1.0), (120, 1.6)] {
        let (text, model) = report(AUTO, &rows(n, noise, |a, b| a + step(a, b)));
        let choice = &model["choice"];
        if choice["chosen"] != "boosted" {
            continue;
        }
        let least = choice["candidates"][2]["mae"].as_f64().unwrap();
        let lacks = ["least squares", "ridge"].into_iter().zip([0, 1]).map(|(name, i)| {
            let one = &choice["candidates"][i];
            let [difference, error] = ["difference", "standard_error"].map(|key| one[key].as_f64().unwrap());
            assert!(difference > error.min(0.005 * least), "else it would be chosen: {one}");
            seen.insert(difference > error);
            if difference > error {
                assert!(difference > 0.005 * least, "{one}");
                format!(
                    "{name} is worse by more than one standard error, and by more than 0.5 % of the error"
                )
            } else {
                format!("{name} is worse by more than 0.5 % of the error, though not by one standard error")
            }
        });
        let lacks = lacks.collect::<Vec<_>>().join(", and ");
        let sentence =
            format!("**boosted trees** was chosen: it has the least error; of the simpler ones {lacks}.");
        assert!(text.contains(&sentence), "{sentence}: {text}");
    }
    assert_eq!(seen.len(), 2, "both kinds are among them");
}
