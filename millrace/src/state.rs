//! The state files: what the rules depend on that is no file of the project by itself.
//!
//! Every stage is asked for the part of `pipeline.toml` that affects its output, and `ingest` for
//! the list of its sources; the answers are files rewritten only on change. As all stages answer
//! before the first one runs, a mistake anywhere in `pipeline.toml` stops before any work.

use std::io::{self, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use common::{Error, Task, error, publish};

use crate::dag::Dag;
use crate::{Failure, Outcome};

/// The state files as they should be now.
pub(crate) struct State {
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl State {
    /// Asks all stages at once.
    ///
    /// # Errors
    /// The failure of the first stage in data order that does not answer.
    pub(crate) fn probe(dag: &Dag) -> Outcome<Self> {
        let mut questions: Vec<(Task, &str, PathBuf)> =
            Task::CHAIN.iter().map(|task| (*task, "--print-config", dag.config_of(*task))).collect();
        questions.push((Task::Ingest, "--list-sources", dag.state("sources.list")));
        let answers: Vec<_> = thread::scope(|scope| {
            let asked: Vec<_> = questions
                .iter()
                .map(|(task, question, _)| scope.spawn(move || ask(dag, *task, question)))
                .collect();
            asked
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(Error::unexpected("a thread failed"))))
                .collect()
        });
        let mut files = Vec::with_capacity(questions.len() + 1);
        for ((.., path), answer) in questions.into_iter().zip(answers) {
            files.push((path, heard(answer)?));
        }
        files.push((dag.state("format"), format!("{}\n", dag.format).into_bytes()));
        Ok(Self { files })
    }

    /// The text that the state file at `path` should hold.
    pub(crate) fn text(&self, path: &Path) -> Option<&[u8]> {
        self.files.iter().find(|(p, _)| p == path).map(|(_, text)| text.as_slice())
    }

    /// Whether the state file at `path` is not what it should be.
    pub(crate) fn differs(&self, path: &Path) -> bool {
        self.text(path).is_some_and(|text| std::fs::read(path).ok().as_deref() != Some(text))
    }

    /// Rewrites the files that changed.
    ///
    /// # Errors
    /// Where one cannot be written.
    pub(crate) fn write(&self) -> common::Result<()> {
        self.files.iter().try_for_each(|(path, text)| publish::write_if_changed(path, text).map(drop))
    }
}

/// What a stage answered, and what it said on standard error.
fn ask(dag: &Dag, task: Task, question: &str) -> common::Result<Output> {
    let program = dag.program_of(task);
    let mut command = Command::new(&program);
    command.arg(question).current_dir(dag.project.root()).stdin(Stdio::null());
    command.output().map_err(|e| Error::unexpected(format!("cannot run: {}", error::reason(&e))).at(&program))
}

/// The answer, where there is one; a stage's own words are passed on either way.
fn heard(answer: common::Result<Output>) -> Outcome<Vec<u8>> {
    let Output { status, stdout, stderr } = answer?;
    // A closed terminal is no reason to stop.
    let _ = io::stderr().write_all(&stderr);
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(stdout),
        (Some(code), _) => Err(Failure::Stage(u8::try_from(code).unwrap_or(1))),
        (None, signal) => Err(Failure::Stage(u8::try_from(128 + signal.unwrap_or(0)).unwrap_or(1))),
    }
}
