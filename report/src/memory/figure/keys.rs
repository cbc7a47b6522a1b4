//! The keys of `metrics.json` that people cite, in words.

use super::Kind::{self, Amount, Count, Ratio, Share};
use crate::memory::cues::{Baseline, Measure, Measure as M, Part};

/// Words, kind and cues of a key.
pub(super) type Key = (&'static str, Kind, &'static [Measure]);

/// Measures of rows: of a part, a period, a segment.
pub(super) fn measure(key: &str) -> Option<Key> {
    Some(match key {
        "n" => ("number of rows", Count, &[M::Rows]),
        "missing" => ("number of rows without a value", Count, &[M::Missing]),
        "mae" => ("mean absolute error", Amount, &[M::Mae, M::Error]),
        "mae_se" => ("standard error of the mean absolute error", Amount, &[M::StandardError]),
        "rmse" => ("root mean squared error", Amount, &[M::Rmse, M::Error]),
        "r2" => ("R²", Share, &[M::R2]),
        "bias" => ("bias", Amount, &[M::Bias]),
        "bias_se" => ("standard error of the bias", Amount, &[M::StandardError]),
        "median_absolute_error" => ("median absolute error", Amount, &[M::MedianError, M::Error]),
        "max_absolute_error" => ("largest absolute error", Amount, &[M::MaxError, M::Error]),
        "mape" => ("mean absolute percentage error", Share, &[M::Mape, M::Mae, M::Error]),
        "mase" => ("mean absolute scaled error", Ratio, &[M::Mase]),
        "mean_actual" => ("mean outcome", Amount, &[M::MeanOutcome, M::Mean]),
        "mean_predicted" => ("mean prediction", Amount, &[M::MeanPrediction, M::Mean]),
        "calibration_error" => ("calibration error", Amount, &[M::CalibrationError]),
        "calibration_error_sd" => ("calibration error in standard deviations", Ratio, &[M::CalibrationError]),
        "calibration_error_floor" => ("calibration error that chance gives", Amount, &[M::Chance]),
        "share_over" => ("share of predictions that are too high", Share, &[M::Bias]),
        "share_under" => ("share of predictions that are too low", Share, &[M::Bias]),
        "mean_over" => ("mean error where predictions are too high", Amount, &[M::Bias]),
        "mean_under" => ("mean error where predictions are too low", Amount, &[M::Bias]),
        _ => return None,
    })
}

pub(super) fn line(key: &str) -> Option<Key> {
    Some(match key {
        "slope" => ("calibration slope", Ratio, &[M::Slope]),
        "slope_se" => ("standard error of the calibration slope", Ratio, &[M::StandardError]),
        "intercept" => ("calibration intercept", Amount, &[M::Intercept]),
        "intercept_se" => ("standard error of the calibration intercept", Amount, &[M::StandardError]),
        "joint_p" | "p_value" => ("probability of such a calibration line by chance", Ratio, &[M::Chance]),
        "in_the_large" => ("calibration in the large", Ratio, &[M::CalibrationError]),
        _ => return None,
    })
}

pub(super) fn interval(key: &str) -> Option<Key> {
    Some(match key {
        "coverage" => ("coverage", Share, &[M::Coverage]),
        "covered" => ("number of rows covered", Count, &[M::Coverage]),
        "band_lower" => ("least coverage that chance allows", Share, &[M::Chance, M::Limits]),
        "band_upper" => ("greatest coverage that chance allows", Share, &[M::Chance, M::Limits]),
        "mean_width" => ("mean width", Amount, &[M::Width]),
        "mean_width_sd" => ("mean width in standard deviations", Ratio, &[M::Width]),
        "winkler" => ("interval score", Amount, &[M::IntervalScore]),
        _ => return None,
    })
}

pub(super) fn drift(key: &str) -> Option<Key> {
    Some(match key {
        "psi" => ("population stability index", Ratio, &[M::Psi, M::Drifted]),
        "ks" => ("Kolmogorov-Smirnov distance", Ratio, &[M::Ks]),
        "wasserstein" => ("mean distance moved", Ratio, &[M::Moved]),
        "share_below" => ("share below the training range", Share, &[M::OutsideRange]),
        "share_above" => ("share above the training range", Share, &[M::OutsideRange]),
        "missing_share" => ("share of missing cells", Share, &[M::Missing]),
        "missing_share_reference" => ("share of missing cells in training", Share, &[M::Missing]),
        "alarms" => ("number of drifted features", Count, &[M::Drifted, M::Features]),
        _ => return None,
    })
}

pub(super) fn column(key: &str) -> Option<Key> {
    Some(match key {
        "mean" => ("mean", Amount, &[M::Mean]),
        "median" => ("median", Amount, &[M::Median]),
        "sd" => ("standard deviation", Amount, &[M::Spread]),
        "min" => ("least value", Amount, &[M::Least]),
        "max" => ("greatest value", Amount, &[M::Largest]),
        "q25" => ("lower quartile", Amount, &[M::Spread]),
        "q75" => ("upper quartile", Amount, &[M::Spread]),
        "nulls" => ("number of missing cells", Count, &[M::Missing]),
        "rate_before" => ("share of missing cells", Share, &[M::Missing]),
        _ => return None,
    })
}

pub(super) fn term(key: &str) -> Option<Key> {
    Some(match key {
        "coefficient" => ("coefficient", Amount, &[M::Coefficient]),
        "standard_error" => ("standard error of the coefficient", Amount, &[M::StandardError]),
        "lower" => ("lower limit of the coefficient", Amount, &[M::Limits]),
        "upper" => ("upper limit of the coefficient", Amount, &[M::Limits]),
        "effect" => ("effect of one standard deviation", Amount, &[M::Effect]),
        "sd" => ("standard deviation in training", Amount, &[M::Spread]),
        "increase" => ("rise of the error when it is shuffled", Amount, &[M::Importance, M::Effect]),
        _ => return None,
    })
}

pub(super) fn gain(key: &str) -> Option<(Key, &'static str)> {
    const SHARE: Key = ("improvement of the mean absolute error", Share, &[M::Improvement]);
    const LIMIT: Key = ("improvement of the mean absolute error", Share, &[M::Limits]);
    const AMOUNT: Key = ("difference of the mean absolute errors", Amount, &[M::Improvement]);
    const AMOUNT_LIMIT: Key = ("difference of the mean absolute errors", Amount, &[M::Limits]);
    Some(match key {
        "mae" => (SHARE, ""),
        "mae_lower" => (LIMIT, "lower limit of the "),
        "mae_upper" => (LIMIT, "upper limit of the "),
        "difference" => (AMOUNT, ""),
        "difference_lower" => (AMOUNT_LIMIT, "lower limit of the "),
        "difference_upper" => (AMOUNT_LIMIT, "upper limit of the "),
        "difference_se" => (
            ("difference of the mean absolute errors", Amount, &[M::StandardError]),
            "standard error of the ",
        ),
        _ => return None,
    })
}

pub(super) fn ledger(stage: &str, rest: &[&str]) -> Option<Key> {
    Some(match rest {
        ["rows_in"] if stage == "ingest" => ("number of rows read", Count, &[M::Rows]),
        ["rows_out"] if stage == "feature_engineer" => ("number of rows left", Count, &[M::Rows]),
        ["read", "sources"] => ("number of sources", Count, &[M::Rows]),
        ["read", "rejected", "lines"] => ("number of rows refused", Count, &[M::Dropped]),
        ["dropped", "duplicate"] => ("number of duplicate rows", Count, &[M::Duplicate]),
        ["dropped", "purged"] => ("number of purged rows", Count, &[M::Purged, M::Dropped, M::Rows]),
        ["dropped", _] => ("number of rows dropped", Count, &[M::Dropped, M::Rows]),
        ["apart", _] => ("number of rows whose target is not known yet", Count, &[M::NotYetKnown, M::Rows]),
        _ => return None,
    })
}

pub(super) fn limit(side: &str) -> Option<&'static str> {
    match side {
        "lower" => Some("lower limit of the "),
        "upper" => Some("upper limit of the "),
        _ => None,
    }
}

pub(super) fn part(name: &str) -> Option<Part> {
    match name {
        "train" => Some(Part::Train),
        "calibration" => Some(Part::Calibration),
        "test" => Some(Part::Test),
        _ => None,
    }
}

pub(super) fn baseline(name: &str) -> Option<Baseline> {
    match name {
        "persistence" => Some(Baseline::Persistence),
        "train_median" => Some(Baseline::TrainMedian),
        _ => None,
    }
}
