//! The rules of the Makefile as data: what each stage makes, and from what.

use std::path::{Path, PathBuf};

use common::manifest::Manifest;
use common::project::{beside, names};
use common::{Project, Task};

/// Formats of the tables between the stages.
pub(crate) const FORMATS: [&str; 3] = ["csv", "parquet", "arrow"];

/// A project, the format of its tables and the programs that make them.
pub(crate) struct Dag {
    /// The project.
    pub(crate) project: Project,
    /// The format of its tables.
    pub(crate) format: String,
    /// The folder of the stage programs.
    pub(crate) bin: PathBuf,
}

/// What a file is to the stage that needs it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The checkpoint of a stage before, or a file beside it.
    Input,
    /// The stage's part of `pipeline.toml`.
    Config,
    /// The list of sources.
    Sources,
    /// The format of the tables.
    Format,
    /// The contract on columns.
    Schema,
    /// What a person accepted, or the hashes of remote sources.
    Lock,
    /// The stage itself.
    Program,
    /// The forecast, which the report shows where there is one.
    Forecast,
    /// The report as the analyst left it.
    Draft,
}

/// One rule: paths below the project, but for the program.
pub(crate) struct Rule {
    /// The stage.
    pub(crate) task: Task,
    /// The checkpoint.
    pub(crate) data: PathBuf,
    /// Its manifest.
    pub(crate) manifest: PathBuf,
    /// All that Make counts as made by the stage.
    pub(crate) targets: Vec<PathBuf>,
    /// The checkpoints of the stages before.
    pub(crate) inputs: Vec<(Task, PathBuf)>,
    /// All that Make compares times with.
    pub(crate) needs: Vec<(Role, PathBuf)>,
}

impl Dag {
    /// The rules of the project in `root`.
    pub(crate) fn new(root: &Path, format: &str, bin: PathBuf) -> Self {
        Self { project: Project::new(root), format: format.to_owned(), bin }
    }

    /// The checkpoint of `task` in this format.
    pub(crate) fn data_of(&self, task: Task) -> PathBuf {
        let standard = self.project.output_of(task);
        match task {
            Task::Ingest | Task::Clean | Task::FeatureEngineer => standard.with_extension(&self.format),
            Task::TrainModel | Task::Evaluate | Task::Report | Task::Predict | Task::Monitor => standard,
        }
    }

    /// A file of the state folder.
    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.project.path(names::STATE).join(name)
    }

    /// The file that holds the configuration of `task`.
    pub(crate) fn config_of(&self, task: Task) -> PathBuf {
        self.state(&format!("{}.json", task.program()))
    }

    /// The program of `task`.
    pub(crate) fn program_of(&self, task: Task) -> PathBuf {
        self.bin.join(task.program())
    }

    /// All rules, in data order.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        Task::CHAIN.iter().map(|task| self.rule(*task)).collect()
    }

    fn rule(&self, task: Task) -> Rule {
        let data = self.data_of(task);
        let mut needs = vec![(Role::Program, self.program_of(task)), (Role::Config, self.config_of(task))];
        needs.extend(task.before().iter().flat_map(|t| self.targets_of(*t)).map(|path| (Role::Input, path)));
        match task {
            Task::Ingest => {
                needs.push((Role::Format, self.state("format")));
                needs.push((Role::Sources, self.state("sources.list")));
                needs.push((Role::Lock, self.project.path(names::INGEST_LOCK)));
                needs.push((Role::Lock, self.project.path(names::SOURCES_LOCK)));
            }
            Task::Clean => {
                needs.push((Role::Schema, self.project.path(names::SCHEMA)));
                needs.push((Role::Lock, self.project.path(names::CLEAN_LOCK)));
            }
            Task::Report => {
                needs.push((Role::Draft, data.clone()));
                needs.push((Role::Forecast, Manifest::path_of(&self.data_of(Task::Predict))));
            }
            Task::FeatureEngineer | Task::TrainModel | Task::Evaluate | Task::Predict | Task::Monitor => {}
        }
        Rule {
            task,
            manifest: Manifest::path_of(&data),
            targets: self.targets_of(task),
            inputs: task.before().iter().map(|t| (*t, self.data_of(*t))).collect(),
            needs,
            data,
        }
    }

    fn targets_of(&self, task: Task) -> Vec<PathBuf> {
        let data = self.data_of(task);
        let manifest = Manifest::path_of(&data);
        match task {
            Task::Ingest => vec![beside(&data, "lines.csv"), data, manifest],
            // The draft belongs to the analyst: editing it must not look like making it.
            Task::Report => vec![manifest],
            _ => vec![data, manifest],
        }
    }
}
