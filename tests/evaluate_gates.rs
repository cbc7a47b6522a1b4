//! `[gates]` of `evaluate`, through its binary: kept, broken, refused, and who is told.
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
#[path = "support/trained.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod trained;

use std::path::Path;

use assert_cmd::assert::Assert;
use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};
use support::http::{Answer, Server};
use support::{files, json, read, run, stage};
use tempfile::TempDir;
use trained::{Case, case};

const METRICS: &str = "reports/metrics.json";

/// The case whose figures are known (test MAE 1, bias 0; calibration MAE 3), with these lines in its configuration.
fn with(lines: &str) -> TempDir {
    let mut case = case();
    case.config = format!("{}{lines}\n", case.config);
    case.project()
}

fn evaluate(folder: &Path) -> Assert {
    stage("evaluate").arg("--project").arg(folder).assert()
}

/// The gates of a run that must end well.
fn gates(folder: &Path) -> Vec<Value> {
    evaluate(folder).success();
    json(folder.join(METRICS))["gates"].as_array().unwrap().clone()
}

#[test]
fn every_kind_of_limit_kept_and_broken() {
    for (metric, limit, value, kept) in [
        // Bounds count as kept.
        ("test.mae", "max = 1", json!(1.0), true),
        ("test.mae", "max = 0.999", json!(1.0), false),
        ("test.mae", "min = 1.0", json!(1.0), true),
        ("test.mae", "min = 1.001", json!(1.0), false),
        ("calibration.mae", "min = 2, max = 4", json!(3.0), true),
        ("calibration.mae", "min = 1, max = 2", json!(3.0), false),
        ("calibration.mae", "min = 4, max = 5", json!(3.0), false),
        ("test.n", "min = 40", json!(40.0), true),
        ("calibration.bias", "max = -3", json!(-3.0), true),
        ("improvement.persistence.verdict", "is = \"better\"", json!("better"), true),
        ("improvement.persistence.verdict", "is = \"worse\"", json!("better"), false),
        ("improvement.persistence.verdict", "not = \"worse\"", json!("better"), true),
        ("improvement.persistence.verdict", "not = \"better\"", json!("better"), false),
        ("drift.features.x.calibration.alarm", "is = true", json!(true), true),
        ("drift.features.x.calibration.alarm", "is = false", json!(true), false),
        ("drift.features.x.calibration.alarm", "not = true", json!(true), false),
        ("drift.alarms.test", "max = 0", json!(0.0), true),
        ("coefficients.x.coefficient", "max = 1.5", json!(2.0), false),
        ("test.calibration.deciles.1.n", "min = 4", json!(4.0), true),
        ("ledger.feature_engineer.rows_out", "min = 120", json!(120.0), true),
        ("features.x.test.mean", "max = 19.5", json!(19.5), true),
        // Every test row is missed by 1: the first of them is the first of the worst.
        ("worst.1.row", "min = 81, max = 81", json!(81.0), true),
        ("target.column", "is = \"price_ahead_1\"", json!("price_ahead_1"), true),
    ] {
        for (level, broken) in [("fail", "fail"), ("warn", "warn")] {
            let folder = with(&format!("[gates.{level}]\n\"{metric}\" = {{ {limit} }}"));
            let found = gates(folder.path());
            let [gate] = found.as_slice() else { panic!("{found:?}") };
            let shown = format!("{level} {metric} {limit}: {gate}");
            assert_eq!((&gate["metric"], &gate["level"]), (&json!(metric), &json!(level)), "{shown}");
            assert_eq!((&gate["value"], &gate["kept"]), (&value, &json!(kept)), "{shown}");
            assert_eq!(gate["reason"], Value::Null, "{shown}");
            let status = if kept { "pass" } else { broken };
            assert_eq!(json(folder.path().join(METRICS))["status"], status, "{shown}");
            let manifest = json(folder.path().join("reports/metrics.json.meta.json"));
            assert_eq!(manifest["found"]["status"], status, "{shown}");
        }
    }
}

#[test]
fn gates_stand_in_order_and_a_failure_outweighs_a_warning() {
    let folder = with(
        "[gates.warn]\n\"test.rmse\" = { max = 0 }\n\"test.mae\" = { max = 0.5 }\n\
         [gates.fail]\n\"test.r2\" = { min = 2 }\n\"test.mae\" = { max = 7 }",
    );
    let found = gates(folder.path());
    let order: Vec<String> = found.iter().map(|g| format!("{} {}", g["level"], g["metric"])).collect();
    let expected =
        ["\"fail\" \"test.mae\"", "\"fail\" \"test.r2\"", "\"warn\" \"test.mae\"", "\"warn\" \"test.rmse\""];
    assert_eq!(order, expected);
    assert_eq!(found[0]["limit"], json!({ "max": 7.0 }));
    assert_eq!(json(folder.path().join(METRICS))["status"], "fail");
    let log = read(folder.path().join("logs/evaluate.log"));
    for line in [
        "WARN evaluate: gate broken: `test.rmse` is 1, expected at most 0",
        "ERROR evaluate: gate broken: `test.r2` is 0.99",
    ] {
        assert!(log.contains(line), "{line}\n{log}");
    }
    assert!(!log.contains("gate broken: `test.mae` is 1, expected at most 7"), "{log}");
}

#[test]
fn a_figure_without_value_keeps_no_limit() {
    // No test rows: no figure of theirs has a value. Whatever the limit is, it is broken.
    for limit in ["max = 1e300", "min = -1e300"] {
        let mut case = case().without("test");
        case.config += &format!(
            "[gates.fail]\n\"test.mae\" = {{ {limit} }}\n\"test.calibration.slope\" = {{ {limit} }}\n"
        );
        let folder = case.project();
        let found = gates(folder.path());
        for gate in &found {
            let expected = (&json!(null), &json!(false), &json!("no_rows"));
            assert_eq!((&gate["value"], &gate["kept"], &gate["reason"]), expected, "{gate}");
        }
        assert_eq!(found.len(), 2);
        let log = read(folder.path().join("logs/evaluate.log"));
        assert!(log.contains("`test.mae` cannot be told: no_rows; expected at"), "{log}");
    }
    // Figures that these data have not, though others could.
    let mut case = case();
    case.persistence = false;
    case.config += "[gates.warn]\n\"improvement.persistence.verdict\" = { not = \"worse\" }\n\
                    \"choice.tolerance\" = { max = 1 }\n\"coefficients.x.p\" = { max = 0.05 }\n";
    let folder = case.project();
    let reasons: Vec<Value> = gates(folder.path()).iter().map(|gate| gate["reason"].clone()).collect();
    assert_eq!(reasons, ["not_there", "not_known", "not_there"]);
}

/// A path, its line and what is said of it; whether the form alone tells.
fn is_refused(gate: &str, expected: &str, early: bool) {
    let folder = with(&format!("[gates.warn]\n# a comment\n{gate}"));
    let print = stage("evaluate").arg("--print-config").arg("--project").arg(folder.path()).assert();
    if early {
        print.code(2).stdout("").stderr(contains(format!("pipeline.toml:7: {expected}")));
    } else {
        print.success();
    }
    evaluate(folder.path()).code(2).stderr(contains(format!("pipeline.toml:7: {expected}")));
    assert!(!folder.path().join("reports").exists(), "{gate}");
}

#[test]
fn what_the_file_cannot_hold_is_refused_before_any_work() {
    for (gate, expected) in [
        (
            "\"test.mea\" = { max = 1 }",
            "[gates.warn] `test.mea` is no figure (did you mean `test.mae`?); in `test`: `absent`, ",
        ),
        (
            "\"tset.mae\" = { max = 1 }",
            "[gates.warn] `tset.mae` is no figure (did you mean `test.mae`?); known: ",
        ),
        ("\"mae\" = { max = 1 }", "[gates.warn] `mae` is no figure (did you mean `test.mae`?)"),
        (
            "\"drift.alarm.test\" = { max = 1 }",
            "[gates.warn] `drift.alarm.test` is no figure (did you mean `drift.alarms.test`?)",
        ),
        (
            "\"drift.features.x.test.pis\" = { max = 1 }",
            "[gates.warn] `drift.features.x.test.pis` is no figure (did you mean `drift.features.x.test.psi`?)",
        ),
        (
            "\"test.intervals.90.verdit\" = { is = \"holds\" }",
            "[gates.warn] `test.intervals.90.verdit` is no figure (did you mean `test.intervals.90.verdict`?)",
        ),
        ("\"test\" = { max = 1 }", "[gates.warn] `test` is no single figure; in it: "),
        ("\"drift.features\" = { max = 1 }", "[gates.warn] `drift.features` is no single figure"),
        (
            "\"test.mae.x\" = { max = 1 }",
            "[gates.warn] `test.mae.x`: there is nothing in `test.mae`, which is a single figure",
        ),
        (
            "\"test..mae\" = { max = 1 }",
            "[gates.warn] `test..mae` is no path: a name between the dots is empty",
        ),
        ("\"\" = { max = 1 }", "[gates.warn] `` is no path"),
        ("\"test.`mae\" = { max = 1 }", "[gates.warn] `test.`mae` is no path: a backquote is not closed"),
        ("\"test.mae\" = { max = \"a\" }", "invalid type: string \"a\", expected f64"),
        ("\"test.mae\" = { max = nan }", "[gates.warn] `test.mae`: `max` and `min` are finite numbers"),
        ("\"test.mae\" = { min = -inf }", "[gates.warn] `test.mae`: `max` and `min` are finite numbers"),
        (
            "\"test.mae\" = { max = 1, min = 2 }",
            "[gates.warn] `test.mae`: `max` 1 is below `min` 2: nothing could keep both",
        ),
        ("\"test.mae\" = {}", "[gates.warn] `test.mae`: no limit is given"),
        (
            "\"test.mae\" = { mx = 1 }",
            "unknown key `mx` (did you mean `max`?); known keys: max, min, is, not",
        ),
        ("\"test.mae\" = { is = \"a\" }", "[gates.warn] `test.mae`: is a number: give `max` or `min`"),
        (
            "\"test.mae\" = { is = 1 }",
            "[gates.warn] `test.mae`: a number has `max` and `min`, not `is` or `not`",
        ),
        ("\"test.mae\" = { is = [\"a\"] }", "expected a text in quotes, or true or false"),
        ("\"test.mae\" = 5", "invalid type: integer `5`"),
        (
            "\"drift.target.test.alarm\" = { is = \"true\" }",
            "[gates.warn] `drift.target.test.alarm`: is true or false",
        ),
        (
            "\"drift.target.test.verdict\" = { max = 1 }",
            "[gates.warn] `drift.target.test.verdict`: is a text: give `is` or `not`",
        ),
        (
            "\"drift.target.test.verdict\" = { is = \"stabel\" }",
            "[gates.warn] `drift.target.test.verdict`: is never `stabel` (did you mean `stable`?); known values: stable, moderate",
        ),
        (
            "\"drift.target.test.verdict\" = { is = \"stable\", not = \"large\" }",
            "[gates.warn] `drift.target.test.verdict`: `is` and `not` exclude each other",
        ),
        (
            "\"drift.target.test.verdict\" = { is = \"stable\", max = 2 }",
            "[gates.warn] `drift.target.test.verdict`: `max` and `min` are of numbers",
        ),
    ] {
        is_refused(gate, expected, true);
    }
    // Bare dots are tables of TOML.
    let folder = with("[gates.fail]\ntest.mae = { max = 1 }");
    evaluate(folder.path()).code(2).stderr(contains("pipeline.toml:6: unknown key `mae`"));
    for (lines, expected) in [
        ("[gates]\nfial = {}", "unknown key `fial` (did you mean `fail`?)"),
        ("[gate]\n", "unknown section `gate`"),
    ] {
        evaluate(with(lines).path()).code(2).stderr(contains(expected));
    }
}

#[test]
fn what_only_the_data_can_tell_is_refused_before_anything_is_written() {
    for (gate, expected) in [
        (
            "\"drift.features.y.test.psi\" = { max = 1 }",
            "[gates.warn] `drift.features.y.test.psi` is not there; in `drift.features`: `unused`, `x`",
        ),
        (
            "\"drift.features.unsed.test.psi\" = { max = 1 }",
            "[gates.warn] `drift.features.unsed.test.psi` is not there (did you mean `drift.features.unused.test.psi`?)",
        ),
        (
            "\"test.intervals.90.coverage\" = { min = 0.8 }",
            "[gates.warn] `test.intervals.90.coverage` is not there; in `test.intervals`: nothing",
        ),
        ("\"split.by\" = { max = 1 }", "[gates.warn] `split.by`: is a text: give `is` or `not`"),
        (
            "\"split.boy\" = { is = \"dates\" }",
            "[gates.warn] `split.boy` is not there (did you mean `split.by`?)",
        ),
        (
            "\"test.calibration.deciles.11.n\" = { min = 1 }",
            "[gates.warn] `test.calibration.deciles.11.n` is not there",
        ),
    ] {
        is_refused(gate, expected, false);
    }
}

#[test]
fn names_from_data_are_quoted_in_paths_and_harmless_in_messages() {
    let named = |name: &str, path: &str| -> Case {
        let mut case = case();
        case.feature = name.to_owned();
        let path = toml_text(&format!("drift.features.{path}.test.psi"));
        case.config += &format!("[gates.warn]\n{path} = {{ max = -1 }}\n");
        case
    };
    for (name, path) in [
        ("a.b", "`a.b`"),
        ("a`b", "`a``b`"),
        ("a,\"b\"", "a,\"b\""),
        ("<b>|x|", "<b>|x|"),
        ("mae\u{202e}\u{7}", "mae\u{202e}\u{7}"),
        ("größe 1", "größe 1"),
        ("absent", "absent"),
        ("test.psi", "`test.psi`"),
    ] {
        let folder = named(name, path).project();
        let found = gates(folder.path());
        assert_eq!(found[0]["kept"], false, "{name}");
        let log = read(folder.path().join("logs/evaluate.log"));
        assert!(log.contains("gate broken: ") && !log.contains(['\u{202e}', '\u{7}']), "{log}");
        run("report", folder.path(), &[]).success();
        let report = read(folder.path().join("reports/report.md"));
        assert!(!report.contains("<b>") && !report.contains('\u{202e}'), "{report}");
    }
    // Without backquotes a dot parts names; the path that was meant is offered.
    let folder = named("a.b", "a.b").project();
    evaluate(folder.path()).code(2).stderr(contains(
        "`drift.features.a.b.test.psi` is no figure; in `drift.features.a`: `calibration`, `test`; a name with a dot in it stands in backquotes",
    ));
}

/// A text as TOML writes it.
fn toml_text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

#[test]
fn strict_fails_after_all_is_written() {
    let lines = "[gates.fail]\n\"test.mae\" = { max = 0.5 }\n[gates.warn]\n\"test.rmse\" = { max = 0.5 }";
    let (strict, plain) = (with(lines), with(lines));
    evaluate(plain.path()).success();
    stage("evaluate").arg("--strict").arg("--project").arg(strict.path()).assert().code(12).stderr(
        contains("metrics.json: 1 gate broken")
            .and(contains("ERROR evaluate: gate broken: `test.mae` is 1, expected at most 0.5"))
            .and(contains("WARN evaluate: gate broken: `test.rmse` is 1, expected at most 0.5")),
    );
    let written = files(&plain.path().join("reports"));
    assert_eq!(written.len(), 7, "{written:?}");
    for file in written {
        let name = file.file_name().unwrap();
        assert_eq!(read(&file), read(strict.path().join("reports").join(name)), "{}", file.display());
    }
    // A warning alone does not fail.
    let folder = with("[gates.warn]\n\"test.rmse\" = { max = 0.5 }");
    stage("evaluate").arg("--strict").arg("--project").arg(folder.path()).assert().success();
}

#[test]
fn who_is_to_be_told_is_told_once() {
    let gate = "[gates.fail]\n\"test.mae\" = { max = 0.5 }\n\"test.rmse\" = { max = 0.5 }\n[gates.warn]\n\"test.r2\" = { min = 2 }\n";
    for arguments in [&[][..], &["--strict"]] {
        let server = Server::start(vec![Answer::ok(""), Answer::ok("")]);
        let notify = format!(
            "[notify]\nwebhook = \"{}\"\ncommand = [\"sh\", \"-c\", \"cat >> told.json\"]",
            server.url("/hook")
        );
        let folder = with(&format!("{gate}{notify}"));
        let code = if arguments.is_empty() { 0 } else { 12 };
        stage("evaluate").args(arguments).current_dir(folder.path()).assert().code(code);
        let requests = server.requests();
        assert_eq!(requests.len(), 1);
        let body: Value = serde_json::from_slice(&requests[0].body).unwrap();
        assert_eq!(json(folder.path().join("told.json")), body, "one payload, by both ways");
        assert_eq!((&body["task"], &body["class"]), (&json!("evaluate"), &json!("gate")));
        assert_eq!(body["exit_code"], 12);
        assert!(body["message"].as_str().unwrap().contains("metrics.json: 2 gates broken"), "{body}");
        let expected = ["`test.mae` is 1, expected at most 0.5", "`test.rmse` is 1, expected at most 0.5"];
        assert_eq!(body["details"], json!(expected.map(|line| format!("gate broken: {line}"))));
    }
    let told = |gate: &str, on: &str| {
        let folder = with(&format!("{gate}[notify]\n{on}command = [\"sh\", \"-c\", \"cat > told.json\"]"));
        stage("evaluate").current_dir(folder.path()).assert().success();
        folder.path().join("told.json").exists()
    };
    assert!(told(gate, "on = [\"gate\"]\n"));
    assert!(!told(gate, "on = [\"schema\"]\n"));
    assert!(!told("[gates.warn]\n\"test.mae\" = { max = 0.5 }\n", ""));
    assert!(!told("[gates.fail]\n\"test.mae\" = { max = 1.5 }\n", ""));
    let folder = with(&format!("{gate}[notify]\ncommand = [\"sh\", \"-c\", \"cat > told.json\"]"));
    for question in ["--print-config", "--schema"] {
        stage("evaluate").arg(question).current_dir(folder.path()).assert().success();
    }
    assert!(!folder.path().join("told.json").exists(), "a question tells nobody");
}

#[test]
fn the_report_shows_the_limits_near_its_top() {
    let folder = with(
        "[gates.fail]\n\"test.mae\" = { max = 0.5 }\n\"test.n\" = { min = 1 }\n\
         [gates.warn]\n\"improvement.persistence.verdict\" = { not = \"better\" }\n\"coefficients.x.p\" = { max = 0.05 }",
    );
    evaluate(folder.path()).success();
    run("report", folder.path(), &[]).success();
    let report = read(folder.path().join("reports/report.md"));
    for expected in [
        "**This model does not keep the limits that were set for it: “test.mae” fails.**",
        "**Limits that are only warned of are not kept: “coefficients.x.p”, “improvement.persistence.verdict” are outside theirs.**",
        "Of 4 limits that were set, 3 are not kept.",
        "| Figure | Limit | Found | Kept | If not |",
        "| test.mae | at most 0.5 | 1 | **no** | the check fails |",
        "| test.n | at least 1 | 40.00 | yes | the check fails |",
        "| coefficients.x.p | at most 0.05 | – (not known) | **cannot be told** | a warning |",
        "| improvement.persistence.verdict | not better | better | **no** | a warning |",
    ] {
        assert!(report.contains(expected), "{expected}\n{report}");
    }
    assert!(report.find("## Limits").unwrap() < report.find("## Notes of the analyst").unwrap());
    let folder = with("[gates.fail]\n\"test.mae\" = { max = 1.5 }");
    evaluate(folder.path()).success();
    run("report", folder.path(), &[]).success();
    let report = read(folder.path().join("reports/report.md"));
    assert!(report.contains("The model keeps all that was asked of it: 1 limit."), "{report}");
    assert!(!report.contains("**This model"));
    let folder = case().project();
    evaluate(folder.path()).success();
    run("report", folder.path(), &[]).success();
    assert!(!read(folder.path().join("reports/report.md")).contains("## Limits"));
}

#[test]
fn what_the_gates_say_is_no_figure() {
    for path in ["status", "gates.1.kept"] {
        let folder = with(&format!("[gates.fail]\n\"{path}\" = {{ not = \"fail\" }}"));
        evaluate(folder.path()).code(2).stderr(contains("says what the gates say"));
    }
}

#[test]
fn limits_are_part_of_the_configuration_of_evaluate_and_of_no_other_stage() {
    let folder = with("[gates.fail]\n\"test.mae\" = { max = 7 }");
    let print = |stage_name: &str, folder: &Path| {
        let output = stage(stage_name).arg("--print-config").arg("--project").arg(folder).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let printed: Value = serde_json::from_str(&print("evaluate", folder.path())).unwrap();
    assert_eq!(printed["gates"], json!({ "fail": { "test.mae": { "max": 7.0 } } }));
    let without = case().project();
    for other in ["clean", "train-model", "report"] {
        assert_eq!(print(other, folder.path()), print(other, without.path()), "{other}");
    }
}
