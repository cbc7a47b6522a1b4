//! Command line of the `ingest` stage.
use clap::Parser as _;
use common::{Task, stage};

fn main() -> std::process::ExitCode {
    let args = ingest::Args::parse();
    // A list for Make is an answer, not a run: it leaves no log.
    if args.list_sources {
        return stage::answer(Task::Ingest, &args.common, || ingest::run(&args));
    }
    stage::execute(Task::Ingest, &args.common, || ingest::run(&args))
}
