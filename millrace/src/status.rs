//! `millrace status`: each stage fresh, or stale and why. Changes nothing.

use common::manifest::Manifest;
use common::{Result, Task};

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
    let mut lines: Vec<String> = verdicts.iter().chain(&forecast).map(line).collect();
    lines.extend(monitored(dag)?);
    Ok(print(&lines)?)
}

/// What was monitored, where anything was: no stage of the chain, so it says only of which model.
fn monitored(dag: &Dag) -> Result<Option<String>> {
    let of = |task: Task| Manifest::read(&Manifest::path_of(&dag.data_of(task)));
    let Some(monitor) = of(Task::Monitor)? else { return Ok(None) };
    let model = of(Task::TrainModel)?.map(|manifest| manifest.output.sha256);
    let is_current = model.is_some_and(|now| monitor.inputs.iter().any(|input| input.sha256 == now));
    let said = if is_current { "fresh" } else { "stale: it is of another model" };
    Ok(Some(format!("{:<17} {said}", Task::Monitor.name())))
}

fn line(verdict: &Verdict) -> String {
    let said = match verdict.reasons.as_slice() {
        [] => "fresh".to_owned(),
        reasons => format!("stale: {}", reasons.join("; ")),
    };
    let more =
        if verdict.said.is_empty() { String::new() } else { format!(" [{}]", verdict.said.join(", ")) };
    format!("{:<17} {said}{more}", verdict.task.name())
}
