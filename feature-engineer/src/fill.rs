//! Filling missing features with values learned from training rows.

use std::collections::BTreeMap;

use common::text;
use rayon::prelude::*;

use crate::make::Feature;
use crate::profile::Profile;

/// What was learned and filled.
pub(crate) struct Filled {
    /// Fill value by feature, whether or not a cell was missing: new data may miss any.
    pub(crate) values: BTreeMap<String, f64>,
    /// Features without any value in training rows, left out.
    pub(crate) left_out: Vec<String>,
}

/// Keeps the fill of every feature, leaves out those that have none, and their profiles.
pub(crate) fn learn(features: &mut Vec<Feature>, profiles: &mut Vec<Profile>) -> Filled {
    let mut filled = Filled { values: BTreeMap::new(), left_out: Vec::new() };
    for feature in features.iter().zip(&*profiles).filter(|(_, p)| p.fill.is_none()).map(|(f, _)| f) {
        log::warn!("feature {} has no value in training rows and is left out", text::name(&feature.name));
        filled.left_out.push(feature.name.clone());
    }
    let fills = features.iter().zip(&*profiles).filter_map(|(f, p)| Some((f.name.clone(), p.fill?)));
    filled.values.extend(fills);
    features.retain(|feature| filled.values.contains_key(&feature.name));
    profiles.retain(|profile| profile.fill.is_some());
    filled
}

/// Fills in place.
pub(crate) fn apply(features: &mut [Feature], values: &BTreeMap<String, f64>) {
    features.par_iter_mut().for_each(|feature| {
        let Some(fill) = values.get(&feature.name) else { return };
        if feature.values.any_missing() {
            let numbers = feature.values.numbers().unwrap_or_default();
            feature.decimals = exact::decimal::places_with_fill(feature.decimals, *fill, numbers);
            feature.values.fill(*fill);
        }
    });
}
