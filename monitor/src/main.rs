//! Command line of `monitor`.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = monitor::Args::parse();
    stage::execute(Task::Monitor, &args.common, || monitor::run(&args))
}
