//! `feature-engineer`: ratios, rolling statistics, lags, indicators, and the target at its horizon.
//!
//! Everything looks back only, within the entity, in time order. What is learned (levels of text
//! columns, fills) is learned from training rows whose target is known and lies in the training part.
#![forbid(unsafe_code)]

mod fill;
mod leaks;
mod make;
mod order;
mod profile;
mod recipe;
mod rows;
mod settings;
mod target;
mod window;

use std::collections::BTreeMap;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Class, Error, Result};
use common::manifest::Manifest;
use common::publish::Target;
use common::schema::Field;
use common::table::{Format, TableReader, texts};
use common::time::Clock;
use common::{CommonArgs, Task, stage, text};
use polars::prelude::DataFrame;
use serde_json::json;

use make::Made;
use order::Order;
use recipe::Recipe;
use rows::Rows;
use settings::{SPLIT, Settings};
use target::{Fate, Targets};

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
    let table = reader.read_all()?;
    if table.height() == 0 {
        return Err(Error::new(Class::Rows, "no rows: a header and nothing else").at(&clean.path));
    }
    let recipe = Recipe::new(&settings, &fields)?;
    let parts = parts(&table, &clean)?;
    let timeline = Timeline::new(&settings, &table, &fields)?;
    let targets = targets(&settings, &recipe, &table, &clean, &parts, timeline.as_ref())?;
    let train: Vec<bool> =
        targets.fates.iter().zip(&parts).map(|(f, p)| *f == Fate::Kept && *p == "train").collect();
    enough(&train, &targets)?;
    let order = timeline.as_ref().map(|t| &t.order);
    let mut made =
        make::make(&recipe.specs, &fields, &table, order, &train, settings.section.max_categories)?;
    recipe.check_names(&made.features, &fields)?;
    let filled = fill::learn(&mut made.features, &train, settings.section.fill);
    if made.features.is_empty() {
        return Err(Error::new(Class::Rows, "no feature has a value in the training rows").at(&clean.path));
    }
    let entity = leaks::as_text(&table, settings.entity.as_deref())?;
    let clues = leaks::Clues {
        table: &table,
        fields: &fields,
        recipe: &recipe,
        targets: &targets,
        parts: &parts,
        features: &made.features,
    };
    let time = timeline.as_ref().map(|t| (t.order.groups(), t.times.as_slice()));
    let leaks = leaks::guard(settings.section.leaks, &clues.evidence(&clean, time, entity.as_ref())?)?;
    let missing = fill::apply(&mut made.features, &filled.values);
    let rows = Rows {
        table: &table,
        fields: &fields,
        recipe: &recipe,
        targets: &targets,
        parts: &parts,
        features: &made.features,
    };

    let mut manifest = Manifest::new(Task::FeatureEngineer, &settings.print()?, vec![clean.record.clone()]);
    manifest.ledger = rows.ledger(&clean)?;
    manifest.fields = rows.fields();
    manifest.found = found(&rows, &missing, &made, &clean, timeline.as_ref());
    manifest.found["leaks"] = leaks;
    manifest.learned = json!({ "recipe": recipe, "levels": made.levels, "fills": filled.values, "left_out": filled.left_out });
    manifest.learned_before = learned_before(&clean);
    publish(&places, &rows, manifest)
}

/// Times and order of the rows, where the project has time.
struct Timeline {
    clock: Clock,
    times: Vec<i64>,
    order: Order,
}

impl Timeline {
    fn new(settings: &Settings, table: &DataFrame, fields: &[Field]) -> Result<Option<Self>> {
        let Some(time) = &settings.time else { return Ok(None) };
        let clock = Clock::new(time, fields)?;
        let times = clock.ordinals(table)?.map_err(|rows| {
            let first = rows.first().map_or(0, |row| row + 1);
            Error::new(
                Class::Schema,
                format!(
                    "row {first} of the clean table has no valid time in {}",
                    text::names(clock.columns())
                ),
            )
        })?;
        let order = Order::new(table, settings.entity.as_deref(), &times)?;
        Ok(Some(Self { clock, times, order }))
    }
}

fn parts<'a>(table: &'a DataFrame, clean: &Checkpoint) -> Result<Vec<&'a str>> {
    let cells = texts(table, SPLIT).map_err(|e| {
        Error::checkpoint(format!("{e}; expected the column that clean adds")).at(&clean.path)
    })?;
    let part = |(row, cell): (usize, Option<&'a str>)| match cell {
        Some(part @ ("train" | "calibration" | "test")) => Ok(part),
        other => Err(Error::checkpoint(format!(
            "row {}: `{}` in column {}, expected train, calibration or test",
            row + 1,
            text::shown(other.unwrap_or_default()),
            text::name(SPLIT)
        ))
        .at(&clean.path)),
    };
    cells.into_iter().enumerate().map(part).collect()
}

fn targets(
    settings: &Settings,
    recipe: &Recipe,
    table: &DataFrame,
    clean: &Checkpoint,
    parts: &[&str],
    timeline: Option<&Timeline>,
) -> Result<Targets> {
    let source = common::table::numbers(table, &recipe.target.source)?;
    let purge = target::splits_by_order(clean.manifest.as_ref())?;
    Ok(match timeline {
        None => target::own(&source),
        Some(t) => target::ahead(&source, &t.order, parts, purge, settings.horizon as usize),
    })
}

fn enough(train: &[bool], targets: &Targets) -> Result<()> {
    if train.contains(&true) {
        return Ok(());
    }
    let of = |fate| targets.fates.iter().filter(|f| **f == fate).count();
    Err(Error::new(
        Class::Rows,
        format!(
            "no training row with a known target: {} rows in all, {} without target, {} not yet known, {} purged",
            targets.fates.len(),
            of(Fate::WithoutTarget),
            of(Fate::Pending),
            of(Fate::Purged)
        ),
    ))
}

/// Statistics, drift and times for log, manifest and later stages.
fn found(
    rows: &Rows<'_>,
    missing: &BTreeMap<String, Vec<bool>>,
    made: &Made,
    clean: &Checkpoint,
    timeline: Option<&Timeline>,
) -> serde_json::Value {
    let kept = rows.numbers(Fate::Kept);
    let parts: Vec<&str> = kept.iter().map(|r| rows.parts[*r]).collect();
    let pick = |values: &[f64]| -> Vec<f64> { kept.iter().map(|r| values[*r]).collect() };
    let mut statistics = BTreeMap::new();
    let mut references = BTreeMap::new();
    for feature in rows.features {
        let filled: Option<Vec<bool>> =
            missing.get(&feature.name).map(|m| kept.iter().map(|r| m[*r]).collect());
        let (s, r) = profile::of(&pick(&feature.values), &parts, filled.as_deref());
        statistics.insert(feature.name.clone(), s);
        references.insert(feature.name.clone(), r);
    }
    profile::log(&statistics);
    let (target, target_reference) = profile::of(&pick(&rows.targets.values), &parts, None);
    profile::log(&BTreeMap::from([(rows.recipe.target.column.clone(), target.clone())]));
    let clock = timeline.map(|t| {
        let shown = |part: &str, last: bool| {
            let times = kept.iter().filter(|r| rows.parts[**r] == part).map(|r| t.times[*r]);
            let time = if last { times.max() } else { times.min() };
            time.map(|time| t.clock.show(time))
        };
        json!({
            "first": profile::ByPart::of(|p| shown(p, false)),
            "last": profile::ByPart::of(|p| shown(p, true)),
        })
    });
    let split = clean.manifest.as_ref().and_then(|m| m.learned.get("split").cloned());
    json!({
        "features": statistics,
        "target": target,
        "reference": { "features": references, "target": target_reference },
        "clock": clock,
        "split": split,
        "undefined_ratios": made.undefined,
        "unseen": made.unseen,
    })
}

fn learned_before(clean: &Checkpoint) -> serde_json::Map<String, serde_json::Value> {
    let Some(manifest) = &clean.manifest else { return serde_json::Map::new() };
    let mut before = manifest.learned_before.clone();
    before.insert(Task::Clean.name().to_owned(), manifest.learned.clone());
    before
}

fn publish(places: &Places, rows: &Rows<'_>, mut manifest: Manifest) -> Result<()> {
    let (written, identity) = rows.write(&places.output, Fate::Kept)?;
    manifest.found["identity"] = json!(identity);
    let mut companions = Vec::new();
    if let Some(path) = places.companion("pending.csv") {
        let (pending, of) = rows.write(&Target::file(&path), Fate::Pending)?;
        log::info!(
            "kept apart: {} whose target is not known yet, in {}",
            text::count(of.rows, "row"),
            text::path(&path)
        );
        companions.push(pending);
    }
    places.publish(written, companions, manifest)?;
    stage::log_written(places.output.shown(), identity.rows);
    Ok(())
}
