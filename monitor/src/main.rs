//! Command line of `monitor`.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = monitor::Args::parse();
    if args.schema {
        return stage::answer(Task::Monitor, &args.asked.common, || monitor::run(&args));
    }
    stage::execute(Task::Monitor, &args.asked.common, || monitor::run(&args))
}
