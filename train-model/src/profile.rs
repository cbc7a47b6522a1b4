//! The training profile that drift is measured against.

use std::collections::BTreeMap;

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use model::Profile;
use serde::Deserialize;
use stats::Reference;

use crate::rows::Rows;

/// What `feature-engineer` found.
#[derive(Deserialize)]
struct Found {
    reference: FoundReference,
}

#[derive(Deserialize)]
struct FoundReference {
    features: BTreeMap<String, Reference>,
    target: Reference,
}

/// The profile of features and target as `feature-engineer` recorded it, or learned here for a table
/// made by hand. That of the predictions is learned once there are any.
pub(crate) fn learn(table: &Checkpoint, rows: &Rows) -> Result<Profile> {
    let nothing = Reference::learn(&[]);
    if let Some(manifest) = &table.manifest {
        let found = Found::deserialize(&manifest.found)
            .map_err(|e| Error::checkpoint(format!("its manifest holds no reference profile: {e}")).at(&table.path))?;
        return Ok(Profile { features: found.reference.features, target: found.reference.target, prediction: nothing });
    }
    let features = rows.names.iter().zip(&rows.features).map(|(n, c)| (n.clone(), Reference::learn(c))).collect();
    Ok(Profile { features, target: Reference::learn(&rows.target), prediction: nothing })
}
