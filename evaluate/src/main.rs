//! Command line of the `evaluate` stage.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = evaluate::Args::parse();
    stage::execute(Task::Evaluate, &args.common, || evaluate::run(&args))
}
