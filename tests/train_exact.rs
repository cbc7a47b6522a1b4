//! The exact fit through the real program: NIST's reference sets, pieces, summaries, the second opinion.
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

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use predicates::prelude::PredicateBooleanExt as _;
use serde_json::Value;
use support::{project, run, write};

const SETS: [&str; 11] = [
    "Norris", "Pontius", "NoInt1", "NoInt2", "Filip", "Longley", "Wampler1", "Wampler2", "Wampler3",
    "Wampler4", "Wampler5",
];

fn model(folder: &Path, name: &str) -> Value {
    model::pickle::read(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

/// Right digits, at most 15 (`McCullough` 1998).
fn lre(found: f64, truth: f64) -> f64 {
    let error = if truth == 0.0 { found.abs() } else { ((found - truth) / truth).abs() };
    if error == 0.0 { 15.0 } else { (-error.log10()).clamp(0.0, 15.0) }
}

/// Places after the point of the column `at` of a CSV text.
fn places(csv: &str, at: usize) -> usize {
    let cell = |line: &str| line.split(',').nth(at).unwrap().split_once('.').map_or(0, |(_, d)| d.len());
    csv.lines().skip(1).map(cell).max().unwrap()
}

/// What other programs reach with default settings: least right digits over the coefficients, sets in the
/// order of `SETS`. Measured in 2026-11; `-`: no model without intercept. W1 is Wampler1.
const PEERS: [(&str, [&str; 11]); 5] = [
    ("R 4.2.2 lm", ["11.9", "12.0", "15", "15", "0.0", "13.0", "9.2", "13.2", "9.4", "7.6", "5.6"]),
    ("statsmodels 0.15", ["13.0", "6.3", "15", "15", "0.0", "10.9", "9.2", "10.4", "9.2", "7.8", "5.8"]),
    ("scikit-learn 1.9.1", ["12.1", "0.0", "15", "15", "0.0", "13.6", "0.2", "0.0", "0.2", "0.2", "0.2"]),
    ("linfa-linear 0.8.1", ["12.9", "12.4", "-", "-", "7.6", "11.1", "9.7", "13.6", "9.7", "8.5", "6.6"]),
    ("faer 0.24 QR", ["13.3", "12.0", "15", "15", "7.4", "12.4", "9.5", "13.6", "9.3", "8.1", "6.1"]),
];

/// The certified statistics of the sets, to 40 digits: set, what, value.
fn expected() -> Vec<(String, String, String)> {
    let text = std::fs::read_to_string(fixtures().join("expected.csv")).unwrap();
    let line = |l: &str| {
        let mut cells = l.split(',').map(str::to_owned);
        (cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap())
    };
    text.lines().skip(1).map(line).collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/nist")
}

/// Fits one set with the real program; returns the statistics.
fn fit(set: &str, csv: &str) -> Value {
    let degree = match set {
        "Pontius" => 2,
        "Filip" => 10,
        _ if set.starts_with("Wampler") => 5,
        _ => 1,
    };
    let intercept = !set.starts_with("NoInt");
    let terms = if degree > 1 {
        format!("terms = [{{ column = \"x\", degree = {degree} }}]\n")
    } else {
        String::new()
    };
    let config =
        format!("[project]\ntarget = \"y\"\n\n[train]\nmin_rows = 2\nintercept = {intercept}\n{terms}");
    let names = csv.lines().next().unwrap().split(',');
    let field = |(at, name): (usize, &str)| {
        format!("{{ \"name\": \"{name}\", \"type\": \"number\", \"decimalPlaces\": {} }}", places(csv, at))
    };
    let fields: Vec<String> = names.enumerate().map(field).collect();
    let schema = format!("{{ \"fields\": [{}] }}", fields.join(", "));
    let folder = project(&[("pipeline.toml", &config), ("schema.json", &schema), ("set.csv", csv)]);
    run("train-model", folder.path(), &["-i", "set.csv"]).success();
    model(folder.path(), "models/model.pkl")["statistics"].clone()
}

/// The statistic that the reference calls `what`; nothing where it is infinite.
fn found(statistics: &Value, what: &str) -> Option<f64> {
    let index = || what.split(' ').nth(1).unwrap().parse::<usize>().unwrap();
    let anova = &statistics["anova"];
    let value = match what {
        "residual sd" => &statistics["residual_sd"]["value"],
        "r squared" => &statistics["r_squared"]["value"],
        "residual ss" => &anova["residual"]["sum_of_squares"],
        "regression ss" => &anova["regression"]["sum_of_squares"],
        "f" if anova["f"]["missing"] == "perfect_fit" => return None,
        "f" => &anova["f"]["value"],
        _ if what.starts_with("coefficient") => &statistics["coefficients"][index()]["estimate"],
        _ => &statistics["coefficients"][index()]["standard_error"]["value"],
    };
    Some(value.as_f64().unwrap_or_else(|| panic!("{what}: {value}")))
}

#[test]
fn every_nist_set_has_fifteen_digits_through_the_real_program() {
    let expected = expected();
    let mut ours = Vec::new();
    let mut scored = 0;
    for set in SETS {
        let csv = std::fs::read_to_string(fixtures().join(format!("{set}.csv"))).unwrap();
        let statistics = fit(set, &csv);
        let mut worst = 15.0_f64;
        for (_, what, truth) in expected.iter().filter(|(s, ..)| s == set) {
            scored += 1;
            let Some(value) = found(&statistics, what) else {
                assert_eq!(truth, "infinite", "{set} {what}");
                continue;
            };
            let digits = lre(value, truth.parse().unwrap());
            assert!(digits >= 15.0, "{set} {what}: {value:e} for {truth}, {digits:.1} digits");
            worst = worst.min(digits);
        }
        ours.push(format!("{worst:.1}"));
    }
    let mut table = format!("{:<20}", "least right digits");
    SETS.iter().for_each(|set| write!(table, "{set:>9}").unwrap());
    let rows = PEERS.iter().map(|(name, row)| (*name, row.map(str::to_owned).to_vec()));
    for (name, row) in std::iter::once(("Millrace", ours)).chain(rows) {
        write!(table, "\n{name:<20}").unwrap();
        row.iter().for_each(|digits| write!(table, "{digits:>9}").unwrap());
    }
    println!("{table}\n{scored} values scored");
    // 2 for each of the 55 coefficients, and 5 for each of the 11 sets.
    assert_eq!(scored, 2 * 55 + 5 * 11);
}

#[test]
fn the_committed_sets_are_those_of_nist() {
    let given = std::env::var_os("MILLRACE_NIST").map(PathBuf::from);
    let folder =
        given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/nist"));
    if !folder.join("linear").is_dir() {
        eprintln!("SKIPPED: no published NIST sets to compare with; MILLRACE_NIST names their folder");
        return;
    }
    let numbers = |text: &str| -> Vec<Vec<f64>> {
        text.lines().skip(1).map(|l| l.split(',').map(|c| c.parse().unwrap()).collect()).collect()
    };
    for set in SETS {
        let ours = std::fs::read_to_string(fixtures().join(format!("{set}.csv"))).unwrap();
        let theirs = std::fs::read_to_string(folder.join(format!("linear/{set}.csv"))).unwrap();
        assert_eq!(numbers(&ours), numbers(&theirs), "{set}");
        let certified = std::fs::read_to_string(folder.join(format!("linear/{set}.certified.json"))).unwrap();
        let certified: Value = serde_json::from_str(&certified).unwrap();
        let published = &certified["certified"]["coefficients"];
        for (_, what, value) in expected().iter().filter(|(s, w, _)| s == set && w.starts_with("coefficient"))
        {
            let index: usize = what.split(' ').nth(1).unwrap().parse().unwrap();
            let text = published[index]["estimate"].as_str().unwrap();
            // The certified text has 15 digits, so that it agrees to about as many.
            assert!(lre(value.parse().unwrap(), text.parse().unwrap()) > 14.0, "{set} {what}");
        }
    }
}

/// A seeded table made by hand: two decimals, a double, an integer, and a target with noise.
fn table(rows: usize) -> Vec<String> {
    let mut state = 7_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let row = |_| {
        let (a, b, c) = ((next() * 1e4).round() / 100.0, next().exp(), (next() * 50.0).floor());
        let y = 3.0 + 0.5 * a - 2.0 * b + 0.1 * c + next();
        format!("{a},{b},{c},{y}")
    };
    (0..rows).map(row).collect()
}

const CONFIG: &str = "[project]\ntarget = \"y\"\n";

/// The rows dealt to `pieces` files, in an order that `turn` changes; returns their names.
fn deal(folder: &Path, rows: &[String], pieces: usize, turn: usize) -> Vec<String> {
    let mut names = Vec::new();
    for piece in 0..pieces {
        let mut mine: Vec<&String> = rows.iter().skip(piece).step_by(pieces).collect();
        if turn % 2 == 1 {
            mine.reverse();
        }
        let name = format!("piece_{pieces}_{turn}_{piece}.csv");
        let lines: Vec<&str> = mine.iter().map(|r| r.as_str()).collect();
        write(folder.join(&name), format!("a,b,c,y\n{}\n", lines.join("\n")));
        names.push(name);
    }
    let middle = turn % pieces;
    names.rotate_left(middle);
    names
}

fn fitted(folder: &Path, inputs: &[String], more: &[&str]) -> Vec<u8> {
    let mut arguments: Vec<&str> = inputs.iter().flat_map(|i| ["-i", i.as_str()]).collect();
    arguments.extend(["-o", "out.pkl"]);
    arguments.extend(more);
    run("train-model", folder, &arguments).success();
    std::fs::read(folder.join("out.pkl")).unwrap()
}

#[test]
fn the_model_has_the_same_bytes_for_any_pieces_in_any_order() {
    for train in [
        "",
        "\n[train]\nmodel = \"ridge\"\nfold_by = \"key\"\n",
        "\n[train]\nmodel = \"lasso\"\n",
        "\n[train]\nterms = [{ column = \"a\", degree = 3 }, { product = [\"a\", \"b\"] }, { column = \"b\", knots = 4 }]\n",
    ] {
        let folder = project(&[("pipeline.toml", &format!("{CONFIG}{train}"))]);
        let rows = table(1200);
        let whole = fitted(folder.path(), &deal(folder.path(), &rows, 1, 0), &[]);
        for (pieces, turn) in [(1, 1), (2, 1), (7, 2), (7, 3), (100, 41)] {
            let inputs = deal(folder.path(), &rows, pieces, turn);
            assert!(fitted(folder.path(), &inputs, &[]) == whole, "{train:?} {pieces} pieces, turn {turn}");
        }
        let less = fitted(folder.path(), &deal(folder.path(), &rows[1..], 1, 0), &[]);
        assert!(less != whole, "a row less is another model");
    }
}

#[test]
fn summaries_merge_and_come_out_again_without_reading_rows() {
    let folder = project(&[("pipeline.toml", CONFIG)]);
    let rows = table(700);
    let summaries: Vec<String> = deal(folder.path(), &rows, 7, 0)
        .iter()
        .map(|piece| {
            let summary = piece.replace(".csv", ".json");
            run("train-model", folder.path(), &["--summary", "-i", piece, "-o", &summary]).success();
            std::fs::remove_file(folder.path().join(piece)).unwrap();
            summary
        })
        .collect();
    let all = fitted(folder.path(), &summaries, &["--from-summaries"]);
    let mut turned = summaries.clone();
    turned.reverse();
    assert!(fitted(folder.path(), &turned, &["--from-summaries"]) == all);
    let six = fitted(folder.path(), &summaries[..6], &["--from-summaries"]);
    let taken_out = fitted(folder.path(), &summaries, &["--from-summaries", "--without", &summaries[6]]);
    assert!(six == taken_out);
    assert!(six != all);
    // The same function as from the rows themselves.
    let whole = deal(folder.path(), &rows, 1, 0);
    fitted(folder.path(), &whole, &[]);
    let direct = model(folder.path(), "out.pkl");
    fitted(folder.path(), &summaries, &["--from-summaries"]);
    let merged = model(folder.path(), "out.pkl");
    for key in ["function", "statistics", "trained_on"] {
        assert_eq!(direct[key], merged[key], "{key}");
    }
    assert!(merged["training"]["mae"].is_null());
}

#[test]
fn linfa_agrees_to_the_digits_that_conditioning_allows() {
    let folder = project(&[("pipeline.toml", CONFIG)]);
    let inputs = deal(folder.path(), &table(500), 1, 0);
    fitted(folder.path(), &inputs, &[]);
    let exact = model(folder.path(), "out.pkl");
    write(folder.path().join("pipeline.toml"), format!("{CONFIG}\n[train]\nsolver = \"linfa\"\n"));
    fitted(folder.path(), &inputs, &[]);
    let linfa = model(folder.path(), "out.pkl");
    for j in 0..3 {
        let of = |m: &Value| m["function"]["linear"]["coefficients"][j].as_f64().unwrap();
        // The columns' condition number is below 1e3, so QR in f64 keeps 12 of 16 digits and more.
        assert!(lre(of(&linfa), of(&exact)) > 11.0, "{} {}", of(&linfa), of(&exact));
    }
    assert!(
        lre(linfa["training"]["mae"].as_f64().unwrap(), exact["training"]["mae"].as_f64().unwrap()) > 11.0
    );
}

#[test]
fn declared_decimals_are_fitted_as_decimals_and_checked_on_every_value() {
    // y = 0.1 x exactly in decimals; the f64 nearest to 0.1, 0.2, 0.3 do not lie on a line.
    let csv: String =
        "x,y\n".to_owned() + &(1..=40).map(|i| format!("{i},{}.{}\n", i / 10, i % 10)).collect::<String>();
    let schema = r#"{ "fields": [ { "name": "x", "type": "integer" }, { "name": "y", "type": "number", "decimalPlaces": 1 } ] }"#;
    let folder = project(&[("pipeline.toml", CONFIG), ("schema.json", schema), ("t.csv", &csv)]);
    run("train-model", folder.path(), &["-i", "t.csv"]).success();
    let found = model(folder.path(), "models/model.pkl");
    assert_eq!(found["function"]["linear"]["coefficients"][0], 0.1);
    assert_eq!(found["function"]["linear"]["intercept"], 0.0);
    assert_eq!(found["statistics"]["anova"]["f"]["missing"], "perfect_fit");
    write(folder.path().join("t.csv"), csv + "41,4.15\n");
    run("train-model", folder.path(), &["-i", "t.csv"])
        .code(10)
        .stderr(predicates::str::contains("decimal of 1 places"));
}

#[test]
fn a_poisson_model_solves_its_own_equations() {
    // With a log link the fit of a Poisson model keeps sum(y - f) = 0 and sum(x (y - f)) = 0.
    let smooth: Vec<(f64, f64)> =
        (0..60).map(|i| (f64::from(i) / 10.0, (f64::from(i) / 20.0).exp().round())).collect();
    // Far from its own line: a gradient method asked for the last digits of it never ends.
    let rough: Vec<(f64, f64)> =
        (0..40).map(|i| (f64::from(i), f64::from(5 + i + i * ((7 * i) % 5)))).collect();
    for rows in [smooth, rough] {
        let csv: String =
            "x,y\n".to_owned() + &rows.iter().map(|(x, y)| format!("{x},{y}\n")).collect::<String>();
        let found = by_hand(&csv, "model = \"tweedie\"\npower = 1\n");
        let linear = &found["function"]["linear"];
        let (a, b) = (linear["intercept"].as_f64().unwrap(), linear["coefficients"][0].as_f64().unwrap());
        let left: Vec<f64> = rows.iter().map(|(x, y)| y - (a + b * x).exp()).collect();
        let total: f64 = rows.iter().map(|(x, y)| x * y + y).sum();
        assert!(left.iter().sum::<f64>().abs() < 1e-11 * total);
        assert!(rows.iter().zip(&left).map(|((x, _), e)| x * e).sum::<f64>().abs() < 1e-11 * total);
    }
}

/// Fits `csv` by hand; returns the model.
fn by_hand(csv: &str, more: &str) -> Value {
    let config = format!("{CONFIG}\n[train]\nmin_rows = 2\n{more}");
    let folder = project(&[("pipeline.toml", &config), ("t.csv", csv)]);
    run("train-model", folder.path(), &["-i", "t.csv"]).success();
    model(folder.path(), "models/model.pkl")
}

/// `header` and 40 rows that `row` makes of their number.
fn forty(header: &str, row: impl Fn(f64) -> String) -> String {
    (0..40).fold(format!("{header}\n"), |text, i| text + &row(f64::from(i)) + "\n")
}

#[test]
fn degenerate_tables_each_have_their_named_result() {
    let wave = |i: f64| (i * 1.7).sin();
    let y = |i: f64| 3.0 + 2.0 * i + (i * 0.9).cos();
    for (what, csv, aliased) in [
        ("a copy", forty("a,b,y", |i| format!("{i},{i},{}", y(i))), "b"),
        ("a constant", forty("a,b,y", |i| format!("{i},5,{}", y(i))), "b"),
        (
            "the dummy trap",
            forty("u,v,w,y", |i| {
                let k = i % 3.0;
                format!("{},{},{},{}", u8::from(k == 0.0), u8::from(k == 1.0), u8::from(k == 2.0), y(i))
            }),
            "w",
        ),
        ("a sum", forty("a,b,c,y", |i| format!("{i},{},{},{}", wave(i), i + wave(i), y(i))), "c"),
        ("feet from metres", forty("m,f,y", |i| format!("{i},{},{}", i / 0.3048, y(i))), "f"),
    ] {
        let found = by_hand(&csv, "");
        assert_eq!(found["function"]["linear"]["aliased"], serde_json::json!([aliased]), "{what}");
        let coefficients = found["function"]["linear"]["coefficients"].as_array().unwrap();
        assert_eq!(coefficients.last().unwrap(), 0.0, "{what}");
        assert!(coefficients.iter().all(|b| b.as_f64().unwrap().abs() < 1e3), "{what}: {coefficients:?}");
    }
    let flat = by_hand(&forty("a,y", |i| format!("{i},7")), "");
    assert_eq!(flat["statistics"]["r_squared"]["missing"], "zero_variance_target");
    assert_eq!(flat["function"]["linear"]["intercept"], 7.0);
    let config = format!("{CONFIG}\n[train]\nmin_rows = 2\n");
    let few = "a,b,c,d,y\n1,2,3,5,1\n2,1,5,4,2\n3,7,1,1,3\n";
    let folder = project(&[("pipeline.toml", &config), ("t.csv", few)]);
    run("train-model", folder.path(), &["-i", "t.csv"])
        .code(11)
        .stderr(predicates::str::contains("CRITICAL").and(predicates::str::contains("5 coefficients")));
}

#[test]
fn a_penalty_does_not_depend_on_the_unit_of_the_target() {
    let y = |i: f64| 3.0 + 2.0 * i + 5.0 * (i * 0.9).cos();
    for family in ["ridge", "lasso", "elastic_net"] {
        let more = format!("model = \"{family}\"\nlambda = 0.125\n");
        let fitted = |unit: f64| {
            let csv = forty("a,b,y", |i| format!("{i},{},{}", (i * 1.7).sin(), unit * y(i)));
            by_hand(&csv, &more)["function"]["linear"]["coefficients"][0].as_f64().unwrap()
        };
        // A power of two changes no digit of the data.
        assert!(lre(fitted(1024.0) / 1024.0, fitted(1.0)) > 9.0, "{family}");
        assert!((0.0..2.0).contains(&fitted(1.0)), "{family} shrinks");
    }
}
