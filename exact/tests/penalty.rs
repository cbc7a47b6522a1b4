//! Ridge, lasso and elastic net: the conditions of the optimum, and what ties them to least squares.

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

use exact::fit::{
    FitError, Options, Penalised, Penalty, Reason, Statistic, fit, lambdas, largest_lambda, penalised,
};
use exact::gram::{Block, Column, Gram, Variable};
use exact::{Dd, Parts};
use proptest::prelude::*;

/// Columns in units of `10^-places`, the target last.
fn gram(data: &[Vec<f64>], places: &[u32], weights: Option<&[f64]>) -> Gram {
    let (y, xs) = data.split_last().unwrap();
    let predictors =
        (1..=xs.len()).zip(places).map(|(i, places)| Variable::decimal(format!("x{i}"), *places));
    let mut gram = Gram::new(predictors.collect(), Variable::decimal("y", places[xs.len()]));
    gram.add(&Block { predictors: xs.iter().map(Column::from).collect(), target: y.into(), weights })
        .unwrap();
    gram
}

/// Checks a model against the objective's own conditions (Karush, Kuhn, Tucker), in double-double from the rows.
fn check_optimum(data: &[Vec<f64>], weights: Option<&[f64]>, penalty: &Penalty, model: &Penalised) {
    let (y, xs) = data.split_last().unwrap();
    let ones = vec![1.0; y.len()];
    let w = weights.unwrap_or(&ones);
    let total: Dd = w.iter().map(|w| Dd::from(*w)).sum();
    let mean = |column: &[f64]| -> Dd {
        if !penalty.intercept {
            return Dd::ZERO;
        }
        column.iter().zip(w).map(|(x, w)| Dd::from_product(*x, *w)).sum::<Dd>() / total
    };
    let linear = &model.linear;
    let rest: Vec<Dd> = (0..y.len())
        .map(|row| {
            let x: Vec<f64> = xs.iter().map(|column| column[row]).collect();
            Dd::from(y[row]) - linear.predict(&x).unwrap()
        })
        .collect();
    let squares: Dd = rest.iter().zip(w).map(|(r, w)| *r * *r * *w).sum::<Dd>() / total;
    assert!((squares - model.mean_squared_error).abs() <= squares * 1e-14 + 1e-25);
    // The intercept: the residuals have mean zero.
    let size = rest.iter().map(|r| r.abs().hi()).fold(1e-300, f64::max);
    if penalty.intercept {
        let sum: Dd = rest.iter().zip(w).map(|(r, w)| *r * *w).sum();
        assert!(sum.abs() < total * size * 1e-25, "{sum}");
    }
    for (j, column) in xs.iter().enumerate() {
        let centre = mean(column);
        let pull: Dd =
            rest.iter().zip(column).zip(w).map(|((r, x), w)| *r * (Dd::from(*x) - centre) * *w).sum::<Dd>()
                / total;
        let variance: Dd = column
            .iter()
            .zip(w)
            .map(|(x, w)| (Dd::from(*x) - centre) * (Dd::from(*x) - centre) * *w)
            .sum::<Dd>()
            / total;
        let unit = if penalty.standardise { variance.sqrt() } else { Dd::ONE };
        let slope = linear.slopes[j];
        let lambda = Dd::from(model.lambda);
        let squared = lambda * (1.0 - penalty.l1_ratio) * unit * unit * slope;
        let absolute = lambda * penalty.l1_ratio * unit;
        // Beside the largest number that went into it.
        let slack =
            (absolute + variance.sqrt() * size).abs() * if model.exact { 1e-13 } else { 1e-9 } + 1e-290;
        if slope.is_zero() {
            assert!((pull - squared).abs() <= absolute + slack, "x{j}: {pull} beyond {absolute}");
        } else {
            let sign = if slope.hi() > 0.0 { 1.0 } else { -1.0 };
            assert!(
                (pull - squared - absolute * sign).abs() <= slack,
                "x{j}: {pull} is not {squared} + {absolute}"
            );
        }
    }
}

fn cases() -> impl Strategy<Value = (Vec<Vec<f64>>, Vec<f64>)> {
    (4usize..30).prop_flat_map(|rows| {
        let column = prop::collection::vec((-500..500i32).prop_map(|x| f64::from(x) / 8.0), rows);
        let weights = prop::collection::vec((0..9u32).prop_map(|w| f64::from(w) / 4.0 + 0.25), rows);
        (prop::collection::vec(column, 5), weights)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_optimum_is_one(
        (data, weights) in cases(),
        weighted in any::<bool>(),
        l1_ratio in prop::sample::select(vec![0.0, 0.3, 0.9, 1.0]),
        standardise in any::<bool>(),
        intercept in any::<bool>(),
    ) {
        let weights = weighted.then_some(weights.as_slice());
        let gram = gram(&data, &[0; 5], weights);
        let penalty = Penalty { l1_ratio, standardise, intercept };
        let path = lambdas(&gram, &penalty, 8, 1e-4).unwrap();
        for model in penalised(&gram, &penalty, &path).unwrap() {
            prop_assert!(model.exact);
            check_optimum(&data, weights, &penalty, &model);
        }
    }

    /// The same numbers in other units: decimals as integers, hundredths as tens of thousandths.
    #[test]
    fn places_change_nothing((data, _) in cases(), l1_ratio in prop::sample::select(vec![0.0, 0.5, 1.0]), standardise in any::<bool>()) {
        // Eighths have three decimals.
        let decimals: Vec<Vec<f64>> = data.iter().map(|column| column.iter().map(|x| x * 1000.0).collect()).collect();
        let finer: Vec<Vec<f64>> = decimals.iter().map(|column| column.iter().map(|x| x * 10.0).collect()).collect();
        let mixed = [&decimals[0], &finer[1], &decimals[2], &data[3], &finer[4]].map(Clone::clone);
        let penalty = Penalty { l1_ratio, standardise, intercept: true };
        let (a, b) = (gram(&data, &[0; 5], None), gram(&mixed, &[3, 4, 3, 0, 4], None));
        for (a, b) in penalised(&a, &penalty, &[3.0, 0.1, 0.0]).unwrap().iter().zip(&penalised(&b, &penalty, &[3.0, 0.1, 0.0]).unwrap()) {
            prop_assert_eq!(&a.active, &b.active);
            let close = |a: Dd, b: Dd| (a - b).abs() <= a.abs() * 1e-24 + 1e-24;
            prop_assert!(close(a.linear.intercept, b.linear.intercept));
            prop_assert!(a.linear.slopes.iter().zip(&b.linear.slopes).all(|(a, b)| close(*a, *b)));
            prop_assert!((a.mean_squared_error - b.mean_squared_error).abs() <= 1e-15 * a.mean_squared_error);
        }
    }

    #[test]
    fn no_penalty_is_least_squares((data, weights) in cases(), l1_ratio in 0.0..=1.0f64, intercept in any::<bool>()) {
        let gram = gram(&data, &[0; 5], Some(&weights));
        if gram.rows() <= 5 {
            return Ok(());
        }
        let penalty = Penalty { l1_ratio, standardise: true, intercept };
        let model = &penalised(&gram, &penalty, &[0.0]).unwrap()[0];
        let truth = fit(&gram, &Options { intercept, ..Options::default() }).unwrap();
        prop_assert_eq!(model.linear.slopes.iter().map(|b| b.to_f64()).collect::<Vec<_>>(), truth.linear().slopes.iter().map(|b| b.to_f64()).collect::<Vec<_>>());
        prop_assert_eq!(model.linear.intercept.to_f64(), truth.linear().intercept.to_f64());
        prop_assert_eq!(model.r_squared, truth.r_squared);
    }
}

#[test]
fn the_largest_penalty_leaves_nothing() {
    let data = vec![vec![1.0, 2.0, 3.0, 5.0], vec![2.0, 1.0, 0.0, 1.0], vec![1.0, 3.0, 2.0, 7.0]];
    let gram = gram(&data, &[0; 3], None);
    for penalty in [Penalty::lasso(), Penalty { standardise: false, ..Penalty::elastic_net(0.5) }] {
        let largest = largest_lambda(&gram, &penalty).unwrap();
        let path = penalised(&gram, &penalty, &[largest, largest * 0.999]).unwrap();
        assert!(path[0].active.is_empty(), "{:?}", path[0]);
        assert_eq!(path[0].linear.intercept.to_f64(), 3.25);
        assert_eq!(path[1].active, [0]);
    }
    let path = lambdas(&gram, &Penalty::lasso(), 5, 1e-4).unwrap();
    assert_eq!(path.len(), 5);
    assert!((path[4] / path[0] - 1e-4).abs() < 1e-18);
}

/// By hand: x = -1, 0, 1 and y = -2, 0, 2 (+ 5), so that W S_xx = 2/3, S_xy = 4/3, slope 2.
#[test]
fn by_hand() {
    let gram = gram(&[vec![-1.0, 0.0, 1.0], vec![3.0, 5.0, 7.0]], &[0, 0], None);
    let slope = |penalty: Penalty, lambda: f64| {
        penalised(&gram, &penalty, &[lambda]).unwrap()[0].linear.slopes[0].to_f64()
    };
    let plain = |l1_ratio| Penalty { l1_ratio, standardise: false, intercept: true };
    // b = soft(4/3, lambda l1) / (2/3 + lambda (1 - l1))
    assert_eq!(slope(plain(0.0), 1.0), 4.0 / 5.0);
    assert_eq!(slope(plain(1.0), 1.0), 0.5);
    assert_eq!(slope(plain(0.5), 1.0), 5.0 / 7.0);
    // With unit variance: v = soft(c, l1) / (1 + l2), c = 2 sd, b = v / sd.
    assert_eq!(slope(Penalty::ridge(), 1.0), 1.0);
    let sd = (2f64 / 3.0).sqrt();
    assert!((slope(Penalty::lasso(), 0.5) - (2.0 * sd - 0.5) / sd).abs() < 1e-15);
}

/// Ridge needs no independent columns; the lasso has no single solution there, but an optimum.
#[test]
fn duplicated_and_constant_columns() {
    let x = vec![1.0, 2.0, 3.0, 4.0, 6.0];
    let data = vec![x.clone(), x, vec![2.0; 5], vec![1.0, 3.0, 2.0, 5.0, 8.0]];
    let gram = gram(&data, &[0; 4], None);
    let ridge = &penalised(&gram, &Penalty::ridge(), &[0.5]).unwrap()[0];
    assert_eq!(ridge.linear.slopes[0], ridge.linear.slopes[1]);
    assert!(ridge.linear.slopes[2].is_zero());
    check_optimum(&data, None, &Penalty::ridge(), ridge);
    for penalty in [Penalty::lasso(), Penalty::elastic_net(0.5)] {
        let model = &penalised(&gram, &penalty, &[0.5]).unwrap()[0];
        check_optimum(&data, None, &penalty, model);
    }
    let free = &penalised(&gram, &Penalty::ridge(), &[0.0]).unwrap()[0];
    assert_eq!(free.active, [0]);
}

#[test]
fn a_target_that_does_not_vary() {
    let gram = gram(&[vec![1.0, 2.0, 4.0], vec![7.0; 3]], &[0, 0], None);
    for penalty in [Penalty::ridge(), Penalty::lasso()] {
        let model = &penalised(&gram, &penalty, &[0.1]).unwrap()[0];
        assert!(model.active.is_empty());
        assert_eq!(model.linear.intercept.to_f64(), 7.0);
        assert_eq!(model.r_squared, Statistic::Missing(Reason::ZeroVarianceTarget));
    }
}

#[test]
fn what_is_out_of_range() {
    let some = gram(&[vec![1.0, 2.0], vec![1.0, 3.0]], &[0, 0], None);
    assert!(matches!(penalised(&some, &Penalty::elastic_net(1.5), &[1.0]), Err(FitError::Option(_))));
    assert!(matches!(penalised(&some, &Penalty::ridge(), &[-1.0]), Err(FitError::Option(_))));
    assert!(matches!(penalised(&some, &Penalty::ridge(), &[f64::NAN]), Err(FitError::Option(_))));
    assert!(matches!(lambdas(&some, &Penalty::lasso(), 3, 2.0), Err(FitError::Option(_))));
    assert_eq!(penalised(&some.emptied(), &Penalty::ridge(), &[1.0]), Err(FitError::NoRows));
}

#[test]
fn numbers_beyond_f64() {
    let x = [1.0, 2.0, 4.0, 5.0];
    let y = vec![1.0, 3.0, 2.0, 8.0];
    for scale in [1e300, 1e-300] {
        let far: Vec<f64> = x.iter().map(|x| x * scale).collect();
        let gram = gram(&[far, y.clone()], &[0, 0], None);
        // Ridge has room; coordinate descent has only that of f64, and says so.
        assert!(penalised(&gram, &Penalty::ridge(), &[0.1]).is_ok());
        assert_eq!(penalised(&gram, &Penalty::lasso(), &[0.1]), Err(FitError::OutOfRange));
    }
}

/// A polynomial of degree 10: what defeats plain doubles altogether.
#[test]
fn a_hard_ridge() {
    let x: Vec<f64> = (0..60).map(|i| f64::from(i) / 8.0 - 9.0).collect();
    let y: Vec<f64> = x.iter().map(|x| ((x * 37.0) as i64 % 11) as f64).collect();
    let parts: Vec<Parts> = (1..=10).map(|k| Parts::power(&x, k)).collect();
    let mut gram =
        Gram::new((1..=10).map(|k| Variable::float(format!("x^{k}"))).collect(), Variable::float("y"));
    gram.add(&Block::new(parts.iter().map(Column::from).collect(), (&y).into())).unwrap();
    let truth = fit(&gram, &Options::default()).unwrap();
    let path = penalised(&gram, &Penalty::ridge(), &[1.0, 1e-6, 1e-40, 0.0]).unwrap();
    for (a, b) in path[3].linear.slopes.iter().zip(&truth.linear().slopes) {
        assert_eq!(a.to_f64(), b.to_f64());
    }
    // So small a penalty is not lost, but changes nothing that is printed.
    assert_eq!(path[2].linear.slopes[9].to_f64(), path[3].linear.slopes[9].to_f64());
    assert!(path[0].mean_squared_error > path[1].mean_squared_error);
    assert!(path[1].mean_squared_error > path[3].mean_squared_error);
}
