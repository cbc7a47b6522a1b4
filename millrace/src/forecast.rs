//! The forecast: made when it is asked for and by no rule of the map, so that it may be of an earlier model.

use std::path::{Path, PathBuf};

use common::manifest::Manifest;
use common::{Error, Result, Task, text};

use crate::dag::Dag;
use crate::verdict::{Verdict, current, hash_of, modified};

/// The verdict on the forecast; nothing where there is none.
///
/// # Errors
/// Where a file is there and cannot be read.
pub(crate) fn verdict(dag: &Dag, stages: &[Verdict]) -> Result<Option<Verdict>> {
    let data = dag.data_of(Task::Predict);
    let path = Manifest::path_of(&data);
    if !data.exists() && !path.exists() {
        return Ok(None);
    }
    let mut reasons = Vec::new();
    let missing = [&data, &path].into_iter().filter(|path| !path.exists());
    reasons.extend(missing.map(|path| format!("output missing: {}", shown(dag, path))));
    match Manifest::read(&path) {
        Ok(Some(manifest)) => compare(dag, &data, &path, &manifest, &mut reasons)?,
        Ok(None) => {}
        Err(_) => reasons.push("its manifest is damaged".to_owned()),
    }
    let model = stages.iter().find(|v| v.task == Task::TrainModel && !v.reasons.is_empty());
    if let Some(model) = model.filter(|_| reasons.is_empty()) {
        reasons.push(format!("{} before it is stale", model.task));
    }
    Ok(Some(Verdict { task: Task::Predict, reasons, said: Vec::new() }))
}

fn compare(
    dag: &Dag,
    data: &Path,
    path: &Path,
    manifest: &Manifest,
    reasons: &mut Vec<String>,
) -> Result<()> {
    let published = path.metadata().map_err(|e| Error::read(path, &e))?;
    if current(data, &manifest.output, &published)?.is_some_and(|now| now != manifest.output.sha256) {
        reasons.push(format!("output changed since it was written: {}", shown(dag, data)));
    }
    let model = dag.data_of(Task::TrainModel);
    if model.is_file() {
        let now = hash_of(&model)?;
        // Another model may have been named; what is asked is whether it is of this project's.
        if manifest.inputs.iter().all(|input| input.sha256 != now) {
            reasons.push(format!("input changed: {}", shown(dag, &model)));
        }
    }
    // A file from elsewhere is recorded without its folder, and may not be found again.
    for input in manifest.inputs.iter().skip(1) {
        let path: PathBuf = dag.project.path(&input.name);
        if path.is_file() && current(&path, input, &published)?.is_some_and(|now| now != input.sha256) {
            reasons.push(format!("input changed: {}", shown(dag, &path)));
        }
    }
    let program = modified(&dag.program_of(Task::Predict));
    if program.zip(modified(path)).is_some_and(|(program, written)| program > written) {
        reasons.push("its program is newer".to_owned());
    }
    Ok(())
}

fn shown(dag: &Dag, path: &Path) -> String {
    text::path(path.strip_prefix(dag.project.root()).unwrap_or(path))
}
