//! Errors by period, bin and segment of the made-up table, whose figures are worked out by hand.

use predicates::str::contains;
use serde_json::{Value, json};

use super::support::{json, read, run, write};
use super::trained::{Case, case};
use super::{FEATURES, METRICS, close, evaluate, metrics, number};

/// The case with keys of `[evaluate]`.
fn with(keys: &str) -> Case {
    let mut case = case();
    case.config += &format!("[evaluate]\n{keys}\n");
    case
}

fn rows<'a>(found: &'a Value, pointer: &str) -> &'a Vec<Value> {
    found.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("{pointer}"))
}

#[test]
fn periods_of_steps_by_hand() {
    let found = metrics(with("period = 10").project().path());
    assert_eq!(found["periods"]["unit"], 10.0);
    let all = rows(&found, "/periods/rows");
    let named: Vec<_> = all.iter().map(|row| (row["period"].as_str(), row["part"].as_str())).collect();
    let expected: Vec<String> = (4..12).map(|i| format!("[{}, {})", i * 10, (i + 1) * 10)).collect();
    let part = |i: usize| Some(if i < 4 { "calibration" } else { "test" });
    let expected: Vec<_> =
        expected.iter().enumerate().map(|(i, label)| (Some(label.as_str()), part(i))).collect();
    assert_eq!(named, expected);
    // Ten rows that each miss by 3: outcomes are above the predictions.
    let first = &all[0];
    assert_eq!((number(first, "/n"), number(first, "/mae"), number(first, "/bias")), (10.0, 3.0, -3.0));
    assert_eq!((number(first, "/share_under"), number(first, "/mean_under")), (1.0, 3.0));
    assert_eq!((&first["share_over"], &first["mean_over"]), (&json!(0.0), &Value::Null));
    assert_eq!(first["absent"], json!({ "mean_over": "no_rows" }));
    // x is 100 to 109 there, and outcomes are 13 + 2 x.
    assert_eq!((number(first, "/mean_actual"), number(first, "/mean_predicted")), (222.0, 219.0));
    // Test rows 0 to 9 miss by 1, -1, -1, 1, 1, -1, -1, 1, 1, -1.
    let test = &all[4];
    assert_eq!((number(test, "/mae"), number(test, "/rmse"), number(test, "/bias")), (1.0, 1.0, 0.0));
    assert_eq!((number(test, "/share_over"), number(test, "/share_under")), (0.5, 0.5));
    // Squares about the mean: 10 over 9 degrees of freedom, over ten rows.
    close(test, "/bias_se", (10.0_f64 / 9.0 / 10.0).sqrt());
    assert_eq!(number(test, "/mae_se"), 0.0);
}

#[test]
fn a_period_as_long_as_its_part_says_what_the_part_says() {
    let found = metrics(with("period = 40").project().path());
    for (i, part) in ["calibration", "test"].into_iter().enumerate() {
        let period = &found["periods"]["rows"][i];
        for key in
            ["n", "missing", "mae", "mae_se", "rmse", "bias", "bias_se", "mean_actual", "mean_predicted"]
        {
            assert_eq!(period[key], found[part][key], "{part} {key}");
        }
        let drift = &found["drift"]["periods"][i];
        assert_eq!((&drift["part"], &drift["n"]), (&json!(part), &json!(40)));
        assert_eq!(drift["alarms"], found["drift"]["alarms"][part]);
        for of in ["/features/x", "/features/unused", "/target", "/prediction", "/residual"] {
            let whole = found["drift"].pointer(&format!("{of}/{part}")).unwrap();
            let here = drift.pointer(of).unwrap();
            assert_eq!(here.is_null(), whole.is_null(), "{part}{of}");
            for key in ["psi", "verdict", "alarm", "ks", "wasserstein"] {
                assert_eq!(here.get(key), whole.get(key), "{part}{of}/{key}");
            }
        }
    }
}

#[test]
fn periods_and_bins_add_up_to_their_part() {
    for period in ["\"auto\"", "1", "7", "1000"] {
        let found = metrics(with(&format!("period = {period}")).project().path());
        for part in ["calibration", "test"] {
            let of: Vec<&Value> =
                rows(&found, "/periods/rows").iter().filter(|row| row["part"] == part).collect();
            add_up(&of, &found[part]);
            let drift = rows(&found, "/drift/periods").iter().filter(|row| row["part"] == part);
            assert_eq!(drift.map(|row| number(row, "/n")).sum::<f64>(), 40.0);
        }
        add_up(&rows(&found, "/bins").iter().collect::<Vec<_>>(), &found["test"]);
        add_up(&rows(&found, "/segments/0/rows").iter().collect::<Vec<_>>(), &found["test"]);
    }
}

fn add_up(slices: &[&Value], part: &Value) {
    let sum = |key: &str| -> f64 {
        slices.iter().filter(|s| number(s, "/n") > 0.0).map(|s| number(s, "/n") * number(s, key)).sum()
    };
    let n: f64 = slices.iter().map(|s| number(s, "/n")).sum();
    assert_eq!(n, number(part, "/n"));
    for key in ["/mae", "/bias", "/mean_actual", "/mean_predicted"] {
        let (found, expected) = (sum(key) / n, number(part, key));
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{key}: {found} {expected}");
    }
}

#[test]
fn auto_takes_round_steps_of_which_six_are_filled() {
    let found = metrics(case().project().path());
    // 80 to 119: eight stretches of 5, but only four of 10.
    assert_eq!(found["periods"]["unit"], 5.0);
    assert_eq!(rows(&found, "/periods/rows").len(), 16);
}

#[test]
fn bins_lie_between_the_deciles_of_training_predictions() {
    let found = metrics(case().project().path());
    let bins = rows(&found, "/bins");
    // Type 7 deciles of 10 + 2 x, x = 0 to 39: 10 + 2 (3.9 k), so that four test rows lie in each bin.
    assert_eq!((bins.len(), &bins[0]["above"], &bins[9]["up_to"]), (10, &Value::Null, &Value::Null));
    for (k, bin) in bins.iter().enumerate() {
        assert_eq!((number(bin, "/n"), number(bin, "/mae")), (4.0, 1.0));
        if k > 0 {
            close(bin, "/above", 10.0 + 7.8 * k as f64);
            assert_eq!(bin["above"], bins[k - 1]["up_to"]);
        }
    }
}

#[test]
fn ties_among_the_worst_go_by_row_order() {
    let mut case = case();
    // Row 101 misses by 30 the one way, rows 90 and 110 by 20 the other.
    case.rows[101].y += 30.0;
    case.rows[90].y = 10.0 + 2.0 * case.rows[90].x - 20.0;
    case.rows[110].y = 10.0 + 2.0 * case.rows[110].x - 20.0;
    let found = metrics(case.project().path());
    let worst = rows(&found, "/worst");
    let row_of = |row: &Value| row["row"].as_u64().unwrap();
    assert_eq!(worst.len(), 20);
    assert_eq!(worst[..3].iter().map(row_of).collect::<Vec<_>>(), [102, 91, 111]);
    let rest: Vec<u64> = worst[3..].iter().map(row_of).collect();
    let expected: Vec<u64> = (81..).filter(|row| *row != 91 && *row != 102).take(17).collect();
    assert_eq!(rest, expected, "all others miss by 1");
    let x = case.rows[90].x;
    assert_eq!(
        worst[1],
        json!({ "row": 91, "entity": "Austin", "time": "90", "predicted": 10.0 + 2.0 * x, "actual": 2.0 * x - 10.0,
            "error": 20.0, "level": null, "lower": null, "upper": null, "source": null, "line": null })
    );
}

#[test]
fn no_test_rows_and_one() {
    let case = with("period = 20").without("test");
    let folder = case.project();
    let found = metrics(folder.path());
    assert_eq!((&found["worst"], rows(&found, "/periods/rows").len()), (&json!([]), 2));
    assert_eq!(found["segments"], json!([{ "column": "city", "levels": 0, "rows": [] }]));
    for bin in rows(&found, "/bins") {
        assert_eq!(
            (&bin["n"], &bin["mae"], &bin["absent"]["mae"]),
            (&json!(0), &Value::Null, &json!("no_rows"))
        );
    }
    run("report", folder.path(), &[]).success();
    let draft = read(folder.path().join("reports/report.md"));
    assert!(!["## By period", "## By segment", "## Worst rows"].iter().any(|title| draft.contains(title)));

    let mut case = case;
    case.rows.push(super::trained::Row { part: "test", ..case.rows[5].clone() });
    let folder = case.project();
    let found = metrics(folder.path());
    let one = &found["segments"][0]["rows"][0];
    assert_eq!((&one["level"], &one["n"], &one["mae"]), (&json!("Austin"), &json!(1), &json!(1.0)));
    assert_eq!((&one["mae_se"], &one["absent"]["mae_se"]), (&Value::Null, &json!("too_few_rows")));
    assert_eq!(rows(&found, "/worst").len(), 1);
    run("report", folder.path(), &[]).success();
}

#[test]
fn what_cannot_be_a_period_or_a_segment_is_said() {
    for (keys, expected) in [
        ("period = \"month\"", "[evaluate] period: \"month\" is for dates, and the time is a number"),
        ("period = 0.5", "[evaluate] period: 0.5 is no whole number of steps"),
        ("period = \"moth\"", "`moth` is no length of a period (did you mean `month`?)"),
        ("period = 0", "`0` is no length of a period"),
        ("period = true", "expected a date, a number or text, found boolean"),
        ("segments = [\"a\", \"a\"]", "[evaluate] segments: column names must be different and not empty"),
        ("segments = \"a\"", "expected a sequence"),
    ] {
        evaluate(with(keys).project().path()).code(2).stderr(contains(expected));
    }
    let message = "features.csv: does not carry column `citi` of [evaluate] segments (did you mean `city`?)";
    evaluate(with("segments = [\"citi\"]").project().path()).code(13).stderr(contains(message));
}

#[test]
fn more_periods_than_anyone_reads_are_refused() {
    let mut case = with("period = 1");
    let last = case.rows.last().unwrap().clone();
    (0..1000).for_each(|i| case.rows.push(super::trained::Row { month: 120 + i, ..last.clone() }));
    evaluate(case.project().path()).code(2).stderr(contains("more than 1000 of them; choose longer ones"));
    case.config = case.config.replace("period = 1", "");
    metrics(case.project().path());
}

#[test]
fn a_table_made_by_hand_has_periods_and_segments_under_its_own_names() {
    let case = with("period = 10\nsegments = [\"unused\"]");
    let folder = case.project();
    std::fs::remove_file(folder.path().join(format!("{FEATURES}.meta.json"))).unwrap();
    evaluate(folder.path()).success();
    let found = json(folder.path().join(METRICS));
    assert_eq!(rows(&found, "/periods/rows").len(), 8);
    let level = &found["segments"][1];
    assert_eq!((&level["column"], &level["rows"][0]["level"]), (&json!("unused"), &json!("0.5")));
    assert_eq!((&level["rows"][0]["n"], &found["worst"][0]["line"]), (&json!(40), &Value::Null));
    // Without time there are no periods, and none can be asked for.
    let text = read(folder.path().join(FEATURES)).replacen("month", "n", 1);
    write(folder.path().join(FEATURES), text);
    evaluate(folder.path()).code(13);
}
