//! `pipeline.toml`: every decision with its reason and figures, so that a wrong one is one edit away.

use common::text;

use crate::check::Check;
use crate::column::Column;
use crate::draft::{Draft, value_text};
use crate::plan::{self, Plan};
use crate::quoted::{comment, list, string};
use crate::raw::Entry;
use crate::roles::{self, Time};
use crate::types::Types;
use crate::{moment, outcome, words};

/// Most columns named in a comment.
const MOST_NAMED: usize = 20;

/// The file's text.
pub(crate) fn text(
    plan: &Plan<'_>,
    columns: &[Column],
    draft: &Draft,
    entries: &[Entry],
    keys: &toml::Table,
    types: &Types,
    check: &Check,
) -> String {
    let mut out = comment(&format!(
        "Written by `make new` from {} of {}; from here on it is yours. Every key is explained in docs/configuration.md.",
        words::counted(draft.rows, "row"),
        words::counted(draft.sources, "file")
    ));
    out.push_str(&comment(&format!("Next: {}", plan.command)));
    out.push_str(&comment(&format!(
        "The contract on columns is schema.json; {}.",
        Plan::contract(columns, check)
    )));
    out.push('\n');
    project(&mut out, plan, columns, draft);
    ingest(&mut out, draft, entries, keys, types);
    clean(&mut out, plan, columns, check);
    features(&mut out, plan, columns, check);
    train(&mut out, plan);
    out
}

fn project(out: &mut String, plan: &Plan<'_>, columns: &[Column], draft: &Draft) {
    let target = &columns[plan.target];
    out.push_str(&format!("[project]\nname = {}\n", string(&plan.name)));
    out.push_str(&comment(&format!("The column to predict: {}.", outcome::facts(target))));
    out.push_str(&format!("target = {}\n", string(&target.name)));
    match &plan.roles.time {
        Some(time) => with_time(out, plan, time, columns, draft),
        None => {
            out.push_str(&comment(
                "No time: a table in any order. With a column of dates in it: time = \"its name\", and for a forecast horizon = 1.",
            ));
        }
    }
    if let (None, Some(entity)) = (&plan.roles.time, plan.roles.entity) {
        let levels = words::counted(columns[entity].distinct, "value");
        out.push_str(&comment(&format!("Named as an id, with {levels}: rows of one stay in one part.")));
        out.push_str(&format!("entity = {}\n", string(&columns[entity].name)));
    }
    if !plan.roles.rejected.is_empty() {
        out.push_str(&comment("Looked at and not taken:"));
        plan.roles.rejected.iter().for_each(|why| out.push_str(&comment(why)));
    }
    out.push('\n');
}

fn with_time(out: &mut String, plan: &Plan<'_>, time: &Time, columns: &[Column], draft: &Draft) {
    let show = |t: f64| moment::shown(t, time.is_calendar, time.parts.len());
    let noun = time.unit.noun();
    if plan.horizon > 0 {
        out.push_str(&comment(&format!(
            "The value one row ahead (here: one {noun}). With horizon = 0 it is the row's own value that is predicted, from the other columns of the row."
        )));
    } else {
        out.push_str(&comment(
            "The row's own value, from the other columns of the row; horizon = 1 would be the next row's.",
        ));
    }
    out.push_str(&format!("horizon = {}\n", plan.horizon));
    let range = time.times.first().zip(time.times.last());
    let range = range.map(|(a, b)| format!(" from {} to {}", show(*a), show(*b))).unwrap_or_default();
    let name = roles::names(&time.parts, columns);
    let distinct =
        words::counted(time.distinct, if time.parts.len() == 1 { "distinct value" } else { "distinct time" });
    if let Some(at) = plan.roles.entity {
        let entity = &columns[at];
        let repeats = match plan.roles.repeats {
            0 => String::new(),
            n => format!(" ({} repeat one)", words::counted(n, "row")),
        };
        out.push_str(&comment(&format!(
            "{}: {}, {} rows each on average, one row every {noun}{repeats}.",
            text::name(&entity.name),
            words::counted(entity.distinct, "value"),
            words::count(draft.rows / entity.distinct.max(1)),
        )));
        out.push_str(&format!("entity = {}\n", string(&entity.name)));
    }
    let kind = match (time.is_history, plan.roles.entity) {
        (true, Some(_)) => String::new(),
        (true, None) => format!(", one row every {noun}: one series, no entity"),
        (false, _) => format!(
            " in {}: events, not a history of one thing, so it parts the rows (the newest are the test) and makes no lags or windows; for a forecast name the entity and horizon = 1",
            words::counted(draft.rows, "row")
        ),
    };
    out.push_str(&comment(&format!("{name}: {distinct}{range}{kind}.")));
    let names: Vec<&str> = time.parts.iter().map(|at| columns[*at].name.as_str()).collect();
    let value = match names.as_slice() {
        [one] => string(one),
        many => list(many),
    };
    out.push_str(&format!("time = {value}\n"));
}

fn ingest(out: &mut String, draft: &Draft, entries: &[Entry], keys: &toml::Table, types: &Types) {
    out.push_str("[ingest]\n");
    if entries.iter().any(|e| e.outside) {
        out.push_str(&comment(
            "Files outside this folder are read where they lie, not copied; a path that does not begin with / is seen from this folder.",
        ));
    }
    let sources: Vec<&str> = entries.iter().map(|e| e.source.as_str()).collect();
    out.push_str(&format!("sources = {}\n", list(&sources)));
    if !keys.is_empty() {
        out.push_str(&comment("Given to `make new`:"));
    }
    for (key, value) in keys {
        out.push_str(&format!("{} = {}\n", crate::quoted::key(key), value_text(value)));
    }
    let marks = types.numerals;
    if marks.decimal() != '.' && !keys.contains_key("decimal") {
        out.push_str(&comment("Found: only with it all numbers are numbers."));
        out.push_str(&format!("decimal = {}\n", string(&marks.decimal().to_string())));
    }
    if let Some(mark) = marks.thousands().filter(|_| !keys.contains_key("thousands")) {
        out.push_str(&format!("thousands = {}\n", string(&mark.to_string())));
    }
    if !keys.contains_key("delimiter") {
        let found: Vec<String> = draft.delimiters.iter().map(|d| string(d)).collect();
        out.push_str(&comment(&format!(
            "Delimiter (here {}), quotes, line ends and compression are found in each run; encoding is UTF-8 unless said.",
            found.join(", ")
        )));
    }
    if types.missing.len() > 1 {
        let words = text::names(types.missing.iter().filter(|w| !w.is_empty()));
        out.push_str(&comment(&format!(
            "Cells that count as missing beside empty ones: {words} (missingValues of schema.json)."
        )));
    }
    out.push('\n');
}

fn clean(out: &mut String, plan: &Plan<'_>, columns: &[Column], check: &Check) {
    out.push_str("[clean]\n");
    if plan::has_split(columns) {
        out.push_str(&comment("The column `split` tells the part of each row."));
        out.push_str("split = { by = \"column\", column = \"split\" }\n");
    } else if let Some(time) = &plan.roles.time {
        let (calibration, test) = time.limits();
        let show = |t: f64| string(&moment::shown(t, time.is_calendar, time.parts.len()));
        let all: u64 = check.parts.iter().sum();
        let [train, calibrate, tested] = check.parts.map(|n| words::share(n, all));
        out.push_str(&comment(&format!(
                "By date, so that new rows never move old ones: the last 20 % of the distinct times are the test, the 15 % before the calibration (of the rows {train}, {calibrate} and {tested} for training, calibration and test)."
            )));
        out.push_str(&format!(
            "split = {{ calibration_from = {}, test_from = {} }}\n",
            show(calibration),
            show(test)
        ));
    } else {
        let of = if plan.roles.entity.is_some() { "entity" } else { "whole row" };
        out.push_str(&comment(&format!(
            "By a hash of the {of}: new rows never move old ones between the parts."
        )));
        out.push_str("split = { by = \"hash\", calibration = 0.15, test = 0.2 }\n");
    }
    copies(out, columns, check);
    let number = if plan.horizon > 0 { "last" } else { "median" };
    if plan.horizon > 0 {
        out.push_str(&comment("A missing number is the last one known of the entity before it, else the median of training rows."));
    } else {
        out.push_str(&comment("What is missing: the median of training rows for numbers."));
    }
    out.push_str(&format!("fill.number = {}\n", string(number)));
    // With indicators a category of its own would say the same twice.
    if plan.misses_text(columns) && !plan.has_gaps(columns) {
        out.push_str(&comment(
            "A category of its own for missing text; \"mode\" would be the most frequent one.",
        ));
        out.push_str("fill.text = \"missing\"\n");
    }
    if plan.has_gaps(columns) {
        out.push_str(&comment(
            "Some numbers miss 5 % of their cells or more: that they do may tell something, so each filled column gets an indicator.",
        ));
        out.push_str("fill.indicators = true\n");
    }
    out.push('\n');
}

/// Rows that look alike: faults where they are few, rows of their own where they are many.
fn copies(out: &mut String, columns: &[Column], check: &Check) {
    let rows = columns.first().map_or(0, |c| c.rows);
    if check.copies == 0 {
        return;
    }
    let (found, share) = (words::counted(check.copies, "row"), words::share(check.copies, rows));
    if check.copies * 100 < rows {
        out.push_str(&comment(&format!(
            "Equal to an earlier row in every cell, and dropped: {found} ({share})."
        )));
        return;
    }
    out.push_str(&comment(&format!(
        "Equal to an earlier row in every cell: {found} ({share}). No column names a row, so these may be rows of their own that look alike; \"drop\" would keep one of each."
    )));
    out.push_str("duplicates = \"keep\"\n");
}

fn features(out: &mut String, plan: &Plan<'_>, columns: &[Column], check: &Check) {
    out.push_str("[features]\n");
    let named: Vec<&str> = plan.used.iter().take(MOST_NAMED).map(|at| columns[*at].name.as_str()).collect();
    let more = match plan.used.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    if named.is_empty() {
        out.push_str(&comment("No column is used as it is."));
    } else {
        out.push_str(&comment(&format!("Used as they are: {}{more}.", text::names(named))));
    }
    let near = check.beside_target.iter().enumerate();
    let near = near.filter_map(|(at, left)| Some((left.filter(|_| plan.used.contains(&at))?, at)));
    if let Some((left, at)) = near.min_by(|a, b| a.0.total_cmp(&b.0)).filter(|_| plan.horizon == 0) {
        out.push_str(&comment(&format!(
            "Nearest to the target: {}, a line of which explains {:.1} % of it. Exclude what is not known before the target is.",
            text::name(&columns[at].name),
            100.0 * (1.0 - left)
        )));
    }
    if !plan.excluded.is_empty() {
        out.push_str("exclude = [\n");
        for (at, why) in &plan.excluded {
            out.push_str(&comment(why).lines().map(|l| format!("    {l}\n")).collect::<String>());
            out.push_str(&format!("    {},\n", string(&columns[*at].name)));
        }
        out.push_str("]\n");
    }
    steps(out, plan, columns);
    out.push('\n');
}

fn steps(out: &mut String, plan: &Plan<'_>, columns: &[Column]) {
    let (steps, target) = (&plan.steps, string(&columns[plan.target].name));
    let mut calendar: Vec<String> = Vec::new();
    if !steps.calendar.is_empty() {
        calendar.push(format!("    {{ parts = {}, cyclical = true }},\n", list(&steps.calendar)));
    }
    for at in &plan.dates {
        calendar.push(format!(
            "    {{ parts = [\"year\", \"month\"], column = {} }},\n",
            string(&columns[*at].name)
        ));
    }
    if !calendar.is_empty() {
        out.push_str(&format!("calendar = [\n{}]\n", calendar.concat()));
    }
    let numbers = |all: &[u64]| all.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    if let (Some(first), Some(last)) = (steps.windows.first(), steps.windows.last()) {
        let noun = plan.roles.time.as_ref().map_or("row", |t| t.unit.noun());
        out.push_str(&comment(&format!(
            "Windows count rows (one every {noun}) up to the row itself, and hold once half of their values are known."
        )));
        out.push_str("rolling = [\n");
        for window in &steps.windows {
            out.push_str(&format!(
                "    {{ columns = [{target}], windows = [{window}], statistics = [\"mean\"], min_rows = {} }},\n",
                window / 2
            ));
        }
        let least = (last / 2).max(2);
        out.push_str(&format!(
            "    {{ columns = [{target}], windows = [{last}], statistics = [\"std\"], min_rows = {least} }},\n"
        ));
        if !steps.columns.is_empty() {
            let names: Vec<&str> = steps.columns.iter().map(|at| columns[*at].name.as_str()).collect();
            out.push_str(&format!(
                "    # The numbers that go best with the target before the test.\n    {{ columns = {}, windows = [{first}], statistics = [\"mean\"], min_rows = {} }},\n",
                list(&names),
                first / 2
            ));
        }
        out.push_str("]\n");
    }
    if let Some((rows, season)) = steps.lag {
        out.push_str(&comment(&format!("What is predicted, {season} before it.")));
        out.push_str(&format!("lags = [{{ columns = [{target}], rows = [{}] }}]\n", numbers(&[rows])));
    }
}

fn train(out: &mut String, plan: &Plan<'_>) {
    if !plan.ridge {
        return;
    }
    out.push_str("[train]\n");
    out.push_str(&comment(&format!(
        "About {} features and {} to train on: a penalty keeps the fit from following noise; \"lasso\" leaves columns out.",
        words::count(plan.features),
        words::counted(plan.training, "row")
    )));
    out.push_str("model = \"ridge\"\n");
}
