//! Good pickles of what is no model: numbers that are none, columns and lengths that disagree, other versions.

use model::{Model, pickle};
use serde_json::{Value, json};

use super::support::{json as json_of, stage, write};
use super::trained::{case, identity};
use super::{MODEL, READERS, good, reads, refused, refused_with, value, victim};

/// A change of what a model holds, and the reason for which it is refused.
type Case = (fn(&mut Value), &'static str);

fn all_refused(cases: &[Case]) {
    let folder = victim();
    for (change, reason) in cases {
        refused_with(folder.path(), change, reason);
    }
}

/// Puts `bytes` in place of the first coefficient, which is 2.
fn coefficient(bytes: &[u8]) -> Vec<u8> {
    let good = good();
    let find =
        |from: usize, what: &[u8]| from + good[from..].windows(what.len()).position(|w| w == what).unwrap();
    let number = [b"G".as_slice(), &2.0_f64.to_be_bytes()].concat();
    let at = find(find(0, b"coefficients"), &number);
    [&good[..at], bytes, &good[at + number.len()..]].concat()
}

#[test]
fn a_coefficient_that_is_no_number() {
    let folder = victim();
    for (number, reason) in [
        (f64::NAN, "number NaN at byte"),
        (f64::INFINITY, "number inf at byte"),
        (-f64::INFINITY, "number -inf at byte"),
    ] {
        refused(folder.path(), &coefficient(&[b"G".as_slice(), &number.to_be_bytes()].concat()), reason);
    }
    for (bytes, reason) in [
        (b"F1e999\n".as_slice(), "opcode FLOAT at byte"),
        (b"Fnan\n", "opcode FLOAT at byte"),
        (b"N", "`function.linear.coefficients`: invalid type: null, expected f64"),
        (b"\x88", "`function.linear.coefficients`: invalid type: boolean `true`, expected f64"),
        (b"\x8c\x032.0", "`function.linear.coefficients`: invalid type: string \"2.0\", expected f64"),
        (b"\x8c\x03NaN", "`function.linear.coefficients`: invalid type: string \"NaN\""),
        (b"]", "`function.linear.coefficients`: invalid type: sequence, expected f64"),
        (b"\x8a\x09\0\0\0\0\0\0\0\0\x01", "integer at byte"),
    ] {
        refused(folder.path(), &coefficient(bytes), reason);
    }
    // The good number again, and the same as an integer, which is a number.
    for bytes in [[b"G".as_slice(), &2.0_f64.to_be_bytes()].concat(), b"K\x02".to_vec()] {
        write(folder.path().join(MODEL), coefficient(&bytes));
        assert!(reads(folder.path(), READERS[0]).status.success());
    }
}

#[test]
fn columns_that_are_missing_extra_repeated_or_moved() {
    all_refused(&[
        (|m| drop(m["features"].as_array_mut().unwrap().pop()), "1 features and terms, 2 coefficients"),
        (
            |m| m["features"].as_array_mut().unwrap().push(json!("more")),
            "3 features and terms, 2 coefficients",
        ),
        (|m| m["features"] = json!([]), "it has no feature"),
        (|m| m["features"] = json!(["x", "x"]), "feature `x` stands twice (position 2)"),
        (|m| m["features"] = json!(["x", "other"]), "left out `unused`, which is no column"),
        (|m| m["features"] = json!(["other", "unused"]), "feature `other` is no column of `fields`"),
        (
            |m| m["features"] = json!(["price_ahead_1", "unused"]),
            "the target `price_ahead_1` is among the features",
        ),
        (|m| m["features"] = json!(["month", "unused"]), "feature `month` is a column of another role"),
        // Names in another order than their coefficients.
        (|m| m["features"] = json!(["unused", "x"]), "left out `unused`, whose coefficient is not 0"),
        (|m| m["target_column"] = json!("cost"), "target `cost` is no column of `fields`"),
        (|m| m["target_column"] = json!("month"), "target `month` is a column of another role"),
        (|m| m["fields"] = json!([]), "feature `x` is no column of `fields`"),
        (
            |m| {
                let twice = m["fields"][3].clone();
                m["fields"].as_array_mut().unwrap().push(twice);
            },
            "column `x` stands twice in `fields`",
        ),
        (|m| m["features"] = json!({ "x": 0 }), "`features`: invalid type: map, expected a sequence"),
        (|m| m["features"][0] = json!(null), "`features`: invalid type: null, expected a string"),
    ]);
}

#[test]
fn lengths_numbers_and_shapes_of_the_function() {
    all_refused(&[
        (|m| m["function"]["linear"]["coefficients"] = json!([2.0]), "2 features and terms, 1 coefficients"),
        (
            |m| m["function"]["linear"]["coefficients_low"] = json!([0.0]),
            "second halves of the coefficients are of another number",
        ),
        (
            |m| m["function"]["linear"]["coefficients_low"] = json!([0.5, 0.0]),
            "second half of a coefficient is no rounding",
        ),
        (
            |m| m["function"]["linear"]["intercept_low"] = json!(1e300),
            "second half of a coefficient is no rounding",
        ),
        (
            |m| m["function"]["linear"]["coefficients"] = json!([1e307, 0.0]),
            "predictions within the training range are not finite",
        ),
        (
            |m| m["function"]["linear"]["coefficients"] = json!([2.0, 1.0]),
            "left out `unused`, whose coefficient is not 0",
        ),
        (|m| m["function"]["linear"]["aliased"] = json!(["unused", "unused"]), "left out `unused` twice"),
        (|m| m["function"]["linear"]["link"] = json!("logit"), "`function"),
        (|m| m["function"]["linear"]["bias"] = json!(1), "unknown field `bias`"),
        (
            |m| m["function"]["linear"]["terms"] = json!([{ "kind": "power", "column": "y", "exponent": 2 }]),
            "coefficients",
        ),
        (|m| m["function"] = json!({}), "`function`: "),
        (|m| m["function"] = json!({ "forest": {} }), "unknown variant `forest`"),
        (
            |m| m["function"] = json!({ "trees": { "base": 0.0, "trees": [{ "feature": [2], "threshold": [0.0], "left": [0], "right": [0], "value": [0.0] }] } }),
            "tree 1: node 0 asks for feature 2 of 2",
        ),
        (
            |m| m["function"] = json!({ "trees": { "base": 1e308, "trees": [] } }),
            "predictions within the training range are not finite",
        ),
    ]);
}

#[test]
fn terms_that_are_none() {
    fn with(m: &mut Value, term: &Value) {
        m["function"]["linear"]["terms"] = json!([term]);
        m["function"]["linear"]["coefficients"] = json!([2.0, 0.0, 1.0]);
    }
    all_refused(&[
        (
            |m| with(m, &json!({ "kind": "power", "column": "y", "exponent": 2 })),
            "term `y^2` is made of `y`, which is no feature",
        ),
        (
            |m| with(m, &json!({ "kind": "power", "column": "x", "exponent": 1 })),
            "term `x^1` is out of range",
        ),
        (|m| with(m, &json!({ "kind": "power", "column": "x", "exponent": 65535 })), "is out of range"),
        (
            |m| with(m, &json!({ "kind": "spline", "column": "x", "knots": [1.0, 1.0, 2.0], "basis": 0 })),
            "is out of range",
        ),
        (
            |m| with(m, &json!({ "kind": "spline", "column": "x", "knots": [0.0, 1.0, 2.0], "basis": 1 })),
            "is out of range",
        ),
        (
            |m| with(m, &json!({ "kind": "spline", "column": "x", "knots": [0.0, 5e-324, 2.0], "basis": 0 })),
            "are not finite",
        ),
        (|m| with(m, &json!({ "kind": "call", "name": "os.system" })), "unknown variant `call`"),
    ]);
}

#[test]
fn other_kinds_and_versions() {
    all_refused(&[
        (|m| m["kind"] = json!("model"), "its `kind` is not `millrace regression model`"),
        (|m| *m = json!([1, 2]), "its `kind` is not"),
        (|m| *m = json!(null), "its `kind` is not"),
        (|m| m["format"] = json!(2), "format 2, this version reads 3"),
        (|m| m["format"] = json!(4), "format 4, this version reads 3"),
        (|m| m["format"] = json!("3"), "format none, this version reads 3"),
        (|m| m["extra"] = json!(1), "unknown field `extra`"),
        (|m| m["\u{202e}\n<b>"] = json!(1), "unknown field `\\u{202e}\\n<b>`"),
        (|m| drop(m.as_object_mut().unwrap().remove("trained_on")), "missing field `trained_on`"),
        (|m| m["horizon"] = json!(-1), "`horizon`: invalid value: integer `-1`, expected u32"),
        (|m| m["horizon"] = json!(1.5), "`horizon`: "),
        (|m| m["target_statistic"] = json!("mode"), "unknown variant `mode`"),
        (|m| m["preparation"] = json!([]), "`preparation`: "),
    ]);
}

#[test]
fn what_is_told_of_the_training_rows_does_not_fit() {
    all_refused(&[
        (|m| m["trained_on"]["hash"] = json!("ff"), "hash of `trained_on` is not of 64 hexadecimal digits"),
        (|m| m["trained_on"]["hash"] = json!(format!("+{}", "f".repeat(63))), "not of 64 hexadecimal digits"),
        (|m| m["trained_on"]["rows"] = json!(39), "fitted to 40 of 39 rows"),
        (|m| m["trained_on"]["rows"] = json!(-1), "`trained_on`: "),
        (|m| m["training"]["mae"] = json!(-1.0), "a training error is no size of an error"),
        (|m| m["training"]["rows"] = json!(1e3), "`training`: "),
        (|m| m["decimals"] = json!({ "x": 23 }), "decimal places of `x` are out of range"),
        (|m| m["decimals"] = json!({ "y": 2 }), "decimal places of `y` are out of range"),
        (
            |m| drop(m["reference"]["features"].as_object_mut().unwrap().remove("x")),
            "no reference profile of feature `x`",
        ),
        (
            |m| m["reference"]["features"]["x"]["edges"].as_array_mut().unwrap().reverse(),
            "`reference`: edges of the drift reference must be finite and ascending",
        ),
        (
            |m| {
                m["reference"]["features"]["x"]["edges"][1] =
                    m["reference"]["features"]["x"]["edges"][0].clone();
            },
            "must be finite and ascending",
        ),
        (
            |m| drop(m["reference"]["features"]["x"]["counts"].as_array_mut().unwrap().pop()),
            "one count more than edges",
        ),
        (
            |m| m["reference"]["features"]["x"]["counts"][0] = json!(5),
            "profile of `x` does not hold together",
        ),
        (
            |m| m["reference"]["features"]["x"]["missing"] = json!(1),
            "profile of `x` is of other rows than the target's",
        ),
        (
            |m| m["reference"]["target"]["counts"][0] = json!(u64::MAX),
            "profile of the target does not hold together",
        ),
        (
            |m| m["reference"]["features"]["x"]["min"] = json!(1000.0),
            "`reference`: the range of the drift reference is not a range",
        ),
        (
            |m| m["reference"]["features"]["x"]["max"] = json!(3.0),
            "`reference`: mean and sd of the drift reference",
        ),
        (
            |m| m["reference"]["features"]["x"]["edges"][8] = json!(1e3),
            "profile of `x` does not hold together",
        ),
        (|m| m["reference"]["features"]["x"]["counts"][0] = json!(-4), "`reference`: "),
        (
            |m| m["reference"]["prediction"]["missing"] = json!(1),
            "profile of the predictions is not of the training rows",
        ),
        (|m| m["reference"]["features"]["x"]["grid"]["at"][0] = json!(2), "of `x` does not hold together"),
        (
            |m| m["reference"]["target"]["grid"]["at"][0] = json!(u64::MAX),
            "profile of the target does not hold together",
        ),
        (
            |m| m["reference"]["target"]["grid"]["points"][1] = json!(-1e9),
            "`reference`: the grid of the drift reference must ascend",
        ),
        (|m| m["reference"]["target"]["sd"] = json!(-1.0), "`reference`: mean and sd of the drift reference"),
        (|m| m["reference"]["residual"]["of"] = json!("test"), "`reference`: unknown variant `test`"),
        (
            |m| m["reference"]["residual"]["reference"]["missing"] = json!(100),
            "profile of the residuals is of other rows than it says",
        ),
        (|m| drop(m["reference"].as_object_mut().unwrap().remove("residual")), "missing field `residual`"),
    ]);
}

/// Columns by name, never by place: features and coefficients in another order are the same model.
#[test]
fn a_model_whose_features_stand_in_another_order_gives_the_same_metrics() {
    let folder = case().project();
    let measured = || {
        assert!(reads(folder.path(), READERS[0]).status.success());
        json_of(folder.path().join("reports/metrics.json"))
    };
    let first = measured();
    let mut turned = value();
    for place in ["/features", "/function/linear/coefficients", "/fields"] {
        turned.pointer_mut(place).unwrap().as_array_mut().unwrap().reverse();
    }
    std::fs::remove_file(folder.path().join("models/model.pkl.meta.json")).unwrap();
    let bytes = pickle::write(&turned).unwrap();
    assert_ne!(bytes, good());
    write(folder.path().join(MODEL), &bytes);
    let second = measured();
    for key in ["train", "calibration", "test", "baselines", "drift", "target"] {
        assert_eq!(first[key], second[key], "{key}");
    }
    let model = Model::from_bytes(&bytes, std::path::Path::new("m")).unwrap();
    assert_eq!(model.predict(&[&[0.5, 0.5], &[1.0, 3.0]]), [12.0, 16.0]);
}

/// The model of one table does not pass for that of another, whatever its own form.
#[test]
fn a_model_of_other_rows_another_target_or_another_feature_is_refused_where_it_meets_a_table() {
    let mut other_rows = case();
    other_rows.rows[0].y += 1.0;
    let of_other_rows = other_rows.model(identity(&other_rows.csv()));
    let mut other_target = case();
    other_target.target = "cost".to_owned();
    let mut other_feature = case();
    other_feature.feature = "xx".to_owned();
    let rows = identity(&case().csv());
    for (model, reason) in [
        (of_other_rows, "train_model fitted this model to 120 rows of identity"),
        (other_target.model(rows.clone()), "its target is `price_ahead_1`, the model predicts `cost`"),
        (other_feature.model(rows), "has no column `xx`, which the model needs (did you mean `x`?)"),
    ] {
        let folder = victim();
        write(folder.path().join(MODEL), model.to_bytes().unwrap());
        for (program, reason) in [("evaluate", reason), ("report", "evaluate measured a model of sha256")] {
            let run = stage(program).current_dir(folder.path()).assert().code(13);
            let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
            assert!(said.contains(reason), "{program}: {said}");
        }
    }
}
