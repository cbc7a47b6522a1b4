//! `clean`: the contract on columns, types, duplicates, the split, fills.
//!
//! Reads the raw table as text, checks every cell against the contract before any other work, drops
//! rows that are equal in every cell, assigns each row to a part of the split by its own content, and
//! fills missing inputs with values learned from training rows only. The target's source column is
//! never filled.
#![forbid(unsafe_code)]

mod accepted;
mod columns;
mod dropped;
mod duplicates;
mod fill;
mod keys;
mod nulls;
mod settings;
mod spelling;
mod split;
mod typed;
mod violations;

use std::path::Path;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Class, Error, Result};
use common::ledger::{Ledger, Step};
use common::manifest::Manifest;
use common::schema::{Field, Kind, Role};
use common::table::{BATCH_ROWS, Format, TableWriter};
use common::time::Clock;
use common::{CommonArgs, Task, stage, text};
use polars::prelude::{BooleanChunked, Column, DataFrame, NewChunkedArray as _};
use serde_json::json;

use accepted::Held;
use columns::Rules;
use settings::{Duplicates, Settings};
use split::{Assigned, Part};
use violations::{Sources, Violations};

/// Command line of `clean`.
#[derive(Debug, clap::Parser)]
#[command(
    name = "clean",
    version,
    about = "Checks the contract on columns, drops duplicates, assigns the split, fills missing values"
)]
pub struct Args {
    /// Flags that every stage takes.
    #[command(flatten)]
    pub common: CommonArgs,

    /// Take the columns, levels and rows found now as those that every later run must find, in
    /// clean.lock.
    #[arg(long)]
    pub accept: bool,
}

/// Rows that passed the contract, typed and split.
struct Rows {
    table: DataFrame,
    parts: Assigned,
    dropped: Vec<(u64, u64)>,
}

/// Runs the stage.
///
/// # Errors
/// [`Class::Schema`] with every breach of the contract; [`Class::Rows`] where nothing is left to
/// train on; else as the class says.
pub fn run(args: &Args) -> Result<()> {
    let settings = Settings::load(&args.common)?;
    if args.common.print_config {
        return stage::print(&settings.print()?);
    }
    let places = Places::new(Task::Clean, &args.common)?;
    Format::of(places.output.shown())?;
    let raw = places.open(0, Task::Ingest)?;
    let sources = Sources::new(&raw)?;
    let breaches = places.companion("violations.csv");
    let hold = |rules: &Rules, table: &DataFrame| {
        Held::new(&places.project, &settings, rules, table, &sources, args.accept)
    };
    let (rules, rows, held) = contract(&settings, &raw, &sources, breaches.as_deref(), hold)?;
    let fills = fill::learn(&settings, &rows.table, &rules.fields(), &rows.parts.parts)?;
    let (filled, fields) = fill::apply(&rows.table, &rules.fields(), &fills)?;
    let rates = nulls::rates(&rows.table, &filled);
    nulls::log(&rates);
    let (filled, fields) = with_split(filled, fields, &rows.parts)?;

    let mut manifest = Manifest::new(Task::Clean, &settings.print()?, vec![raw.record.clone()]);
    manifest.ledger = ledger(&raw, &rows)?;
    manifest.learned_before = learned_before(&raw);
    manifest.fields = fields;
    manifest.found = json!({ "nulls": rates, "times": times_found(&settings, &rows, &rules)?,
        "changes": held.changes });
    manifest.learned = json!({ "fills": fills, "split": rows.parts.made });
    held.write(&places.project)?;
    publish(&places, &sources, &rows, &filled, manifest)
}

/// Checks columns, every cell and keys, then what was accepted, then what needs typed cells; stops at the
/// first of these that finds a breach, with all that it found.
fn contract(
    settings: &Settings,
    raw: &Checkpoint,
    sources: &Sources,
    file: Option<&Path>,
    hold: impl Fn(&Rules, &DataFrame) -> Result<Held>,
) -> Result<(Rules, Rows, Held)> {
    let mut violations = Violations::default();
    let rules = Rules::new(settings, raw, &mut violations)?;
    if rules.columns.is_empty() {
        violations.stop(sources, file)?;
    }
    let typed = typed::read(raw, &rules, &mut violations)?;
    keys::check(&rules, &typed.table, sources, &mut violations)?;
    violations.stop(sources, file)?;
    if typed.digests.is_empty() {
        return Err(Error::new(Class::Rows, "no rows: a header and nothing else").at(&raw.path));
    }
    let held = hold(&rules, &typed.table)?;
    let clock = settings.time.as_ref().map(|t| Clock::new(t, &rules.fields())).transpose()?;
    let times = clock.as_ref().map(|c| valid_times(c, &typed.table, &rules, &mut violations)).transpose()?;
    let repeats = duplicates::find(&typed.digests);
    if settings.duplicates == Duplicates::Error {
        for (row, earlier) in &repeats.repeats {
            let (source, line) = sources.of(Some(*earlier));
            violations.add_cell(
                *row,
                0,
                &rules.columns[0].field.name,
                format!("the row equals {}:{line}", text::shown(source)),
            );
        }
    }
    violations.stop(sources, file)?;
    let parts = split::assign(settings, &typed.table, &typed.digests, clock.as_ref().zip(times.as_deref()))?;
    let rows = if settings.duplicates == Duplicates::Drop {
        drop_repeats(&typed.table, parts, &repeats)?
    } else {
        Rows { table: typed.table, parts, dropped: Vec::new() }
    };
    enough(&rows)?;
    Ok((rules, rows, held))
}

fn valid_times(
    clock: &Clock,
    table: &DataFrame,
    rules: &Rules,
    violations: &mut Violations,
) -> Result<Vec<i64>> {
    match clock.ordinals(table)? {
        Ok(times) => Ok(times),
        Err(rows) => {
            let column = &clock.columns()[0];
            let position = rules.columns.iter().position(|r| r.field.name == *column).unwrap_or(0);
            let what = format!("no valid time in {}", text::names(clock.columns()));
            rows.iter().for_each(|row| violations.add_cell(*row as u64, position, column, what.clone()));
            Ok(Vec::new())
        }
    }
}

fn drop_repeats(table: &DataFrame, parts: Assigned, repeats: &duplicates::Found) -> Result<Rows> {
    let keep = &repeats.first;
    let mask = BooleanChunked::from_slice("first".into(), keep);
    let kept = table.filter(&mask)?;
    let of = parts.parts.iter().zip(keep).filter(|(_, k)| **k).map(|(p, _)| *p).collect();
    Ok(Rows {
        table: kept,
        parts: Assigned { parts: of, made: parts.made },
        dropped: repeats.repeats.clone(),
    })
}

fn enough(rows: &Rows) -> Result<()> {
    let counts = rows.parts.counts();
    log::info!("split: train {}, calibration {}, test {}", counts.train, counts.calibration, counts.test);
    if counts.train == 0 {
        return Err(Error::new(
            Class::Rows,
            format!("no training rows: {} in all; check [clean] split", text::count(counts.total(), "row")),
        ));
    }
    if counts.test == 0 {
        log::warn!("no test rows: nothing will tell how good the model is; check [clean] split");
    }
    Ok(())
}

fn with_split(
    mut table: DataFrame,
    mut fields: Vec<Field>,
    parts: &Assigned,
) -> Result<(DataFrame, Vec<Field>)> {
    let names: Vec<&str> = parts.parts.iter().map(|p| Part::name(*p)).collect();
    if let split::Made::Column { column } = &parts.made
        && column != columns::SPLIT
    {
        // One column says the split from here on, under one name.
        table.drop_in_place(column)?;
        fields.retain(|f| f.name != *column);
    }
    table.with_column(Column::new(columns::SPLIT.into(), names))?;
    if !fields.iter().any(|f| f.name == columns::SPLIT) {
        fields.push(Field::new(columns::SPLIT, Kind::String, Role::Split));
    }
    Ok((table, fields))
}

fn ledger(raw: &Checkpoint, rows: &Rows) -> Result<Ledger> {
    let before = raw.manifest.as_ref().map(|m| m.ledger.clone()).unwrap_or_default();
    let kept = rows.table.height() as u64;
    let repeats = rows.dropped.len() as u64;
    if repeats > 0 {
        log::info!("dropped {}: equal to an earlier row in every cell", text::count(repeats, "row"));
    }
    before.with(Step {
        stage: Task::Clean.name().to_owned(),
        rows_in: kept + repeats,
        dropped: [("duplicate".to_owned(), repeats)].into(),
        rows_out: kept,
        parts: Some(rows.parts.counts()),
        ..Step::default()
    })
}

/// Where the raw rows came from, for the report: names and rows of the sources.
fn learned_before(raw: &Checkpoint) -> serde_json::Map<String, serde_json::Value> {
    let sources = raw.manifest.as_ref().and_then(|m| m.found.get("sources"));
    let ingest = sources.map(|s| (Task::Ingest.name().to_owned(), json!({ "sources": s })));
    ingest.into_iter().collect()
}

/// First and last time of all rows, as text.
fn times_found(settings: &Settings, rows: &Rows, rules: &Rules) -> Result<serde_json::Value> {
    let Some(time) = &settings.time else { return Ok(serde_json::Value::Null) };
    let clock = Clock::new(time, &rules.fields())?;
    let times = clock.ordinals(&rows.table)?.unwrap_or_default();
    let shown = |t: Option<&i64>| t.map(|t| clock.show(*t));
    Ok(json!({ "first": shown(times.iter().min()), "last": shown(times.iter().max()) }))
}

fn publish(
    places: &Places,
    sources: &Sources,
    rows: &Rows,
    table: &DataFrame,
    manifest: Manifest,
) -> Result<()> {
    let mut writer = TableWriter::create(&places.output, &manifest.fields)?;
    for start in (0..table.height()).step_by(BATCH_ROWS) {
        writer.write(&table.slice(start.cast_signed() as i64, BATCH_ROWS))?;
    }
    let written = writer.finish()?;
    let companions = match places.companion("dropped.csv") {
        Some(path) => vec![dropped::write(&path, &rows.dropped, sources)?],
        None => Vec::new(),
    };
    places.publish(written, companions, manifest)?;
    stage::log_written(places.output.shown(), table.height() as u64);
    Ok(())
}
