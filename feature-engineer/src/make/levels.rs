//! Indicators of a text column.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Feature;
use super::cells::{Cells, NONE};
use crate::values::Values;

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
    /// The most frequent levels (ties by byte order) of `counts`, at most `most` with base and `(other)`.
    pub(crate) fn learn(mut counts: Vec<(&str, u64)>, most: usize) -> Self {
        let mut rare: Vec<String> = Vec::new();
        if counts.len() > most {
            counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
            let beyond = counts.split_off(most - 1);
            if beyond.len() <= MOST_RARE {
                rare.extend(beyond.into_iter().map(|(level, _)| level.to_owned()));
            }
            rare.sort_unstable();
        }
        let mut kept: Vec<String> = counts.into_iter().map(|(level, _)| level.to_owned()).collect();
        kept.sort_unstable();
        let mut kept = kept.into_iter();
        Self { base: kept.next(), indicators: kept.collect(), rare }
    }

    /// Whether a training row has this level.
    pub(crate) fn has_seen(&self, cell: &str) -> bool {
        let is_in = |levels: &[String]| levels.binary_search_by(|level| level.as_str().cmp(cell)).is_ok();
        self.base.as_deref() == Some(cell) || is_in(&self.indicators) || is_in(&self.rare)
    }

    /// The indicators of `column`; a missing cell has none.
    pub(super) fn apply(&self, column: &str, cells: &Cells<'_>) -> Vec<Feature> {
        let other = number(self.indicators.len());
        let place = |cell: &str| {
            let place = self.indicators.binary_search_by(|level| level.as_str().cmp(cell));
            let is_base = self.base.as_deref() == Some(cell);
            place.map_or(if is_base { NONE } else { other }, number)
        };
        let places = Arc::new(cells.map(NONE, place));
        let names = self.indicators.iter().map(String::as_str).chain(["(other)"]);
        let feature = |(place, level): (usize, &str)| Feature {
            name: format!("{column}={level}"),
            values: Values::Indicator { places: Arc::clone(&places), place: number(place) },
            decimals: None,
        };
        names.enumerate().map(feature).collect()
    }
}

/// The number of a level; there are fewer than rows.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(NONE)
}
