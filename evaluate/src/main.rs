//! Command line of the `evaluate` stage.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = evaluate::Args::parse();
    if args.schema {
        return stage::answer(Task::Evaluate, &args.common, || evaluate::run(&args));
    }
    stage::execute(Task::Evaluate, &args.common, || evaluate::run(&args))
}
