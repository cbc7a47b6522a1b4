//! Filling missing features with values learned from training rows.

use std::collections::BTreeMap;

use common::text;
use stats::{Centre, Column};

use crate::make::Feature;

/// What was learned and filled.
pub(crate) struct Filled {
    /// Fill value by feature, whether or not a cell was missing: new data may miss any.
    pub(crate) values: BTreeMap<String, f64>,
    /// Features without any value in training rows, left out.
    pub(crate) left_out: Vec<String>,
}

/// Learns a fill for every feature, leaves out those that have none.
pub(crate) fn learn(features: &mut Vec<Feature>, train: &[bool], how: Centre) -> Filled {
    let mut filled = Filled { values: BTreeMap::new(), left_out: Vec::new() };
    features.retain(|feature| {
        let mut column = Column::new();
        feature.values.iter().zip(train).filter(|(_, t)| **t).for_each(|(v, _)| column.add(*v));
        let value = how.of(&mut column);
        if let Ok(value) = value {
            filled.values.insert(feature.name.clone(), value);
            true
        } else {
            log::warn!("feature {} has no value in training rows and is left out", text::name(&feature.name));
            filled.left_out.push(feature.name.clone());
            false
        }
    });
    filled
}

/// Fills in place.
pub(crate) fn apply(features: &mut [Feature], values: &BTreeMap<String, f64>) {
    for feature in features {
        let Some(fill) = values.get(&feature.name) else { continue };
        if feature.values.iter().any(|v| v.is_nan()) {
            feature.decimals = exact::decimal::places_with_fill(feature.decimals, *fill, &feature.values);
        }
        feature.values.iter_mut().filter(|v| v.is_nan()).for_each(|v| *v = *fill);
    }
}
