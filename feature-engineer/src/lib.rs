//! `feature-engineer`: expressions, ratios, changes, windows, parts of dates, indicators, and the target at
//! its horizon.
//!
//! Everything looks back only, within the entity, in time order. What is learned (levels of text
//! columns, fills) is learned from training rows whose target is known and lies in the training part.
#![forbid(unsafe_code)]

mod apply;
mod calendar;
mod clean;
mod fill;
mod found;
mod leaks;
mod make;
mod part;
mod profile;
mod recipe;
mod rows;
mod settings;
mod step;
mod target;
mod timeline;
mod values;
mod window;

use std::sync::Arc;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Class, Error, Result};
use common::lines::{self, LineIndex};
use common::manifest::Manifest;
use common::publish::Target;
use common::table::{Format, TableReader};
use common::{CommonArgs, Task, json, stage, text};
use polars::prelude::{Column, PolarsError, PolarsResult};
use serde_json::json;

use apply::Stored;
use clean::Clean;
use leaks::Clues;
use make::{Feature, From, Source};
use part::Part;
use recipe::Recipe;
use rows::Rows;
use settings::{SPLIT, Settings};
use target::{Fate, Targets};
use timeline::{Keys, Timeline};
use values::Values;

pub use apply::{Features, Steps};

/// Command line of `feature-engineer`.
#[derive(Debug, clap::Parser)]
#[command(
    name = "feature-engineer",
    version,
    about = "Makes features that look back only, and the target at its horizon"
)]
pub struct Args {
    /// Flags that every stage takes.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Runs the stage.
///
/// # Errors
/// [`Class::Rows`] where no training row has a target; else as the class says.
pub fn run(args: &Args) -> Result<()> {
    let settings = Settings::load(&args.common)?;
    if args.common.print_config {
        return stage::print(&settings.print()?);
    }
    let places = Places::new(Task::FeatureEngineer, &args.common)?;
    Format::of(places.output.shown())?;
    let clean = places.open(0, Task::Clean)?;
    let reader = TableReader::open(&clean, None)?;
    let fields = settings.with_roles(reader.fields())?;
    let recipe = Recipe::new(&settings, &fields);
    // A table made by hand has types only where it has rows.
    if clean.manifest.is_some() && recipe.is_err() {
        return recipe.map(drop);
    }
    let segments = settings.segments_of(&fields);
    let Clean { rows, table, split, numbers } =
        Clean::read(reader, recipe.as_ref().ok(), &fields, &settings.segments)?;
    if rows == 0 {
        return Err(Error::new(Class::Rows, "no rows: a header and nothing else").at(&clean.path));
    }
    clean.expect_rows(rows as u64)?;
    let recipe = recipe?;
    let keys = Keys { entity: settings.entity.clone(), time: settings.time.clone() };
    let (parts, timeline) = rayon::join(|| parts(split, &clean), || Timeline::new(&keys, &table, &fields));
    let (parts, timeline) = (parts?, timeline?);
    timeline.iter().for_each(|t| t.log(&keys, &table));
    settings.check_spans(timeline.as_ref())?;
    let source =
        Source { rows, table: &table, numbers: &numbers, fields: &fields, timeline: timeline.as_ref() };
    let targets = targets(&recipe, &source, &clean, &parts)?;
    let train = learned_from(&targets, &parts)?;
    let mut made = make::make(&recipe, &source, From::Rows(&train, settings.section.max_categories))?;
    drop((numbers, train));
    made.log();
    recipe.check_names(&made.features, &fields, &settings.segments)?;
    let kept = rows::kept(&targets, &parts);
    let of_target = Values::Numbers(Arc::clone(&targets.values));
    let (mut profiles, of_target) = rayon::join(
        || profile::of_features(&made.features, &kept, settings.section.fill),
        || profile::of(&of_target, &kept, None),
    );
    let filled = fill::learn(&mut made.features, &mut profiles);
    if made.features.is_empty() {
        return Err(Error::new(Class::Rows, "no feature has a value in the training rows").at(&clean.path));
    }
    let mut rows = Rows {
        table,
        fields: &fields,
        segments: &segments,
        recipe: &recipe,
        targets: &targets,
        parts: &parts,
        kept: &kept,
    };
    let clues = Clues { rows: &rows, features: &made.features, timeline: timeline.as_ref(), clean: &clean };
    let leaks = clues.guard(settings.section.leaks)?;

    let mut manifest = Manifest::new(Task::FeatureEngineer, &settings.print()?, vec![clean.record.clone()]);
    manifest.ledger = rows.ledger(&clean)?;
    manifest.found = found::of(&rows, &made, (profiles, of_target), &clean, timeline.as_ref(), leaks)?;
    drop(timeline);
    // What only features were made of is not needed any more.
    rows.table = rows.carried()?;
    manifest.learned = json::value(&Stored {
        recipe: recipe.clone(),
        learned: made.learned.clone(),
        fills: filled.values.clone(),
        left_out: filled.left_out.clone(),
        keys,
    })?;
    manifest.learned_before = learned_before(&clean);
    fill::apply(&mut made.features, &filled.values);
    manifest.fields = rows.fields(&made.features);
    let index = LineIndex::of(&clean)?;
    publish(&places, &rows, &made.features, index.as_ref(), manifest)
}

fn parts(split: PolarsResult<Column>, clean: &Checkpoint) -> Result<Vec<Part>> {
    let failed = |e: PolarsError| {
        let what = format!("column {}: {e}; expected the column that clean adds", text::name(SPLIT));
        Error::checkpoint(what).at(&clean.path)
    };
    let split = split.map_err(failed)?;
    let cells = split.str().map_err(failed)?;
    let part = |(row, cell): (usize, Option<&str>)| {
        cell.and_then(Part::of).ok_or_else(|| {
            Error::checkpoint(format!(
                "row {}: `{}` in column {}, expected train, calibration, test or gap",
                row + 1,
                text::shown(cell.unwrap_or_default()),
                text::name(SPLIT)
            ))
            .at(&clean.path)
        })
    };
    cells.iter().enumerate().map(part).collect()
}

fn targets(recipe: &Recipe, source: &Source<'_>, clean: &Checkpoint, parts: &[Part]) -> Result<Targets> {
    let values = make::target_source(recipe, source)?;
    let purge = target::splits_by_order(clean.manifest.as_ref())?;
    Ok(match source.timeline {
        None => target::own(values, parts),
        Some(t) => target::ahead(values, &t.order, parts, purge, &recipe.target),
    })
}

/// Marks the rows that may be learned from: of the training part, with a target known within it.
fn learned_from(targets: &Targets, parts: &[Part]) -> Result<Vec<bool>> {
    let train: Vec<bool> =
        targets.fates.iter().zip(parts).map(|(f, p)| *f == Fate::Kept && *p == Part::Train).collect();
    if train.contains(&true) {
        return Ok(train);
    }
    let of = |fate| targets.fates.iter().filter(|f| **f == fate).count();
    Err(Error::new(
        Class::Rows,
        format!(
            "no training row with a known target: {} in all, {} of them in the training part; {} without target, {} not yet known, {} purged",
            text::count(targets.fates.len() as u64, "row"),
            parts.iter().filter(|p| **p == Part::Train).count(),
            of(Fate::WithoutTarget),
            of(Fate::Pending),
            of(Fate::Purged)
        ),
    ))
}

fn learned_before(clean: &Checkpoint) -> serde_json::Map<String, serde_json::Value> {
    let Some(manifest) = &clean.manifest else { return serde_json::Map::new() };
    let mut before = manifest.learned_before.clone();
    before.insert(Task::Clean.name().to_owned(), manifest.learned.clone());
    before
}

fn publish(
    places: &Places,
    rows: &Rows<'_>,
    features: &[Feature],
    index: Option<&LineIndex>,
    mut manifest: Manifest,
) -> Result<()> {
    let (written, identity) = rows.write(&places.output, features, Fate::Kept)?;
    manifest.found["identity"] = json!(identity);
    let mut companions = Vec::new();
    if let Some(path) = places.companion("pending.csv") {
        let (pending, of) = rows.write(&Target::file(&path), features, Fate::Pending)?;
        log::info!(
            "kept apart: {} whose target is not known yet, in {}",
            text::count(of.rows, "row"),
            text::path(&path)
        );
        companions.push(pending);
    }
    if let Some((index, path)) = index.zip(places.companion(lines::ENDING)) {
        let kept = rows.numbers(Fate::Kept).into_iter().map(u64::from);
        companions.push(index.write_rows(&path, kept)?);
    }
    places.publish(written, companions, manifest)?;
    stage::log_written(places.output.shown(), identity.rows);
    Ok(())
}
