//! Marks stand where the numbers say.

use serde_json::{Value, json};

use super::{Case, METRICS, case, changed, figures, measured, run, with_intervals};
use crate::drawn::Drawing;
use crate::support::{cells, json, read, write};

const MAIN: &str = "#0072B2";
const ALARM: &str = "#D55E00";
const TEXT: &str = "#1B1B1B";
/// Units a pixel.
const FINENESS: f64 = 4.0;

fn figure(case: &Case, change: impl FnOnce(&mut Value), name: &str) -> Drawing {
    let folder = changed(case, change);
    find(figures(folder.path()), name)
}

fn find(all: Vec<Drawing>, name: &str) -> Drawing {
    all.into_iter().find(|figure| figure.name == name).unwrap_or_else(|| panic!("no figure {name}"))
}

/// Within the rounding to whole units of two places.
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1.001, "{found}, not {expected}");
}

#[test]
fn points_lie_at_their_prediction_and_outcome() {
    let figure = figure(&case(), |_| {}, "predicted");
    // Predictions are 10 to 88, outcomes 11 to 89, so that both axes run from 10 to 89 with 4 % of 79 at either end:
    // from 6.84 to 92.16. Labels of two digits leave 501.8 pixels across (8 + 2 * 9.6 + 7 left, 24 right) and 400 up.
    let (low, range) = (6.84, 85.32);
    let mut expected: Vec<(f64, f64)> = Vec::new();
    for row in case().rows.iter().filter(|row| row.part == "test") {
        let predicted = 10.0 + 2.0 * row.x;
        let x = FINENESS * (34.2 + 501.8 * (predicted - low) / range);
        expected.push((x, -FINENESS * 400.0 * (row.y - low) / range));
    }
    // The legend shows one circle more, the first.
    let circles = figure.circles(MAIN);
    assert_eq!(circles.len(), 41);
    let bottom = circles[1].1 - expected[0].1;
    for (found, expected) in circles[1..].iter().zip(&expected) {
        close(found.0, expected.0);
        close(found.1, bottom + expected.1);
    }
    // The line of equal numbers goes from corner to corner.
    let dashes = figure.lines(TEXT);
    let (from, to) = (dashes[3][0], *dashes.last().unwrap().last().unwrap());
    close(from.0, FINENESS * 34.2);
    close(from.1, bottom);
    assert!(
        (to.0 - FINENESS * 536.0).abs() < 60.0 && (to.1 - (bottom - FINENESS * 400.0)).abs() < 60.0,
        "{to:?}"
    );
}

#[test]
fn outcomes_outside_their_interval_are_triangles_that_point_their_way() {
    // All miss by 1.
    let inside = figure(&case(), |metrics| with_intervals(metrics, 1.5), "predicted");
    assert_eq!((inside.circles(MAIN).len(), inside.polygons(ALARM).len()), (41, 1));
    let outside = figure(&case(), |metrics| with_intervals(metrics, 0.5), "predicted");
    assert_eq!((outside.circles(MAIN).len(), outside.polygons(ALARM).len()), (1, 41));
    // An outcome above its prediction points up: its first corner is the highest. Half of the misses are so.
    let up = |corners: &Vec<(f64, f64)>| corners[0].1 < corners[1].1;
    let triangles = outside.polygons(ALARM);
    assert_eq!(triangles.iter().skip(1).filter(|corners| up(corners)).count(), 20);
    // The band is 2 * 1.5 high where it is not cut: as many pixels as that is of the axis.
    let band = &inside.polygons(MAIN)[1];
    close(band[0].1 - band[1].1, FINENESS * 400.0 * 1.5 / 85.32);
    close(band[3].1, band[2].1);
}

#[test]
fn groups_of_the_reliability_curve_lie_at_their_means() {
    let mut groups = Vec::new();
    let figure = figure(
        &case(),
        |metrics| groups = metrics["test"]["calibration"]["deciles"].as_array().unwrap().clone(),
        "reliability",
    );
    let of = |group: &Value, key: &str| group[key].as_f64().unwrap();
    let circles = &figure.circles(MAIN)[1..];
    assert_eq!(circles.len(), groups.len());
    // Whatever the ends of the axes: steps from the first group are in proportion, up as across.
    let (first, last) = (&groups[0], groups.last().unwrap());
    for (key, along) in [("mean_predicted", 0), ("mean_actual", 1)] {
        let place = |spot: &(f64, f64)| if along == 0 { spot.0 } else { -spot.1 };
        let unit = (place(circles.last().unwrap()) - place(&circles[0])) / (of(last, key) - of(first, key));
        for (spot, group) in circles.iter().zip(&groups) {
            close(place(spot) - place(&circles[0]), unit * (of(group, key) - of(first, key)));
        }
    }
}

#[test]
fn bars_are_as_long_as_their_numbers() {
    let mut drift = Value::Null;
    let change = |metrics: &mut Value| {
        // Bars of too few rows are outlines, of which one without length has no corners.
        let all = &mut metrics["drift"];
        for path in ["target", "prediction", "residual", "features/x", "features/unused"] {
            all.pointer_mut(&format!("/{path}/test")).unwrap()["verdict"] = json!("stable");
        }
        drift = all.clone();
    };
    let figure = figure(&case(), change, "drift");
    let psi = |part: &Value| part["test"]["psi"].as_f64();
    let mut features: Vec<f64> = drift["features"].as_object().unwrap().values().filter_map(psi).collect();
    features.sort_by(|a, b| b.total_cmp(a));
    let others =
        [psi(&drift["target"]), psi(&drift["prediction"]), drift["residual"]["test"]["psi"].as_f64()];
    let expected: Vec<f64> = others.into_iter().flatten().chain(features).collect();
    // From top to bottom; bars of the legend stand left of the others.
    let mut bars: Vec<_> = [MAIN, ALARM].iter().flat_map(|ink| figure.polygons(ink)).collect();
    let left = bars.iter().map(|bar| bar[0].0).fold(0.0, f64::max);
    bars.retain(|bar| bar[0].0 == left);
    bars.sort_by(|a, b| a[0].1.total_cmp(&b[0].1));
    assert_eq!(bars.len(), expected.len());
    let long = |bar: &Vec<(f64, f64)>| bar.iter().map(|spot| spot.0).fold(0.0, f64::max) - left;
    let (most, at) = expected
        .iter()
        .zip(&bars)
        .map(|(psi, bar)| (*psi, long(bar)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap();
    assert!(most > 0.0 && at > 400.0, "{most} {at}");
    for (psi, bar) in expected.iter().zip(&bars) {
        close(long(bar), at * psi / most);
    }
}

#[test]
fn the_histogram_is_as_high_as_its_counts() {
    let mut case = case();
    // Errors of 1 and -1 in the case; more of them, and unequal counts.
    for (i, row) in case.rows.iter_mut().filter(|row| row.part == "test").enumerate() {
        row.y += [0.0, 0.0, 3.0, 3.0, 3.0, 7.0, 7.0, 9.0][i % 8];
    }
    let folder = measured(&case);
    let figure = find(figures(folder.path()), "residuals");
    let counts: Vec<f64> = cells(&read(folder.path().join("reports/metrics.json.residuals.csv")))
        .iter()
        .skip(1)
        .map(|row| row[2].parse().unwrap())
        .collect();
    let bars = figure.polygons(MAIN);
    assert_eq!(bars.len(), counts.len());
    let high = |bar: &Vec<(f64, f64)>| bar[2].1 - bar[0].1;
    let (most, at) =
        counts.iter().zip(&bars).map(|(n, bar)| (*n, high(bar))).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    assert!(counts.iter().any(|n| *n != most) && at > 500.0, "{counts:?} {at}");
    for (n, bar) in counts.iter().zip(&bars) {
        close(high(bar), at * n / most);
    }
}

#[test]
fn errors_by_period_and_misses_are_in_proportion() {
    let period = |name: &str, part: &str, mae: f64, covered: f64| {
        json!({ "period": name, "part": part, "n": 100, "mae": mae, "rmse": mae, "bias": 0.0, "mean_actual": 1.0, "absent": {},
            "intervals": [{ "level": 0.9, "n": 100, "missing": 0, "covered": 100.0 * covered, "coverage": covered,
                "band_lower": null, "band_upper": null, "verdict": "in_sample", "mean_width": 1.0, "mean_width_sd": 1.0,
                "winkler": 1.0, "absent": { "band_lower": "in_sample", "band_upper": "in_sample" } }] })
    };
    let errors = [1.0, 2.0, 4.0, 3.0];
    let covered = [0.9, 0.95, 0.6, 0.8];
    let figure = figure(
        &case(),
        |metrics| {
            with_intervals(metrics, 1.5);
            let names = ["2020-01", "2020-02", "2020-03", "2020-04"];
            let rows: Vec<Value> = (0..4).map(|i| period(names[i], "test", errors[i], covered[i])).collect();
            let rows = json!(
                rows.into_iter()
                    .map(|mut row| {
                        row["intervals"][0]["covered"] = json!(1);
                        row
                    })
                    .collect::<Vec<_>>()
            );
            metrics["periods"] = json!({ "unit": "month", "rows": rows });
        },
        "over_time",
    );
    let circles = &figure.circles(MAIN)[1..];
    assert_eq!(circles.len(), 8);
    let up = |spots: &[(f64, f64)], i: usize| spots[0].1 - spots[i].1;
    let (above, below) = circles.split_at(4);
    for i in 1..4 {
        // The largest is three steps of one above the first; misses are 10, 5, 40 and 20 %.
        close(up(above, i), up(above, 2) * (errors[i] - 1.0) / 3.0);
        close(up(below, i), up(below, 2) * (0.9 - covered[i]) / 0.3);
        close(above[i].0, below[i].0);
    }
    assert!(up(above, 2) > 300.0 && up(below, 2) > 300.0 && up(below, 1) < 0.0);
    let texts = figure.texts();
    for label in ["2020-01", "2020-04", "Outside the 90 % interval, % of rows", "promised"] {
        assert!(texts.iter().any(|text| text == label), "{label}: {texts:?}");
    }
    assert!(figure.words().contains("from 1.000 in “2020-01” to 4.000 in “2020-03”"), "{}", figure.words());
}

#[test]
fn effects_stand_at_their_number_with_their_interval() {
    let effect = |feature: &str, coefficient: f64, error: f64| {
        json!({ "feature": feature, "coefficient": coefficient, "standard_error": error, "lower": coefficient - 2.0 * error,
            "upper": coefficient + 2.0 * error, "p": 0.5, "sd": 10.0, "effect": 10.0 * coefficient })
    };
    let figure = figure(
        &case(),
        |metrics| {
            metrics["coefficients"] =
                json!([effect("a", 4.0, 0.5), effect("b", -3.0, 1.0), effect("c", 1.0, 1.0)]);
        },
        "coefficients",
    );
    // Two are clear of zero, the third is a ring; the legend shows one of each.
    let (clear, unclear) = (figure.circles(MAIN), figure.circles(ALARM));
    assert_eq!((clear.len(), unclear.len()), (3, 2));
    let unit = (clear[1].0 - clear[2].0) / 70.0;
    close(clear[1].0 - unclear[1].0, unit * 30.0);
    // Whiskers of the first: from 30 to 50, beside its circle at 40.
    let whiskers: Vec<_> =
        figure.lines(MAIN).into_iter().filter(|line| line.iter().all(|spot| spot.1 == clear[1].1)).collect();
    close(clear[1].0 - whiskers[0][1].0, unit * 10.0);
    close(whiskers[1][1].0 - clear[1].0, unit * 10.0);
    assert!(
        figure.words().contains("the largest is that of “a”, 40.00; for 2 of them"),
        "{}",
        figure.words()
    );
}

#[test]
fn means_over_time_follow_the_file() {
    let folder = measured(&case());
    let path = folder.path().join("reports/metrics.json.by_time.csv");
    std::fs::remove_file(folder.path().join(super::MANIFEST)).unwrap();
    write(
        &path,
        "time,mean_predicted,mean_actual,n\n2020-01,1.0,2.0,5\n2020-02,3.0,2.5,5\n2020-03,2.0,4.0,5\n",
    );
    let figure = find(figures(folder.path()), "by_time");
    let line = figure.lines(MAIN).into_iter().find(|line| line.len() == 3).unwrap();
    let outcome = figure.lines("#555555").into_iter().find(|line| line.len() == 3).unwrap();
    close(line[1].0 - line[0].0, line[2].0 - line[1].0);
    // Up by 2 from the first to the second, then down by 1; the first outcome is as high as the third prediction.
    close(line[0].1 - line[1].1, 2.0 * (line[2].1 - line[1].1));
    close(outcome[0].1, line[2].1);
    // Damage is told, and nothing is drawn from metrics alone.
    assert!(json(folder.path().join(METRICS))["test"].is_object());
    run("report", folder.path(), &[]).success();
}
