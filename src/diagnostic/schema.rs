//! Pieces of JSON Schema (2020-12) that describe tables and their keys.

use serde_json::{Map, Value, json};

/// The edition of JSON Schema that these schemas are written in.
pub(crate) const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// One key of a table.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Whether the table needs it.
    pub required: bool,
    /// What it may hold, with its documentation as `description`.
    pub schema: Value,
}

impl Key {
    /// A key with its documentation.
    pub fn new(name: &'static str, documentation: &str, required: bool, schema: Value) -> Self {
        Self { name, required, schema: described(schema, documentation) }
    }
}

/// A schema with its documentation.
pub(crate) fn described(schema: Value, documentation: &str) -> Value {
    with(schema, "description", documentation.trim().into())
}

/// A schema with one more rule.
pub(crate) fn with(mut schema: Value, rule: &str, value: Value) -> Value {
    schema[rule] = value;
    schema
}

/// A table with these keys and no others.
pub(crate) fn table(keys: impl IntoIterator<Item = Key>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for key in keys {
        if key.required {
            required.push(key.name);
        }
        properties.insert(key.name.to_owned(), key.schema);
    }
    let mut table = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    table
}

/// A table whose keys are names of the author's choice.
pub(crate) fn by_name(schema: Value) -> Value {
    with(json!({ "type": "object" }), "additionalProperties", schema)
}

/// What is defined under `$defs`.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// An array of values of one schema.
pub(crate) fn list(schema: Value) -> Value {
    with(json!({ "type": "array" }), "items", schema)
}

/// One word of a closed list.
pub(crate) fn one_of(words: impl IntoIterator<Item = &'static str>) -> Value {
    json!({ "type": "string", "enum": words.into_iter().collect::<Vec<_>>() })
}

/// The schema of a table one of whose arrays is required and has at least so many items.
pub(crate) fn at_least(mut table: Value, key: &str, items: usize) -> Value {
    table["properties"][key]["minItems"] = items.into();
    let mut required = table["required"].as_array().cloned().unwrap_or_default();
    required.push(key.into());
    with(table, "required", required.into())
}
