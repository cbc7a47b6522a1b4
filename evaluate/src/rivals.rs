//! The baselines, and the model beside each of them.

use stats::{Absent, Reason, Value};

use crate::learn::{Learned, Part, Rival};
use crate::measure::{reasons, standard_error};
use crate::metrics::{Baseline, BaselinePart, Baselines, Comparison, Improvement, Improvements};

/// Rows below which no baseline is called beaten.
const ENOUGH_ROWS: u64 = 20;
/// Standard errors that a difference must exceed.
const CLEAR: f64 = 2.0;

/// The errors of both baselines on all parts; `median` is what the first of them predicts.
pub(crate) fn baselines(learned: &mut Learned, median: Option<f64>) -> Baselines {
    let [train, calibration, test] = &mut learned.parts;
    let train_median = Baseline {
        value: median,
        train: part(&mut train.median, false),
        calibration: part(&mut calibration.median, false),
        test: part(&mut test.median, false),
    };
    let persistence = |part_of: &mut Part| part_of.persistence.as_mut().map(|rival| part(rival, true));
    let parts = persistence(train).zip(persistence(calibration)).zip(persistence(test));
    let persistence =
        parts.map(|((train, calibration), test)| Baseline { value: None, train, calibration, test });
    Baselines { train_median, persistence }
}

fn part(rival: &mut Rival, fallback: bool) -> BaselinePart {
    let errors = rival.errors.measures();
    let shown = |key: &str| ["mae", "rmse", "r2", "bias"].contains(&key).then(|| key.to_owned());
    BaselinePart {
        n: errors.n,
        mae: errors.mae,
        rmse: errors.rmse,
        r2: errors.r2,
        bias: errors.bias,
        fallback: fallback.then_some(rival.fallback),
        absent: reasons(&errors.absent, shown),
    }
}

/// The model beside both baselines, on the test part.
pub(crate) fn improvements(learned: &Learned) -> Improvements {
    let [_, _, test] = &learned.parts;
    Improvements {
        train_median: improvement(test, &test.median),
        persistence: test.persistence.as_ref().map(|rival| improvement(test, rival)),
    }
}

fn improvement(test: &Part, rival: &Rival) -> Improvement {
    let (n, mut absent) = (rival.excess.n(), Absent::default());
    let difference = absent.keep("difference", rival.excess.mean());
    let difference_se = absent.keep("difference_se", standard_error(&rival.excess));
    Improvement {
        mae: absent.keep("mae", share(test.score.errors.mae(), rival.errors.mae())),
        difference,
        difference_se,
        verdict: verdict(n, difference.zip(difference_se)),
        absent: reasons(&absent, |key| Some(key.to_owned())),
    }
}

/// The share of the rival's error that the model saves.
fn share(model: Value, rival: Value) -> Value {
    let (model, rival) = (model?, rival?);
    if rival > 0.0 { Ok(1.0 - model / rival) } else { Err(Reason::PerfectFit) }
}

fn verdict(n: u64, found: Option<(f64, f64)>) -> Comparison {
    match found {
        Some((difference, error)) if n >= ENOUGH_ROWS => match difference {
            d if d > CLEAR * error => Comparison::Better,
            d if d < -CLEAR * error => Comparison::Worse,
            _ => Comparison::CannotTell,
        },
        _ => Comparison::TooFewRows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rival_is_beaten_only_beyond_chance_and_with_rows_enough() {
        assert_eq!(verdict(20, Some((1.0, 0.4))), Comparison::Better);
        assert_eq!(verdict(20, Some((-1.0, 0.4))), Comparison::Worse);
        assert_eq!(verdict(20, Some((1.0, 0.6))), Comparison::CannotTell);
        assert_eq!(verdict(20, Some((0.0, 0.0))), Comparison::CannotTell);
        assert_eq!(verdict(19, Some((1.0, 0.0))), Comparison::TooFewRows);
        assert_eq!(verdict(0, None), Comparison::TooFewRows);
    }
}
