//! Hostile names, and numbers that no axis is made for.

use serde_json::{Value, json};

use super::{MANIFEST, case, changed, figures, measured, names, with_intervals};
use crate::support::write;

/// What would end an element, an attribute or the document if it were not escaped.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "</title></desc></style></svg><script>alert(1)</script>",
        "]]><![CDATA[ & < > \" ' --> &amp;",
        "\"onload=\"alert(1)",
        "a\u{1}b\u{1b}[31mc\nd\te",
        "\u{202e}evil\u{2066}\u{200f}\u{feff}",
        "\u{fffe}\u{ffff}\u{fdd0}",
        "](x) ![y](javascript:z) <!-- millrace:end drift -->",
        "漢字かなカナ한국어😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
        "עברית שלום עולם",
        " ",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push("W".repeat(10_000));
    all
}

#[test]
fn hostile_names_stay_text() {
    for name in hostile() {
        let folder = changed(&case(), |metrics| {
            with_intervals(metrics, 0.5);
            metrics["target"]["source"] = json!(name);
            let features = metrics["drift"]["features"].as_object_mut().unwrap();
            let one = features.values().next().unwrap().clone();
            features.insert(name.clone(), one);
            metrics["coefficients"] = json!([{ "feature": name, "coefficient": 1.0, "sd": 1.0, "effect": 1.0,
                "lower": 0.5, "upper": 1.5, "standard_error": 0.1, "p": 0.1 }]);
            for row in metrics["periods"]["rows"].as_array_mut().into_iter().flatten() {
                row["period"] = json!(format!("{name}{}", row["period"]));
            }
        });
        let csv: String = (0..9).map(|i| format!("\"{}{i}\",{i},2,1\n", name.replace('"', "\"\""))).collect();
        let by_time = folder.path().join("reports/metrics.json.by_time.csv");
        write(by_time, format!("time,mean_predicted,mean_actual,n\n{csv}"));
        let figures = figures(folder.path());
        let all = ["by_time", "coefficients", "drift", "over_time", "predicted", "reliability", "residuals"];
        assert_eq!(names(&figures), all);
        for figure in &figures {
            figure.check();
            for text in figure.texts().into_iter().chain([figure.title(), figure.words()]) {
                let bad =
                    |c: char| c.is_control() || ('\u{200b}'..='\u{200f}').contains(&c) || c == '\u{202e}';
                assert!(!text.contains(bad) && text.len() < 2000, "{text:?}");
            }
        }
    }
}

/// A project whose predictions are `rows` of prediction and outcome.
fn drawn_of(rows: &[(f64, f64)]) -> Vec<String> {
    let folder = measured(&case());
    std::fs::remove_file(folder.path().join(MANIFEST)).unwrap();
    let reports = folder.path().join("reports");
    let lines = |of: &dyn Fn(usize, f64, f64) -> String| -> String {
        rows.iter().enumerate().map(|(i, (p, a))| of(i, *p, *a)).collect()
    };
    let predicted = lines(&|i, p, a| format!("{i},a,{p:?},{a:?}\n"));
    write(reports.join("metrics.json.predicted.csv"), format!("time,entity,predicted,actual\n{predicted}"));
    let means = lines(&|i, p, a| format!("{i},{p:?},{a:?},1\n"));
    write(reports.join("metrics.json.by_time.csv"), format!("time,mean_predicted,mean_actual,n\n{means}"));
    // The isotonic fit ascends.
    let (mut predicted, mut fitted): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
    predicted.sort_by(f64::total_cmp);
    fitted.sort_by(f64::total_cmp);
    let step = |(p, y): (&f64, &f64)| format!("test,{p:?},{p:?},{y:?},1\n");
    let steps: String = predicted.iter().zip(&fitted).map(step).collect();
    write(
        reports.join("metrics.json.reliability.csv"),
        format!("part,min_predicted,max_predicted,fitted,n\n{steps}"),
    );
    let bins = lines(&|_, p, a| format!("{:?},{:?},1\n", p.min(a), p.max(a)));
    write(reports.join("metrics.json.residuals.csv"), format!("lower,upper,n\n{bins}"));
    let figures = figures(folder.path());
    figures.iter().for_each(crate::drawn::Drawing::check);
    figures.into_iter().map(|figure| figure.name).collect()
}

#[test]
fn numbers_that_no_axis_can_show_have_no_figure() {
    let (least, most) = (5e-324, f64::MAX);
    for rows in [
        vec![],
        vec![(1.0, 2.0)],
        vec![(7.0, 7.0); 50],
        vec![(0.0, 0.0), (0.0, 0.0), (-0.0, 0.0)],
        vec![(least, 0.0), (0.0, least), (least, least)],
        vec![(1.0, 1.0 + f64::EPSILON), (1.0, 1.0), (1.0, 1.0)],
        vec![(-most, most), (most, -most), (0.0, 0.0)],
    ] {
        let drawn = drawn_of(&rows);
        for name in ["predicted", "by_time"] {
            assert!(!drawn.iter().any(|drawn| drawn == name), "{rows:?}: {drawn:?}");
        }
    }
}

#[test]
fn other_ranges_are_drawn_however_far_from_one() {
    for rows in [
        vec![(1e300, -1e300), (5e299, 0.0), (0.0, 1e299)],
        vec![(-1e-200, 2e-200), (3e-200, 1e-200), (0.0, 5e-324)],
        vec![(-3.0, -2.0), (-2.5, -2.6), (-2.2, -2.1)],
        vec![(1e15, 1e15 + 1e7), (1e15 + 2e7, 1e15), (1e15, 1e15)],
        vec![(0.0, 1e-9), (1e9, 1.0), (1e-300, 3.0)],
    ] {
        let drawn = drawn_of(&rows);
        for name in ["predicted", "by_time"] {
            assert!(drawn.iter().any(|drawn| drawn == name), "{rows:?}: {drawn:?}");
        }
    }
}

#[test]
fn metrics_without_numbers_or_with_huge_ones_break_nothing() {
    for value in [json!(null), json!(1e308), json!(-1e308), json!(5e-324), json!(0.0)] {
        let folder = changed(&case(), |metrics| {
            with_intervals(metrics, 1.0);
            for part in ["train", "calibration", "test"] {
                for key in ["mae", "bias", "r2", "calibration_error", "mean_predicted"] {
                    metrics[part][key] = value.clone();
                }
            }
            metrics["intervals"]["quantiles"] = json!([value]);
            for row in metrics["periods"]["rows"].as_array_mut().into_iter().flatten() {
                row["mae"] = value.clone();
            }
            let parts = metrics["drift"]["features"].as_object_mut().unwrap().values_mut();
            parts.for_each(|part| part["test"]["psi"] = value.clone());
            let effect = if value == Value::Null { json!(1.0) } else { value.clone() };
            metrics["coefficients"] = json!([{ "feature": "x", "coefficient": effect, "sd": 1e300, "effect": value,
                "lower": effect, "upper": effect, "standard_error": value, "p": value }]);
        });
        figures(folder.path()).iter().for_each(crate::drawn::Drawing::check);
    }
}

#[test]
fn figures_of_many_rows_stay_small() {
    // As much as `evaluate` writes at most.
    let value = |i: u32| (f64::from(i.wrapping_mul(2_654_435_761) >> 8) / 1e4, f64::from(i) / 3.0);
    let rows: Vec<(f64, f64)> = (0..20_000).map(value).collect();
    let drawn = drawn_of(&rows[..10_000]);
    assert!(drawn.iter().any(|name| name == "predicted"), "{drawn:?}");
    let drawn = drawn_of(&rows);
    assert!(drawn.iter().any(|name| name == "by_time"), "{drawn:?}");
}
