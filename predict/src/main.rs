//! Command line of `predict`.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = predict::Args::parse();
    stage::execute(Task::Predict, &args.asked.common, || predict::run(&args))
}
