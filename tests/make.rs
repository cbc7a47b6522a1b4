//! The Makefile and `millrace`, with stub stages: what runs, what does not, and what survives.
//!
//! The stubs (`fixtures/stub_stage.sh`) write small files with true manifests, so that these tests
//! say nothing about the stages and take no data.
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

#[path = "make/sandbox.rs"]
mod sandbox;
mod support;

#[path = "make/build.rs"]
mod build;
#[path = "make/interrupted.rs"]
mod interrupted;
#[path = "make/names.rs"]
mod names;
#[path = "make/report_edits.rs"]
mod report_edits;
#[path = "make/reruns.rs"]
mod reruns;
#[path = "make/reset.rs"]
mod reset;
#[path = "make/status.rs"]
mod status;
