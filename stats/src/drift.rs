use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::{Absent, Distances, Reason, Value};

/// PSI above which a change is worth a look (Lewis 1994).
const MODERATE: f64 = 0.1;
/// PSI above which a change is large (Lewis 1994).
const LARGE: f64 = 0.25;

/// What a PSI says, given the numbers of rows behind it.
///
/// The first rule that fits: PSI absent: `NotEnoughRows`; above 0.1 and above the 99 % point:
/// `Large` above 0.25, else `Moderate`; above 0.1 otherwise: `NotEnoughRows`, chance explains it;
/// at most 0.1 while the 99 % point is above 0.25: `NotEnoughRows`, a large change could hide in the
/// noise; else `Stable`. The alarm is on exactly where this says `Moderate` or `Large`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No change to speak of.
    Stable,
    /// A change between 0.1 and 0.25, above what chance gives.
    Moderate,
    /// A change above 0.25, above what chance gives.
    Large,
    /// Too few rows to tell a change from chance.
    NotEnoughRows,
}

/// The population stability index of new rows against a reference, with its level under no drift.
///
/// `sum_b (c_b - r_b) ln(c_b / r_b)` over shares of rows, 1/2 added to every count; no unit.
/// Shares are of all rows, missing ones too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Psi {
    /// The index, at least 0; absent without rows on both sides, or with a single bin.
    pub psi: Option<f64>,
    /// Bins less one.
    pub df: u64,
    /// Mean of the index under no drift, `(1/n + 1/m) df`.
    pub expected: Option<f64>,
    /// Point that the index exceeds in 1 % of samples under no drift.
    pub threshold_99: Option<f64>,
    /// Rows of the reference, missing ones too.
    pub n_reference: u64,
    /// Rows compared with it, missing ones too.
    pub n: u64,
    /// Share of the rows below the reference's least value; `None`, with no reason, for categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_below: Option<f64>,
    /// Share of the rows above the reference's largest value; `None`, with no reason, for categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_above: Option<f64>,
    /// Share of the rows in categories the reference has not; `None`, with no reason, for numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_unseen: Option<f64>,
    /// The distances that need no bins; `None`, with no key, for categories.
    #[serde(flatten)]
    pub distances: Option<Distances>,
    /// Share of the reference's rows that are missing.
    pub missing_share_reference: Option<f64>,
    /// Share of the rows that are missing.
    pub missing_share: Option<f64>,
    /// What it says.
    pub verdict: Verdict,
    /// Whether to look at the feature: PSI above 0.1 and above the 99 % point.
    pub alarm: bool,
    /// Reasons of the measures that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

/// The two sides of a comparison, bin for bin; missing rows apart.
pub(crate) struct Sides<'a> {
    pub(crate) reference: &'a [u64],
    pub(crate) current: &'a [u64],
    pub(crate) missing_reference: u64,
    pub(crate) missing: u64,
}

impl Sides<'_> {
    /// Compares the sides; the shares outside the reference and the distances are the caller's.
    pub(crate) fn psi(&self) -> Psi {
        let n = total(self.reference).saturating_add(self.missing_reference);
        let m = total(self.current).saturating_add(self.missing);
        // A bin for missing rows exists where either side has any.
        let nulls = self.missing_reference > 0 || self.missing > 0;
        let bins = self.reference.len() as u64 + u64::from(nulls);
        let df = bins.saturating_sub(1);
        let ready = if self.reference.len() != self.current.len() {
            Err(Reason::BinsDiffer)
        } else if n == 0 || m == 0 {
            Err(Reason::NoRows)
        } else if df == 0 {
            Err(Reason::OneBin)
        } else {
            Ok(1.0 / n as f64 + 1.0 / m as f64)
        };
        let mut absent = Absent::default();
        let psi = absent.keep("psi", ready.map(|_| self.index(n, m, bins)));
        let expected = absent.keep("expected", ready.map(|unit| unit * df as f64));
        let threshold = ready.and_then(|unit| Ok(unit * chi2_99(df)?));
        let threshold_99 = absent.keep("threshold_99", threshold);
        let verdict = verdict(psi, threshold_99);
        Psi {
            psi,
            df,
            expected,
            threshold_99,
            n_reference: n,
            n: m,
            share_below: None,
            share_above: None,
            share_unseen: None,
            distances: None,
            missing_share_reference: absent.keep("missing_share_reference", share(self.missing_reference, n)),
            missing_share: absent.keep("missing_share", share(self.missing, m)),
            verdict,
            alarm: matches!(verdict, Verdict::Moderate | Verdict::Large),
            absent,
        }
    }

    fn index(&self, n: u64, m: u64, bins: u64) -> f64 {
        let half_bins = bins as f64 / 2.0;
        let term = |reference: u64, current: u64| {
            let r = (reference as f64 + 0.5) / (n as f64 + half_bins);
            let c = (current as f64 + 0.5) / (m as f64 + half_bins);
            (c - r) * (c / r).ln()
        };
        let mut sum: f64 = self.reference.iter().zip(self.current).map(|(&r, &c)| term(r, c)).sum();
        if self.missing_reference > 0 || self.missing > 0 {
            sum += term(self.missing_reference, self.missing);
        }
        sum
    }
}

/// Saturating, since counts may come from a damaged file.
pub(crate) fn total<'a>(counts: impl IntoIterator<Item = &'a u64>) -> u64 {
    counts.into_iter().fold(0, |sum, &count| sum.saturating_add(count))
}

/// `part` of `rows` as a share in `[0, 1]`.
pub(crate) fn share(part: u64, rows: u64) -> Value {
    if rows == 0 { Err(Reason::NoRows) } else { Ok(part as f64 / rows as f64) }
}

fn verdict(psi: Option<f64>, threshold: Option<f64>) -> Verdict {
    let (Some(psi), Some(threshold)) = (psi, threshold) else {
        return Verdict::NotEnoughRows;
    };
    if psi > MODERATE && psi > threshold {
        return if psi > LARGE { Verdict::Large } else { Verdict::Moderate };
    }
    if psi > MODERATE || threshold > LARGE { Verdict::NotEnoughRows } else { Verdict::Stable }
}

/// The 99 % point of the chi-squared distribution with `df` degrees of freedom.
fn chi2_99(df: u64) -> Value {
    let chi2 = ChiSquared::new(df as f64).map_err(|_| Reason::OutOfRange)?;
    Ok(chi2.inverse_cdf(0.99))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chi_squared_points() {
        // scipy.stats.chi2.ppf(0.99, df), SciPy 1.17.1.
        for (df, point) in CHI2 {
            assert!((chi2_99(df).unwrap() / point - 1.0).abs() < 1e-12, "{df}");
        }
    }

    #[test]
    fn every_verdict() {
        assert_eq!(verdict(None, None), Verdict::NotEnoughRows);
        assert_eq!(verdict(Some(0.05), Some(0.02)), Verdict::Stable);
        assert_eq!(verdict(Some(0.10), Some(0.02)), Verdict::Stable);
        assert_eq!(verdict(Some(0.20), Some(0.02)), Verdict::Moderate);
        assert_eq!(verdict(Some(0.25), Some(0.02)), Verdict::Moderate);
        assert_eq!(verdict(Some(0.30), Some(0.02)), Verdict::Large);
        assert_eq!(verdict(Some(0.30), Some(0.40)), Verdict::NotEnoughRows);
        assert_eq!(verdict(Some(0.05), Some(0.40)), Verdict::NotEnoughRows);
        assert_eq!(verdict(Some(0.50), Some(0.40)), Verdict::Large);
    }

    #[test]
    fn three_bins_by_hand() {
        // n = 10, m = 20, three bins. With halves: r = (5.5, 3.5, 2.5) / 11.5 and
        // c = (5.5, 5.5, 10.5) / 21.5; in shares r = (11, 7, 5) / 23 and c = (11, 11, 21) / 43.
        let sides = Sides { reference: &[5, 3, 2], current: &[5, 5, 10], missing_reference: 0, missing: 0 };
        let psi = sides.psi();
        let hand = (11.0 / 43.0 - 11.0 / 23.0) * (23.0_f64 / 43.0).ln()
            + (11.0 / 43.0 - 7.0 / 23.0) * (11.0 * 23.0 / (43.0 * 7.0_f64)).ln()
            + (21.0 / 43.0 - 5.0 / 23.0) * (21.0 * 23.0 / (43.0 * 5.0_f64)).ln();
        assert!((psi.psi.unwrap() - hand).abs() < 1e-15);
        assert_eq!((psi.df, psi.n_reference, psi.n), (2, 10, 20));
        // (1/10 + 1/20) 2 = 0.3, and the 99 % point for two degrees is -2 ln 0.01.
        assert!((psi.expected.unwrap() - 0.3).abs() < 1e-15);
        assert!((psi.threshold_99.unwrap() + 0.3 * 0.01_f64.ln()).abs() < 1e-12);
        assert_eq!((psi.verdict, psi.alarm), (Verdict::NotEnoughRows, false));
    }

    #[test]
    fn missing_rows_are_a_bin_where_either_side_has_any() {
        let mut sides = Sides { reference: &[8], current: &[5], missing_reference: 0, missing: 0 };
        assert_eq!(sides.psi().psi, None);
        assert_eq!(sides.psi().absent.reason("psi"), Some(Reason::OneBin));
        // r = (8.5, 0.5) / 9 and c = (5.5, 3.5) / 9: differences -3/9 and 3/9.
        sides.missing = 3;
        let hand = ((8.5_f64 / 5.5).ln() + (3.5_f64 / 0.5).ln()) / 3.0;
        assert!((sides.psi().psi.unwrap() - hand).abs() < 1e-15);
        assert_eq!(sides.psi().missing_share, Some(3.0 / 8.0));
        assert_eq!(sides.psi().missing_share_reference, Some(0.0));
    }

    #[test]
    fn no_rows_have_a_reason() {
        let sides = Sides { reference: &[1, 1], current: &[0, 0], missing_reference: 0, missing: 0 };
        let psi = sides.psi();
        for key in ["psi", "expected", "threshold_99", "missing_share"] {
            assert_eq!(psi.absent.reason(key), Some(Reason::NoRows), "{key}");
        }
        assert_eq!((psi.verdict, psi.alarm), (Verdict::NotEnoughRows, false));
    }

    const CHI2: [(u64, f64); 9] = [
        (1, 6.634_896_601_021_214_5),
        (2, 9.210_340_371_976_18),
        (3, 11.344_866_730_144_373),
        (9, 21.665_994_333_461_924),
        (10, 23.209_251_158_954_356),
        (20, 37.566_234_786_625_07),
        (99, 134.641_616_855_789_15),
        (1000, 1_106.968_994_352_217_4),
        (100_000, 101_043.314_736_778_37),
    ];
}
