//! What is wrong with a text.

use std::fmt;

/// The first thing wrong with a text: where, what was found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The character it begins at, counted from 1; one past the last where the text ends too early.
    pub at: usize,
    /// What was found and what was expected: one line, names of the text escaped.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(at: usize, found: &str, expected: &str) -> Self {
        Self { at, message: format!("found {found}, expected {expected}") }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: {}", self.at, self.message)
    }
}

impl std::error::Error for Fault {}
