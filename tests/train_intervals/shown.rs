//! What the report says of prediction intervals.

use std::path::Path;

use super::support::{read, run};
use super::{by_hand, metrics, train};

/// The report of a table; calibration and test rows are missed by what is given, training rows by 1 and -1.
fn report(keys: &str, calibration: &[f64], test: &[f64]) -> String {
    let rows = |part: &str, misses: &[f64]| -> String {
        misses.iter().enumerate().map(|(i, e)| format!("{i},{},{part}\n", 2.0 * i as f64 + e)).collect()
    };
    // Uncorrelated with x and 0 on average, four by four.
    let fitted: Vec<f64> = (0..40).map(|i| if i % 4 == 0 || i % 4 == 3 { 1.0 } else { -1.0 }).collect();
    let table = format!(
        "x,y,split\n{}{}{}",
        rows("train", &fitted),
        rows("calibration", calibration),
        rows("test", test)
    );
    let folder = by_hand(keys, &table);
    train(folder.path()).success();
    metrics(folder.path());
    write_report(folder.path())
}

fn write_report(folder: &Path) -> String {
    run("report", folder, &["-i", "reports/metrics.json", "-i", "models/model.pkl"]).success();
    read(folder.join("reports/report.md"))
}

/// `n` errors of which every twelfth is 10 times the others.
fn twelfth(n: usize, size: f64) -> Vec<f64> {
    (0..n).map(|i| if i % 12 == 11 { 10.0 * size } else { size * (1.0 + (i % 7) as f64 / 10.0) }).collect()
}

#[test]
fn words_follow_the_numbers() {
    let keys = "intervals = { levels = [0.9] }\n";
    for (test, sentence, verdict) in [
        (twelfth(200, 1.0), "these **hold**", "as promised, as far as chance lets one tell"),
        (twelfth(200, 5.0), "these are **too narrow**", "**fewer than promised: they are too narrow**"),
        (vec![0.5; 200], "these are **too wide**", "**more than promised: they are too wide**"),
        (twelfth(20, 1.0), "whether these hold **cannot be told**", "**too few rows to tell**"),
    ] {
        let text = report(keys, &twelfth(200, 1.0), &test);
        let answer = text.split("## Notes").next().unwrap();
        assert!(answer.contains("Its 90 % intervals, ") && answer.contains(verdict), "{answer}");
        let section = text.split("## Prediction intervals").nth(1).unwrap().split("<!--").next().unwrap();
        assert!(section.contains(sentence), "{section}");
        let off = [
            ("too narrow", "More errors on the test part are beyond"),
            ("too wide", "Fewer errors on the test part are beyond"),
        ];
        for (what, than) in off {
            assert_eq!(section.contains(than), sentence.contains(what), "{section}");
        }
        assert!(section.contains("from the errors on 200 calibration rows (split conformal)"), "{section}");
    }
}

#[test]
fn what_is_missing_is_said_with_its_reason() {
    let text = report("intervals = { levels = [0.5, 0.95] }\n", &twelfth(5, 1.0), &twelfth(30, 1.0));
    let sentence = "**There are no 95 % intervals**: too few rows (at least 19 calibration rows are needed).";
    assert!(text.contains(sentence) && text.contains("Its 50 % intervals, "), "{text}");
    let text = report("", &[], &twelfth(30, 1.0));
    let sentence = "How far off a single prediction may be cannot be stated: there are no calibration rows.";
    assert!(text.contains(sentence), "{text}");
    assert!(text.contains("(at least 9 calibration rows are needed)"), "{text}");
    let text = report("intervals = { method = \"none\" }\n", &twelfth(30, 1.0), &twelfth(30, 1.0));
    assert!(text.contains("The model has no prediction intervals: none were asked for."), "{text}");
    assert!(!text.contains("How far off"), "{text}");
}

#[test]
fn every_method_says_how_it_is_made() {
    let text = report("intervals = { method = \"normalised\" }\n", &twelfth(40, 1.0), &twelfth(30, 1.0));
    assert!(text.contains("errors on 40 calibration rows (normalised split conformal)"), "{text}");
    let text = report("intervals = { method = \"t\" }\n", &twelfth(40, 1.0), &twelfth(30, 1.0));
    assert!(text.contains("by Student's t with 38 degrees of freedom"), "{text}");
    let row = text.lines().find(|l| l.starts_with("| Calibration | 80 % |")).unwrap();
    assert!(!row.contains("not judged"), "under t calibration rows taught nothing: {row}");
}
