//! Stage `feature-engineer` through its real binary: what of the configuration is refused.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

mod support;

use assert_cmd::assert::Assert;
use predicates::str::contains;
use support::{project, run};
use tempfile::TempDir;

const PANEL: &str = "[project]\ntarget = \"y\"\nentity = \"e\"\ntime = \"t\"\n[features]\n";
const PLAIN: &str = "[project]\ntarget = \"y\"\n[features]\n";
const SMALL: &str = "x,y,split\n1,2,train\n3,4,test\n";

/// A project with the clean table `clean.csv`, made by hand.
fn by_hand(config: &str, clean: &str) -> TempDir {
    project(&[("pipeline.toml", config), ("clean.csv", clean)])
}

fn engineer(folder: &TempDir) -> Assert {
    run("feature-engineer", folder.path(), &["-i", "clean.csv"])
}

#[test]
fn a_configuration_with_a_fault_is_refused_with_its_line() {
    for (config, message) in [
        ("[project]\ntarget = \"y\"\nhorizon = 1\n", ":3: [project] horizon: a horizon needs [project] time"),
        ("[project]\ntarget = \"y\"\nhorizon = -1\n", ":3: "),
        (
            "[project]\ntarget = \"y\"\n[features]\nlags = [{ columns = [\"x\"], rows = [1] }]\n",
            ":4: [features] lags: need [project] time",
        ),
        (
            "[project]\ntarget = \"y\"\ntime = \"x\"\n[features]\nlags = [{ columns = [\"x\"], rows = [0] }]\n",
            ":5: [features] lags: rows are counted from 1",
        ),
        (
            "[project]\ntarget = \"y\"\ntime = \"x\"\n[features]\nrolling = [{ columns = [\"x\"], windows = [0], statistics = [\"mean\"] }]\n",
            ":5: [features] rolling: windows and min_rows are at least 1",
        ),
        (
            "[project]\ntarget = \"y\"\ntime = \"x\"\n[features]\nrolling = [{ columns = [\"x\"], windows = [3], statistics = [\"mean\"], min_rows = 4 }]\n",
            ":5: [features] rolling: min_rows is more than a window holds",
        ),
        (
            "[project]\ntarget = \"y\"\ntime = \"x\"\n[features]\nrolling = [{ columns = [\"x\"], windows = [3], statistics = [\"maen\"] }]\n",
            ":5: unknown value `maen` (did you mean `mean`?)",
        ),
        (
            "[project]\ntarget = \"y\"\n[features]\nmax_categories = 1\n",
            ":4: [features] max_categories: is at least 2",
        ),
        (
            "[project]\ntarget = \"y\"\n[features]\nratio = {}\n",
            ":4: unknown key `ratio` (did you mean `ratios`?)",
        ),
        (
            "[project]\ntarget = \"y\"\n[features]\nratios = { r = [\"x\", \"x\", \"y\"] }\n",
            ":4: ratios: `r` names 3 columns, expected a numerator and a denominator",
        ),
        ("[project]\ntarget = \"y\"\ntime = []\n", ":3: [project] time: names one column"),
    ] {
        let folder = by_hand(config, SMALL);
        engineer(&folder).code(2).stderr(contains(format!("ERROR feature_engineer: pipeline.toml{message}")));
    }
}

#[test]
fn a_column_that_cannot_be_what_it_is_named_for_is_refused() {
    let clean = "x,c,d,y,split\n1,a,2020-01-01,2,train\n";
    for (features, message) in [
        ("columns = [\"w\"]\n", "columns names `w`, which is no column"),
        ("columns = [\"d\"]\n", "columns names `d`, a date used as key"),
        ("columns = [\"y\"]\n", "columns names `y`, which is the target itself"),
        ("exclude = [\"xx\"]\n", "exclude names `xx`, which is no column (did you mean `x`?)"),
        ("ratios = { r = [\"x\", \"c\"] }\n", "ratios names `c`, which is a string, no number"),
        ("ratios = { r = [\"x\", \"y\"] }\n", "ratios: `r` is made of the target itself"),
        ("columns = []\n", "[features] makes no feature"),
    ] {
        engineer(&by_hand(&format!("{PLAIN}{features}"), clean)).code(2).stderr(contains(message));
    }
    let text = by_hand(&PLAIN.replace("\"y\"", "\"c\""), clean);
    engineer(&text)
        .code(2)
        .stderr(contains("[project] target: `c` is a string, and a regression predicts a number"));
    let entity = PANEL.replace("\"e\"", "\"city\"");
    engineer(&by_hand(&entity, "cty,t,x,y,split\na,1,1,1,train\n"))
        .code(2)
        .stderr(contains("[project] entity names `city`, which is no column (did you mean `cty`?)"));
}

#[test]
fn two_features_of_one_name_are_refused() {
    let clean = "x,w,c,c=b,y,split\n1,2,a,1,2,train\n1,2,b,1,3,train\n";
    for (features, name) in [
        ("exclude = [\"c\"]\nratios = { x = [\"x\", \"w\"] }\n", "x"),
        ("exclude = [\"c\"]\nratios = { y = [\"x\", \"w\"] }\n", "y"),
        ("exclude = [\"c\"]\nratios = { split = [\"x\", \"w\"] }\n", "split"),
        ("columns = [\"x\", \"x\"]\n", "x"),
        ("", "c=b"),
        // Hidden, and a third could be made of either.
        (
            "exclude = [\"r\"]\nexpressions = { r = \"x * 2\" }\nratios = { r = [\"x\", \"w\"] }\nlogs = [\"r\"]\n",
            "r",
        ),
    ] {
        let folder = by_hand(&format!("{PLAIN}{features}"), clean);
        engineer(&folder).code(2).stderr(contains(format!(
            "[features] makes `{name}` twice, or beside a key or the target of that name"
        )));
        assert!(!folder.path().join("data").exists());
    }
}

#[test]
fn a_target_that_cannot_be_predicted_is_refused() {
    let clean = "e,t,x,w,v,y,split\na,1,1,2,9,3,train\na,2,2,2,9,4,train\n";
    let steps = "ratios = { r = [\"x\", \"w\"] }\nexpressions = { half = \"r / 2\", v = \"x * 2\" }\nexclude = [\"v\"]\n";
    for (target, message) in [
        ("t", "`t` is the time: name the column to predict"),
        ("e", "`e` is the entity: name the column to predict"),
        ("r", "`r` is a step of `ratios`, expected a column or an expression"),
        (
            "half",
            "`half` is made of `r`, a step of `ratios`: the target's expression is made of columns and expressions",
        ),
        ("v", "`v` is both a column and an expression: rename the expression"),
        ("xx", "`xx` is no column (did you mean `x`?)"),
    ] {
        let folder = by_hand(&(PANEL.replace("\"y\"", &format!("{target:?}")) + steps), clean);
        engineer(&folder).code(2).stderr(contains(format!("[project] target: {message}")));
    }
    let one = PANEL.replace("\"e\"", "\"t\"");
    engineer(&by_hand(&one, clean)).code(2).stderr(contains("[project] entity: `t` is the time"));
    let circle = format!("{PANEL}ratios = {{ r = [\"r\", \"x\"] }}\n");
    engineer(&by_hand(&circle, clean)).code(2).stderr(contains("[features] ratios: `r` is made of itself"));
}
