//! `millrace status`: each stage fresh, or stale and why. Changes nothing.

use crate::dag::Dag;
use crate::state::State;
use crate::verdict::{self, Verdict};
use crate::{Outcome, forecast, make, print};

/// Prints one line a stage, and one on the forecast where there is one.
pub(crate) fn run(dag: &Dag) -> Outcome {
    if make::is_held(dag) {
        log::warn!("a make is running in this project; what follows may change");
    }
    let verdicts = verdict::all(dag, &State::probe(dag)?)?;
    let forecast = forecast::verdict(dag, &verdicts)?;
    let lines: Vec<String> = verdicts.iter().chain(&forecast).map(line).collect();
    Ok(print(&lines)?)
}

fn line(verdict: &Verdict) -> String {
    let said = match (verdict.reasons.as_slice(), verdict.edited) {
        ([], false) => "fresh".to_owned(),
        ([], true) => "fresh (edited since it was written)".to_owned(),
        (reasons, _) => format!("stale: {}", reasons.join("; ")),
    };
    format!("{:<17} {said}", verdict.task.name())
}
