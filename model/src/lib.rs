//! The model file: its form, its refusals, applying it to rows.
//!
//! `models/model.pkl` is a Python pickle of plain data only (dicts, lists, strings, numbers): any
//! `pickle.load` gives a dict, and nothing in it can run. It holds all that scoring needs.
#![forbid(unsafe_code)]

mod apply;
mod form;
mod opcodes;
pub mod pickle;
mod terms;

pub use form::{FORMAT, KIND, Linear, Link, Model, Profile, Training};
pub use terms::Term;
