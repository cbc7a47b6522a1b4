use exact::Sum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::absent::finite;
use crate::beta_binomial::BetaBinomial;
use crate::{Absent, Moments, Reason, Value, conformal_rank, rows};

/// How prediction intervals of one level held, learned row by row. Memory: constant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    missing: u64,
    covered: u64,
    /// Sum of upper less lower bounds.
    width: Sum,
    /// Sum of the distances of outcomes that are not covered from the nearer bound.
    outside: Sum,
    outcomes: Moments,
}

/// Measures of intervals of one level; in the unit of the target unless said otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageMeasures {
    /// The share of outcomes that the intervals promise to hold; no unit.
    pub level: f64,
    /// Rows with both interval and outcome.
    pub n: u64,
    /// Rows that lack one of them, in no measure.
    pub missing: u64,
    /// Rows whose outcome lies in its interval, the bounds included.
    pub covered: u64,
    /// `covered / n`; no unit.
    pub coverage: Option<f64>,
    /// Least coverage that intervals which keep their promise have in 95 of 100 such samples; no unit.
    pub band_lower: Option<f64>,
    /// The largest such coverage; no unit.
    pub band_upper: Option<f64>,
    /// What that says.
    pub verdict: CoverageVerdict,
    /// Mean of upper less lower bound.
    pub mean_width: Option<f64>,
    /// The same over the standard deviation of these outcomes; no unit.
    pub mean_width_sd: Option<f64>,
    /// Mean interval score: width, and `2 / (1 - level)` times what the outcome lies outside; less is better.
    pub winkler: Option<f64>,
    /// Reasons of the measures that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

/// Whether intervals keep their promise. Serialised as `holds`, `too_narrow` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageVerdict {
    /// The coverage lies in the band.
    Holds,
    /// Fewer outcomes are covered than the band allows for.
    TooNarrow,
    /// More outcomes are covered than the band allows for.
    TooWide,
    /// The coverage lies in the band, but the band is so wide that twice the promised misses would, too.
    TooFewRows,
    /// The rows taught the model or its intervals, so that they do not judge them.
    InSample,
    /// No row has both interval and outcome.
    Missing,
}

impl Coverage {
    /// Intervals of no rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row; it counts as missing unless all three are finite.
    pub fn add(&mut self, lower: f64, upper: f64, actual: f64) {
        if !(lower.is_finite() && upper.is_finite() && actual.is_finite()) {
            self.missing += 1;
            return;
        }
        self.outcomes.add(actual);
        // Both ends are added, not their rounded difference: the sums stay exact.
        self.width.add(upper);
        self.width.add(-lower);
        if actual < lower {
            self.outside.add(lower);
            self.outside.add(-actual);
        } else if actual > upper {
            self.outside.add(actual);
            self.outside.add(-upper);
        } else {
            self.covered += 1;
        }
    }

    /// Adds rows given as columns of the same length, with the same result as one by one.
    pub fn extend(&mut self, lower: &[f64], upper: &[f64], actual: &[f64]) {
        let mut column = Vec::new();
        self.missing += rows::complete([lower, upper, actual], |[lower, upper, actual]| {
            self.outcomes.extend(actual);
            self.width.add_all(upper);
            column.clear();
            column.extend(lower.iter().map(|lower| -lower));
            self.width.add_all(&column);
            column.clear();
            for ((lower, upper), actual) in lower.iter().zip(upper).zip(actual) {
                if actual < lower {
                    column.extend([*lower, -actual]);
                } else if actual > upper {
                    column.extend([*actual, -upper]);
                } else {
                    self.covered += 1;
                }
            }
            self.outside.add_all(&column);
        });
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.missing += other.missing;
        self.covered += other.covered;
        self.width.merge(&other.width);
        self.outside.merge(&other.outside);
        self.outcomes.merge(&other.outcomes);
    }

    /// The measures of what was added, for intervals of this level.
    ///
    /// `calibrated` is the number of rows that the half widths were calibrated on, where the rows added here are
    /// others; `None` where they are the same, or the model was fitted to them. `without` is the reason why there
    /// are no intervals, if there are none.
    #[must_use]
    pub fn measures(&self, level: f64, calibrated: Option<u64>, without: Option<Reason>) -> CoverageMeasures {
        let mut absent = Absent::default();
        let n = self.outcomes.n();
        let rows = match (without, n) {
            (Some(reason), _) => Err(reason),
            (None, 0) => Err(Reason::NoRows),
            _ => Ok(n as f64),
        };
        let mean = |sum: f64| rows.and_then(|n| finite(sum / n));
        let width = mean(self.width.to_f64());
        let relative = width.and_then(|width| match self.outcomes.sd()? {
            sd if sd > 0.0 => finite(width / sd),
            _ => Err(Reason::NoVariance),
        });
        let penalty = 2.0 / (1.0 - level) * self.outside.to_f64();
        let band = rows.and_then(|_| coverage_band(calibrated.ok_or(Reason::InSample)?, n, level));
        let share = |count: u64| count as f64 / n as f64;
        CoverageMeasures {
            level,
            n,
            missing: self.missing,
            covered: self.covered,
            coverage: absent.keep("coverage", mean(self.covered as f64)),
            band_lower: absent.keep("band_lower", band.map(|(low, _)| share(low))),
            band_upper: absent.keep("band_upper", band.map(|(_, high)| share(high))),
            verdict: self.verdict(level, band, rows.is_ok()),
            mean_width: absent.keep("mean_width", width),
            mean_width_sd: absent.keep("mean_width_sd", relative),
            winkler: absent.keep("winkler", mean(self.width.to_f64() + penalty)),
            absent,
        }
    }

    fn verdict(&self, level: f64, band: Value<(u64, u64)>, any: bool) -> CoverageVerdict {
        let misses = 2.0 * (1.0 - level) * self.outcomes.n() as f64;
        match band {
            _ if !any => CoverageVerdict::Missing,
            Err(Reason::InSample) => CoverageVerdict::InSample,
            Err(_) => CoverageVerdict::TooFewRows,
            Ok((low, _)) if self.covered < low => CoverageVerdict::TooNarrow,
            Ok((_, high)) if self.covered > high => CoverageVerdict::TooWide,
            Ok((low, _)) if (self.outcomes.n() - low) as f64 >= misses => CoverageVerdict::TooFewRows,
            Ok(_) => CoverageVerdict::Holds,
        }
    }
}

/// Least and largest number of `rows` new rows that intervals of this level cover in the middle 95 of 100 samples,
/// where their half widths were calibrated on `m` rows exchangeable with them.
///
/// The coverage is then drawn from a beta distribution with parameters `m + 1 - l` and `l`,
/// `l = floor((m + 1) (1 - level))`, and the number covered is beta-binomial (Vovk 2012; Angelopoulos, Bates 2023).
///
/// # Errors
/// [`Reason::TooFewRows`] where `m` rows have no quantile of this level, [`Reason::NoRows`] without rows.
pub fn coverage_band(m: u64, rows: u64, level: f64) -> Value<(u64, u64)> {
    let rank = conformal_rank(m, level);
    if rank > m {
        return Err(Reason::TooFewRows);
    }
    if rows == 0 {
        return Err(Reason::NoRows);
    }
    let counts = BetaBinomial::new(rows, rank, m + 1 - rank);
    Ok((counts.quantile(0.025), counts.quantile(0.975)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn four() -> Coverage {
        let mut all = Coverage::new();
        // Widths 2, 2, 4, 4; outcomes inside, on the bound, 1 below, 3 above; and two rows that lack something.
        for (lower, upper, actual) in [(0.0, 2.0, 1.0), (0.0, 2.0, 2.0), (4.0, 8.0, 3.0), (-4.0, 0.0, 3.0)] {
            all.add(lower, upper, actual);
        }
        all.add(f64::NAN, f64::NAN, 1.0);
        all.add(0.0, 1.0, f64::NAN);
        all
    }

    #[test]
    fn measures_by_hand() {
        let found = four().measures(0.75, Some(19), None);
        assert_eq!((found.n, found.missing, found.covered, found.coverage), (4, 2, 2, Some(0.5)));
        assert_eq!(found.mean_width, Some(3.0));
        // 12 of widths, and 2 / 0.25 times 4 outside, over 4 rows.
        assert_eq!(found.winkler, Some(11.0));
        // Outcomes 1, 2, 3, 3: squares about the mean 2.25 sum to 2.75.
        assert_eq!(found.mean_width_sd, Some(3.0 / (2.75_f64 / 3.0).sqrt()));
        assert_eq!(found.verdict, CoverageVerdict::TooFewRows);
        assert!(found.absent.is_empty());
    }

    #[test]
    fn pieces_give_what_the_whole_gives() {
        let mut twice = four();
        twice.merge(&four());
        let mut one_by_one = Coverage::new();
        one_by_one.merge(&twice);
        assert_eq!(one_by_one, twice);
        assert_eq!(twice.measures(0.75, None, None).winkler, Some(11.0));
    }

    #[test]
    fn what_is_missing_has_its_reason() {
        let none = Coverage::new().measures(0.9, Some(100), None);
        assert_eq!((none.coverage, none.verdict), (None, CoverageVerdict::Missing));
        for key in ["coverage", "band_lower", "band_upper", "mean_width", "mean_width_sd", "winkler"] {
            assert_eq!(none.absent.reason(key), Some(Reason::NoRows), "{key}");
        }
        let without = Coverage::new().measures(0.9, Some(3), Some(Reason::TooFewRows));
        assert_eq!(without.absent.reason("coverage"), Some(Reason::TooFewRows));
        let in_sample = four().measures(0.75, None, None);
        assert_eq!(in_sample.verdict, CoverageVerdict::InSample);
        assert_eq!(in_sample.absent.reason("band_upper"), Some(Reason::InSample));
        let mut equal = Coverage::new();
        (0..2).for_each(|_| equal.add(0.0, 1.0, 0.5));
        assert_eq!(equal.measures(0.5, None, None).absent.reason("mean_width_sd"), Some(Reason::NoVariance));
    }

    /// Of 1000 rows, calibrated on 1000 at 90 %, 873 to 925 are covered in the middle 95 of 100 samples (scipy).
    #[test]
    fn verdicts_follow_the_band() {
        let of = |covered: u64, n: u64, m: u64| {
            let mut all = Coverage::new();
            (0..n).for_each(|i| all.add(0.0, 1.0, if i < covered { 0.5 } else { 2.0 }));
            all.measures(0.9, Some(m), None).verdict
        };
        for (covered, verdict) in [
            (872, CoverageVerdict::TooNarrow),
            (873, CoverageVerdict::Holds),
            (925, CoverageVerdict::Holds),
            (926, CoverageVerdict::TooWide),
        ] {
            assert_eq!(of(covered, 1000, 1000), verdict, "{covered}");
        }
        // Of 40 rows, calibrated on 40, 30 to 40: twice the four misses that are promised pass as chance.
        assert_eq!(of(36, 40, 40), CoverageVerdict::TooFewRows);
        assert_eq!(of(29, 40, 40), CoverageVerdict::TooNarrow);
    }

    #[test]
    fn a_band_needs_rows() {
        assert_eq!(coverage_band(8, 10, 0.9), Err(Reason::TooFewRows));
        assert_eq!(coverage_band(9, 0, 0.9), Err(Reason::NoRows));
        assert_eq!(coverage_band(1000, 1000, 0.9), Ok((873, 925)));
    }
}
