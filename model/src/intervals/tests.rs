use exact::Dd;

use super::*;

fn linear(coefficients: Vec<f64>) -> Linear {
    Linear { intercept: 1.0, coefficients, ..Linear::default() }
}

fn names() -> Vec<String> {
    vec!["x".to_owned(), "z".to_owned()]
}

fn function() -> Function {
    Function::Linear(linear(vec![2.0, 3.0]))
}

fn conformal() -> Intervals {
    Intervals::new(
        Method::Conformal,
        Scale::Constant,
        9,
        &[0.8, 0.9, 0.95],
        &[Ok(1.0), Ok(2.5), Err(Reason::TooFewRows)],
    )
}

fn leverage() -> Leverage {
    Leverage {
        residual_sd: 2.0,
        base: 0.25,
        columns: vec![0, 1],
        centre: vec![1.0, 0.0],
        factor: vec![vec![0.5], vec![-1.0, 2.0]],
    }
}

#[test]
fn bounds_are_as_far_away_as_scale_and_quantile_say() {
    let bounds = Bounds::new(&[10.0, f64::NAN, 0.0], &[1.0, 1.0, 3.0], 2.0);
    assert_eq!((bounds.lower[0], bounds.upper[0]), (8.0, 12.0));
    assert_eq!((bounds.lower[2], bounds.upper[2]), (-6.0, 6.0));
    assert!(bounds.lower[1].is_nan() && bounds.upper[1].is_nan());
    let far = Bounds::new(&[1e308, 1.0], &[1e308, 1.0], 1.0);
    assert!(far.lower[0].is_nan() && far.upper[0].is_nan() && far.lower[1] == 0.0);
}

#[test]
fn a_linear_scale_stays_above_its_floor_and_missing_stays_missing() {
    let scale = LinearScale { function: linear(vec![2.0, 0.0]), floor: 0.5 };
    let found = scale.of(&[&[1.0, -3.0, f64::NAN], &[0.0, 0.0, 0.0]]);
    assert_eq!(found[..2], [3.0, 0.5]);
    assert!(found[2].is_nan());
}

#[test]
fn a_leverage_is_a_sum_of_squares() {
    // x - centre = (2, 3): 0.5 * 2 = 1, -2 + 6 = 4: 0.25 + 1 + 16.
    let row = |_| vec![Dd::from(3.0), Dd::from(3.0)];
    assert_eq!(leverage().scale(row, 1), [2.0 * 18.25_f64.sqrt()]);
}

#[test]
fn what_is_sound_is_taken() {
    for intervals in [
        Intervals::default(),
        conformal(),
        Intervals::without(Method::T, &[0.5], Reason::TooFewRows),
        Intervals::new(Method::T, Scale::Leverage(leverage()), 3, &[0.5], &[Ok(0.7)]),
    ] {
        assert_eq!(intervals.check(&names(), &function()), Ok(()));
    }
}

#[test]
fn what_is_not_sound_is_refused() {
    let broken: [fn(&mut Intervals); 12] = [
        |i| i.levels[0] = 0.0,
        |i| i.levels[2] = 1.0,
        |i| i.levels[0] = f64::NAN,
        |i| i.levels.swap(0, 1),
        |i| i.levels.truncate(2),
        |i| i.quantiles[0] = Some(-1.0),
        |i| i.quantiles[1] = Some(f64::INFINITY),
        |i| i.quantiles[0] = Some(2.6),
        |i| i.quantiles[2] = Some(9.0),
        |i| i.absent[2] = None,
        |i| i.method = Method::None,
        |i| i.method = Method::Normalised,
    ];
    for (at, change) in broken.iter().enumerate() {
        let mut intervals = conformal();
        change(&mut intervals);
        let found = intervals.check(&names(), &function());
        assert!(found.is_err_and(|e| e.starts_with("its intervals: ")), "{at}");
    }
}

#[test]
fn a_scale_that_is_not_sound_is_refused() {
    let normalised = |floor: f64, coefficients: Vec<f64>| {
        let scale = Scale::Linear(LinearScale { function: linear(coefficients), floor });
        Intervals::new(Method::Normalised, scale, 3, &[0.5], &[Ok(0.7)]).check(&names(), &function())
    };
    assert_eq!(normalised(0.1, vec![1.0, 1.0]), Ok(()));
    for (floor, coefficients) in
        [(0.0, vec![1.0, 1.0]), (f64::NAN, vec![1.0, 1.0]), (0.1, vec![1.0]), (0.1, vec![1.0, f64::NAN])]
    {
        assert!(normalised(floor, coefficients).is_err());
    }
    let broken: [fn(&mut Leverage); 7] = [
        |l| l.columns = vec![1, 0],
        |l| l.columns = vec![0, 2],
        |l| l.centre.truncate(1),
        |l| l.factor[1].truncate(1),
        |l| l.factor[0][0] = f64::NAN,
        |l| l.residual_sd = -1.0,
        |l| l.base = f64::INFINITY,
    ];
    for (at, change) in broken.iter().enumerate() {
        let mut leverage = leverage();
        change(&mut leverage);
        let intervals = Intervals::new(Method::T, Scale::Leverage(leverage), 3, &[0.5], &[Ok(0.7)]);
        assert!(intervals.check(&names(), &function()).is_err(), "{at}");
    }
    let of_trees = Function::Trees(crate::Trees::default());
    let scale = Scale::Linear(LinearScale { function: linear(vec![1.0, 0.0]), floor: 0.1 });
    let normalised = Intervals::new(Method::Normalised, scale, 3, &[0.5], &[Ok(0.7)]);
    assert_eq!(normalised.check(&names(), &of_trees), Ok(()));
    let intervals = Intervals::new(Method::T, Scale::Leverage(leverage()), 3, &[0.5], &[Ok(0.7)]);
    assert!(intervals.check(&names(), &of_trees).is_err());
}
