//! Rows of each part as `feature-engineer` counted them before it filled missing cells: what was missing is
//! drift too, and no longer to be seen in the table.

use std::collections::BTreeMap;

use model::Model;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stats::{Counts, Reference};

/// Counts by feature, of those whose reference is the model's.
#[derive(Default)]
pub struct Recorded(BTreeMap<String, ByPart>);

/// Counts in the bins of one reference.
#[derive(Deserialize)]
pub struct ByPart {
    /// Of the training part.
    pub train: Counts,
    /// Of the calibration part.
    pub calibration: Counts,
    /// Of the test part.
    pub test: Counts,
}

impl Recorded {
    /// What the manifest of a table `found`; nothing for a table made by hand.
    #[must_use]
    pub fn of(found: &Value, model: &Model) -> Self {
        let counts: BTreeMap<String, ByPart> = of_features(&found["counts"]);
        let references: BTreeMap<String, Reference> = of_features(&found["reference"]);
        let of_model = |name: &String| {
            let own = references.get(name);
            own.is_some() && own == model.reference.features.get(name)
        };
        Self(counts.into_iter().filter(|(name, _)| of_model(name)).collect())
    }

    /// Whether a feature is on record.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Takes the counts of a feature out.
    pub fn remove(&mut self, name: &str) -> Option<ByPart> {
        self.0.remove(name)
    }
}

/// What stands under `features`, by name.
fn of_features<T: DeserializeOwned>(found: &Value) -> BTreeMap<String, T> {
    found.get("features").and_then(|all| BTreeMap::deserialize(all).ok()).unwrap_or_default()
}
