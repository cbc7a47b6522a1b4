//! Command line of the `feature-engineer` stage.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = feature_engineer::Args::parse();
    stage::execute(Task::FeatureEngineer, &args.common, || feature_engineer::run(&args))
}
