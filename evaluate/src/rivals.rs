//! The baselines, and the model beside each of them.

use stats::{Absent, Interval, Paired, Reason, RivalIntervals, Value};

use crate::learn::{Learned, Part, Rival};
use crate::measure::{reasons, standard_error};
use crate::metrics::{Baseline, BaselinePart, Baselines, Improvement, Improvements};

/// The errors of both baselines on all parts; `median` is what the first of them predicts.
pub(crate) fn baselines(learned: &Learned, median: Option<f64>) -> Baselines {
    let [train, calibration, test] = &learned.parts;
    let train_median = Baseline {
        value: median,
        train: part(&train.median, false),
        calibration: part(&calibration.median, false),
        test: part(&test.median, false),
    };
    let persistence = |part_of: &Part| part_of.persistence.as_ref().map(|rival| part(rival, true));
    let parts = persistence(train).zip(persistence(calibration)).zip(persistence(test));
    let persistence =
        parts.map(|((train, calibration), test)| Baseline { value: None, train, calibration, test });
    Baselines { train_median, persistence }
}

fn part(rival: &Rival, fallback: bool) -> BaselinePart {
    let (errors, mut absent) = (&rival.errors, Absent::default());
    BaselinePart {
        n: errors.line().n(),
        mae: absent.keep("mae", errors.mae()),
        rmse: absent.keep("rmse", errors.rmse()),
        r2: absent.keep("r2", errors.r2()),
        bias: absent.keep("bias", errors.line().bias()),
        fallback: fallback.then_some(rival.fallback),
        absent: reasons(&absent, |key| Some(key.to_owned())),
    }
}

/// The model beside both baselines, on the test part; `beside` has what the resamples say of each.
pub(crate) fn improvements(learned: &Learned, beside: &[RivalIntervals]) -> Improvements {
    let [_, _, test] = &learned.parts;
    Improvements {
        train_median: improvement(test, &test.median, beside.first()),
        persistence: test.persistence.as_ref().map(|rival| improvement(test, rival, beside.get(1))),
    }
}

fn improvement(test: &Part, rival: &Rival, beside: Option<&RivalIntervals>) -> Improvement {
    let mut absent = Absent::default();
    let difference = absent.keep("difference", rival.excess.mean());
    let difference_se = absent.keep("difference_se", standard_error(&rival.excess));
    let mae = absent.keep("mae", share(test.score.errors.mae(), rival.errors.mae()));
    let mut absent = reasons(&absent, |key| Some(key.to_owned()));
    let mut limits = |key: &str, of: &str, interval: Option<Interval>| {
        let reason = beside.and_then(|b| b.absent.reason(of)).unwrap_or(Reason::TooFewRows);
        if interval.is_none() {
            absent.extend(["lower", "upper"].map(|end| (format!("{key}_{end}"), reason)));
        }
        interval.map_or((None, None), |i| (Some(i.lower), Some(i.upper)))
    };
    let (difference_lower, difference_upper) =
        limits("difference", "difference", beside.and_then(|b| b.difference));
    let (mae_lower, mae_upper) = limits("mae", "skill", beside.and_then(|b| b.skill));
    Improvement {
        mae,
        mae_lower,
        mae_upper,
        difference,
        difference_se,
        difference_lower,
        difference_upper,
        verdict: beside.map_or(Paired::TooFewRows, |b| b.verdict),
        absent,
    }
}

/// The share of the rival's error that the model saves.
fn share(model: Value, rival: Value) -> Value {
    let (model, rival) = (model?, rival?);
    if rival > 0.0 { Ok(1.0 - model / rival) } else { Err(Reason::PerfectFit) }
}
