//! The sections of the report, each a list of paragraphs.

pub(crate) mod answer;
pub(crate) mod calibration;
pub(crate) mod changes;
pub(crate) mod data;
pub(crate) mod drift;
pub(crate) mod errors;
pub(crate) mod forecast;
pub(crate) mod gates;
pub(crate) mod intervals;
pub(crate) mod leaks;
pub(crate) mod ledger;
pub(crate) mod model;
pub(crate) mod periods;
pub(crate) mod reproduce;
pub(crate) mod segments;
mod slice;
pub(crate) mod title;
pub(crate) mod worst;

use crate::facts::Facts;
use crate::{escape, words};

/// A section: its name and what writes it.
type Section = (&'static str, fn(&Facts) -> Vec<String>);

/// Every section, by the name of its block, in the order of the template that is built in.
const ALL: [Section; 17] = [
    ("title", title::write),
    ("answer", answer::write),
    ("limits", gates::write),
    ("changes", changes::write),
    ("data", data::write),
    ("ledger", ledger::write),
    ("model", model::write),
    ("errors", errors::write),
    ("periods", periods::write),
    ("segments", segments::write),
    ("worst", worst::write),
    ("calibration", calibration::write),
    ("intervals", intervals::write),
    ("drift", drift::write),
    ("leaks", leaks::write),
    ("forecast", forecast::write),
    ("reproduce", reproduce::write),
];

/// The names of all sections.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

/// All sections by name, each a list of paragraphs of which the first is the heading; empty where there is nothing to tell.
pub(crate) fn all(facts: &Facts) -> Vec<(&'static str, Vec<String>)> {
    ALL.iter().map(|(name, write)| (*name, write(facts))).collect()
}

/// What is predicted, in words: “median” one row ahead within each “city”.
fn predicted(facts: &Facts) -> String {
    let target = &facts.metrics.target;
    let ahead = words::ahead(target.horizon, target.statistic);
    let within = target.entity.as_ref().map(|e| format!("within each {}", escape::quoted(e)));
    let mut parts = vec![escape::quoted(&target.source)];
    if let Some(expression) = &target.expression {
        parts.push(format!("({})", escape::text(expression)));
    }
    if !ahead.is_empty() {
        parts.push(ahead);
        parts.extend(within);
    }
    parts.join(" ")
}

/// The unit of every error, in words.
fn unit(facts: &Facts) -> String {
    format!("in the unit of {}", escape::quoted(&facts.metrics.target.source))
}
