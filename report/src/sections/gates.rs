//! The limits that were set for the model, and whether it keeps them.

use crate::facts::Facts;
use crate::metrics::{Gate, Level, Word};
use crate::table::Table;
use crate::{escape, number};

/// What the answer says of broken gates before any figure, those that fail first; nothing where all are kept.
pub(crate) fn warning(facts: &Facts) -> Vec<String> {
    let broken = |level| facts.metrics.gates.iter().filter(move |gate| !gate.kept && gate.level == level);
    let said = |level, beginning: &str, verb: [&str; 2]| {
        let names: Vec<String> = broken(level).map(|gate| escape::quoted(&gate.metric)).collect();
        let verb = verb[usize::from(names.len() != 1)];
        (!names.is_empty()).then(|| format!("**{beginning}: {} {verb}.**", names.join(", ")))
    };
    let failed = "This model does not keep the limits that were set for it";
    let warned = "Limits that are only warned of are not kept";
    let lines = [
        said(Level::Fail, failed, ["fails", "fail"]),
        said(Level::Warn, warned, ["is outside its own", "are outside theirs"]),
    ];
    lines.into_iter().flatten().collect()
}

/// What the answer says last where nothing is broken.
pub(crate) fn all_clear(facts: &Facts) -> Option<String> {
    let gates = &facts.metrics.gates;
    match gates.len() as u64 {
        0 => Some("No limits were set for it.".to_owned()),
        n if gates.iter().all(|gate| gate.kept) => {
            let all = if n == 1 {
                "the one limit that was".to_owned()
            } else {
                format!("all {} limits that were", number::count(n))
            };
            Some(format!("It keeps {all} set for it."))
        }
        _ => None,
    }
}

/// The section; nothing where no limits were set.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let gates = &facts.metrics.gates;
    if gates.is_empty() {
        return Vec::new();
    }
    let mut table = Table::new(&["Figure", "Limit", ">Found", "Kept", "If not"]);
    for gate in gates {
        table.row([escape::text(&gate.metric), limit(gate), found(gate), kept(gate), level(gate)]);
    }
    let broken = gates.iter().filter(|gate| !gate.kept).count();
    let of = number::counted(gates.len() as u64, "limit");
    let first = match broken {
        0 => format!("The model keeps all that was asked of it: {of}."),
        n => format!(
            "Of {of} that {} set, {n} {} not kept. A figure that has no value keeps no limit.",
            if gates.len() == 1 { "was" } else { "were" },
            if n == 1 { "is" } else { "are" }
        ),
    };
    vec!["## Limits".to_owned(), first, table.render()]
}

fn limit(gate: &Gate) -> String {
    let limit = &gate.limit;
    match (limit.min, limit.max, &limit.is, &limit.not) {
        (Some(min), Some(max), ..) => format!("{min} to {max}"),
        (Some(min), ..) => format!("at least {min}"),
        (_, Some(max), ..) => format!("at most {max}"),
        (.., Some(is), _) => word(is),
        (.., Some(not)) => format!("not {}", word(not)),
        _ => "–".to_owned(),
    }
}

fn found(gate: &Gate) -> String {
    match (&gate.value, &gate.reason) {
        // A figure beyond its limit could look like the limit once rounded.
        (Some(Word::Number(x)), _) if gate.kept => number::figure(*x),
        (Some(value), _) => word(value),
        (None, reason) => {
            format!("– ({})", escape::text(&reason.as_deref().unwrap_or("not_known").replace('_', " ")))
        }
    }
}

fn word(word: &Word) -> String {
    match word {
        Word::Truth(truth) => truth.to_string(),
        Word::Number(x) => x.to_string(),
        Word::Text(text) => escape::text(&text.replace('_', " ")),
    }
}

fn kept(gate: &Gate) -> String {
    match (gate.kept, &gate.value) {
        (true, _) => "yes".to_owned(),
        (false, Some(_)) => "**no**".to_owned(),
        (false, None) => "**cannot be told**".to_owned(),
    }
}

fn level(gate: &Gate) -> String {
    match gate.level {
        Level::Fail => "the check fails",
        Level::Warn => "a warning",
    }
    .to_owned()
}
