//! The programs that made a report, with the configuration of each.

use common::Task;
use common::manifest::{FileRecord, Manifest};
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
    let mut wanted = metrics.inputs.first().cloned();
    let mut out = Vec::new();
    for task in [Task::FeatureEngineer, Task::Clean, Task::Ingest] {
        let manifest = wanted.take().and_then(|file| manifest_of(project, task, &file));
        wanted = manifest.as_ref().and_then(|m| m.inputs.first()).cloned();
        out.push(Program {
            name: task.program(),
            version: manifest.as_ref().map(|m| m.version.clone()),
            config: manifest.map(|m| m.config_sha256),
        });
    }
    out.reverse();
    out
}

/// The manifest of the checkpoint of `task` that was read as `file`: beside it, or where the task writes by default.
fn manifest_of(project: &Project, task: Task, file: &FileRecord) -> Option<Manifest> {
    let places = [project.path(&file.name), project.output_of(task)];
    // A manifest that cannot be read vouches for nothing, and is no reason to have no report.
    let mut manifests =
        places.iter().filter_map(|path| Manifest::read(&Manifest::path_of(path)).ok().flatten());
    manifests.find(|manifest| manifest.stage == task.name() && manifest.output.sha256 == file.sha256)
}
