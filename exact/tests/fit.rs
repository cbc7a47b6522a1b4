//! Least squares against rational arithmetic, and the cases that other solvers get wrong.

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
use exact::fit::{Fit, FitError, Options, Reason, Statistic, fit};
use exact::gram::{Block, Column, Gram, Variable};
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;
use support::{least_squares, nearest, rational};

/// A Gram matrix of columns given as integers in units of `10^-places`, the last being the target.
fn gram(data: &[Vec<f64>], places: &[u32], weights: Option<&[f64]>) -> Gram {
    let (y, xs) = data.split_last().unwrap();
    let predictors =
        (1..=xs.len()).zip(places).map(|(i, places)| Variable::decimal(format!("x{i}"), *places));
    let mut gram = Gram::new(predictors.collect(), Variable::decimal("y", places[xs.len()]));
    gram.add(&Block { predictors: xs.iter().map(Column::from).collect(), target: y.into(), weights })
        .unwrap();
    gram
}

fn plain(data: &[&[f64]]) -> Gram {
    gram(&data.iter().map(|column| column.to_vec()).collect::<Vec<_>>(), &vec![0; data.len()], None)
}

fn value(statistic: Statistic) -> f64 {
    statistic.value().unwrap()
}

fn near(value: f64, truth: f64) {
    assert!((value - truth).abs() <= 1e-15 * truth.abs(), "{value:?} is not {truth:?}");
}

fn real(values: &[f64], places: u32) -> Vec<BigRational> {
    let unit = BigRational::from_integer(num_bigint::BigInt::from(10)).pow(places as i32);
    values.iter().map(|value| rational(*value) / &unit).collect()
}

/// Compares a fit with the rational solution: f64 for f64.
fn compare(
    data: &[Vec<f64>],
    places: &[u32],
    weights: Option<&[f64]>,
    intercept: bool,
) -> Result<(), TestCaseError> {
    let rows = data[0].len();
    let (y, xs) = data.split_last().unwrap();
    let mut columns = if intercept { vec![vec![BigRational::one(); rows]] } else { vec![] };
    columns.extend(xs.iter().zip(places).map(|(column, places)| real(column, *places)));
    let y = real(y, places[xs.len()]);
    let ones = vec![1.0; rows];
    let w: Vec<BigRational> = real(weights.unwrap_or(&ones), 0);
    let truth = least_squares::solve(&columns, &y, &w);
    let result = fit(&gram(data, places, weights), &Options { intercept, ..Options::default() });
    let counted = w.iter().filter(|w| !w.is_zero()).count();

    let fit = match result {
        Ok(fit) => fit,
        Err(FitError::NoRows) => {
            prop_assert_eq!(counted, 0);
            return Ok(());
        }
        Err(FitError::NoColumns) => {
            prop_assert!(truth.kept.is_empty());
            return Ok(());
        }
        Err(FitError::TooFewRows { .. }) => {
            prop_assert!(counted < columns.len() && truth.kept.len() == counted);
            return Ok(());
        }
        Err(error) => return Err(TestCaseError::fail(error.to_string())),
    };
    let first = usize::from(intercept);
    let kept: Vec<usize> =
        fit.coefficients.iter().map(|c| c.predictor.map_or(0, |predictor| predictor + first)).collect();
    prop_assert_eq!(&kept, &truth.kept);
    prop_assert_eq!(fit.rank + fit.aliased.len(), columns.len());
    let degrees = fit.degrees_of_freedom;
    prop_assert_eq!(degrees as usize, counted - fit.rank);
    for (own, truth) in fit.coefficients.iter().zip(&truth.coefficients) {
        prop_assert_eq!(own.estimate, nearest(truth), "{}", &own.name);
        let error = support::relative_error(&support::rational_dd(own.precise), truth);
        prop_assert!(error < 2e-31, "{}: {}", &own.name, error);
    }
    prop_assert_eq!(fit.anova.residual.sum_of_squares, nearest(&truth.residual));
    if degrees == 0 {
        prop_assert_eq!(fit.residual_sd, Statistic::Missing(Reason::NoDegreesOfFreedom));
        return Ok(());
    }
    let variance = &truth.residual / BigRational::from_integer(degrees.into());
    prop_assert_eq!(value(fit.anova.residual.mean_square), nearest(&variance));
    for (own, inverse) in fit.coefficients.iter().zip(&truth.inverse_diagonal) {
        // A root of a rational is checked by its square.
        let error = rational(value(own.standard_error));
        let truth = &variance * inverse;
        prop_assert!(support::relative_error(&(&error * &error), &truth) < 2.3e-16);
    }
    let weight: BigRational = w.iter().sum();
    let product = |a: &[BigRational], b: &[BigRational]| -> BigRational {
        a.iter().zip(b).zip(&w).map(|((a, b), w)| a * b * w).sum()
    };
    let all_ones = vec![BigRational::one(); rows];
    let sum = product(&y, &all_ones);
    let total = if intercept { product(&y, &y) - &sum * &sum / &weight } else { product(&y, &y) };
    prop_assert_eq!(fit.anova.total.sum_of_squares, nearest(&total));
    if total.is_zero() {
        prop_assert_eq!(fit.r_squared, Statistic::Missing(Reason::ZeroVarianceTarget));
    } else {
        prop_assert_eq!(value(fit.r_squared), nearest(&((&total - &truth.residual) / &total)));
        if truth.residual.is_zero() && fit.rank > first {
            prop_assert_eq!(fit.anova.f, Statistic::Missing(Reason::PerfectFit));
        } else if fit.rank > first {
            let explaining = BigRational::from_integer((fit.rank - first).into());
            let f = (&total - &truth.residual) / explaining / variance;
            prop_assert_eq!(value(fit.anova.f), nearest(&f));
        }
    }
    Ok(())
}

fn integers(
    limit: i32,
    columns: usize,
    rows: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<Vec<f64>>> {
    rows.prop_flat_map(move |rows| {
        prop::collection::vec(prop::collection::vec((-limit..=limit).prop_map(f64::from), rows), columns)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Small integers: aliased columns, perfect fits and coefficients of exactly zero are all among them.
    #[test]
    fn tiny_integers(data in integers(2, 4, 1..9), intercept in any::<bool>()) {
        compare(&data, &[0; 4], None, intercept)?;
    }

    #[test]
    fn integers_with_weights(data in integers(30, 4, 3..12), intercept in any::<bool>(), seed in 1u32..50) {
        let weights: Vec<f64> = (0..data[0].len() as u32).map(|row| f64::from((row * seed) % 5) / 4.0).collect();
        compare(&data, &[0; 4], Some(&weights), intercept)?;
    }

    #[test]
    fn decimals(data in integers(100_000, 4, 4..12), intercept in any::<bool>(), places in prop::array::uniform4(0u32..7)) {
        compare(&data, &places, None, intercept)?;
    }

    #[test]
    fn full_doubles(
        data in prop::collection::vec(prop::collection::vec(-1e3..1e3f64, 7), 4),
        scale in prop::array::uniform4(-30i32..30),
    ) {
        let data: Vec<Vec<f64>> = data
            .into_iter()
            .zip(scale)
            .map(|(column, scale)| column.into_iter().map(|x| x * 2f64.powi(scale)).collect())
            .collect();
        compare(&data, &[0; 4], None, true)?;
    }

    /// An exact linear relation of any size: no residual, and coefficients that are the fractions they are.
    #[test]
    fn perfect_fits(data in integers(1000, 3, 5..12), b in prop::array::uniform4(-20i32..20), divisor in 1i32..50) {
        let rows = data[0].len();
        let y: Vec<f64> = (0..rows)
            .map(|row| f64::from(b[0]) + (0..3).map(|j| f64::from(b[j + 1]) * data[j][row]).sum::<f64>())
            .collect();
        // Predictors times the divisor: the coefficients are fractions then.
        let mut data: Vec<Vec<f64>> =
            data.into_iter().map(|column| column.into_iter().map(|x| x * f64::from(divisor)).collect()).collect();
        data.push(y);
        compare(&data, &[0; 4], None, true)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// A column after two near-copies, that is a sum of the ones before: rounding alone would see something in it.
    #[test]
    fn near_copies_then_an_exact_one(
        data in integers(9, 4, 7..14),
        near in prop::array::uniform2(0u32..6),
        mix in prop::array::uniform3(-3i32..=3),
        intercept in any::<bool>(),
    ) {
        let times = |column: &[f64], by: f64, more: &[f64]| -> Vec<f64> {
            column.iter().zip(more).map(|(x, more)| x * by + more).collect()
        };
        let b = times(&data[0], 10f64.powi(near[0] as i32), &data[1]);
        let c = times(&b, 10f64.powi(near[1] as i32), &data[2]);
        let d: Vec<f64> = (0..b.len())
            .map(|row| f64::from(mix[0]) * data[0][row] + f64::from(mix[1]) * b[row] + f64::from(mix[2]) * c[row])
            .collect();
        compare(&[data[0].clone(), b, c, d, data[3].clone()], &[0; 5], None, intercept)?;
    }
}

/// Powers of 1..60: near copies of each other, the more the higher they are.
#[test]
fn polynomials_of_any_degree() {
    let x: Vec<f64> = (1..=60).map(f64::from).collect();
    let y: Vec<f64> = (0..60).map(|i| (noise(i, 0) * 100.0).round()).collect();
    for degree in [5, 10, 15, 18] {
        let mut gram = Gram::new(
            (1..=degree).map(|k| Variable::float(format!("x^{k}"))).collect(),
            Variable::float("y"),
        );
        let powers: Vec<Parts> = (1..=degree).map(|k| Parts::power(&x, k)).collect();
        gram.add(&Block::new(powers.iter().map(Column::from).collect(), (&y).into())).unwrap();
        // Powers of small integers up to the 17th are exact, so that the rational solution is of the same numbers.
        let columns: Vec<Vec<BigRational>> =
            (0..=degree).map(|k| x.iter().map(|x| rational(*x).pow(i32::from(k))).collect()).collect();
        let ones = vec![BigRational::one(); 60];
        let truth = least_squares::solve(&columns, &real(&y, 0), &ones);
        let options = Options { alias_below: 1e-28, ..Options::default() };
        let fit = fit(&gram, &options).unwrap();
        let last = fit.coefficients.last().unwrap().pivot;
        println!("degree {degree}: {} kept, last pivot {last:e}", fit.rank);
        if fit.aliased.is_empty() {
            for (own, truth) in fit.coefficients.iter().zip(&truth.coefficients) {
                assert_eq!(own.estimate, nearest(truth), "{degree}: {}", own.name);
            }
            let variance = &truth.residual / BigRational::from_integer(fit.degrees_of_freedom.into());
            for (own, inverse) in fit.coefficients.iter().zip(&truth.inverse_diagonal) {
                let error = rational(value(own.standard_error));
                assert!(support::relative_error(&(&error * &error), &(&variance * inverse)) < 2.3e-16);
            }
        } else {
            assert!(degree > 15);
        }
    }
}

/// `(row, column)` noise that has no pattern.
fn noise(i: usize, j: usize) -> f64 {
    (((i * 7919 + j * 104_729 + 12345) * 2_654_435_761 >> 7) % 100_003) as f64 / 100_003.0
}

fn column(j: usize) -> Vec<f64> {
    (0..40).map(|i| noise(i, j)).collect()
}

fn aliased(fit: &Fit) -> Vec<&str> {
    fit.aliased.iter().map(|aliased| aliased.name.as_str()).collect()
}

/// Everything that a fit with these columns must have in common.
fn drops_last(columns: &[&[f64]]) -> Fit {
    let y = column(9);
    let mut data = columns.to_vec();
    data.push(&y);
    let result = fit(&plain(&data), &Options::default()).unwrap();
    assert_eq!(aliased(&result), [format!("x{}", columns.len())]);
    assert!(result.aliased[0].pivot.abs() < 1e-30, "{:e}", result.aliased[0].pivot);
    // The same as without the column.
    let mut data = columns[..columns.len() - 1].to_vec();
    data.push(&y);
    let without = fit(&plain(&data), &Options::default()).unwrap();
    assert_eq!(result.coefficients, without.coefficients);
    assert_eq!(result.anova, without.anova);
    result
}

#[test]
fn duplicated_column() {
    let (a, b) = (column(0), column(1));
    let result = drops_last(&[&a, &b, &a]);
    assert_eq!(result.aliased[0].made_of, [("x1".to_owned(), 1.0)]);
}

#[test]
fn constant_column() {
    let result = drops_last(&[&column(0), &[7.0; 40]]);
    assert_eq!(result.aliased[0].made_of, [("(Intercept)".to_owned(), 7.0)]);
    drops_last(&[&column(0), &[0.1; 40]]);
    assert!(drops_last(&[&column(0), &[0.0; 40]]).aliased[0].made_of.is_empty());
}

#[test]
fn dummy_trap() {
    let dummy = |k: usize| -> Vec<f64> { (0..40).map(|i| if i % 3 == k { 1.0 } else { 0.0 }).collect() };
    let result = drops_last(&[&dummy(0), &dummy(1), &dummy(2)]);
    let made_of = &result.aliased[0].made_of;
    let names: Vec<&str> = made_of.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["(Intercept)", "x1", "x2"]);
    assert_eq!(made_of.iter().map(|(_, factor)| *factor).collect::<Vec<_>>(), [1.0, -1.0, -1.0]);
}

#[test]
fn sum_of_two_rounded_to_f64() {
    let (a, b) = (column(0), column(1));
    let c: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a * 1e3 + b).collect();
    let result = drops_last(&[&a, &b, &c]);
    let [x1, x2] = &result.aliased[0].made_of[..] else { panic!("{:?}", result.aliased) };
    assert!((x1.1 - 1e3).abs() < 1e-12 && (x2.1 - 1.0).abs() < 1e-12);
}

#[test]
fn feet_from_metres() {
    let metres: Vec<f64> = column(0).iter().map(|x| (x * 1e4).round() / 10.0).collect();
    let feet: Vec<f64> = metres.iter().map(|x| x / 0.3048).collect();
    drops_last(&[&metres, &feet]);
    // Rounded to six decimals it is another column, and said to be nearly the same.
    let rounded: Vec<f64> = feet.iter().map(|x| (x * 1e6).round() / 1e6).collect();
    let result = fit(&plain(&[&metres, &rounded, &column(9)]), &Options::default()).unwrap();
    assert!(result.aliased.is_empty());
    assert_eq!(result.near_aliased[0].name, "x2");
    assert!(value(result.near_aliased[0].vif) > 1e12);
}

#[test]
fn later_columns_are_dropped_first() {
    let (a, b, y) = (column(0), column(1), column(9));
    let gram = plain(&[&a, &a, &b, &y]);
    assert_eq!(aliased(&fit(&gram, &Options::default()).unwrap()), ["x2"]);
    let options = Options { predictors: Some(vec![1, 0, 2]), ..Options::default() };
    assert_eq!(aliased(&fit(&gram, &options).unwrap()), ["x1"]);
}

#[test]
fn too_few_rows() {
    let data: [&[f64]; 4] = [&[1.0, 2.0, 4.0], &[1.0, 5.0, 7.0], &[0.0, 3.0, 3.0], &[1.0, 1.0, 2.0]];
    assert_eq!(fit(&plain(&data), &Options::default()), Err(FitError::TooFewRows { rows: 3, columns: 4 }));
    assert_eq!(fit(&plain(&[&[], &[]]), &Options::default()), Err(FitError::NoRows));
    assert_eq!(fit(&plain(&[&[0.0], &[1.0]]), &Options::without_intercept()), Err(FitError::NoColumns));
    // Few rows are enough for few columns.
    let constant: [&[f64]; 4] = [&[1.0; 3], &[2.0; 3], &[3.0; 3], &[1.0, 1.0, 2.0]];
    let result = fit(&plain(&constant), &Options::default()).unwrap();
    assert_eq!((result.rank, result.degrees_of_freedom), (1, 2));
}

#[test]
fn as_many_rows_as_columns() {
    let result = fit(&plain(&[&[1.0, 2.0], &[5.0, 8.0]]), &Options::default()).unwrap();
    assert_eq!(result.coefficients.iter().map(|c| c.estimate).collect::<Vec<_>>(), [2.0, 3.0]);
    let none = Statistic::Missing(Reason::NoDegreesOfFreedom);
    assert_eq!([result.residual_sd, result.adjusted_r_squared, result.anova.f], [none; 3]);
    assert_eq!(
        [result.coefficients[1].t, result.coefficients[1].standard_error, result.coefficients[1].lower],
        [none; 3]
    );
    assert!(result.covariance.is_none());
}

#[test]
fn target_that_does_not_vary() {
    let result = fit(&plain(&[&column(0), &[0.1; 40]]), &Options::default()).unwrap();
    assert_eq!(result.coefficients[0].estimate, 0.1);
    assert_eq!(result.coefficients[1].estimate, 0.0);
    assert!(result.coefficients[1].precise.is_zero());
    assert_eq!(result.residual_sd, Statistic::Value(0.0));
    let flat = Statistic::Missing(Reason::ZeroVarianceTarget);
    assert_eq!([result.r_squared, result.adjusted_r_squared, result.anova.f, result.anova.f_p], [flat; 4]);
    let zero = fit(&plain(&[&column(0), &[0.0; 40]]), &Options::default()).unwrap();
    assert_eq!(zero.r_squared, flat);
}

#[test]
fn perfect_fit() {
    let x: Vec<f64> = (0..10).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| 1.0 + x).collect();
    let thirds: Vec<f64> = x.iter().map(|x| 3.0 * x).collect();
    let result = fit(&plain(&[&thirds, &y]), &Options::default()).unwrap();
    let perfect = Statistic::Missing(Reason::PerfectFit);
    let slope = &result.coefficients[1];
    assert_eq!(slope.estimate, 1.0 / 3.0);
    assert_eq!(
        [slope.t, slope.p, result.anova.f, result.log_likelihood, result.aic, result.bic],
        [perfect; 6]
    );
    assert_eq!([result.residual_sd, slope.standard_error], [Statistic::Value(0.0); 2]);
    assert_eq!(result.r_squared, Statistic::Value(1.0));
    assert_eq!([slope.lower, slope.upper], [Statistic::Value(slope.estimate); 2]);
}

#[test]
fn intercept_alone() {
    let result = fit(&plain(&[&[1.0, 2.0, 6.0]]), &Options::default()).unwrap();
    assert_eq!(result.coefficients[0].estimate, 3.0);
    assert_eq!(result.anova.f, Statistic::Missing(Reason::NoPredictors));
    assert_eq!(result.r_squared, Statistic::Value(0.0));
    assert_eq!(value(result.residual_sd), 7f64.sqrt());
}

#[test]
fn tests_and_limits() {
    // y = 1, 3, 2, 5, 4 on x = 1..5; worked out by hand: b = (0.6, 0.8), RSS = 3.6, s^2 = 1.2.
    let result =
        fit(&plain(&[&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 3.0, 2.0, 5.0, 4.0]]), &Options::default()).unwrap();
    let slope = &result.coefficients[1];
    near(slope.estimate, 0.8);
    near(value(slope.standard_error), 0.12f64.sqrt());
    near(value(slope.t), 0.8 / 0.12f64.sqrt());
    near(value(result.anova.f), 16.0 / 3.0);
    // 60-digit arithmetic: t with 3 degrees of freedom.
    near(value(slope.p), 0.104_088_038_661_827_9);
    near(value(result.anova.f_p), 0.104_088_038_661_827_9);
    near(value(slope.upper), 1.902_431_738_622_247_8);
    near(value(slope.lower), -0.302_431_738_622_247_8);
    near(value(result.log_likelihood), -6.273_432_498_593_273_6);
    near(value(result.aic), 18.546_864_997_186_547);
    near(value(result.bic), 17.375_178_734_488_848);
    near(value(result.adjusted_r_squared), 0.52);
    assert_eq!(value(slope.vif), 1.0);
    let covariance = result.covariance.unwrap();
    near(covariance[0][0], 1.32);
    near(covariance[0][1], -0.36);
    assert_eq!(covariance[0][1], covariance[1][0]);
    assert_eq!(result.coefficients[0].vif, Statistic::Missing(Reason::NoPredictors));
}

#[test]
fn wide_units() {
    // x in units of 1e-30 and 1e30: the fit is the same but for the unit.
    let (x, y) = (column(0), column(9));
    let base = fit(&plain(&[&x, &y]), &Options::default()).unwrap();
    for exponent in [-300, -100, 100, 300] {
        let scaled: Vec<f64> = x.iter().map(|x| x * 2f64.powi(exponent)).collect();
        let result = fit(&plain(&[&scaled, &y]), &Options::default()).unwrap();
        assert_eq!(result.coefficients[1].estimate, base.coefficients[1].estimate * 2f64.powi(-exponent));
        assert_eq!(result.coefficients[1].t, base.coefficients[1].t);
        assert_eq!(result.r_squared, base.r_squared);
    }
}

#[test]
fn options_out_of_range() {
    let gram = plain(&[&column(0), &column(9)]);
    let error = |options| fit(&gram, &options).unwrap_err();
    assert_eq!(
        error(Options { predictors: Some(vec![1]), ..Options::default() }),
        FitError::UnknownPredictor(1)
    );
    assert_eq!(
        error(Options { predictors: Some(vec![0, 0]), ..Options::default() }),
        FitError::UnknownPredictor(0)
    );
    assert!(matches!(error(Options { confidence: 1.0, ..Options::default() }), FitError::Option(_)));
    assert!(matches!(error(Options { alias_below: f64::NAN, ..Options::default() }), FitError::Option(_)));
}

#[test]
fn a_fit_is_written_and_read() {
    let result = fit(&plain(&[&column(0), &column(0), &column(9)]), &Options::default()).unwrap();
    let json = serde_json::to_string(&result).unwrap();
    assert_eq!(serde_json::from_str::<Fit>(&json).unwrap(), result);
}
