//! The limits of a value that is to be written.

use serde_json::Value;

use super::{Error, MAX_BYTES, MAX_DEPTH, MAX_VALUES};

/// Refuses to write what would not be read again; comes before the encoder, which recurses and cuts text
/// lengths to 32 bits.
pub(super) fn check(value: &Value) -> Result<(), Error> {
    let mut values = 0;
    let mut bytes = 0;
    check_at(value, 0, &mut values, &mut bytes)?;
    if bytes > MAX_BYTES {
        return Err(Error::TooLarge { bytes });
    }
    Ok(())
}

fn check_at(value: &Value, depth: usize, values: &mut usize, bytes: &mut usize) -> Result<(), Error> {
    *values += 1;
    if *values > MAX_VALUES {
        return Err(Error::TooManyValues);
    }
    if depth >= MAX_DEPTH && (value.is_array() || value.is_object()) {
        return Err(Error::TooDeep);
    }
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            let finite = number.as_f64().is_some_and(f64::is_finite);
            if !(number.is_i64() || number.is_u64() || number.is_f64() && finite) {
                let text = number.to_string();
                return Err(Error::Number { text });
            }
        }
        Value::String(text) => *bytes += text.len(),
        Value::Array(items) => {
            for item in items {
                check_at(item, depth + 1, values, bytes)?;
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                *values += 1;
                *bytes += key.len();
                check_at(item, depth + 1, values, bytes)?;
            }
        }
    }
    Ok(())
}
