//! What the leak guard found: why the figures may be too good, and what to do.

use crate::facts::Facts;
use crate::metrics::Leak;
use crate::{escape, number, words};

/// The warning that stands before any figure; nothing where nothing was found.
pub(crate) fn warning(facts: &Facts) -> Option<String> {
    let found = facts.metrics.leaks.as_ref().filter(|found| !found.is_empty())?;
    let signs = number::counted(found.len() as u64, "sign");
    Some(format!(
        "**The figures below may be too good to be true: the leak guard found {signs} that the model is told what it should predict.** Look into {}, under “Leak guard”, before you rely on them.",
        if found.len() == 1 { "it" } else { "each" }
    ))
}

/// The section: what was looked for, what was found, what cannot be seen.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let mut out = vec!["## Leak guard".to_owned()];
    let Some(found) = &facts.metrics.leaks else {
        out.push(
            "It did not look: it is off (`[features] leaks`), or the features table was made by hand. Nothing here says that the model is not told what it should predict."
                .to_owned(),
        );
        return out;
    };
    out.push(
        "A leak is what tells the model the outcome before it can be known. Looked for were rows and keys that stand in more than one part of the split, parts that overlap in time, and features that copy the outcome, hold later values of it, predict it almost alone, or only number the rows."
            .to_owned(),
    );
    if found.is_empty() {
        out.push("None was found.".to_owned());
    } else {
        let items: Vec<String> =
            found.iter().map(|leak| format!("- {} {}", sentence(leak), advice(leak))).collect();
        out.push(format!("Found: {}.", number::counted(found.len() as u64, "sign")));
        out.push(items.join("\n"));
    }
    out.push(
        "A finding is a suspicion with figures, no proof, and finding none is no proof of the contrary. Not seen are leaks that take several features together or are weak, later values of other columns, values corrected after the fact, and entities that tell of each other."
            .to_owned(),
    );
    out
}

/// What is said where nothing was found.
pub(crate) fn all_clear(facts: &Facts) -> Option<String> {
    match &facts.metrics.leaks {
        None => Some("Whether the features give the outcome away was not checked.".to_owned()),
        Some(found) if found.is_empty() => {
            Some("The leak guard found no sign that the features give the outcome away.".to_owned())
        }
        Some(_) => None,
    }
}

fn sentence(leak: &Leak) -> String {
    let columns = escape::list(&leak.columns);
    let figure = |key: &str| leak.figures.get(key).copied();
    let count = |key: &str| number::fixed(figure(key), 0);
    let share = |key: &str| figure(key).map_or_else(|| "–".to_owned(), number::percent);
    let parts = words::joined(&leak.parts.iter().map(|part| escape::text(part)).collect::<Vec<_>>());
    match leak.kind.as_str() {
        "rows_shared" => format!(
            "{} rows ({} of the later part) stand in both {parts}, with the same features and outcome; within the earlier part {} of the rows repeat one another.",
            count("rows"),
            share("share"),
            share("repeated_within")
        ),
        "keys_shared" => {
            format!("{} of {columns} have rows in more than one part ({parts}).", keys(figure("keys")))
        }
        "parts_overlap_in_time" => format!(
            "{} rows of later parts ({}) come before a row of an earlier part in time ({parts}).",
            count("rows"),
            share("share")
        ),
        "copy_of_target" => format!(
            "{columns} is the outcome itself, as it is or in another unit, in {} of {} rows looked at ({parts}).",
            share("share"),
            count("rows")
        ),
        "predicts_alone" => {
            let beside = figure("unexplained_by_persistence").map_or_else(String::new, |left| {
                format!(", where the last known value leaves {} %", number::figure(100.0 * left))
            });
            let left = figure("unexplained").map(|left| 100.0 * left);
            format!(
                "{columns} alone leaves only {} % of the outcomes' variance unexplained{beside}.",
                number::or_dash(left)
            )
        }
        "identifier" => format!(
            "{columns} has {} values in {} rows: it numbers or names the rows.",
            count("values"),
            count("rows")
        ),
        "looks_ahead" => format!(
            "{columns} holds values of the target's column that are not known yet: {}, in {} of {} rows looked at.",
            ahead(figure("from"), figure("to")),
            share("share"),
            count("rows")
        ),
        _ => format!("{}.", escape::text(&leak.what)),
    }
}

fn keys(count: Option<f64>) -> String {
    let count = number::fixed(count, 0);
    if count == "1" { "1 value".to_owned() } else { format!("{count} values") }
}

fn ahead(from: Option<f64>, to: Option<f64>) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from < to => format!("a window of rows {from:+} to {to:+} around its own"),
        (_, Some(to)) => format!("the row {to:+} from its own"),
        _ => "later rows".to_owned(),
    }
}

fn advice(leak: &Leak) -> &'static str {
    match leak.kind.as_str() {
        "rows_shared" => {
            "*What to do:* find out how the same rows came into both parts, and keep them in one: errors of rows that the model was fitted to say nothing of new ones."
        }
        "keys_shared" => {
            "*What to do:* split so that all rows of a key lie in one part: `[clean] split` by dates, or by a hash of the key."
        }
        "parts_overlap_in_time" => {
            "*What to do:* split by dates, as the model will be used: on rows after all that it was fitted to. Lags, windows and neighbouring outcomes tell one part of the other here."
        }
        "copy_of_target" | "predicts_alone" => {
            "*What to do:* ask when this value is known. If it is not before the outcome, leave it out with `[features] exclude`, and whatever is made of it."
        }
        "identifier" => {
            "*What to do:* leave it out with `[features] exclude`: new rows have new ids, of which nothing was learned."
        }
        "looks_ahead" => {
            "*What to do:* make it of rows up to its own only, by `[features] lags` or `rolling`, or leave it out with `[features] exclude`."
        }
        _ => "",
    }
}
