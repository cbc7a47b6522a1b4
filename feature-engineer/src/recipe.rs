//! The recipe: which features are made, from what, in which order. Stored with the model.

mod graph;
mod spec;
mod target;
mod wanted;

use std::collections::HashSet;

use common::error::{Error, Result};
use common::schema::{Field, Role, segment_name};
use common::text;
use serde::{Deserialize, Serialize};

use crate::make::Feature;
use crate::settings::Settings;
use graph::Graph;
use wanted::Wanted;

pub(crate) use spec::{Spec, TargetSpec, Wave};

/// The features before anything is learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recipe {
    /// Each after those it is made of.
    pub(crate) specs: Vec<Spec>,
    /// Names of those that only others are made of: no features themselves.
    pub(crate) hidden: Vec<String>,
    pub(crate) target: TargetSpec,
}

impl Recipe {
    /// The recipe that `settings` ask for over a clean table with `fields`.
    ///
    /// # Errors
    /// [`common::Class::Usage`]: a name that is no column, a column of the wrong type, steps made of one
    /// another, a feature made of the target itself.
    pub(crate) fn new(settings: &Settings, fields: &[Field]) -> Result<Self> {
        let graph = Graph::new(Wanted::of(settings, fields)?)?;
        let hidden = graph.hidden()?;
        let target = graph.target()?;
        let specs = graph.in_order()?;
        if specs.iter().all(|s| hidden.iter().any(|h| h == s.name())) {
            return Err(Error::usage(
                "[features] makes no feature: `columns` and steps give none that `exclude` does not name",
            ));
        }
        Ok(Self { specs, hidden, target })
    }

    /// Whether the step `name` gives a feature.
    pub(crate) fn is_feature(&self, name: &str) -> bool {
        !self.hidden.iter().any(|h| h == name)
    }

    /// Whether there is a step `name` that is no column as it is.
    pub(crate) fn makes(&self, name: &str) -> bool {
        self.specs
            .iter()
            .any(|s| s.name() == name && !matches!(s, Spec::Value { .. } | Spec::Category { .. }))
    }

    /// Every column of the features table has one name; those of indicators only the data tell.
    pub(crate) fn check_names(
        &self,
        features: &[Feature],
        fields: &[Field],
        segments: &[String],
    ) -> Result<()> {
        let keys = fields.iter().filter(|f| f.role != Role::Input).map(|f| f.name.as_str());
        let target = [Some(self.target.column.as_str()), self.target.persistence.as_deref()];
        let segments: Vec<String> = segments.iter().map(|s| segment_name(s)).collect();
        let carried = segments.iter().map(String::as_str);
        let mut names: HashSet<&str> = keys.chain(target.into_iter().flatten()).chain(carried).collect();
        match features.iter().find(|f| !names.insert(&f.name)) {
            Some(f) => Err(twice(&f.name)),
            None => Ok(()),
        }
    }
}

fn twice(name: &str) -> Error {
    Error::usage(format!(
        "[features] makes {} twice, or beside a key or the target of that name: rename a step, or leave one out by `columns` or `exclude`",
        text::name(name)
    ))
}
