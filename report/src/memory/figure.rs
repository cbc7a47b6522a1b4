//! What a figure of `metrics.json` is, told from its path alone.

use crate::escape;
use crate::memory::cues::{Baseline, Measure, Part};
use crate::number;

/// What kind of number a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number of things.
    Count,
    /// A part of a whole, which people write in percent.
    Share,
    /// In the unit of the target or of a column.
    Amount,
    /// A number without a unit.
    Ratio,
}

/// How likely people are to cite a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// The answer: errors on the test part, gains over baselines, coverage, sizes of the parts.
    Headline,
    /// Their limits, calibration, gates.
    Around,
    /// The other parts, the ledger.
    Other,
    /// Coefficients, segments, periods, single features.
    Detail,
}

/// What a figure is.
#[derive(Clone, Debug)]
pub(super) struct Meaning<'a> {
    pub(super) tier: Tier,
    pub(super) kind: Kind,
    /// Words for it; those that must be there to set it apart come first.
    pub(super) measures: &'static [Measure],
    pub(super) part: Option<Part>,
    pub(super) baseline: Option<Baseline>,
    /// Features, levels and periods it is of.
    pub(super) names: Vec<&'a str>,
    what: &'static str,
    /// `lower limit of`.
    of: &'static str,
    /// Level of intervals, as a share.
    level: Option<&'a str>,
}

type Key = (&'static str, Kind, &'static [Measure]);

use Kind::{Amount, Count, Ratio, Share};
use Measure as M;

/// Measures of rows: of a part, a period, a segment.
fn measure(key: &str) -> Option<Key> {
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

fn line(key: &str) -> Option<Key> {
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

fn interval(key: &str) -> Option<Key> {
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

fn drift(key: &str) -> Option<Key> {
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

fn column(key: &str) -> Option<Key> {
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

fn term(key: &str) -> Option<Key> {
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

fn gain(key: &str) -> Option<(Key, &'static str)> {
    const SHARE: Key = ("improvement of the mean absolute error", Share, &[M::Improvement]);
    const LIMIT: Key = ("improvement of the mean absolute error", Share, &[M::Limits, M::Improvement]);
    const AMOUNT: Key = ("difference of the mean absolute errors", Amount, &[M::Improvement]);
    const AMOUNT_LIMIT: Key =
        ("difference of the mean absolute errors", Amount, &[M::Limits, M::Improvement]);
    Some(match key {
        "mae" => (SHARE, ""),
        "mae_lower" => (LIMIT, "lower limit of the "),
        "mae_upper" => (LIMIT, "upper limit of the "),
        "difference" => (AMOUNT, ""),
        "difference_lower" => (AMOUNT_LIMIT, "lower limit of the "),
        "difference_upper" => (AMOUNT_LIMIT, "upper limit of the "),
        "difference_se" => {
            (("difference of the mean absolute errors", Amount, &[M::StandardError]), "standard error of the ")
        }
        _ => return None,
    })
}

fn ledger(stage: &str, rest: &[&str]) -> Option<Key> {
    Some(match rest {
        ["rows_in"] if stage == "ingest" => ("number of rows read", Count, &[M::Rows]),
        ["rows_out"] if stage == "feature_engineer" => ("number of rows left", Count, &[M::Rows]),
        ["read", "sources"] => ("number of sources", Count, &[M::Rows]),
        ["read", "rejected", "lines"] => ("number of rows refused", Count, &[M::Dropped]),
        ["dropped", "duplicate"] => ("number of duplicate rows", Count, &[M::Duplicate]),
        ["dropped", "purged"] => ("number of purged rows", Count, &[M::Purged, M::Dropped]),
        ["dropped", _] => ("number of rows dropped", Count, &[M::Dropped]),
        ["apart", _] => ("number of rows whose target is not known yet", Count, &[M::NotYetKnown]),
        _ => return None,
    })
}

fn limit(side: &str) -> Option<&'static str> {
    match side {
        "lower" => Some("lower limit of the "),
        "upper" => Some("upper limit of the "),
        _ => None,
    }
}

fn part(name: &str) -> Option<Part> {
    match name {
        "train" => Some(Part::Train),
        "calibration" => Some(Part::Calibration),
        "test" => Some(Part::Test),
        _ => None,
    }
}

fn baseline(name: &str) -> Option<Baseline> {
    match name {
        "persistence" => Some(Baseline::Persistence),
        "train_median" => Some(Baseline::TrainMedian),
        _ => None,
    }
}

impl<'a> Meaning<'a> {
    fn new(tier: Tier, (what, kind, measures): Key) -> Self {
        let (names, part, baseline, level) = (Vec::new(), None, None, None);
        Self { tier, kind, measures, part, baseline, names, what, of: "", level }
    }

    fn on(mut self, of: Part) -> Self {
        self.part = Some(of);
        self
    }

    fn beside(mut self, name: &str) -> Self {
        self.baseline = baseline(name);
        self
    }

    fn named(mut self, names: &[&'a str]) -> Self {
        self.names.extend_from_slice(names);
        self
    }

    /// The meaning of the figure at this path; `None` for settings, hashes and what nobody cites.
    pub(super) fn of(path: &[&'a str]) -> Option<Self> {
        match path {
            ["baselines", who, "value"] => Some(
                Self::new(Tier::Around, ("constant prediction", Amount, &[M::Median])).beside(who),
            ),
            ["baselines", who, on, key] => {
                let on = part(on)?;
                let tier = match (on, *key) {
                    (Part::Test, "mae") => Tier::Headline,
                    (Part::Test, _) => Tier::Around,
                    _ => Tier::Other,
                };
                // The rows of a baseline are those of the part.
                (*key != "n").then_some(())?;
                Some(Self::new(tier, measure(key)?).on(on).beside(who))
            }
            ["improvement", who, key] => {
                let (what, of) = gain(key)?;
                let tier = if *key == "mae" { Tier::Headline } else { Tier::Around };
                Some(Self { of, ..Self::new(tier, what).beside(who) })
            }
            ["intervals", "quantiles", level] => {
                let what = ("half width", Amount, &[M::Width] as &[Measure]);
                Some(Self { level: Some(*level), ..Self::new(Tier::Other, what) })
            }
            ["model", "features"] => {
                Some(Self::new(Tier::Around, ("number of features", Count, &[M::Features])))
            }
            ["gates", metric, "limit", "max" | "min"] => {
                let what = ("limit of the gate", Ratio, &[M::Gate] as &[Measure]);
                Some(Self::new(Tier::Around, what).named(&[metric]))
            }
            ["ledger", stage, rest @ ..] => Some(Self::new(Tier::Other, ledger(stage, rest)?)),
            ["sources", source, "rows"] => {
                Some(Self::new(Tier::Detail, ("number of rows", Count, &[M::Rows])).named(&[source]))
            }
            [on, rest @ ..] if part(on).is_some() => Self::of_part(part(on)?, rest),
            ["drift", rest @ ..] => Self::of_drift(rest),
            _ => Self::of_detail(path),
        }
    }

    fn of_part(on: Part, rest: &[&'a str]) -> Option<Self> {
        let found = Self::of_rows(rest)?.on(on);
        let headline = match rest {
            ["n"] => true,
            ["mae" | "rmse" | "r2" | "bias" | "median_absolute_error" | "mape"]
            | ["intervals", _, "coverage"] => on == Part::Test,
            _ => false,
        };
        let tier = match (headline, on) {
            _ if rest.contains(&"deciles") => Tier::Detail,
            (true, _) => Tier::Headline,
            (false, Part::Test) => Tier::Around,
            _ => Tier::Other,
        };
        Some(Self { tier, ..found })
    }

    /// Measures of any set of rows.
    fn of_rows(rest: &[&'a str]) -> Option<Self> {
        const LIMITED: &[Measure] = &[M::Limits];
        match rest {
            [key] => Some(Self::new(Tier::Detail, measure(key)?)),
            ["confidence", key, side] => {
                let (what, kind, _) = measure(key)?;
                Some(Self { of: limit(side)?, ..Self::new(Tier::Around, (what, kind, LIMITED)) })
            }
            ["intervals", level, key] => {
                Some(Self { level: Some(*level), ..Self::new(Tier::Detail, interval(key)?) })
            }
            ["calibration", key] => Some(Self::new(Tier::Detail, line(key)?)),
            ["calibration", "robust", "p_value"] => Some(Self::new(Tier::Detail, line("p_value")?)),
            ["calibration", "robust", key, side] => {
                let (what, kind, _) = line(key.strip_suffix("_limits")?)?;
                let measures: &[Measure] = if kind == Ratio { &[M::Slope, M::Limits] } else { LIMITED };
                Some(Self { of: limit(side)?, ..Self::new(Tier::Detail, (what, kind, measures)) })
            }
            ["calibration", "deciles", _, key @ ("mean_predicted" | "mean_actual")] => {
                Some(Self::new(Tier::Detail, measure(key)?))
            }
            _ => None,
        }
    }

    fn of_drift(rest: &[&'a str]) -> Option<Self> {
        match rest {
            ["alarms", on] => {
                let on = part(on)?;
                let tier = if on == Part::Test { Tier::Headline } else { Tier::Other };
                Some(Self::new(tier, drift("alarms")?).on(on))
            }
            ["features", name, on, key] => {
                Some(Self::new(Tier::Detail, drift(key)?).on(part(on)?).named(&[name]))
            }
            ["periods", period, on, "features", name, key] => {
                Some(Self::new(Tier::Detail, drift(key)?).on(part(on)?).named(&[name, period]))
            }
            ["periods", period, on, key] => {
                Some(Self::new(Tier::Detail, drift(key)?).on(part(on)?).named(&[period]))
            }
            ["periods", period, on, what, key] => {
                Some(Self::new(Tier::Detail, drift(key)?).on(part(on)?).named(&[what, period]))
            }
            [what, on, key] => Some(Self::new(Tier::Detail, drift(key)?).on(part(on)?).named(&[what])),
            _ => None,
        }
    }

    fn of_detail(path: &[&'a str]) -> Option<Self> {
        let detail = |key: Option<Key>| key.map(|key| Self::new(Tier::Detail, key));
        Some(match path {
            ["periods", "rows", period, on, rest @ ..] => {
                Self { tier: Tier::Detail, ..Self::of_rows(rest)?.named(&[period]).on(part(on)?) }
            }
            ["segments", name, "levels"] => {
                Self::new(Tier::Other, ("number of levels", Count, &[M::Levels])).named(&[name])
            }
            ["segments", _, "rows", level, rest @ ..] => {
                Self { tier: Tier::Detail, ..Self::of_rows(rest)?.named(&[level]) }
            }
            ["worst", _, key] => detail(Some(match *key {
                "error" => ("error of one of the worst rows", Amount, &[M::MaxError, M::Error]),
                "predicted" => ("prediction of one of the worst rows", Amount, &[M::MeanPrediction]),
                "actual" => ("outcome of one of the worst rows", Amount, &[M::MeanOutcome]),
                _ => return None,
            }))?,
            ["coefficients", name, key] | ["importance", "permutation", "features", name, key] => {
                detail(term(key))?.named(&[name])
            }
            ["importance", "standardized", name, "coefficient"] => {
                detail(Some(("standardised coefficient", Ratio, &[M::Coefficient])))?.named(&[name])
            }
            ["features", name, on, key] => detail(column(key))?.named(&[name]).on(part(on)?),
            ["nulls", name, "parts", on, "nulls"] => detail(column("nulls"))?.named(&[name]).on(part(on)?),
            ["nulls", name, "psi", key @ ("missing_share" | "missing_share_reference")] => {
                detail(drift(key))?.named(&[name])
            }
            ["nulls", name, "rate_before"] => detail(column("rate_before"))?.named(&[name]),
            ["bins", _, rest @ ..] => Self { tier: Tier::Detail, ..Self::of_rows(rest)? },
            _ => return None,
        })
    }

    /// The figure in words, as Markdown: `mean absolute error of persistence on the test part`.
    pub(super) fn label(&self) -> String {
        let level = self.level.and_then(|l| l.parse().ok()).map(|l: f64| number::level(l));
        let level = level.map_or_else(String::new, |l| format!(" of the {l} intervals"));
        let gain = self.measures.contains(&M::Improvement);
        let who = match (self.baseline, gain) {
            (Some(Baseline::Persistence), true) => " over persistence",
            (Some(Baseline::Persistence), false) => " of persistence",
            (Some(Baseline::TrainMedian), true) => " over the training median",
            (Some(Baseline::TrainMedian), false) => " of the training median",
            _ => "",
        };
        let names: Vec<String> = self.names.iter().map(|n| escape::quoted(n)).collect();
        let names = if names.is_empty() { String::new() } else { format!(" of {}", names.join(" in ")) };
        let part = match self.part {
            Some(Part::Train) => " on the training part",
            Some(Part::Calibration) => " on the calibration part",
            Some(Part::Test) => " on the test part",
            None => "",
        };
        format!("{}{}{level}{who}{names}{part}", self.of, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_in_words() {
        for (path, label) in [
            ("test.mae", "mean absolute error on the test part"),
            ("test.confidence.mae.lower", "lower limit of the mean absolute error on the test part"),
            ("test.intervals.0,9.coverage", "coverage of the 90 % intervals on the test part"),
            ("baselines.persistence.test.mae", "mean absolute error of persistence on the test part"),
            ("improvement.persistence.mae", "improvement of the mean absolute error over persistence"),
            ("segments.city.rows.Irving <b>.mae", "mean absolute error of “Irving &lt;b&gt;”"),
            ("drift.features.sales.test.psi", "population stability index of “sales” on the test part"),
            ("coefficients.sales.effect", "effect of one standard deviation of “sales”"),
        ] {
            let path: Vec<String> = path.split('.').map(|s| s.replace(',', ".")).collect();
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            assert_eq!(Meaning::of(&path).unwrap().label(), label);
        }
    }

    #[test]
    fn settings_are_no_figures() {
        for path in ["format", "target.horizon", "test.intervals.0.level", "test.confidence.block_length", "x.y"] {
            assert!(Meaning::of(&path.split('.').collect::<Vec<_>>()).is_none(), "{path}");
        }
    }
}
