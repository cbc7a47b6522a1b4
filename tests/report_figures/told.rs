//! What figures say of what cannot be told, and of numbers that are near each other.

use serde_json::json;

use super::{MANIFEST, case, changed, figures, measured, run, with_intervals};
use crate::support::{read, write};

/// The words that stand with the figure `name` in the report: the alternative text and the caption.
fn words(folder: &std::path::Path, name: &str) -> (String, String) {
    let text = read(folder.join(super::REPORT));
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|l| l.ends_with(&format!("/{name}.svg)"))).unwrap();
    (lines[at].to_owned(), lines[at + 2].to_owned())
}

#[test]
fn too_few_rows_are_told_from_no_drift() {
    let of = |verdicts: [&str; 2]| {
        let folder = changed(&case(), |metrics| {
            for what in ["target", "prediction", "residual"] {
                metrics["drift"][what]["test"]["verdict"] = json!("stable");
            }
            for (name, verdict) in ["x", "unused"].into_iter().zip(verdicts) {
                metrics["drift"]["features"][name]["test"]["verdict"] = json!(verdict);
            }
        });
        let all = figures(folder.path());
        let drift = all.iter().find(|figure| figure.name == "drift").unwrap();
        drift.check();
        (drift.texts(), words(folder.path(), "drift"))
    };
    let has = |texts: &[String], text: &str| texts.iter().any(|t| t == text);
    let (texts, (alt, caption)) = of(["not_enough_rows", "stable"]);
    assert!(has(&texts, "too few rows to tell") && has(&texts, "not called drift"), "{texts:?}");
    assert!(alt.contains("0 of 2 features drifted, 1 of 2 have too few rows to tell"), "{alt}");
    assert!(caption.contains("Empty bars are of too few rows to tell"), "{caption}");
    let (texts, (alt, caption)) = of(["stable", "stable"]);
    assert!(!has(&texts, "too few rows to tell") && has(&texts, "not called drift"), "{texts:?}");
    assert!(!alt.contains("too few") && !caption.contains("too few"), "{alt}\n{caption}");
}

#[test]
fn intervals_that_are_not_there_are_not_said_to_differ() {
    let caption = |levels: bool| {
        let folder = changed(&case(), |metrics| {
            with_intervals(metrics, 1.5);
            metrics["intervals"]["method"] = json!("normalised");
            if !levels {
                metrics["intervals"]["quantiles"] = json!([null]);
                metrics["intervals"]["absent"] = json!(["too_few_rows"]);
                metrics["test"]["intervals"] = json!([]);
            }
        });
        figures(folder.path());
        words(folder.path(), "predicted").1
    };
    let differ = "Prediction intervals differ from row to row and are not drawn.";
    assert!(caption(true).contains(differ) && !caption(false).contains(differ));
}

#[test]
fn errors_by_period_are_told_of_both_parts() {
    let folder = measured(&case());
    figures(folder.path());
    let (alt, caption) = words(folder.path(), "over_time");
    // The model misses by 3 throughout the calibration part, and by 1 in the test part.
    assert!(alt.contains("of the test part from 1.000 in "), "{alt}");
    assert!(alt.contains("of the calibration part from 3.000 in ") && alt.contains(" to 3.000 in "), "{alt}");
    assert!(caption.contains("Squares are of the calibration part."), "{caption}");
}

#[test]
fn numbers_near_a_billion_are_written_out() {
    let folder = measured(&case());
    std::fs::remove_file(folder.path().join(MANIFEST)).unwrap();
    let rows: String = (0..12).map(|i| format!("{i},a,{},{}\n", 999_999_995 + i, 999_999_994 + i)).collect();
    let path = folder.path().join("reports/metrics.json.predicted.csv");
    write(path, format!("time,entity,predicted,actual\n{rows}"));
    let all = figures(folder.path());
    let texts = all.iter().find(|figure| figure.name == "predicted").unwrap().texts();
    for tick in ["999,999,995", "1,000,000,000", "1,000,000,005"] {
        assert!(texts.iter().any(|text| text == tick), "{tick}: {texts:?}");
    }
    assert!(!texts.iter().any(|text| text.contains("e8") || text.contains("e9")), "{texts:?}");
}

#[test]
fn marks_of_the_residuals_have_the_form_of_the_axis() {
    let folder = changed(&case(), |metrics| metrics["test"]["bias"] = json!(-64_954_444_172.0));
    let path = folder.path().join("reports/metrics.json.residuals.csv");
    let header = read(&path).lines().next().unwrap().to_owned();
    let row = |lower: &str, upper: &str| {
        let cell = |name: &str| match name {
            "lower" => lower.to_owned(),
            "upper" => upper.to_owned(),
            "n" => "20".to_owned(),
            _ => String::new(),
        };
        header.split(',').map(cell).collect::<Vec<_>>().join(",")
    };
    write(&path, format!("{header}\n{}\n{}\n", row("-2e12", "0"), row("0", "2e12")));
    run("report", folder.path(), &[]).success();
    let all = figures(folder.path());
    let residuals = all.iter().find(|figure| figure.name == "residuals").unwrap();
    assert!(residuals.texts().iter().any(|text| text == "mean −6.495e10"), "{:?}", residuals.texts());
    // A mean outside what is drawn is said to be there, and has no line at the edge.
    write(&path, format!("{header}\n{}\n{}\n", row("-2", "0"), row("0", "2")));
    let all = figures(folder.path());
    let residuals = all.iter().find(|figure| figure.name == "residuals").unwrap();
    assert!(
        residuals.texts().iter().any(|text| text == "mean −64,954,444,172, beyond"),
        "{:?}",
        residuals.texts()
    );
}
