//! Command line of `millrace`, the helper that the Makefile calls.
use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    millrace::run(&millrace::Args::parse())
}
