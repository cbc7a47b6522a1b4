//! `clean`: the contract on columns, types, duplicates, the split, fills.
//!
//! Reads the raw table as text, checks every cell against the contract before any other work, drops
//! rows that repeat another, assigns each row to a part of the split by its own content, moves values
//! beyond learned limits to these, and fills missing inputs with values learned from training rows
//! only. The columns of the target are never touched.
#![forbid(unsafe_code)]

mod accepted;
mod apply;
mod by_part;
mod columns;
mod dropped;
mod duplicates;
mod fill;
mod keys;
mod nulls;
mod plan;
mod prepare;
mod raw_form;
mod repeats;
mod rows;
mod settings;
mod spelling;
mod split;
mod timeline;
mod typed;
mod typing;
mod violations;
mod winsorise;

use std::path::Path;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Class, Error, Result};
use common::lines::{self, LineIndex};
use common::manifest::Manifest;
use common::schema::{Field, Kind, Role};
use common::table::{BATCH_ROWS, Format, TableReader, TableWriter};
use common::{CommonArgs, Task, stage};
use polars::prelude::{Column, DataFrame};
use serde_json::json;

use accepted::Held;
use columns::Rules;
use plan::Plan;
use prepare::Prepared;
use raw_form::RawForm;
use rows::Rows;
use settings::Settings;
use violations::{Sources, Violations};

pub use apply::{Clash, Filled, Preparation, Same, Wanted};
pub use typed::Digest;
pub use typing::Typing;

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
    let Contracted { rules, plan, mut rows, held } =
        contract(&settings, &raw, &sources, breaches.as_deref(), hold)?;
    let Prepared { table, missing, fields, limits, moved, fills } =
        prepare::prepare(&settings, &plan.fills, &rules.fields(), &mut rows)?;
    let rates = nulls::rates(missing, &table)?;
    nulls::log(&rates);
    let (table, fields) = with_split(table, fields, &rows.parts.made)?;

    let mut manifest = Manifest::new(Task::Clean, &settings.print()?, vec![raw.record.clone()]);
    manifest.ledger = rows.ledger(&settings, &raw)?;
    manifest.learned_before = learned_before(&raw);
    manifest.fields = fields;
    manifest.found = json!({
        "nulls": rates,
        "duplicates": rows.duplicates.counts,
        "winsorised": moved,
        "times": rows.times_found(),
        "changes": held.changes,
    });
    let form = RawForm::new(&settings, &rules, &raw);
    manifest.learned = json!({ "winsorised": limits, "fills": fills, "split": rows.parts.made, "raw": form });
    held.write(&places.project)?;
    let index = LineIndex::of(&raw)?;
    publish(&places, &sources, &rows, &table, index.as_ref(), manifest)
}

/// A table that keeps the contract.
struct Contracted {
    rules: Rules,
    plan: Plan,
    rows: Rows,
    held: Held,
}

/// Checks columns, every cell and keys, then what was accepted, then what needs typed cells; stops at the
/// first of these that finds a breach, with all that it found.
fn contract(
    settings: &Settings,
    raw: &Checkpoint,
    sources: &Sources,
    file: Option<&Path>,
    hold: impl Fn(&Rules, &DataFrame) -> Result<Held>,
) -> Result<Contracted> {
    let mut violations = Violations::default();
    let rules = Rules::new(settings, raw, &mut violations)?;
    if rules.columns.is_empty() {
        violations.stop(sources, file)?;
    }
    let fields = rules.fields();
    // A wrong plan is said before any cell is read, but not because a column is missing, nor where no column
    // has a type for lack of rows.
    let planned = violations.is_empty().then(|| Plan::new(settings, &fields)).transpose();
    let planned = planned.map_err(|e| if has_rows(raw) { e } else { no_rows(raw) })?;
    let typed = typed::read(raw, &rules, settings.split.identity(), &mut violations)?;
    keys::check(&rules, &typed.table, sources, &mut violations)?;
    violations.stop(sources, file)?;
    if typed.digests.is_empty() {
        return Err(no_rows(raw));
    }
    raw.expect_rows(typed.digests.len() as u64)?;
    let plan = planned.map_or_else(|| Plan::new(settings, &fields), Ok)?;
    let held = hold(&rules, &typed.table)?;
    let timeline = rows::timeline(plan.clock.clone(), &typed.table, 0, &rules, &mut violations)?;
    let duplicates = duplicates::find(settings, &typed.table, &fields, &typed.digests)?;
    duplicates.report(settings, &fields, sources, &mut violations);
    let categories = plan.fills.iter().filter_map(fill::Planned::category);
    fill::refuse_category(categories, &typed.table, &fields, 0, &mut violations)?;
    violations.stop(sources, file)?;
    duplicates.log(settings);
    let rows = Rows::new(settings, typed, timeline, duplicates)?;
    Ok(Contracted { rules, plan, rows, held })
}

fn has_rows(raw: &Checkpoint) -> bool {
    let first = TableReader::open_raw(raw, None).and_then(|mut reader| reader.next_batch());
    // A table that cannot be read is not one without rows.
    first.map_or(true, |batch| batch.is_some_and(|b| b.height() > 0))
}

fn no_rows(raw: &Checkpoint) -> Error {
    Error::new(Class::Rows, "no rows: a header and nothing else").at(&raw.path)
}

/// One column says the split from here on, under one name; its cells are made as they are written.
fn with_split(
    mut table: DataFrame,
    mut fields: Vec<Field>,
    made: &split::Made,
) -> Result<(DataFrame, Vec<Field>)> {
    if let split::Made::Column { column } = made
        && column != columns::SPLIT
    {
        table.drop_in_place(column)?;
        fields.retain(|f| f.name != *column);
    }
    if !fields.iter().any(|f| f.name == columns::SPLIT) {
        fields.push(Field::new(columns::SPLIT, Kind::String, Role::Split));
    }
    Ok((table, fields))
}

/// Where the raw rows came from, for the report: names and rows of the sources.
fn learned_before(raw: &Checkpoint) -> serde_json::Map<String, serde_json::Value> {
    let sources = raw.manifest.as_ref().and_then(|m| m.found.get("sources"));
    let ingest = sources.map(|s| (Task::Ingest.name().to_owned(), json!({ "sources": s })));
    ingest.into_iter().collect()
}

fn publish(
    places: &Places,
    sources: &Sources,
    rows: &Rows,
    table: &DataFrame,
    index: Option<&LineIndex>,
    manifest: Manifest,
) -> Result<()> {
    let mut writer = TableWriter::create(&places.output, &manifest.fields)?;
    for (parts, number) in rows.parts.parts.chunks(BATCH_ROWS).zip(0i64..) {
        let names: Vec<&str> = parts.iter().map(|part| part.name()).collect();
        let mut batch = table.slice(number * BATCH_ROWS.cast_signed() as i64, BATCH_ROWS);
        batch.with_column(Column::new(columns::SPLIT.into(), names))?;
        writer.write(&batch)?;
    }
    let written = writer.finish()?;
    let mut companions = match places.companion("dropped.csv") {
        Some(path) => vec![dropped::write(&path, &rows.duplicates.dropped, sources)?],
        None => Vec::new(),
    };
    if let Some((index, path)) = index.zip(places.companion(lines::ENDING)) {
        companions.push(index.write_rows(&path, rows.duplicates.numbers(table.height()))?);
    }
    places.publish(written, companions, manifest)?;
    stage::log_written(places.output.shown(), table.height() as u64);
    Ok(())
}
