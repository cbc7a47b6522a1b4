//! What all stages share, and nothing else: where files lie, what they hold, how they are
//! written, how a run fails, what it logs and whom it tells.
//!
//! `common` holds contracts, not conveniences: the types of the exchanged files, the only code that
//! opens a file for writing, errors with exit codes, logging, notification. It holds no statistics
//! and no stage's section of `pipeline.toml`.
#![forbid(unsafe_code)]

pub mod accepted;
pub mod checkpoint;
pub mod cli;
pub mod config;
pub mod error;
pub mod hash;
pub mod identity;
pub mod json;
pub mod ledger;
pub mod lines;
pub mod lock;
pub mod logging;
pub mod manifest;
pub mod notify;
pub mod order;
pub mod project;
pub mod publish;
pub mod schema;
pub mod stage;
pub mod table;
pub mod task;
pub mod text;
pub mod time;
pub mod workers;

pub use cli::CommonArgs;
pub use error::{Class, Error, Result};
pub use project::Project;
pub use task::Task;
