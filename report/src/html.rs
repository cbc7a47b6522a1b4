//! Stand-in.
use crate::{desk::Desk, facts::Facts};
pub(crate) fn of(_: &Facts, _: &Desk, text: &str) -> String {
    format!("<pre>{text}</pre>")
}
