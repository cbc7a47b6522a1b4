//! What was learned from the training rows, applied as it is to rows of any table: what `predict` calls.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use common::error::{Error, Result};
use common::schema::Field;
use common::text;
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clean::Numbers;
use crate::fill;
use crate::make::{self, Feature, From, Learned, Source};
use crate::part::Part;
use crate::recipe::{Recipe, Spec};
use crate::target::{self, Targets};
use crate::timeline::{Keys, Timeline};
use crate::values::Values;

/// `learned` in the manifest of the features table, and in the model file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) recipe: Recipe,
    #[serde(flatten)]
    pub(crate) learned: Learned,
    pub(crate) fills: BTreeMap<String, f64>,
    pub(crate) left_out: Vec<String>,
    #[serde(flatten)]
    pub(crate) keys: Keys,
}

/// The steps from a clean table to the features of a model.
#[derive(Clone, Debug)]
pub struct Steps {
    /// Without the specs that no wanted feature is made of.
    stored: Stored,
    /// The recipe as it was.
    recipe: Recipe,
    /// The features, in the order in which they are wanted.
    features: Vec<String>,
}

/// The features of some rows.
#[derive(Debug)]
pub struct Features {
    /// By feature, in the order in which they were wanted; none is missing.
    pub values: Vec<Vec<f64>>,
    /// For features of which values were missing and were filled, the rows.
    pub filled: Vec<(String, Vec<bool>)>,
    /// For text columns with values that no training row had, the rows.
    pub unseen: Vec<(String, Vec<bool>)>,
}

impl Steps {
    /// The steps that `learned` (of a manifest or a model) holds, as far as `features` are made of them.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where it holds no steps, or none that make one of the features.
    pub fn of(learned: &Value, features: &[String]) -> Result<Self> {
        let mut stored = Stored::deserialize(learned)
            .map_err(|e| Error::checkpoint(format!("it does not say how its features are made: {e}")))?;
        let recipe = stored.recipe.clone();
        stored.recipe.specs = needed(&recipe, features);
        if let Some(name) = features.iter().find(|name| !stored.fills.contains_key(*name)) {
            return Err(Error::checkpoint(format!("its recipe makes no feature {}", text::name(name))));
        }
        Ok(Self { stored, recipe, features: features.to_vec() })
    }

    /// The columns of the clean table that the features are made of, keys not among them.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<String> {
        let specs = &self.stored.recipe.specs;
        let is_step = |name: &str| specs.iter().any(|s| s.name() == name && !is_as_it_is(s));
        let mut columns = BTreeSet::new();
        for spec in specs {
            match spec {
                Spec::Value { name } | Spec::Category { column: name } => {
                    columns.insert(name.clone());
                }
                Spec::Calendar { column, .. } => columns.extend(column.clone()),
                spec => {
                    // A step may have the name of a column it is made of.
                    let of = spec.operands().into_iter();
                    columns.extend(of.filter(|name| spec.name() == name || !is_step(name)));
                }
            }
        }
        columns
    }

    /// The features, in the order in which they were wanted.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.features
    }

    /// Whether features are made of earlier rows too.
    #[must_use]
    pub fn looks_back(&self) -> bool {
        self.stored.recipe.specs.iter().any(|spec| {
            matches!(
                spec,
                Spec::Difference { .. }
                    | Spec::PercentChange { .. }
                    | Spec::Lag { .. }
                    | Spec::Rolling { .. }
                    | Spec::Expanding { .. }
            )
        })
    }

    /// The columns of the clean table that the target is made of.
    #[must_use]
    pub fn outcome_columns(&self) -> BTreeSet<String> {
        let specs = make::target_specs(&self.recipe);
        if specs.is_empty() {
            return BTreeSet::from([self.recipe.target.source.clone()]);
        }
        let is_made = |name: &String| specs.iter().any(|s| s.name() == name);
        specs.iter().flat_map(Spec::operands).filter(|name| !is_made(name)).collect()
    }

    /// Whether the target is made of later rows.
    #[must_use]
    pub fn looks_ahead(&self) -> bool {
        self.recipe.target.horizon > 0
    }

    /// The target of the rows of a clean table, in its unit: NaN where it is not known. Where it looks ahead, the
    /// table holds the rows that it is made of.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where a column is not there or does not hold what it must.
    pub fn outcomes(&self, table: &DataFrame, fields: &[Field]) -> Result<Vec<f64>> {
        let keys = &self.stored.keys;
        let timeline = if self.looks_ahead() { Timeline::new(keys, table, fields)? } else { None };
        let (rows, numbers) = (table.height(), Numbers::new());
        let source = Source { rows, table, numbers: &numbers, fields, timeline: timeline.as_ref() };
        let values = make::target_source(&self.recipe, &source)?;
        // Rows of one part: none is later than another.
        let parts = vec![Part::Train; rows];
        let Targets { values, .. } = match &timeline {
            None => target::own(values, &parts),
            Some(t) => target::ahead(values, &t.order, &parts, false, &self.recipe.target),
        };
        Ok(Arc::unwrap_or_clone(values))
    }

    /// Columns of entity and time, as far as the project has them.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let Keys { entity, time } = &self.stored.keys;
        let time = time.iter().flat_map(|t| t.iter().map(str::to_owned));
        entity.iter().cloned().chain(time).collect()
    }

    /// The features of the rows of a clean table. Where steps look back, the table holds all rows they look at.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where a column is not there or does not hold what it must.
    pub fn features(&self, table: &DataFrame, fields: &[Field]) -> Result<Features> {
        let Stored { recipe, learned, fills, keys, .. } = &self.stored;
        let is_timed = |s: &Spec| matches!(s, Spec::Calendar { column: None, .. });
        let timeline = if self.looks_back() || recipe.specs.iter().any(is_timed) {
            Timeline::new(keys, table, fields)?
        } else {
            None
        };
        if let Some(timeline) = timeline.as_ref().filter(|_| self.looks_back()) {
            timeline.log(keys, table);
        }
        let (rows, numbers) = (table.height(), Numbers::new());
        let source = Source { rows, table, numbers: &numbers, fields, timeline: timeline.as_ref() };
        let mut made = make::make(recipe, &source, From::Before(learned))?;
        let filled = made.features.iter().filter(|f| self.features.contains(&f.name));
        let missing = |f: &Feature| {
            let values = f.values.numbers().filter(|_| f.values.any_missing())?;
            Some((f.name.clone(), values.iter().map(|v| v.is_nan()).collect::<Vec<bool>>()))
        };
        let filled = filled.filter_map(missing).collect();
        fill::apply(&mut made.features, fills);
        let unseen = made.unseen.into_iter().filter(|(_, rows)| rows.contains(&true)).collect();
        let mut by_name: BTreeMap<String, Values> =
            made.features.into_iter().map(|f| (f.name, f.values)).collect();
        let take = |name: &String| {
            by_name
                .remove(name)
                .map(Values::into_numbers)
                .ok_or_else(|| Error::checkpoint(format!("its recipe makes no feature {}", text::name(name))))
        };
        Ok(Features { values: self.features.iter().map(take).collect::<Result<_>>()?, filled, unseen })
    }
}

fn is_as_it_is(spec: &Spec) -> bool {
    matches!(spec, Spec::Value { .. } | Spec::Category { .. })
}

/// The specs that make `features`, and those these are made of, in their order.
fn needed(recipe: &Recipe, features: &[String]) -> Vec<Spec> {
    let mut names: HashSet<String> = features.iter().cloned().collect();
    let mut specs: Vec<Spec> = Vec::new();
    for spec in recipe.specs.iter().rev() {
        let is_needed = match spec {
            // Its features have names of their own.
            Spec::Category { column } => features.iter().any(|f| f.starts_with(&format!("{column}="))),
            spec => names.contains(spec.name()),
        };
        if is_needed {
            names.extend(spec.operands());
            specs.push(spec.clone());
        }
    }
    specs.reverse();
    specs
}
