//! How rows compare with those that the model was trained on, whatever rows they are of.

use std::collections::BTreeMap;

use model::Model;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::{Counts, Psi, Reason, Reference};

use crate::picked::Picked;
use crate::scored::Scored;

/// Rows counted in the bins of the model's references. The shifts of pieces merge to that of the whole.
///
/// Memory: constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// By feature, in the model's order; empty where nobody asked for features.
    pub features: Vec<Counts>,
    /// Outcomes.
    pub target: Counts,
    /// Predictions.
    pub prediction: Counts,
    /// Prediction minus outcome.
    pub residual: Counts,
}

/// A [`Shift`] beside the references of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shifted {
    /// Number of features with an alarm.
    pub alarms: u64,
    /// By feature.
    pub features: BTreeMap<String, Psi>,
    /// Of the target.
    pub target: Psi,
    /// Of the predictions.
    pub prediction: Psi,
    /// Of the residuals, beside those that the model file says.
    pub residual: Psi,
}

impl Shift {
    /// Of no rows.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        // A model without a reference of a feature is refused on reading.
        let known = |f: &String| model.reference.features.get(f).map(Reference::empty);
        Self {
            features: model.features.iter().filter_map(known).collect(),
            target: model.reference.target.empty(),
            prediction: model.reference.prediction.empty(),
            residual: model.reference.residual.reference.empty(),
        }
    }

    /// Adds outcome, prediction and residual of one of the rows.
    pub fn add(&mut self, model: &Model, rows: &Scored, row: usize) {
        let (predicted, actual) = (rows.predicted[row], rows.actual[row]);
        model.reference.target.add(&mut self.target, actual);
        model.reference.prediction.add(&mut self.prediction, predicted);
        model.reference.residual.reference.add(&mut self.residual, predicted - actual);
    }

    /// Adds outcomes, predictions and residuals of rows.
    pub(crate) fn extend(&mut self, model: &Model, rows: &Picked) {
        model.reference.target.extend(&mut self.target, &rows.actual);
        model.reference.prediction.extend(&mut self.prediction, &rows.predicted);
        model.reference.residual.reference.extend(&mut self.residual, &rows.residuals);
    }

    /// Adds values of the feature at place `feature` of the model's order.
    pub(crate) fn extend_feature(&mut self, model: &Model, feature: usize, values: &[f64]) {
        let name = model.features.get(feature);
        let reference = name.and_then(|name| model.reference.features.get(name));
        if let (Some(reference), Some(counts)) = (reference, self.features.get_mut(feature)) {
            reference.extend(counts, values);
        }
    }

    /// Adds a value of the feature at place `feature` of the model's order.
    pub fn add_feature(&mut self, model: &Model, feature: usize, value: f64) {
        let name = model.features.get(feature);
        let reference = name.and_then(|name| model.reference.features.get(name));
        if let (Some(reference), Some(counts)) = (reference, self.features.get_mut(feature)) {
            reference.add(counts, value);
        }
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// [`Reason::BinsDiffer`] where it was counted in the bins of another model.
    pub fn merge(&mut self, other: &Self) -> Result<(), Reason> {
        if self.features.len() != other.features.len() {
            return Err(Reason::BinsDiffer);
        }
        for (counts, more) in self.features.iter_mut().zip(&other.features) {
            counts.merge(more)?;
        }
        self.target.merge(&other.target)?;
        self.prediction.merge(&other.prediction)?;
        self.residual.merge(&other.residual)
    }

    /// The rows beside those that the model was trained on.
    #[must_use]
    pub fn compare(&self, model: &Model) -> Shifted {
        let reference = &model.reference;
        let feature = |(name, counts): (&String, &Counts)| {
            Some((name.clone(), reference.features.get(name)?.compare(counts)))
        };
        let features: BTreeMap<String, Psi> =
            model.features.iter().zip(&self.features).filter_map(feature).collect();
        Shifted {
            alarms: features.values().filter(|psi| psi.alarm).count() as u64,
            features,
            target: reference.target.compare(&self.target),
            prediction: reference.prediction.compare(&self.prediction),
            residual: reference.residual.reference.compare(&self.residual),
        }
    }
}
