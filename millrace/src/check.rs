//! `millrace check`: whether a gate failed.

use common::{Class, Error, Result, Task, error};

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
            Err(Error::new(Class::Gate, "a gate failed; the report and the log of evaluate name it")
                .at(&path))
        }
        _ => Err(Error::checkpoint("`status` is none of pass, warn and fail").at(&path)),
    }
}
