//! `millrace check`: whether a gate failed.

use common::{Class, Error, Result, Task, error, text};

use crate::dag::Dag;
use crate::print;

/// Fails where the metrics say that a gate failed.
pub(crate) fn run(dag: &Dag) -> Result<()> {
    let path = dag.data_of(Task::Evaluate);
    let bytes = std::fs::read(&path).map_err(|e| {
        Error::checkpoint(format!("cannot read: {}; `make metrics` writes it", error::reason(&e))).at(&path)
    })?;
    let metrics: serde_json::Value = serde_json::from_slice(&bytes)
        .map_err(|e| Error::checkpoint(format!("damaged ({e}); `make metrics` writes it again")).at(&path))?;
    match metrics.get("status").map_or(Some("pass"), |status| status.as_str()) {
        Some("pass") => print(&["check: no gate failed".to_owned()]),
        Some("warn") => print(&["check: no gate failed, with warnings; the report names them".to_owned()]),
        Some("fail") => {
            Err(Error::new(Class::Gate, format!("a gate failed{}; see the report", broken(&metrics)))
                .at(&path))
        }
        _ => Err(Error::checkpoint("`status` is none of pass, warn and fail").at(&path)),
    }
}

/// The figures whose gates failed, by path.
fn broken(metrics: &serde_json::Value) -> String {
    let gates = metrics.get("gates").and_then(serde_json::Value::as_array);
    let failed = |gate: &&serde_json::Value| {
        gate.get("kept") == Some(&false.into()) && gate.get("level") == Some(&"fail".into())
    };
    let names = gates.into_iter().flatten().filter(failed).filter_map(|gate| gate.get("metric")?.as_str());
    let names = text::names(names);
    if names.is_empty() { names } else { format!(": {names}") }
}
