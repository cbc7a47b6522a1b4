//! The training profile that drift is measured against.

use std::collections::BTreeMap;

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use model::{Profile, Residual, ResidualPart};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use stats::{OrderStatistics as _, Quantiles, Reference};

use crate::design::Numbers;
use crate::piece::{Ask, Piece};

/// Distribution of features and target over the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Training {
    pub(crate) features: BTreeMap<String, Reference>,
    pub(crate) target: Reference,
    pub(crate) target_median: Option<f64>,
}

/// What `feature-engineer` found.
#[derive(Deserialize)]
struct Found {
    reference: FoundReference,
    target: FoundTarget,
}

#[derive(Deserialize)]
struct FoundReference {
    features: BTreeMap<String, Reference>,
    target: Reference,
}

#[derive(Deserialize)]
struct FoundTarget {
    train: FoundSummary,
}

#[derive(Deserialize)]
struct FoundSummary {
    median: Option<f64>,
}

/// The profile that `feature-engineer` recorded, if the table has a manifest.
pub(crate) fn recorded(table: &Checkpoint) -> Result<Option<Training>> {
    let Some(manifest) = &table.manifest else { return Ok(None) };
    let found = Found::deserialize(&manifest.found).map_err(|e| {
        Error::checkpoint(format!(
            "its manifest holds no reference profile: {e}; run `feature-engineer` again"
        ))
        .at(&table.path)
    })?;
    Ok(Some(Training {
        features: found.reference.features,
        target: found.reference.target,
        target_median: found.target.train.median,
    }))
}

/// The profile of all pieces: the recorded one where all pieces record the same, else learned from
/// their rows, which keeps them in memory.
pub(crate) fn learn(pieces: &[Piece]) -> Result<Training> {
    let all = pieces.iter().map(|p| recorded(&p.table)).collect::<Result<Vec<_>>>()?;
    if let Some(Some(first)) = all.first()
        && all.iter().all(|r| r.as_ref() == Some(first))
    {
        return Ok(first.clone());
    }
    let mut features = vec![Quantiles::new(); pieces[0].features.len()];
    let mut target = Quantiles::new();
    for piece in pieces {
        let take = |numbers: Numbers| {
            features.iter_mut().zip(&numbers.features).for_each(|(q, values)| q.extend(values));
            target.extend(&numbers.target);
            Ok(())
        };
        piece.each(&Ask::TRAINING, |batch| Ok(batch.numbers), take)?;
    }
    features.par_iter_mut().chain([&mut target]).for_each(Quantiles::sort);
    let names = pieces[0].features.iter().map(|f| f.name.clone());
    Ok(Training {
        features: names.zip(features.iter_mut().map(Reference::from_order)).collect(),
        target_median: target.median().ok(),
        target: Reference::from_order(&mut target),
    })
}

impl Training {
    /// A profile of nothing, where pieces disagree and their rows are not at hand.
    pub(crate) fn unknown(features: &[String]) -> Self {
        let nothing = Reference::learn(&[]);
        Self {
            features: features.iter().map(|f| (f.clone(), nothing.clone())).collect(),
            target: nothing,
            target_median: None,
        }
    }

    /// The form of the model file; those of the predictions and residuals are filled in once there are any.
    pub(crate) fn into_profile(self) -> Profile {
        let nothing = Reference::learn(&[]);
        Profile {
            features: self.features,
            target: self.target,
            prediction: nothing.clone(),
            residual: Residual { of: ResidualPart::Train, reference: nothing },
        }
    }
}
