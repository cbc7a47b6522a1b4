//! Command line of the `train-model` stage.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = train_model::Args::parse();
    stage::execute(Task::TrainModel, &args.common, || train_model::run(&args))
}
