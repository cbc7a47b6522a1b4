//! Outcomes: the target of new rows, made of them and of the rows given with them.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{monitor, train};
use crate::support::{project, write};

/// One entity a row of `t` and `x`, `y` three rows ahead: `y(t + 3) = 10 x(t)` exactly, over the days of two months.
fn series(statistic: &str) -> TempDir {
    let rows: String = (1..=50).map(|t| row(t, true)).collect();
    let folder = project(&[
        (
            "pipeline.toml",
            &format!(
                "[project]\ntarget = \"y\"\ntime = \"day\"\nhorizon = 3\ntarget_statistic = \"{statistic}\"\n[ingest]\nsources = [\"raw.csv\"]\n\
                 [clean]\nsplit = {{ test_from = \"2021-02-10\" }}\n[features]\ncolumns = [\"x\"]\n\
                 [train]\nmin_rows = 10\nintervals = {{ method = \"none\" }}\n"
            ),
        ),
        ("raw.csv", &format!("day,x,y\n{rows}")),
    ]);
    train(folder.path());
    folder
}

fn x(t: i64) -> i64 {
    7 * t % 11
}

/// The row of day `t` of 2021.
fn row(t: i64, known: bool) -> String {
    let (month, day) = if t > 59 {
        (3, t - 59)
    } else if t > 31 {
        (2, t - 31)
    } else {
        (1, t)
    };
    let y = if known { (10 * x(t - 3)).to_string() } else { String::new() };
    format!("2021-{month:02}-{day:02},{},{y}\n", x(t))
}

fn write_days(folder: &Path, name: &str, days: impl Iterator<Item = i64>, known_to: i64) {
    let rows: String = days.map(|t| row(t, t <= known_to)).collect();
    write(folder.join(name), format!("day,x,y\n{rows}"));
}

fn rows_of(found: &Value) -> [u64; 2] {
    [&found["rows"]["n"], &found["rows"]["without_outcome"]].map(|n| n.as_u64().unwrap())
}

#[test]
fn an_outcome_is_known_once_its_row_is_there() {
    let folder = series("value");
    let folder = folder.path();
    // Days 51 to 60, nothing later: of the last three the outcome is not known yet.
    write_days(folder, "new.csv", 51..=60, 60);
    let found = monitor(folder, &["-i", "new.csv"]);
    assert_eq!(rows_of(&found), [10, 3]);
    assert!(found["error"]["mae"].as_f64().unwrap() < 1e-9);
    assert_eq!(found["drift"]["target"]["n"], 7);
    // Later rows given with them tell one more; without their own target they tell none.
    write_days(folder, "later.csv", 61..=61, 61);
    assert_eq!(rows_of(&monitor(folder, &["-i", "new.csv", "--history", "later.csv"])), [10, 2]);
    write_days(folder, "later.csv", 61..=61, 60);
    assert_eq!(rows_of(&monitor(folder, &["-i", "new.csv", "--history", "later.csv"])), [10, 3]);
    // A day whose row is not there moves the horizon: three rows ahead, not three days.
    write_days(folder, "gap.csv", (51..=60).filter(|t| *t != 55), 60);
    let gap = monitor(folder, &["-i", "gap.csv"]);
    assert_eq!(rows_of(&gap), [9, 3]);
    // Of days 52, 53 and 54 the outcome is now that of the day after.
    let off: i64 = [52, 53, 54].iter().map(|t| 10 * (x(t + 1) - x(*t)).abs()).sum();
    let mae = gap["error"]["mae"].as_f64().unwrap();
    assert!((mae - off as f64 / 6.0).abs() < 1e-9, "{mae} {off}");
    let labels: Vec<&str> =
        gap["periods"].as_array().unwrap().iter().map(|p| p["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["2021-02", "2021-03"]);
    assert_eq!(gap["periods"][1]["rows"]["without_outcome"], 1);
}

#[test]
fn a_mean_needs_all_of_its_rows() {
    let folder = series("mean");
    let folder = folder.path();
    write_days(folder, "new.csv", 51..=60, 60);
    let text = crate::support::read(folder.join("new.csv"));
    let known = monitor(folder, &["-i", "new.csv"]);
    assert_eq!(rows_of(&known), [10, 3]);
    // The mean of the next three values, by hand: 10 times the mean of x two days before, the day before and of the day.
    let mean = |t: i64| 10.0 * (x(t - 2) + x(t - 1) + x(t)) as f64 / 3.0;
    let actual = (51..=57).map(mean).sum::<f64>() / 7.0;
    assert!((known["error"]["mean_actual"].as_f64().unwrap() - actual).abs() < 1e-9);
    // Without the value of day 55 it is not known for the three days before, either.
    let own = row(55, true);
    write(folder.join("new.csv"), text.replace(&own, &row(55, false)));
    assert_eq!(rows_of(&monitor(folder, &["-i", "new.csv"])), [10, 6]);
}

#[test]
fn periods_are_as_long_as_asked_for() {
    let folder = series("value");
    let folder = folder.path();
    write_days(folder, "new.csv", 51..=70, 70);
    for (length, labels) in [
        ("quarter", vec!["2021-Q1"]),
        ("year", vec!["2021"]),
        // Day 51 is Saturday, 20 February.
        ("week", vec!["2021-W07", "2021-W08", "2021-W09", "2021-W10"]),
        ("month", vec!["2021-02", "2021-03"]),
    ] {
        let found = monitor(folder, &["-i", "new.csv", "--period", length]);
        let periods = found["periods"].as_array().unwrap();
        assert_eq!(periods.iter().map(|p| p["label"].as_str().unwrap()).collect::<Vec<_>>(), labels);
        assert_eq!(found["period"], length);
        let rows = periods.iter().map(|p| p["rows"]["n"].as_u64().unwrap());
        assert_eq!(rows.sum::<u64>(), 20);
    }
    let days = monitor(folder, &["-i", "new.csv", "--period", "day"]);
    assert_eq!(
        (days["periods"].as_array().unwrap().len(), &days["periods"][0]["label"]),
        (20, &"2021-02-20".into())
    );
}
