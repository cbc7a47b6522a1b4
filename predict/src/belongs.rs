//! Whether a features table belongs to the model: the same names say nothing of how their values were made.

use std::collections::BTreeSet;

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use common::identity::{Identity, RowSet};
use common::manifest::Manifest;
use common::schema::{Role, with_role};
use common::{Task, text};
use model::Model;
use serde_json::Value;

/// What `clean` learned that a cell of a feature depends on; the rest says how raw rows are read and split.
const OF_CLEAN: [&str; 2] = ["fills", "winsorised"];

/// Refuses a table that was made in another way than the rows the model was trained on. Where one of them was
/// made by hand, nothing is known of it.
///
/// # Errors
/// [`common::Class::Checkpoint`] naming what differs.
pub(crate) fn check(table: &Checkpoint, model: &Model) -> Result<()> {
    let Some(manifest) = table.manifest.as_ref().filter(|_| !model.preparation.is_empty()) else {
        return Ok(());
    };
    let what =
        target(manifest, model).or_else(|| recipe(manifest, model)).or_else(|| cleaning(manifest, model));
    what.map_or(Ok(()), |what| {
        let again = Task::TrainModel.program();
        Err(Error::checkpoint(format!("does not belong to the model: {what}; run `{again}` again"))
            .at(&table.path))
    })
}

/// Warns where a part is asked for of other rows than those of the model, whose parts may be others.
///
/// # Errors
/// [`common::Class::Checkpoint`] where the table does not say which rows it holds.
pub(crate) fn warn_of_other_rows(table: &Checkpoint, trained_on: &Identity, part: &str) -> Result<()> {
    if RowSet::of_table(table)?.identity() != *trained_on {
        log::warn!(
            "{}: these are not the rows of the table that the model was trained on: rows of its part {} may be ones that the model was trained on",
            text::path(&table.path),
            text::name(part)
        );
    }
    Ok(())
}

fn target(manifest: &Manifest, model: &Model) -> Option<String> {
    let target = with_role(&manifest.fields, Role::Target).map(|field| field.name.as_str());
    let shown = target.map_or_else(|| "none".to_owned(), text::name);
    let expected = model.target_column.as_str();
    (target != Some(expected))
        .then(|| format!("its target is {shown}, the model predicts {}", text::name(expected)))
}

fn recipe(manifest: &Manifest, model: &Model) -> Option<String> {
    let parts = unlike(&manifest.learned, model.preparation.get(Task::FeatureEngineer.name()));
    let parts = text::names(parts?);
    Some(format!("its features were made by another recipe than the model's, which differs in {parts}"))
}

fn cleaning(manifest: &Manifest, model: &Model) -> Option<String> {
    // Of a table that was cleaned by hand nothing is known.
    let here = manifest.learned_before.get(Task::Clean.name())?;
    let there = model.preparation.get(Task::Clean.name())?;
    let differs = |key: &&str| here.get(*key) != there.get(*key);
    let parts: Vec<&str> = OF_CLEAN.into_iter().filter(differs).collect();
    let said = || {
        let parts = text::names(parts.iter());
        format!("its rows were cleaned in another way than the model's, which differs in {parts}")
    };
    (!parts.is_empty()).then(said)
}

/// The keys by which two objects differ; nothing where they are the same.
fn unlike(here: &Value, there: Option<&Value>) -> Option<Vec<String>> {
    let there = there.unwrap_or(&Value::Null);
    if here == there {
        return None;
    }
    let keys = [here, there].into_iter().filter_map(Value::as_object).flat_map(|object| object.keys());
    let all: BTreeSet<&String> = keys.filter(|key| here.get(key) != there.get(key)).collect();
    Some(all.into_iter().cloned().collect())
}
