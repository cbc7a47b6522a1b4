//! What changed since the last published version.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::facts::Facts;
use crate::table::Table;
use crate::{escape, number};

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

/// Whether the two were measured on the same rows.
fn rows(then: &Value, now: &Value) -> String {
    let features = |metrics: &Value| metrics.pointer("/inputs/0/sha256").cloned();
    if features(then).is_some() && features(then) == features(now) {
        return "Both were measured on the same rows.".to_owned();
    }
    let period = |metrics: &Value| {
        let of = |key: &str| metrics.pointer(key).and_then(Value::as_str).map(escape::text);
        of("/clock/first/test").zip(of("/clock/last/test"))
    };
    match (period(then), period(now)) {
        (Some(a), Some(b)) if a == b => {
            format!("The data changed; the test part is of the same time, {} to {}.", a.0, a.1)
        }
        (Some(a), Some(b)) => {
            format!("The test part is of another time: {} to {} then, {} to {} now.", a.0, a.1, b.0, b.1)
        }
        _ => "The data changed.".to_owned(),
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

/// Features that came and went.
fn features(then: &Value, now: &Value) -> Option<String> {
    let names = |metrics: &Value| -> BTreeSet<String> {
        let all = metrics.pointer("/drift/features").and_then(Value::as_object);
        all.into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
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
