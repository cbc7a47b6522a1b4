//! The model.

mod choice;
mod importance;

use model::{Function, Linear};
use serde_json::Value;

use crate::facts::Facts;
use crate::table::Table;
use crate::{escape, number, sections};

/// Features shown at most, the largest effect first.
const MOST: usize = 20;

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let model = &facts.model;
    let mut out = vec!["## The model".to_owned()];
    match &model.function {
        Function::Linear(linear) => out.extend(coefficients(facts, linear)),
        Function::Trees(trees) => out.push(format!(
            "{}. A prediction is the base, {}, plus what one leaf of each of {} adds, {}. Trees know no trend: beyond the values they were trained on their prediction stays as it is at the edge.",
            fitted(facts),
            number::figure(trees.base),
            number::counted(trees.trees.len() as u64, "tree"),
            sections::unit(facts)
        )),
    }
    out.extend(["coefficients", "importance"].iter().flat_map(|name| crate::figures::image(facts, name)));
    out.extend(importance::write(facts));
    out.extend(model.choice.iter().flat_map(|choice| choice::write(facts, choice)));
    if model.preparation.is_empty() {
        out.push("The model was fitted to a table made by hand: it knows only feature columns, and nothing of how they were made.".to_owned());
    }
    out.extend(settings(facts));
    out
}

fn fitted(facts: &Facts) -> String {
    let metrics = &facts.metrics;
    let solver =
        metrics.model.solver.as_ref().map_or_else(String::new, |s| format!(" (solver {})", escape::text(s)));
    format!(
        "A {} model{solver}, fitted to {}",
        escape::text(&metrics.model.kind),
        number::counted(facts.model.training.rows, "training row")
    )
}

fn coefficients(facts: &Facts, linear: &Linear) -> Vec<String> {
    let (metrics, model) = (&facts.metrics, &facts.model);
    let mut out = vec![format!(
        "{}. A prediction is the intercept, {}, plus each coefficient times its feature. The effect is what one standard deviation (sd) of the feature adds to the prediction, {}. Features that move together share an effect between them, so read single coefficients and signs with care.",
        fitted(facts),
        number::figure(linear.intercept),
        sections::unit(facts)
    )];
    let confidence = model.statistics.get("confidence").and_then(Value::as_f64).unwrap_or(0.95);
    let limits = format!(">{:.0} % interval", 100.0 * confidence);
    let mut table = Table::new(&[
        "Feature",
        ">Coefficient",
        ">Standard error",
        &limits,
        ">Spread of the feature (sd)",
        ">Effect",
    ]);
    let fitted = metrics.coefficients.iter().filter(|c| !linear.aliased.contains(&c.feature));
    for c in fitted.clone().take(MOST) {
        let limits = match (c.lower, c.upper) {
            (Some(lower), Some(upper)) => format!("{} to {}", number::figure(lower), number::figure(upper)),
            _ => number::or_dash(None),
        };
        table.row([
            escape::text(&c.feature),
            number::figure(c.coefficient),
            number::or_dash(c.standard_error),
            limits,
            number::or_dash(c.sd),
            number::or_dash(c.effect),
        ]);
    }
    out.push(table.render());
    let all = fitted.count();
    if all > MOST {
        out.push(format!(
            "{}, with a smaller effect, are in `metrics.json`.",
            number::counted((all - MOST) as u64, "more feature")
        ));
    }
    let chosen = model.statistics.get("cross_validation").and_then(|path| path.get("chosen"));
    if chosen.and_then(Value::as_u64) == Some(0) {
        out.push("**The penalty is the largest that was tried**: the features hardly count, and a prediction is about the mean of the training outcomes.".to_owned());
    }
    if !linear.aliased.is_empty() {
        out.push(format!(
            "Left out, because they are zero in all training rows or the features before them determine them: {}.",
            escape::list(&linear.aliased)
        ));
    }
    out
}

fn settings(facts: &Facts) -> Option<String> {
    // What is empty says nothing.
    let said = |v: &Value| match v {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(items) => !items.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    };
    let all: Vec<_> = facts.model.hyperparameters.iter().filter(|(_, v)| said(v)).collect();
    if all.is_empty() {
        return None;
    }
    let value = |v: &Value| v.as_str().map_or_else(|| escape::text(&v.to_string()), escape::text);
    let one = |(name, v): (&String, &Value)| format!("{} = {}", escape::text(name), value(v));
    Some(format!("Settings of the fit: {}.", all.into_iter().map(one).collect::<Vec<_>>().join(", ")))
}
