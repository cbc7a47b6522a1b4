//! The JSON Schema of `metrics.json`, made of the types that it is written from.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::metrics::Metrics;

/// The JSON Schema of `metrics.json`, as [`schema_of`].
#[must_use]
pub fn schema() -> Value {
    schema_of::<Metrics>()
}

/// The JSON Schema (draft 2020-12) of what this version writes: every key is there, and no other.
#[must_use]
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(RecursiveTransform(closed));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Refuses keys that are not named.
fn closed(schema: &mut Schema) {
    let open = schema.get("properties").is_some() && schema.get("additionalProperties").is_none();
    if open {
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}
