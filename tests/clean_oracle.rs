//! Stage `clean` against a second, naive account of it: random tables, every cell, part and dropped row.
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

use std::collections::BTreeMap;

use serde_json::json;
use support::panel::Random;
use support::{cells, json, project, read, run};

const NAMES: [&str; 12] = ["id", "ent", "day", "n0", "n1", "n2", "i0", "i1", "s0", "s1", "d0", "y"];
const ID: usize = 0;
const ENT: usize = 1;
const DAY: usize = 2;

/// Cells as texts; a missing one is empty. Numbers are quarters, so that sums of them have no rounding.
type Row = Vec<String>;

fn kind(column: usize) -> &'static str {
    match NAMES[column].as_bytes()[0] {
        b'n' | b'y' => "number",
        b'i' => "integer",
        b'd' => "date",
        _ => "string",
    }
}

fn is_number(column: usize) -> bool {
    matches!(kind(column), "number" | "integer")
}

fn table(seed: u64) -> Vec<Row> {
    const WORDS: [&str; 6] = ["a", "b", "é", "Z", "with,comma", "with\"quote"];
    let mut random = Random(seed);
    let count = 40 + random.below(160);
    let pick = |random: &mut Random, of: usize| usize::try_from(random.below(of as u64)).unwrap();
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..count {
        if !rows.is_empty() && random.below(8) == 0 {
            let mut again = rows[pick(&mut random, rows.len())].clone();
            if random.below(2) == 0 {
                "7.75".clone_into(&mut again[3]);
            }
            rows.push(again);
            continue;
        }
        let quarters = |n: u64| format!("{}.{:02}", n / 4, n % 4 * 25);
        let mut row: Row = (0..NAMES.len())
            .map(|column| match kind(column) {
                "number" => quarters(random.below(400)),
                "integer" => random.below(30).to_string(),
                "date" => format!("2020-{:02}-{:02}", 1 + random.below(2), 1 + random.below(28)),
                _ => WORDS[pick(&mut random, WORDS.len())].to_owned(),
            })
            .collect();
        for (column, cell) in row.iter_mut().enumerate() {
            if column > DAY && random.below(4) == 0 || column == ID && random.below(20) == 0 {
                cell.clear();
            }
        }
        rows.push(row);
    }
    rows
}

/// What is asked of the stage, in its words and in those of the naive account.
#[derive(Clone, Copy)]
struct Case {
    config: &'static str,
    /// `keep` of duplicates by id; without it rows equal in every cell go.
    by_id: Option<&'static str>,
    /// First day of calibration and of test, days of the gap.
    split: (Option<&'static str>, &'static str, i64),
    winsorised: &'static [usize],
    /// How columns of numbers, texts and dates are filled.
    fills: [&'static str; 3],
    /// A constant of one column of numbers.
    constant: Option<(usize, &'static str)>,
    indicators: bool,
}

const CASES: [Case; 4] = [
    Case {
        config: "split = { calibration_from = \"2020-01-20\", test_from = \"2020-02-10\", gap = \"3d\" }\n",
        by_id: None,
        split: (Some("2020-01-20"), "2020-02-10", 3),
        winsorised: &[],
        fills: ["median", "mode", "none"],
        constant: None,
        indicators: false,
    },
    Case {
        config: "split = { calibration_from = \"2020-01-20\", test_from = \"2020-02-10\", gap = \"1w\" }\n\
            duplicates = { key = [\"id\"] }\n\
            fill = { number = \"last\", text = \"last\", indicators = true, columns = { d0 = \"last\" } }\n",
        by_id: Some("first"),
        split: (Some("2020-01-20"), "2020-02-10", 7),
        winsorised: &[],
        fills: ["last", "last", "last"],
        constant: None,
        indicators: true,
    },
    Case {
        config: "split = { test_from = \"2020-02-01\", gap = \"5d\" }\n\
            duplicates = { key = [\"id\"], keep = \"last\" }\nwinsorise = { n0 = [0.25, 0.75], i0 = [0.25, 0.75] }\n\
            fill = { number = \"mean\", text = \"missing\", indicators = true, columns = { n1 = { constant = -1.25 } } }\n",
        by_id: Some("last"),
        split: (None, "2020-02-01", 5),
        winsorised: &[3, 6],
        fills: ["mean", "missing", "none"],
        constant: Some((4, "-1.25")),
        indicators: true,
    },
    Case {
        config: "split = { test_from = \"2020-02-01\" }\nwinsorise = { i1 = [0.0, 0.5] }\n\
            fill = { number = \"mode\", text = \"none\" }\n",
        by_id: None,
        split: (None, "2020-02-01", 0),
        winsorised: &[7],
        fills: ["mode", "none", "none"],
        constant: None,
        indicators: false,
    },
];

/// Days since the last of December 2019, in January and February 2020.
fn day(text: &str) -> i64 {
    let month: i64 = text[5..7].parse().unwrap();
    31 * (month - 1) + text[8..].parse::<i64>().unwrap()
}

fn part(case: &Case, time: &str) -> &'static str {
    let (calibration, test, gap) = case.split;
    let before = |limit: &str| day(time) >= day(limit) - gap;
    match calibration {
        _ if time >= test => "test",
        Some(from) if time >= from => {
            if before(test) {
                "gap"
            } else {
                "calibration"
            }
        }
        next => {
            if before(next.unwrap_or(test)) {
                "gap"
            } else {
                "train"
            }
        }
    }
}

/// Rows that go: row, reason, the row that stays.
fn dropped(case: &Case, rows: &[Row]) -> Vec<(usize, &'static str, usize)> {
    let mut gone = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let same = |j: &usize| match case.by_id {
            Some(_) => !row[ID].is_empty() && rows[*j][ID] == row[ID],
            None => rows[*j] == *row,
        };
        let stays = match case.by_id {
            Some("last") => (0..rows.len()).rev().find(same),
            _ => (0..rows.len()).find(same),
        };
        if let Some(stays) = stays.filter(|j| *j != i) {
            gone.push((i, if rows[stays] == *row { "duplicate" } else { "duplicate_key" }, stays));
        }
    }
    gone
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

/// The point so many quarters of the way through the values in order.
fn quantile(values: &[f64], quarters: usize) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let h = (values.len() - 1) * quarters;
    let (low, high) = (values[h / 4], values[h.div_ceil(4)]);
    low + (high - low) * (h % 4) as f64 / 4.0
}

fn mode(values: &[&str]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    values.iter().for_each(|value| *counts.entry(value).or_default() += 1);
    let most = counts.values().max()?;
    counts.iter().find(|(_, n)| *n == most).map(|(value, _)| (*value).to_owned())
}

/// What a missing cell becomes, by the values of training rows.
fn learned(method: &str, column: usize, known: &[&str]) -> Option<String> {
    let numbers = || known.iter().map(|value| number(value)).collect::<Vec<_>>();
    match (method, is_number(column)) {
        ("missing", _) => Some("(missing)".to_owned()),
        _ if known.is_empty() => None,
        ("median", _) | ("last", true) => Some(quantile(&numbers(), 2).to_string()),
        ("mean", _) => Some((numbers().iter().sum::<f64>() / known.len() as f64).to_string()),
        ("mode", _) => mode(known),
        ("last", _) if kind(column) == "string" => mode(known),
        _ => None,
    }
}

/// The cleaned table, its header first.
fn cleaned(case: &Case, rows: &[Row]) -> Vec<Row> {
    let parts: Vec<&str> = rows.iter().map(|row| part(case, &row[DAY])).collect();
    let mut table = rows.to_vec();
    for &column in case.winsorised {
        let training =
            rows.iter().zip(&parts).filter(|(row, part)| **part == "train" && !row[column].is_empty());
        let values: Vec<f64> = training.map(|(row, _)| number(&row[column])).collect();
        let levels = if column == 7 { [0, 2] } else { [1, 3] };
        let [low, high] = levels.map(|quarters| quantile(&values, quarters));
        for cell in table.iter_mut().map(|row| &mut row[column]).filter(|cell| !cell.is_empty()) {
            *cell = number(cell).clamp(low, high).to_string();
        }
    }
    let limited = table.clone();
    let mut header: Row = NAMES.iter().map(|name| (*name).to_owned()).collect();
    let inputs = (DAY + 1..NAMES.len() - 1).chain((case.by_id.is_none()).then_some(ID));
    let mut inputs: Vec<usize> = inputs.collect();
    inputs.sort_unstable();
    for column in inputs {
        let method = case.fills[match kind(column) {
            "string" => 1,
            "date" => 2,
            _ => 0,
        }];
        let constant = case.constant.filter(|(which, _)| *which == column).map(|(_, value)| value.to_owned());
        let training: Vec<&str> =
            (0..rows.len()).filter(|i| parts[*i] == "train").map(|i| limited[i][column].as_str()).collect();
        let known: Vec<&str> = training.iter().copied().filter(|cell| !cell.is_empty()).collect();
        let fill = constant.or_else(|| learned(method, column, &known));
        let filled = fill.is_some() || method == "last";
        if case.indicators && filled && training.contains(&"") {
            header.push(format!("{}_missing", NAMES[column]));
            table
                .iter_mut()
                .zip(&limited)
                .for_each(|(row, was)| row.push(was[column].is_empty().to_string()));
        }
        for i in (0..rows.len()).filter(|i| limited[*i][column].is_empty()) {
            // The latest row before this one, in time and then in the table, that knows a value.
            let past = (0..rows.len())
                .filter(|j| limited[*j][ENT] == limited[i][ENT] && !limited[*j][column].is_empty())
                .filter(|j| (&rows[*j][DAY], *j) < (&rows[i][DAY], i))
                .max_by_key(|j| (&rows[*j][DAY], *j));
            let past = past.filter(|_| method == "last").map(|j| limited[j][column].clone());
            table[i][column] = past.or_else(|| fill.clone()).unwrap_or_default();
        }
    }
    table.iter_mut().zip(&parts).for_each(|(row, part)| row.push((*part).to_owned()));
    header.push("split".to_owned());
    table.insert(0, header);
    table
}

fn csv(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
    };
    NAMES.join(",") + "\n" + &rows.iter().map(line).collect::<String>()
}

/// Cells that hold the same value: numbers as numbers, whatever their text.
fn same(column: usize, one: &str, other: &str) -> bool {
    let is_value = column < NAMES.len() && is_number(column) && !one.is_empty() && !other.is_empty();
    if is_value { number(one) == number(other) } else { one == other }
}

#[test]
fn every_cell_part_and_dropped_row_is_that_of_a_naive_account() {
    let fields: Vec<_> = (0..NAMES.len()).map(|i| json!({"name": NAMES[i], "type": kind(i)})).collect();
    let schema = json!({ "fields": fields }).to_string();
    for (number, case) in CASES.iter().enumerate() {
        let config =
            format!("[project]\ntarget = \"y\"\nentity = \"ent\"\ntime = \"day\"\n[clean]\n{}", case.config);
        for seed in 0..12 {
            let at = format!("case {number}, seed {seed}");
            let rows = table(100 * seed + number as u64);
            let folder =
                project(&[("pipeline.toml", &config), ("schema.json", &schema), ("raw.csv", &csv(&rows))]);
            run("clean", folder.path(), &["-q", "-i", "raw.csv"]).success();
            let output = folder.path().join("data/processed/clean.csv");

            let gone = dropped(case, &rows);
            let listed = cells(&read(output.with_extension("csv.dropped.csv")));
            let expected = gone.iter().map(|(row, reason, stays)| {
                [
                    "raw.csv".to_owned(),
                    (row + 2).to_string(),
                    (*reason).to_owned(),
                    "raw.csv".to_owned(),
                    (stays + 2).to_string(),
                ]
            });
            assert_eq!(listed[1..], expected.map(Vec::from).collect::<Vec<_>>(), "{at}");

            let kept = (0..rows.len()).filter(|i| gone.iter().all(|(row, ..)| row != i));
            let kept: Vec<Row> = kept.map(|i| rows[i].clone()).collect();
            let (found, expected) = (cells(&read(&output)), cleaned(case, &kept));
            assert_eq!(found[0], expected[0], "{at}");
            assert_eq!(found.len(), expected.len(), "{at}");
            for (line, (found, expected)) in found.iter().zip(&expected).enumerate().skip(1) {
                let equal = found.iter().zip(expected).enumerate().all(|(i, (f, e))| same(i, f, e));
                assert!(
                    equal && found.len() == expected.len(),
                    "{at}, line {line}: {found:?}, not {expected:?}"
                );
            }

            let ledger = &json(output.with_extension("csv.meta.json"))["ledger"][0];
            assert_eq!(
                (&ledger["rows_in"], &ledger["rows_out"]),
                (&json!(rows.len()), &json!(kept.len())),
                "{at}"
            );
            for reason in ["duplicate", "duplicate_key"] {
                let counted = gone.iter().filter(|(_, why, _)| *why == reason).count();
                assert_eq!(ledger["dropped"][reason].as_u64().unwrap_or(0), counted as u64, "{at}");
            }
            for name in ["train", "calibration", "test", "gap"] {
                let counted = kept.iter().filter(|row| part(case, &row[DAY]) == name).count();
                assert_eq!(ledger["parts"][name].as_u64().unwrap_or(0), counted as u64, "{at}");
            }
        }
    }
}
