//! The stages and their names.

use std::fmt;

/// A stage of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// Pulls raw data, checks its form, combines.
    Ingest,
    /// Schema contract, types, duplicates, split, fills.
    Clean,
    /// Ratios, rolling statistics, lags, target.
    FeatureEngineer,
    /// Fits the regression.
    TrainModel,
    /// Errors, drift, calibration.
    Evaluate,
    /// The draft that an analyst edits.
    Report,
    /// Scores new rows; beside the chain.
    Predict,
    /// Drift and error of new rows; beside the chain.
    Monitor,
}

impl Task {
    /// The chain, in data order.
    pub const CHAIN: [Self; 6] =
        [Self::Ingest, Self::Clean, Self::FeatureEngineer, Self::TrainModel, Self::Evaluate, Self::Report];

    /// Name in logs, messages and manifests: `feature_engineer`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Clean => "clean",
            Self::FeatureEngineer => "feature_engineer",
            Self::TrainModel => "train_model",
            Self::Evaluate => "evaluate",
            Self::Report => "report",
            Self::Predict => "predict",
            Self::Monitor => "monitor",
        }
    }

    /// The stages whose checkpoints it reads, in the order in which it reads them.
    #[must_use]
    pub fn before(self) -> &'static [Self] {
        match self {
            Self::Ingest => &[],
            Self::Clean => &[Self::Ingest],
            Self::FeatureEngineer => &[Self::Clean],
            Self::TrainModel => &[Self::FeatureEngineer],
            Self::Evaluate | Self::Predict | Self::Monitor => &[Self::FeatureEngineer, Self::TrainModel],
            Self::Report => &[Self::Evaluate, Self::TrainModel],
        }
    }

    /// Whether it runs only in a project folder, one at a time. A model is all that scoring and monitoring need.
    #[must_use]
    pub fn needs_project(self) -> bool {
        !matches!(self, Self::Predict | Self::Monitor)
    }

    /// Name of the program, its crate and its folder: `feature-engineer`.
    #[must_use]
    pub fn program(self) -> String {
        self.name().replace('_', "-")
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
