//! Stage `feature-engineer` through its real binary on panels and recipes drawn at random: nothing looks ahead
//! or aside, and every step is what a second, naive implementation makes of the documents.
#![allow(
    clippy::allow_attributes,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, compares bits, and counts small numbers"
)]

#[path = "feature_random/naive.rs"]
mod naive;
#[path = "feature_random/panel.rs"]
mod panel;
#[path = "feature_random/recipe.rs"]
mod recipe;
mod support;

use std::collections::{BTreeMap, HashMap};

use naive::{Fate, Naive};
use panel::{FORMS, Panel, Parts, SPLIT_AT, part_at, redraw};
use recipe::Recipe;
use serde_json::Value;
use support::panel::Random;
use support::{cells, json, project, read, run};

/// What a run made: the cells of each row by column, under the row's `id`.
struct Made {
    header: Vec<String>,
    kept: BTreeMap<u64, HashMap<String, String>>,
    pending: BTreeMap<u64, HashMap<String, String>>,
    manifest: Value,
    texts: [String; 2],
}

impl Made {
    fn of(recipe: &Recipe, panel: &Panel) -> Self {
        let folder = project(&[("pipeline.toml", &recipe.toml()), ("clean.csv", &panel.csv())]);
        let done = run("feature-engineer", folder.path(), &["-i", "clean.csv"]);
        let error = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(done.get_output().status.success(), "{error}\n{}\n{}", recipe.toml(), panel.csv());
        let [kept, pending] = ["features.csv", "features.csv.pending.csv"]
            .map(|name| read(folder.path().join("data/processed").join(name)));
        Self {
            header: cells(&kept).remove(0),
            kept: by_id(&kept),
            pending: by_id(&pending),
            manifest: json(folder.path().join("data/processed/features.csv.meta.json")),
            texts: [kept, pending],
        }
    }

    fn row(&self, id: u64) -> Option<&HashMap<String, String>> {
        self.kept.get(&id).or_else(|| self.pending.get(&id))
    }

    /// Features and what persistence says: all that is known at the time of a row.
    fn known_by_then(&self) -> Vec<&String> {
        let target = self.manifest["learned"]["recipe"]["target"]["column"].as_str().unwrap();
        self.header.iter().filter(|name| *name != target && *name != "split").collect()
    }

    fn features(&self) -> Vec<&str> {
        let fields = self.manifest["fields"].as_array().unwrap().iter();
        fields.filter(|f| f["role"] == "feature").map(|f| f["name"].as_str().unwrap()).collect()
    }
}

fn by_id(text: &str) -> BTreeMap<u64, HashMap<String, String>> {
    let mut rows = cells(text).into_iter();
    let header = rows.next().unwrap();
    let row = |row: Vec<String>| -> HashMap<String, String> { header.iter().cloned().zip(row).collect() };
    let keyed = |row: HashMap<String, String>| (row["id"].parse::<f64>().unwrap() as u64, row);
    rows.map(row).map(keyed).collect()
}

/// A panel and a recipe by number, every form of time in turn.
fn draw(seed: u64, number: u64, parts: Parts, ties: bool) -> (Random, Recipe, Panel) {
    let mut random = Random(seed + 1000 * number);
    let form = FORMS[number as usize % FORMS.len()];
    let recipe = Recipe::draw(&mut random, form);
    let panel = Panel::draw(&mut random, form, parts, ties);
    (random, recipe, panel)
}

/// Panics unless all that is known of the row by its time is the same in both.
fn assert_same(row: u64, before: &Made, after: &Made, what: &str) -> bool {
    let (Some(a), Some(b)) = (before.row(row), after.row(row)) else { return false };
    for name in before.known_by_then() {
        assert_eq!(a[name], b[name], "{name} of row {row}: {what}");
    }
    true
}

#[test]
fn every_step_is_what_the_documents_say() {
    let (mut cells, mut filled) = (0, 0);
    for number in 0..150 {
        let parts = if number % 3 == 0 { Parts::NoneLearned } else { Parts::ByTime };
        let (_, recipe, panel) = draw(1, number, parts, true);
        let made = Made::of(&recipe, &panel);
        let mut naive = Naive::new(&panel, &recipe);
        let what = || format!("case {number}\n{}\n{}", recipe.toml(), panel.csv());
        let ids = |fate| -> Vec<u64> {
            let mut ids: Vec<u64> =
                naive.fates.iter().zip(&panel.rows).filter(|(f, _)| **f == fate).map(|(_, r)| r.id).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(made.kept.keys().copied().collect::<Vec<_>>(), ids(Fate::Kept), "{}", what());
        assert_eq!(made.pending.keys().copied().collect::<Vec<_>>(), ids(Fate::Pending), "{}", what());

        let mut expected = naive.indicators();
        let y = recipe.horizon > 0 || recipe.target == "t";
        let columns = ["id", "x", "z", "w", "flag"].into_iter().chain(y.then_some("y"));
        let hidden = |name: &&str| {
            recipe.exclude.iter().any(|e| e == name)
                || (*name == "t" && recipe.horizon == 0 && recipe.target == "t")
        };
        let steps = recipe.steps.iter().map(|s| s.name.as_str()).filter(|name| !hidden(name));
        for name in columns.chain(steps) {
            let values = naive.values(name);
            // What follows is checked on the program's own values, so that no difference grows.
            let theirs = panel.rows.iter().zip(&values).map(|(row, ours)| {
                made.row(row.id)
                    .filter(|r| r.contains_key(name) && !ours.is_nan())
                    .map_or(*ours, |r| r[name].parse().unwrap())
            });
            let theirs = theirs.collect();
            naive.take(name, theirs);
            expected.insert(name.to_owned(), values);
        }
        let mut names: Vec<&str> = made.features();
        names.sort_unstable();
        let with_values: Vec<&str> =
            expected.iter().filter(|(_, v)| naive.fill(v).is_some()).map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, with_values, "{}", what());

        let close = |theirs: f64, ours: f64| (theirs - ours).abs() <= 1e-12 * ours.abs();
        for (name, values) in expected.iter().filter(|(n, _)| with_values.contains(&n.as_str())) {
            let fill = made.manifest["learned"]["fills"][name].as_f64().unwrap();
            let ours = naive.fill(values).unwrap();
            assert!(close(fill, ours), "{name}: filled with {fill}, not {ours}\n{}", what());
            for (row, value) in panel.rows.iter().zip(values) {
                let Some(theirs) = made.row(row.id).map(|r| r[name].parse::<f64>().unwrap()) else {
                    continue;
                };
                let right = if value.is_nan() { theirs == fill } else { close(theirs, *value) };
                assert!(right, "{name} of row {}: {theirs}, not {value}\n{}", row.id, what());
                cells += 1;
                filled += u64::from(value.is_nan());
            }
        }
        let target = &made.manifest["learned"]["recipe"]["target"];
        for (row, record) in panel.rows.iter().enumerate() {
            let Some(theirs) = made.row(record.id) else { continue };
            let ours = [("column", naive.target[row]), ("persistence", naive.persistence[row])];
            for (key, ours) in ours {
                let cell = &theirs[target[key].as_str().unwrap()];
                let right = if ours.is_nan() { cell.is_empty() } else { close(cell.parse().unwrap(), ours) };
                assert!(right, "{key} of row {}: {cell}, not {ours}\n{}", record.id, what());
            }
        }
    }
    // Both kinds of cells are many, so that neither check is idle.
    assert!(cells > 60_000 && filled > 10_000, "{cells} {filled}");
}

#[test]
fn nothing_of_a_row_depends_on_later_rows_or_other_entities() {
    let mut compared = 0;
    for number in 0..60 {
        // What is learned is learned from entity 0, which stays as it is.
        let (mut random, recipe, panel) = draw(2, number, Parts::NoneLearned, true);
        let mut other = panel.clone();
        let at = loop {
            let at = random.below(panel.rows.len() as u64) as usize;
            if panel.rows[at].entity > 0 {
                break at;
            }
        };
        let (entity, tick) = (panel.rows[at].entity, panel.rows[at].tick);
        let order = panel.groups().swap_remove(entity as usize);
        let place = order.iter().position(|row| *row == at).unwrap();
        let mut earlier: Vec<u64> = order[..place].iter().map(|row| panel.rows[*row].id).collect();
        match number % 3 {
            0 => redraw(&mut random, &mut other.rows[at]),
            1 => {
                other.rows.remove(at);
            }
            _ => {
                // After all rows at its time, since it stands after them in the table.
                earlier.extend(
                    order[place..].iter().filter(|r| panel.rows[**r].tick == tick).map(|r| panel.rows[*r].id),
                );
                other.add(&mut random, entity, tick, part_at(tick, Parts::NoneLearned));
            }
        }
        let (before, after) = (Made::of(&recipe, &panel), Made::of(&recipe, &other));
        assert_eq!(before.manifest["learned"], after.manifest["learned"]);
        for row in &panel.rows {
            if row.entity != entity || earlier.contains(&row.id) {
                let what = format!("{} was changed\n{}\n{}", panel.rows[at].id, recipe.toml(), panel.csv());
                compared += u64::from(assert_same(row.id, &before, &after, &what));
            }
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn nothing_of_a_training_row_or_learned_depends_on_later_parts() {
    let mut compared = 0;
    for number in 0..50 {
        let (mut random, recipe, panel) = draw(3, number, Parts::ByTime, true);
        let before = Made::of(&recipe, &panel);
        let mut other = panel.clone();
        let is_later = |part: &str| part == "calibration" || part == "test";
        other.rows.retain(|row| !is_later(row.part) || random.below(4) > 0);
        for row in other.rows.iter_mut().filter(|row| is_later(row.part)) {
            redraw(&mut random, row);
            row.numbers.iter_mut().flatten().for_each(|number| *number *= 1e6);
        }
        for _ in 0..5 {
            let (entity, tick) = (1 + random.below(7), SPLIT_AT + 3 + random.below(12) as i64);
            // An entity without rows before is one more of those that nothing is learned from.
            if panel.rows.iter().any(|row| row.entity >= entity) {
                other.add(&mut random, entity, tick, part_at(tick, Parts::ByTime));
            }
        }
        let after = Made::of(&recipe, &other);
        assert_eq!(before.manifest["learned"], after.manifest["learned"]);
        let train = |made: &Made| -> Vec<HashMap<String, String>> {
            made.kept.values().filter(|row| row["split"] == "train").cloned().collect()
        };
        assert_eq!(train(&before), train(&after), "{}\n{}", recipe.toml(), panel.csv());
        compared += train(&before).len();
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn the_order_of_rows_changes_nothing_but_the_order_of_rows() {
    for number in 0..50 {
        let (mut random, recipe, panel) = draw(4, number, Parts::ByTime, false);
        let mut other = panel.clone();
        other.shuffle(&mut random);
        let (before, after) = (Made::of(&recipe, &panel), Made::of(&recipe, &other));
        for (a, b) in before.texts.iter().zip(&after.texts) {
            let sorted = |text: &str| -> Vec<String> {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(sorted(a), sorted(b), "{}\n{}", recipe.toml(), panel.csv());
        }
        // Rows stand in the order of the clean table.
        let ids: Vec<u64> = cells(&after.texts[0])[1..]
            .iter()
            .map(|row| {
                row[after.header.iter().position(|n| n == "id").unwrap()].parse::<f64>().unwrap() as u64
            })
            .collect();
        let expected: Vec<u64> =
            other.rows.iter().map(|r| r.id).filter(|id| after.kept.contains_key(id)).collect();
        assert_eq!(ids, expected);
        for key in ["fields", "ledger", "found", "learned"] {
            assert_eq!(
                before.manifest[key],
                after.manifest[key],
                "{key}\n{}\n{}",
                recipe.toml(),
                panel.csv()
            );
        }
    }
}

#[test]
fn a_row_needs_no_more_history_than_its_windows() {
    let mut compared = 0;
    for number in 0..80 {
        let (mut random, recipe, panel) = draw(5, number, Parts::NoneLearned, true);
        let naive = Naive::new(&panel, &recipe);
        let groups = panel.groups();
        let (entity, group) = groups.iter().enumerate().skip(1).max_by_key(|(_, g)| g.len()).unwrap();
        let last = group.len() - 1;
        if last == 0 {
            continue;
        }
        let cut = 1 + random.below(last as u64) as usize;
        let mut other = panel.clone();
        let gone: Vec<u64> = group[..cut].iter().map(|row| panel.rows[*row].id).collect();
        other.rows.retain(|row| !gone.contains(&row.id));
        let (before, after) = (Made::of(&recipe, &panel), Made::of(&recipe, &other));
        let id = panel.rows[group[last]].id;
        let (Some(a), Some(b)) = (before.row(id), after.row(id)) else { continue };
        for name in before.features() {
            if naive.first_needed(name, entity, last) >= cut {
                assert_eq!(
                    a[name],
                    b[name],
                    "{name} of row {id} without {gone:?}\n{}\n{}",
                    recipe.toml(),
                    panel.csv()
                );
                compared += u64::from(recipe.steps.iter().any(|s| s.name == name));
            }
        }
    }
    assert!(compared > 200, "{compared}");
}
