//! How the model was chosen.

use model::{Candidate, Choice, ChoiceReason};

use crate::facts::Facts;
use crate::table::Table;
use crate::{escape, number, sections};

/// A sentence on the choice, and the table of candidates.
pub(super) fn write(facts: &Facts, choice: &Choice) -> Vec<String> {
    let mut table = Table::new(&[
        "Candidate",
        ">MAE",
        ">Folds, least to largest",
        ">Above the best",
        ">Standard error",
        "",
    ]);
    for c in &choice.candidates {
        table.row([
            escape::text(name(&c.model)),
            number::or_dash(c.mae),
            range(c),
            number::or_dash(c.difference),
            number::or_dash(c.standard_error),
            remark(choice, c),
        ]);
    }
    vec![format!("### How it was chosen\n\n{} {}", how(facts, choice), why(choice)), table.render()]
}

/// How the candidates were compared.
fn how(facts: &Facts, choice: &Choice) -> String {
    let folds = number::counted(choice.rows.len() as u64, "fold");
    let apart = match choice.fold_by.as_str() {
        "time" => format!("{folds} of time, each predicted by fits to what came before it"),
        "entity" => format!("{folds}, each predicted by fits to the others, no entity on both sides"),
        _ => format!("{folds}, each predicted by fits to the others"),
    };
    let anew = match choice.repeats {
        0 | 1 => String::new(),
        repeats => format!(" (rows dealt anew {repeats} times)"),
    };
    format!(
        "{} were compared by cross-validation on the training rows: {apart}{anew}. Errors are mean absolute errors {}; differences are of the same rows, with their standard error by {} that count as independent.",
        number::counted(choice.candidates.len() as u64, "candidate"),
        sections::unit(facts),
        match choice.fold_by.as_str() {
            "time" => format!("{} stretches of time", number::count(choice.groups)),
            "entity" => format!("{} entities", number::count(choice.groups)),
            _ => format!("{} rows", number::count(choice.groups)),
        }
    )
}

fn why(choice: &Choice) -> String {
    let chosen = escape::text(name(&choice.chosen));
    match choice.reason {
        ChoiceReason::Only => format!("**{chosen}** was chosen: no other could be fitted to every fold."),
        ChoiceReason::TooFewRows => {
            format!("**{chosen}** was taken as the simplest: there was too little to compare on.")
        }
        ChoiceReason::Best => format!("**{chosen}** was chosen: {}.", least(choice)),
        ChoiceReason::Simplest => format!(
            "**{chosen}** was chosen: it is simpler than the best, and worse by no more than one standard error and {} of the error.",
            number::percent(choice.tolerance)
        ),
    }
}

/// What sets the best apart from the simpler ones.
fn least(choice: &Choice) -> String {
    let simpler = choice.candidates.iter().take_while(|c| c.model != choice.chosen);
    let mae = choice.best().and_then(|best| best.mae);
    let worse = |c: &Candidate| {
        let difference = c.difference?;
        let beyond_chance = c.standard_error.is_none_or(|error| difference > error);
        let beyond_tolerance = mae.is_some_and(|mae| difference > choice.tolerance * mae);
        let percent = number::percent(choice.tolerance);
        let by = match (beyond_chance, beyond_tolerance) {
            (true, true) => format!("one standard error, and by more than {percent} of the error"),
            (true, false) => "one standard error".to_owned(),
            (false, _) => format!("{percent} of the error, though not by one standard error"),
        };
        Some(format!("{} is worse by more than {by}", escape::text(name(&c.model))))
    };
    let worse: Vec<String> = simpler.filter_map(worse).collect();
    if worse.is_empty() {
        "it has the least error and is the simplest of those that could be fitted".to_owned()
    } else {
        format!("it has the least error; of the simpler ones {}", worse.join(", and "))
    }
}

fn range(candidate: &Candidate) -> String {
    let least = candidate.folds.iter().copied().reduce(f64::min);
    let largest = candidate.folds.iter().copied().reduce(f64::max);
    match (least, largest) {
        (Some(least), Some(largest)) => format!("{} to {}", number::figure(least), number::figure(largest)),
        _ => number::or_dash(None),
    }
}

fn remark(choice: &Choice, candidate: &Candidate) -> String {
    let best = choice.best().is_some_and(|b| b.model == candidate.model);
    match &candidate.failed {
        Some(why) => escape::text(why),
        None if candidate.model == choice.chosen => "**chosen**".to_owned(),
        None if best => "least error".to_owned(),
        None => String::new(),
    }
}

/// A family in words.
fn name(model: &str) -> &str {
    match model {
        "ols" => "least squares",
        "elastic_net" => "elastic net",
        "boosted" => "boosted trees",
        other => other,
    }
}
