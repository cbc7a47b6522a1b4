//! Crash safety of every stage and of `make`: killed, stopped, refused by the disk, at every call and
//! at random moments. `MILLRACE_KILLS=n` makes the random loops longer.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

mod support;

#[path = "crash/fault.rs"]
mod fault;
#[path = "crash/judge.rs"]
mod judge;
#[path = "crash/kill.rs"]
mod kill;
#[path = "crash/make.rs"]
mod make;
#[path = "crash/project.rs"]
mod project;
#[path = "crash/remote.rs"]
mod remote;
#[path = "crash/saved.rs"]
mod saved;
#[path = "crash/signal.rs"]
mod signal;
#[path = "crash/space.rs"]
mod space;
#[path = "crash/stages.rs"]
mod stages;
#[path = "crash/strace.rs"]
mod strace;
