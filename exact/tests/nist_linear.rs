//! Every certified number of the eleven linear data sets, to 15 digits.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::excessive_precision,
    clippy::missing_panics_doc,
    clippy::precedence,
    clippy::doc_markdown,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "tests compare bits, and each uses its part of the support"
)]

mod support;

use exact::Parts;
use exact::fit::{Fit, Options, Reason, Statistic, fit};
use exact::gram::{Block, Column, Gram, Variable};
use serde_json::Value;
use support::nist::{Table, certified, folder, lre};

/// All of them.
const SETS: [&str; 11] = [
    "Norris", "Pontius", "NoInt1", "NoInt2", "Filip", "Longley", "Wampler1", "Wampler2", "Wampler3",
    "Wampler4", "Wampler5",
];

/// The Gram matrix of a set, in pieces, from decimals or from plain f64.
fn gram(table: &Table, truth: &Value, decimals: bool) -> Gram {
    let column = |name: &str| {
        if decimals { table.decimals(name) } else { (table.column(name).to_vec(), 0) }
    };
    let names: Vec<&str> =
        truth["predictors"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let degree = truth["model"]["degree"].as_u64();
    let (mut variables, mut data) = (Vec::new(), Vec::new());
    for name in &names {
        let (values, places) = column(name);
        for power in 1..=degree.unwrap_or(1) {
            variables.push(Variable::decimal(format!("{name}^{power}"), places * power as u32));
            data.push(Parts::power(&values, power as u16));
        }
    }
    let (y, places) = column("y");
    let mut whole = Gram::new(variables, Variable::decimal("y", places));
    for rows in [0..2, 2..3, 3..y.len()] {
        let block = Block::new(
            data.iter()
                .map(|parts| Column::of_parts(parts.parts().iter().map(|part| &part[rows.clone()]).collect()))
                .collect(),
            Column::from(&y[rows.clone()]),
        );
        let mut piece = whole.emptied();
        piece.add(&block).unwrap();
        whole.merge(&piece).unwrap();
    }
    whole
}

fn value(statistic: Statistic) -> f64 {
    statistic.value().unwrap()
}

/// `(what, computed, the truth to 40 digits)` for all that is certified.
fn scores(fit: &Fit, truth: &Value) -> Vec<(String, f64, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let exact = &truth["recomputed_40_digits"];
    let anova = &truth["certified"]["anova"];
    let mut scores = Vec::new();
    let coefficients = exact["coefficients"].as_array().unwrap();
    assert_eq!(coefficients.len(), fit.coefficients.len());
    for (coefficient, truth) in fit.coefficients.iter().zip(coefficients) {
        scores.push((coefficient.name.clone(), coefficient.estimate, text(&truth["estimate"])));
        scores.push((
            format!("sd of {}", coefficient.name),
            value(coefficient.standard_error),
            text(&truth["sd"]),
        ));
    }
    scores.push(("residual sd".into(), value(fit.residual_sd), text(&exact["residual_sd"])));
    scores.push(("R-squared".into(), value(fit.r_squared), text(&exact["r_squared"])));
    scores.push(("regression SS".into(), fit.anova.regression.sum_of_squares, text(&exact["regression_ss"])));
    scores.push(("residual SS".into(), fit.anova.residual.sum_of_squares, text(&exact["residual_ss"])));
    // The mean squares are the sums over their degrees of freedom, which are certified as integers.
    for (name, row, sum) in [
        ("regression", &fit.anova.regression, &exact["regression_ss"]),
        ("residual", &fit.anova.residual, &exact["residual_ss"]),
    ] {
        let degrees = anova[name]["df"].as_u64().unwrap();
        scores.push((format!("{name} df"), row.degrees_of_freedom as f64, degrees.to_string()));
        let mean = support::nist::parse(sum.as_str().unwrap()) / num_bigint::BigInt::from(degrees);
        let digits = (mean * support::nist::parse("1e60")).round().to_integer();
        scores.push((format!("{name} MS"), value(row.mean_square), format!("{digits}e-60")));
    }
    let f = text(&exact["f"]);
    if f == "Infinity" {
        assert_eq!(fit.anova.f, Statistic::Missing(Reason::PerfectFit));
        // An infinite F, known for what it is, is right: counted as such.
        scores.push(("F".into(), 1.0, "1".into()));
    } else {
        scores.push(("F".into(), value(fit.anova.f), f));
    }
    scores
}

fn fitted(table: &Table, truth: &Value, decimals: bool) -> Fit {
    let options = Options { intercept: truth["model"]["intercept"].as_bool().unwrap(), ..Options::default() };
    let fit = fit(&gram(table, truth, decimals), &options).unwrap();
    assert!(fit.aliased.is_empty());
    fit
}

#[test]
fn every_certified_number_of_the_linear_sets() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    let mut failures = Vec::new();
    for name in SETS {
        let table = Table::read(&folder.join(format!("linear/{name}.csv")));
        let truth = certified(&folder.join(format!("linear/{name}.certified.json")));
        let fit = fitted(&table, &truth, true);
        let scores = scores(&fit, &truth);
        // Two numbers a coefficient; residual sd, R2, F; df, SS, MS of two rows.
        assert_eq!(scores.len(), 2 * truth["p"].as_u64().unwrap() as usize + 9, "{name}");
        assert_eq!(fit.rows, truth["n"].as_u64().unwrap());
        count += scores.len();
        let digits: Vec<f64> = scores.iter().map(|(_, value, truth)| lre(*value, truth)).collect();
        let worst = digits.iter().copied().fold(15.0, f64::min);
        println!("{name:<10} {:>3} numbers, worst LRE {worst:.1}", scores.len());
        for ((what, value, truth), digits) in scores.iter().zip(digits) {
            if digits < 15.0 {
                failures.push(format!("{name} {what}: {value} is not {truth} (LRE {digits:.2})"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    println!("{count} numbers");
    assert_eq!(count, certified_count(&folder), "every certified number of the files must have been scored");
}

/// The numbers in the `certified` parts of the files, counted without knowing what they are.
fn certified_count(folder: &std::path::Path) -> usize {
    fn leaves(value: &Value) -> usize {
        match value {
            Value::Object(map) => {
                map.iter().filter(|(key, _)| *key != "name" && *key != "term").map(|(_, v)| leaves(v)).sum()
            }
            Value::Array(items) => items.iter().map(leaves).sum(),
            _ => 1,
        }
    }
    let files = std::fs::read_dir(folder.join("linear")).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.to_str().unwrap().ends_with(".certified.json"))
        .map(|path| leaves(&certified(&path)["certified"]))
        .sum()
}

/// What f64 input allows, and no solver can pass: the smallest LRE of a coefficient of the exact solution on the f64 next to
/// each decimal, with powers formed from them in double-double.
#[test]
fn plain_doubles_reach_their_ceiling() {
    let Some(folder) = folder() else { return };
    let ceilings = [14.0, 13.5, 15.0, 15.0, 14.2, 14.7, 15.0, 13.2, 15.0, 15.0, 15.0];
    for (name, ceiling) in SETS.into_iter().zip(ceilings) {
        let table = Table::read(&folder.join(format!("linear/{name}.csv")));
        let truth = certified(&folder.join(format!("linear/{name}.certified.json")));
        let fit = fitted(&table, &truth, false);
        let coefficients = truth["recomputed_40_digits"]["coefficients"].as_array().unwrap();
        let worst = fit
            .coefficients
            .iter()
            .zip(coefficients)
            .map(|(own, truth)| lre(own.estimate, truth["estimate"].as_str().unwrap()))
            .fold(15.0, f64::min);
        println!("{name:<10} from f64: worst LRE of a coefficient {worst:.1}, ceiling {ceiling:.1}");
        assert!(worst >= ceiling - 0.1, "{name}: {worst}");
    }
}
