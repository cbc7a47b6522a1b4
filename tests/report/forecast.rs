//! The forecast in the report.

use std::path::Path;

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{json, read, run, write};
use super::trained::case;
use super::{MANIFEST, REPORT, cells, measured, other, report};

const FORECAST: &str = "reports/forecast.csv";
const ITS_MANIFEST: &str = "reports/forecast.csv.meta.json";

/// A measured project whose test rows `predict` has scored.
fn forecast() -> TempDir {
    let folder = measured(&case());
    let rows = ["-i", "data/processed/features.csv", "--part", "test", "-o", FORECAST];
    run("predict", folder.path(), &rows).success();
    folder
}

/// Puts a table of one's own in place of the forecast, with a manifest that fits it.
fn replace(folder: &Path, table: &str, found: &Value) {
    let path = folder.join(ITS_MANIFEST);
    let mut manifest = json(&path);
    manifest["output"]["sha256"] = json!(common::hash::hex(table.as_bytes()));
    manifest["output"]["bytes"] = json!(table.len());
    let roles = |name: &str| match name {
        "city" => "entity",
        "year" | "month" => "time",
        "prediction" | "lower_80" | "upper_80" | "lower_90" | "upper_90" => "prediction",
        "source" | "line" => "input",
        _ => "flag",
    };
    let header = table.lines().next().unwrap().split(',');
    manifest["fields"] =
        header.map(|name| json!({ "name": name, "type": "string", "role": roles(name) })).collect();
    let rows = table.lines().count() - 1;
    manifest["ledger"] =
        json!([{ "stage": "predict", "rows_in": rows, "dropped": {}, "apart": {}, "rows_out": rows }]);
    manifest["found"] = found.clone();
    write(folder.join(FORECAST), table);
    write(path, manifest.to_string());
}

fn section(folder: &Path) -> String {
    report(folder).success();
    let draft = read(folder.join(REPORT));
    draft
        .split("## Forecast\n\n")
        .nth(1)
        .unwrap()
        .split("\n\n<!-- millrace:end forecast")
        .next()
        .unwrap()
        .to_owned()
}

#[test]
fn the_forecast_of_this_model_is_shown_and_recorded() {
    let folder = forecast();
    let text = section(folder.path());
    assert!(
        text.starts_with(
            "40 predictions of “price” one row ahead within each “city”, in the unit of “price”."
        ),
        "{text}"
    );
    // The newest first: 10 + 2 * 39 at month 119.
    let lines: Vec<&str> = text.lines().filter(|l| l.starts_with("| Austin")).collect();
    assert_eq!((lines[0], lines.len()), ("| Austin | 119 | 88.00 |", 20));
    assert!(text.contains("20 more predictions are in `reports/forecast.csv`."), "{text}");
    assert!(text.contains("The model has no prediction intervals"), "{text}");
    let input = &json(folder.path().join(MANIFEST))["inputs"][2];
    assert_eq!(input["name"], FORECAST);
    assert_eq!(input["sha256"], json(folder.path().join(ITS_MANIFEST))["output"]["sha256"]);
    assert!(read(folder.path().join(REPORT)).contains("| reports/forecast.csv | `"));
    // Without one there is no such section.
    std::fs::remove_file(folder.path().join(FORECAST)).unwrap();
    report(folder.path()).success();
    assert!(!read(folder.path().join(REPORT)).contains("forecast"));
}

#[test]
fn a_forecast_that_does_not_belong_is_not_shown() {
    let folder = forecast();
    std::fs::remove_file(folder.path().join(ITS_MANIFEST)).unwrap();
    let text = section(folder.path());
    assert!(
        text.starts_with("`reports/forecast.csv` has no manifest") && text.contains("`make predict`"),
        "{text}"
    );
    // Another model, though the same table.
    let folder = forecast();
    let kept = [FORECAST, ITS_MANIFEST].map(|name| (name, read(folder.path().join(name))));
    other().write(folder.path());
    super::evaluate(folder.path());
    kept.iter().for_each(|(name, text)| write(folder.path().join(name), text));
    let mut manifest = json(folder.path().join(ITS_MANIFEST));
    manifest["inputs"][0]["sha256"] = json!("0".repeat(64));
    write(folder.path().join(ITS_MANIFEST), manifest.to_string());
    let text = section(folder.path());
    assert!(
        text.contains("is of another model than this report") && text.contains("`make predict`"),
        "{text}"
    );
    assert!(!text.contains('|'), "{text}");
}

#[test]
fn flags_and_intervals_are_told_in_words() {
    let folder = forecast();
    let table = "\
city,year,month,rows_ahead,prediction,lower_80,upper_80,lower_90,upper_90,absent,outside,unseen,filled
B|<b>,2015,7,1,12.5,11,14,10,15,,x;a\\;b;c;d;e,,
Austin,2015,7,1,1.5,1,2,0,3,,,,
Austin,2014,12,1,7,6,8,5,9,,,kind,x
Waco,2015,7,1,,,,,,missing_feature,,,
";
    replace(
        folder.path(),
        table,
        &json!({ "times": { "first": "2014-12", "last": "2015-07" }, "ended": { "entities": 1, "rows": 1 } }),
    );
    let text = section(folder.path());
    assert!(text.contains("They are made from rows of 2014-12 to 2015-07."), "{text}");
    assert_eq!(
        cells(&text, &["B&#124;&lt;b&gt;"])[1..],
        ["2015-07", "12.50", "10.00 to 15.00", "outside the training range: “x”, “a;b”, “c” and 2 more"]
    );
    assert_eq!(
        cells(&text, &["Austin", "2014-12"])[2..],
        ["7.000", "5.000 to 9.000", "a value that training did not have: “kind”; missing and filled: “x”"]
    );
    assert_eq!(cells(&text, &["Waco"])[1..], ["2015-07", "–", "–", "none: missing feature"]);
    let order: Vec<&str> = text.lines().filter(|l| l.contains("| 201")).map(|l| &l[2..6]).collect();
    assert_eq!(order, ["Aust", "B&#1", "Waco", "Aust"]);
    for said in [
        "Whether the 90 % intervals hold **cannot be told** from the test part.",
        "1 of 4 have a feature outside the range of the training rows",
        "1 of 4 have no prediction.",
        "1 entity ends before the others",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    replace(folder.path(), "city,month,rows_ahead,prediction,absent,outside\n", &Value::Null);
    assert_eq!(section(folder.path()), "`reports/forecast.csv` holds no prediction.");
    // Rows without entity and time are known by their lines.
    replace(
        folder.path(),
        "source,line,rows_ahead,prediction,absent,outside\nnew.csv,2,0,1.5,,\n",
        &Value::Null,
    );
    let text = section(folder.path());
    assert!(text.starts_with("1 prediction of") && text.contains("| new.csv, line 2 | 1.500 |"), "{text}");
}

#[test]
fn a_damaged_forecast_is_refused_by_name() {
    let folder = forecast();
    write(folder.path().join(FORECAST), read(folder.path().join(FORECAST)).replacen("88", "89", 1));
    report(folder.path()).code(13).stderr(contains("forecast.csv: damaged or edited"));
    let good = "city,month,rows_ahead,prediction,absent,outside\nAustin,1,1,2.5,,\n";
    for (table, said) in [
        (good.replace("2.5", "NaN"), "line 2: `NaN` is no number"),
        (good.replace("2.5", "two"), "line 2: `two` is no number"),
        (good.replace("2.5,,", "2.5,"), "line: 2"),
        (good.replace("prediction", "predicted"), "has no column `prediction`"),
    ] {
        replace(folder.path(), &table, &Value::Null);
        report(folder.path())
            .code(13)
            .stderr(contains("forecast.csv: damaged as a forecast (").and(contains(said)));
    }
    replace(folder.path(), good, &Value::Null);
    let mut manifest = json(folder.path().join(ITS_MANIFEST));
    manifest["fields"][0]["name"] = json!("town");
    write(folder.path().join(ITS_MANIFEST), manifest.to_string());
    report(folder.path()).code(13).stderr(contains("its columns are not those of its manifest"));
    replace(folder.path(), good, &Value::Null);
    let mut manifest = json(folder.path().join(ITS_MANIFEST));
    manifest["ledger"][0]["rows_out"] = json!(2);
    manifest["ledger"][0]["rows_in"] = json!(2);
    write(folder.path().join(ITS_MANIFEST), manifest.to_string());
    report(folder.path()).code(13).stderr(contains("has 1 row, the row ledger of its manifest says 2"));
    write(folder.path().join(ITS_MANIFEST), "{");
    report(folder.path()).code(13).stderr(contains("forecast.csv.meta.json: the manifest is damaged"));
    assert!(!folder.path().join(REPORT).exists());
}
