//! How the model was chosen among candidates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The candidates that were compared by cross-validation on the training rows, and the one that was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What kept rows in one fold: `time`, `entity` or `key`.
    pub fold_by: String,
    /// Times that the rows were dealt to folds anew.
    pub repeats: u32,
    /// Rows that each fold was measured on, fold by fold.
    pub rows: Vec<u64>,
    /// Groups of rows whose differences count as independent: stretches of time, entities or single rows.
    pub groups: u64,
    /// The most by which a simpler candidate may be worse, as a share of the least error.
    pub tolerance: f64,
    /// The candidates, the simplest first.
    pub candidates: Vec<Candidate>,
    /// The `model` of the one that was chosen.
    pub chosen: String,
    /// Why.
    pub reason: ChoiceReason,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// As `[train] model` names it.
    pub model: String,
    /// Mean absolute error over all validation rows, in units of the target; absent where it could not be
    /// fitted to every fold.
    pub mae: Option<f64>,
    /// Mean absolute error of each fold.
    pub folds: Vec<f64>,
    /// Mean absolute error less that of the best candidate, on the same rows.
    pub difference: Option<f64>,
    /// Standard error of the difference, by groups of rows; absent for the best, and with fewer than two groups.
    pub standard_error: Option<f64>,
    /// Why it could not be fitted.
    pub failed: Option<String>,
}

/// Why a candidate was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceReason {
    /// No other could be fitted.
    Only,
    /// There was too little to compare on: the simplest that can be fitted.
    TooFewRows,
    /// It has the least error, and no simpler one comes near.
    Best,
    /// Another has a smaller error, but by no more than the tolerance and its standard error.
    Simplest,
}

impl Choice {
    /// The candidate that was chosen.
    #[must_use]
    pub fn chosen(&self) -> Option<&Candidate> {
        self.candidates.iter().find(|c| c.model == self.chosen)
    }

    /// The candidate with the least error.
    #[must_use]
    pub fn best(&self) -> Option<&Candidate> {
        let fitted = self.candidates.iter().filter_map(|c| Some((c, c.mae?)));
        fitted.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(c, _)| c)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if self.chosen().is_none_or(|c| c.failed.is_some()) {
            return Err(format!("{} was chosen, but is no candidate", common::text::name(&self.chosen)));
        }
        let sound = |c: &Candidate| {
            let figures = [c.mae, c.difference, c.standard_error].into_iter().flatten();
            c.folds.iter().copied().chain(figures).all(f64::is_finite)
                && [0, self.rows.len()].contains(&c.folds.len())
        };
        match self.candidates.iter().find(|c| !sound(c)) {
            Some(c) => {
                Err(format!("the figures of candidate {} are not sound", common::text::name(&c.model)))
            }
            None if !self.tolerance.is_finite() => Err("the tolerance is not finite".to_owned()),
            None => Ok(()),
        }
    }
}
