//! What a figure of `metrics.json` is, told from its path alone.

mod keys;

use crate::escape;
use crate::memory::cues::{Baseline, Measure, Measure as M, Part};
use crate::number;

use Kind::{Amount, Count, Ratio};
use keys::{Key, baseline, column, drift, gain, interval, ledger, limit, line, measure, part, term};

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
    /// Words for it.
    pub(super) measures: &'static [Measure],
    /// What a limit is the limit of.
    pub(super) base: Option<Measure>,
    pub(super) part: Option<Part>,
    pub(super) baseline: Option<Baseline>,
    /// Features, levels and periods it is of.
    pub(super) names: Vec<&'a str>,
    what: &'static str,
    /// `lower limit of`.
    of: &'static str,
    /// Level of intervals, as a share.
    level: Option<&'a str>,
    /// The list that it is in as long as it is one of the greatest, in words.
    pub(super) among: Option<&'static str>,
}

const WORST: &str = "one of the worst rows";

impl<'a> Meaning<'a> {
    fn new(tier: Tier, (what, kind, measures): Key) -> Self {
        let (names, part, baseline, level) = (Vec::new(), None, None, None);
        Self { tier, kind, measures, base: None, part, baseline, names, what, of: "", level, among: None }
    }

    fn one_of(mut self, list: &'static str) -> Self {
        self.among = Some(list);
        self
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
            ["baselines", who, "value"] => {
                Some(Self::new(Tier::Around, ("constant prediction", Amount, &[M::Median])).beside(who))
            }
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
                let base = what.2.contains(&M::Limits).then_some(M::Improvement);
                Some(Self { base, of, ..Self::new(tier, what).beside(who) })
            }
            ["intervals", "quantiles", level] => {
                let what = ("half width", Amount, &[M::Width] as &[Measure]);
                Some(Self { level: Some(*level), ..Self::new(Tier::Other, what) })
            }
            ["model", "features"] => {
                Some(Self::new(Tier::Around, ("number of features", Count, &[M::Features])))
            }
            ["gates", metric, _, "limit", "max" | "min"] => {
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
            [key] => {
                let base =
                    key.strip_suffix("_se").and_then(measure).and_then(|(_, _, of)| of.first().copied());
                Some(Self { base, ..Self::new(Tier::Detail, measure(key)?) })
            }
            ["confidence", key, side] => {
                let (what, kind, of) = measure(key)?;
                let base = of.first().copied();
                Some(Self { of: limit(side)?, base, ..Self::new(Tier::Around, (what, kind, LIMITED)) })
            }
            ["intervals", level, key] => {
                Some(Self { level: Some(*level), ..Self::new(Tier::Detail, interval(key)?) })
            }
            ["calibration", key] => Some(Self::new(Tier::Detail, line(key)?)),
            ["calibration", "robust", "p_value"] => Some(Self::new(Tier::Detail, line("p_value")?)),
            ["calibration", "robust", key, side] => {
                let (what, kind, of) = line(key.strip_suffix("_limits")?)?;
                let base = of.first().copied();
                Some(Self { of: limit(side)?, base, ..Self::new(Tier::Detail, (what, kind, LIMITED)) })
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
            ["segments", _, "levels"] => Self::new(Tier::Other, ("number of levels", Count, &[M::Levels])),
            ["segments", _, "rows", level, rest @ ..] => {
                Self { tier: Tier::Detail, ..Self::of_rows(rest)?.named(&[level]) }
            }
            ["worst", names @ .., key] if !names.is_empty() => detail(Some(match *key {
                "error" => ("error", Amount, &[M::MaxError, M::Error]),
                "predicted" => ("prediction", Amount, &[M::MeanPrediction]),
                "actual" => ("outcome", Amount, &[M::MeanOutcome]),
                _ => return None,
            }))?
            .named(names)
            .one_of(WORST),
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
        let gain = self.measures.contains(&M::Improvement) || self.base == Some(M::Improvement);
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
        let among = self.among.map_or_else(String::new, |list| format!(", {list}"));
        format!("{}{}{level}{who}{names}{part}{among}", self.of, self.what)
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
            ("intervals.quantiles.0,8", "half width of the 80 % intervals"),
            ("gates.test_mae.fail.limit.max", "limit of the gate of “test_mae”"),
        ] {
            let path: Vec<String> = path.split('.').map(|s| s.replace(',', ".")).collect();
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            assert_eq!(Meaning::of(&path).unwrap().label(), label);
        }
    }

    #[test]
    fn settings_are_no_figures() {
        for path in
            ["format", "target.horizon", "test.intervals.0.level", "test.confidence.block_length", "x.y"]
        {
            assert!(Meaning::of(&path.split('.').collect::<Vec<_>>()).is_none(), "{path}");
        }
    }
}
