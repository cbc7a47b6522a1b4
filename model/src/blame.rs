//! Which part of a file is not what a model holds there: serde's own messages do not say where.

use std::collections::BTreeMap;

use common::identity::Identity;
use common::schema::Field;
use common::text;
use serde::de::DeserializeOwned;
use serde_json::{Error, Map, Value};

use crate::form::{Profile, Training};
use crate::function::{Function, Tree};
use crate::terms::Term;

type Reads = fn(&Value) -> Result<(), Error>;

/// The parts by their place, the inner before the outer.
const PARTS: [(&str, Reads); 19] = [
    ("/version", of::<String>),
    ("/target", of::<String>),
    ("/target_column", of::<String>),
    ("/horizon", of::<u32>),
    ("/features", of::<Vec<String>>),
    ("/decimals", of::<BTreeMap<String, u32>>),
    ("/function/linear/terms", of::<Vec<Term>>),
    ("/function/linear/intercept", of::<f64>),
    ("/function/linear/coefficients", of::<Vec<f64>>),
    ("/function/linear/coefficients_low", of::<Vec<f64>>),
    ("/function/linear/aliased", of::<Vec<String>>),
    ("/function/trees/trees", of::<Vec<Tree>>),
    ("/function", of::<Function>),
    ("/training", of::<Training>),
    ("/fields", of::<Vec<Field>>),
    ("/preparation", of::<Map<String, Value>>),
    ("/reference", of::<Profile>),
    ("/trained_on", of::<Identity>),
    ("/hyperparameters", of::<BTreeMap<String, Value>>),
];

fn of<T: DeserializeOwned>(value: &Value) -> Result<(), Error> {
    T::deserialize(value).map(|_| ())
}

/// What is wrong with `value`, which `error` says cannot be read, and where.
pub(crate) fn blame(value: &Value, error: &Error) -> String {
    let found = PARTS.iter().find_map(|(place, read)| {
        let why = value.pointer(place).and_then(|part| read(part).err())?;
        Some((place.trim_start_matches('/').replace('/', "."), why))
    });
    // A message repeats what the file holds, whatever its length.
    match found {
        Some((place, why)) => format!("`{place}`: {}", text::shown(&why.to_string())),
        None => text::shown(&error.to_string()),
    }
}
