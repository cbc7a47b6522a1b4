//! The model file: its form, its refusals, applying it to rows.
//!
//! `models/model.pkl` is a Python pickle of plain data only (dicts, lists, strings, numbers): any
//! `pickle.load` gives a dict, and nothing in it can run. It holds all that scoring needs.
#![forbid(unsafe_code)]

mod blame;
mod choice;
mod form;
mod function;
mod importance;
mod intervals;
mod opcodes;
pub mod pickle;
mod sound;
mod terms;

pub use choice::{Candidate, Choice, ChoiceReason};
pub use form::{FORMAT, KIND, Model, Profile, Residual, ResidualPart, Training};
pub use function::{Function, Linear, Link, Tree, Trees};
pub use importance::{Importance, Permutation, Permuted, Standardized};
pub use intervals::{Bounds, Intervals, Level, Leverage, LinearScale, Method, Scale};
pub use terms::Term;
