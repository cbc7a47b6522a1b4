//! Tables and models that do or do not belong together, and what their columns are called.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};

use super::support::{json, read};
use super::trained::{self, case};
use super::{FEATURES, METRICS, MODEL, close, evaluate, metrics};

#[test]
fn a_model_of_another_table_is_refused_naming_both() {
    let folder = case().project();
    let mut other = case();
    other.rows[0].y += 1.0;
    let model = other.model(trained::identity(&other.csv())).to_bytes().unwrap();
    trained::publish(
        folder.path(),
        MODEL,
        &model,
        common::manifest::Manifest::new(common::Task::TrainModel, "", Vec::new()),
    );
    evaluate(folder.path()).code(13).stderr(
        contains("models/model.pkl: train_model fitted this model to 120 rows of identity")
            .and(contains("feature_engineer has"))
            .and(contains("run `train-model` again")),
    );
}

#[test]
fn a_model_with_another_target_or_feature_is_refused() {
    for (change, expected) in [
        ("target", "its target is `price_ahead_1`, the model predicts `cost`"),
        ("feature", "has no column `xx`, which the model needs (did you mean `x`?)"),
    ] {
        let folder = case().project();
        let mut other = case();
        if change == "target" {
            other.target = "cost".to_owned();
        } else {
            other.feature = "xx".to_owned();
        }
        let model = other.model(trained::identity(&case().csv())).to_bytes().unwrap();
        let manifest = common::manifest::Manifest::new(common::Task::TrainModel, "", Vec::new());
        trained::publish(folder.path(), MODEL, &model, manifest);
        evaluate(folder.path()).code(13).stderr(contains(expected).and(contains("run `train-model` again")));
    }
}

#[test]
fn columns_are_known_by_name_not_by_place() {
    let folder = case().project();
    let found = metrics(folder.path());
    // The same table, its columns turned round.
    let turn = |line: &str| line.split(',').rev().collect::<Vec<_>>().join(",");
    let turned: String = case().csv().lines().map(|line| turn(line) + "\n").collect();
    let other = case().project();
    let mut manifest = common::manifest::Manifest::new(common::Task::FeatureEngineer, "", Vec::new());
    manifest.fields = case().fields().into_iter().rev().collect();
    manifest.found = json!({ "identity": trained::identity(&turned) });
    trained::publish(other.path(), FEATURES, turned.as_bytes(), manifest);
    let model = case().model(trained::identity(&turned)).to_bytes().unwrap();
    let manifest = common::manifest::Manifest::new(common::Task::TrainModel, "", Vec::new());
    trained::publish(other.path(), MODEL, &model, manifest);
    let turned = metrics(other.path());
    for key in ["train", "calibration", "test", "baselines", "drift", "target"] {
        assert_eq!(found[key], turned[key], "{key}");
    }
}

#[test]
fn a_table_made_by_hand_gives_the_same_figures() {
    let folder = case().project();
    let found = metrics(folder.path());
    std::fs::remove_file(folder.path().join("data/processed/features.csv.meta.json")).unwrap();
    evaluate(folder.path()).success().stderr(contains(
        "columns taken by name from the model: target `price_ahead_1`, split `split`, 2 features",
    ));
    let by_hand = json(folder.path().join(METRICS));
    for key in ["train", "calibration", "test", "baselines", "drift"] {
        assert_eq!(found[key], by_hand[key], "{key}");
    }
    assert_eq!(by_hand["ledger"], json!([]));
    assert_eq!(by_hand["coefficients"][0]["effect"], Value::Null);
}

#[test]
fn hostile_names_are_only_names() {
    for name in
        ["a|b", "<script>alert(1)</script>", "two\nlines", "$(touch x)", "a,\"b\"", "../../x", "\u{202e}x"]
    {
        let mut case = case();
        case.feature = name.to_owned();
        case.target = format!("{name} ahead");
        case.source = name.to_owned();
        let folder = case.project();
        let found = metrics(folder.path());
        close(&found, "/test/mae", 1.0);
        assert_eq!(found["coefficients"][0]["feature"], name);
        assert!(found["drift"]["features"].get(name).is_some());
        let log = read(folder.path().join("logs/evaluate.log"));
        assert!(!log.contains('\u{202e}') && !log.contains("two\n"), "{log}");
    }
}
