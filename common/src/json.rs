//! Canonical JSON: keys in the order of the type, two blanks of indent, a final newline.

use serde::Serialize;

use crate::error::{Error, Result};

/// `value` as indented JSON text with a final newline.
///
/// # Errors
/// If a map key is not a string, or a number is not finite where JSON has no word for it.
pub fn pretty<T: Serialize>(value: &T) -> Result<String> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|e| Error::unexpected(format!("cannot write JSON: {e}")))?;
    text.push('\n');
    Ok(text)
}

/// `value` as a JSON value.
///
/// # Errors
/// As [`pretty`].
pub fn value<T: Serialize>(value: &T) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|e| Error::unexpected(format!("cannot write JSON: {e}")))
}
