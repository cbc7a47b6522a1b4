//! Command line of `new-project`, which `make new` calls.
use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    new_project::execute(&new_project::Args::parse())
}
