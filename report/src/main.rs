//! Command line of the `report` stage.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = report::Args::parse();
    if args.only_answers() {
        return stage::answer(Task::Report, &args.common, || report::run(&args));
    }
    stage::execute(Task::Report, &args.common, || report::run(&args))
}
