//! Command line of the `clean` stage.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = clean::Args::parse();
    stage::execute(Task::Clean, &args.common, || clean::run(&args))
}
