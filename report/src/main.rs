//! Command line of the `report` stage.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = report::Args::parse();
    stage::execute(Task::Report, &args.common, || report::run(&args))
}
