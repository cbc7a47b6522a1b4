//! Indicators of a text column.

use serde::{Deserialize, Serialize};
use stats::Categories;

/// The indicators of one text column, learned on training rows. The first level is the base: it has
/// no indicator, so that indicators and intercept are not collinear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Levels {
    /// The base level.
    pub(crate) base: Option<String>,
    /// Levels with an indicator, in byte order. All others share one more, `(other)`: those beyond the
    /// limit, and those that no training row has.
    pub(crate) indicators: Vec<String>,
    /// Levels that training rows have and that share `(other)`, in byte order; none are kept where they are
    /// too many, and then every level without an indicator counts as one that no training row has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) rare: Vec<String>,
}

/// Most levels without an indicator that are kept.
const MOST_RARE: usize = 10_000;

impl Levels {
    /// The most frequent levels (ties by byte order), at most `most` with base and `(other)`.
    pub(crate) fn learn(seen: &Categories, most: usize) -> Self {
        let mut by_count: Vec<(&String, u64)> = seen.counts().iter().map(|(level, n)| (level, *n)).collect();
        let mut rare: Vec<String> = Vec::new();
        if by_count.len() > most {
            by_count.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
            rare.extend(by_count.split_off(most - 1).into_iter().map(|(level, _)| level.clone()));
            if rare.len() > MOST_RARE {
                rare.clear();
            }
            rare.sort();
        }
        let mut kept: Vec<String> = by_count.into_iter().map(|(level, _)| level.clone()).collect();
        kept.sort();
        let mut kept = kept.into_iter();
        Self { base: kept.next(), indicators: kept.collect(), rare }
    }

    /// Whether a training row has this level.
    pub(crate) fn has_seen(&self, cell: &str) -> bool {
        let is_in = |levels: &[String]| levels.binary_search_by(|level| level.as_str().cmp(cell)).is_ok();
        self.base.as_deref() == Some(cell) || is_in(&self.indicators) || is_in(&self.rare)
    }

    /// The indicators of `column` with their names; a missing cell has none.
    pub(crate) fn apply(&self, column: &str, cells: &[Option<&str>]) -> Vec<(String, Vec<f64>)> {
        let flag = |flag: bool| f64::from(u8::from(flag));
        let place = |cell: &str| self.indicators.binary_search_by(|level| level.as_str().cmp(cell)).ok();
        let places: Vec<Option<usize>> = cells.iter().map(|c| c.and_then(place)).collect();
        let of_level = |(i, level): (usize, &String)| {
            let values = places.iter().map(|p| flag(*p == Some(i))).collect();
            (format!("{column}={level}"), values)
        };
        let mut columns: Vec<(String, Vec<f64>)> = self.indicators.iter().enumerate().map(of_level).collect();
        let is_other = |cell: Option<&str>, place: Option<usize>| {
            place.is_none() && cell.is_some_and(|c| self.base.as_deref() != Some(c))
        };
        let other = cells.iter().zip(&places).map(|(cell, place)| flag(is_other(*cell, *place)));
        columns.push((format!("{column}=(other)"), other.collect()));
        columns
    }
}
