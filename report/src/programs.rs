//! The programs that made a report, with the configuration of each.

use common::Task;
use common::manifest::Manifest;
use common::project::Project;

use crate::metrics::Metrics;

/// A program, and what its manifest says of it.
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    /// SHA-256 of what `--print-config` prints; none where no manifest has it.
    pub(crate) config: Option<String>,
}

/// The stages before the model, found from the features table back: a manifest counts where it is of the very file
/// that the next stage read.
pub(crate) fn before_model(project: &Project, metrics: &Metrics) -> Vec<Program> {
    let mut wanted = metrics.inputs.first().map(|features| features.sha256.clone());
    let mut out = Vec::new();
    for task in [Task::FeatureEngineer, Task::Clean, Task::Ingest] {
        // A manifest that cannot be read vouches for nothing, and is no reason to have no report.
        let found = || Manifest::read(&Manifest::path_of(&project.output_of(task))).ok().flatten();
        let of_it = |sha256: String| found().filter(|manifest| manifest.output.sha256 == sha256);
        let manifest = wanted.take().and_then(of_it);
        wanted = manifest.as_ref().and_then(|m| m.inputs.first()).map(|input| input.sha256.clone());
        out.push(Program {
            name: task.program(),
            version: manifest.as_ref().map(|m| m.version.clone()),
            config: manifest.map(|m| m.config_sha256),
        });
    }
    out.reverse();
    out
}
