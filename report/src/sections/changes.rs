//! What changed since the last published version.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::facts::Facts;
use crate::table::Table;
use crate::{escape, number, words};

/// Features named in a sentence.
const NAMED: usize = 10;

/// How a figure is shown.
type Shown = fn(f64) -> String;

/// Figures of the test part, by their place in `metrics.json`.
const FIGURES: [(&str, &str, Shown); 10] = [
    ("Test rows", "/test/n", whole),
    ("Mean absolute error", "/test/mae", number::figure),
    ("Root mean squared error", "/test/rmse", number::figure),
    ("R²", "/test/r2", four),
    ("Bias", "/test/bias", number::figure),
    ("Better than persistence by", "/improvement/persistence/mae", number::signed_percent),
    ("Better than the training median by", "/improvement/train_median/mae", number::signed_percent),
    ("Calibration error", "/test/calibration_error", number::figure),
    ("Slope of outcomes on predictions", "/test/calibration/slope", number::figure),
    ("Features that drifted", "/drift/alarms/test", whole),
];

/// The section; nothing where no version of other numbers was published.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let Some((version, then)) = &facts.published else { return Vec::new() };
    let now = &facts.raw;
    let name = format!("version {}", escape::text(version));
    let mut out = vec!["## Since the last published version".to_owned()];
    out.push([error(&name, then, now), rows(then, now)].join(" "));
    out.push(table(version, then, now));
    out.extend(features(then, now));
    out
}

fn at(metrics: &Value, pointer: &str) -> Option<f64> {
    metrics.pointer(pointer).and_then(Value::as_f64)
}

/// What became of the error, beside how sure the published one was.
fn error(name: &str, then: &Value, now: &Value) -> String {
    let (Some(before), Some(after)) = (at(then, "/test/mae"), at(now, "/test/mae")) else {
        return format!("The error cannot be compared with that of {name}: one of them has none.");
    };
    let share = if before > 0.0 {
        format!(" ({})", number::percent((after - before) / before))
    } else {
        String::new()
    };
    let moved = match after.total_cmp(&before) {
        std::cmp::Ordering::Less => format!("smaller by {}{share} than", number::figure(before - after)),
        std::cmp::Ordering::Greater => format!("larger by {}{share} than", number::figure(after - before)),
        std::cmp::Ordering::Equal => "the same as".to_owned(),
    };
    let limits = at(then, "/test/confidence/mae/lower").zip(at(then, "/test/confidence/mae/upper"));
    let sure = limits.map_or_else(String::new, |(lower, upper)| {
        let inside = if (lower..=upper).contains(&after) { "inside" } else { "**outside**" };
        format!(
            "; it lies {inside} the 95 % limits of then, {} to {}",
            number::figure(lower),
            number::figure(upper)
        )
    });
    format!("The mean absolute error is {moved} in {name}{sure}.")
}

/// What changed of the data and of what is made of them, and whether the test rows are the same.
fn rows(then: &Value, now: &Value) -> String {
    let same =
        |pointer: &str| then.pointer(pointer).is_some() && then.pointer(pointer) == now.pointer(pointer);
    if same("/inputs/0/sha256") {
        let model = if same("/model/sha256") { "the model is the same" } else { "the model is another" };
        return format!("Both were measured on the same rows; {model}.");
    }
    format!("{} {}", made_of(then, now), test_rows(then, now))
}

/// What the features table of either was made of.
fn made_of(then: &Value, now: &Value) -> String {
    let set = settings(then, now);
    let (Some(a), Some(b)) = (Raw::of(then), Raw::of(now)) else {
        return match set {
            Some(set) => format!("The features table is another: {set} changed."),
            None => {
                "The features table is another; what raw files either was made of is not known.".to_owned()
            }
        };
    };
    if a.sources == b.sources {
        let why = match set {
            Some(set) => format!("what changed is the configuration: {set}"),
            None => "what changed is how they were cleaned or made into features, or cells alone".to_owned(),
        };
        return format!("The raw files are the same by name, size and rows ({}); {why}.", b.words());
    }
    let too = set.map_or_else(String::new, |set| format!(" The configuration changed too: {set}."));
    format!("The raw files changed: {} then, {} now.{too}", a.words(), b.words())
}

/// What of the configuration the metrics show to be another.
fn settings(then: &Value, now: &Value) -> Option<String> {
    let differ = |pointer: &str| then.pointer(pointer) != now.pointer(pointer);
    // Dates that follow from shares move with the rows.
    let fixed = |metrics: &Value| metrics.pointer("/split/from_shares") != Some(&Value::Bool(true));
    let split = differ("/split/by") || differ("/split/from_shares") || (fixed(now) && differ("/split"));
    let parts = [
        (differ("/target"), "the target"),
        (split, "the split"),
        (names(then) != names(now), "the features"),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(is, _)| *is).map(|(_, what)| what.to_owned()).collect();
    (!parts.is_empty()).then(|| words::joined(&parts))
}

/// The raw files, as far as metrics know them.
struct Raw<'a> {
    /// Name, bytes, lines and rows of each.
    sources: Vec<[Option<&'a Value>; 4]>,
    rows: u64,
}

impl<'a> Raw<'a> {
    fn of(metrics: &'a Value) -> Option<Self> {
        let list = metrics.get("sources").and_then(Value::as_array).filter(|list| !list.is_empty())?;
        let sources =
            list.iter().map(|of| ["uri", "bytes", "lines", "rows"].map(|key| of.get(key))).collect();
        let rows = list.iter().filter_map(|of| of.get("rows").and_then(Value::as_u64)).sum();
        Some(Self { sources, rows })
    }

    fn words(&self) -> String {
        let (rows, files) = (number::counted(self.rows, "row"), self.sources.len() as u64);
        format!("{rows} of {}", number::counted(files, "source"))
    }
}

/// Whether the test rows are as many, and of the same time.
fn test_rows(then: &Value, now: &Value) -> String {
    let rows = |metrics: &Value| metrics.pointer("/test/n").and_then(Value::as_u64).unwrap_or(0);
    let period = |metrics: &Value| {
        let of = |key: &str| metrics.pointer(key).and_then(Value::as_str).map(escape::text);
        of("/clock/first/test").zip(of("/clock/last/test")).map(|(first, last)| format!("{first} to {last}"))
    };
    let (count, time) = ([rows(then), rows(now)], [period(then), period(now)]);
    let shown = number::counted(count[1], "test row");
    match (count[0] == count[1], time) {
        (true, [Some(a), Some(b)]) if a == b => format!("Both have {shown} of the same time, {b}."),
        (true, [None, None]) => format!("Both have {shown}."),
        (_, [a, b]) => {
            let of = |n: u64, time: Option<String>| {
                let time = time.map_or_else(String::new, |time| format!(" ({time})"));
                format!("{}{time}", number::count(n))
            };
            format!("The test rows are others: {} then, {} now.", of(count[0], a), of(count[1], b))
        }
    }
}

fn table(version: &str, then: &Value, now: &Value) -> String {
    let title = format!(">Version {}", escape::text(version));
    let mut table = Table::new(&["On the test part", &title, ">Now"]);
    for (name, pointer, shown) in FIGURES {
        let pair = [then, now].map(|metrics| at(metrics, pointer));
        if pair.iter().any(Option::is_some) {
            let [a, b] = pair.map(|value| value.map_or_else(|| "–".to_owned(), shown));
            table.row([name.to_owned(), a, b]);
        }
    }
    for (level, then, now) in coverage(then, now) {
        let cell = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), one);
        table.row([format!("Covered by the {} intervals", number::level(level)), cell(then), cell(now)]);
    }
    let gates = [then, now].map(|metrics| match metrics.get("status").and_then(Value::as_str) {
        Some("pass") => "kept",
        Some("warn") => "kept, with warnings",
        Some("fail") => "**not kept**",
        _ => "–",
    });
    let set =
        |metrics: &Value| metrics.get("gates").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    if set(then) || set(now) {
        table.row(["Limits".to_owned(), gates[0].to_owned(), gates[1].to_owned()]);
    }
    table.render()
}

/// Levels of intervals, with the share they covered.
fn coverage(then: &Value, now: &Value) -> Vec<(f64, Option<f64>, Option<f64>)> {
    let all = |metrics: &Value| -> Vec<(f64, Option<f64>)> {
        let list = metrics.pointer("/test/intervals").and_then(Value::as_array);
        let one = |found: &Value| Some((found.get("level")?.as_f64()?, found.get("coverage")?.as_f64()));
        list.into_iter().flatten().filter_map(one).collect()
    };
    let (then, now) = (all(then), all(now));
    let of = |list: &[(f64, Option<f64>)], level: f64| {
        list.iter().find(|(l, _)| l.total_cmp(&level).is_eq()).and_then(|(_, share)| *share)
    };
    let mut levels: Vec<f64> = then.iter().chain(&now).map(|(level, _)| *level).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels.into_iter().map(|level| (level, of(&then, level), of(&now, level))).collect()
}

/// The names of all features.
fn names(metrics: &Value) -> BTreeSet<String> {
    let all = metrics.pointer("/drift/features").and_then(Value::as_object);
    all.into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

/// Features that came and went.
fn features(then: &Value, now: &Value) -> Option<String> {
    let (then, now) = (names(then), names(now));
    let said = |verb: &str, all: Vec<&String>| {
        let more = all.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!all.is_empty()).then(|| format!("{verb}: {}{more}.", escape::list(all.into_iter().take(NAMED))))
    };
    let parts = [
        said("New features", now.difference(&then).collect()),
        said("Features no longer used", then.difference(&now).collect()),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

fn whole(value: f64) -> String {
    number::fixed(Some(value), 0)
}

fn four(value: f64) -> String {
    number::fixed(Some(value), 4)
}

fn one(share: f64) -> String {
    format!("{} %", number::fixed(Some(100.0 * share), 1))
}
