//! Building blocks of JSON Schemas for TOML files.

use serde_json::{Map, Value, json};

/// The edition of JSON Schema that these schemas are written in.
pub(crate) const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// One key of a table.
pub(crate) struct Key {
    name: &'static str,
    required: bool,
    shape: Value,
}

/// A key that must be there.
pub(crate) fn need(name: &'static str, description: &str, shape: Value) -> Key {
    Key { name, required: true, shape: described(shape, description) }
}

/// A key that may be left out.
pub(crate) fn may(name: &'static str, description: &str, shape: Value) -> Key {
    Key { name, required: false, shape: described(shape, description) }
}

/// A shape with a few words about what it is for.
pub(crate) fn described(shape: Value, description: &str) -> Value {
    with(shape, "description", description.into())
}

/// A shape with one more rule.
pub(crate) fn with(mut shape: Value, rule: &str, value: Value) -> Value {
    shape[rule] = value;
    shape
}

/// A table with these keys and no others.
pub(crate) fn table(keys: impl IntoIterator<Item = Key>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for key in keys {
        if key.required {
            required.push(key.name);
        }
        properties.insert(key.name.to_owned(), key.shape);
    }
    let mut table = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    table
}

/// A table whose keys are names of the author's choice.
pub(crate) fn by_name(shape: Value) -> Value {
    with(json!({ "type": "object" }), "additionalProperties", shape)
}

/// A table whose keys are signals.
pub(crate) fn by_signal(shape: Value) -> Value {
    with(by_name(shape), "propertyNames", reference("signal"))
}

/// What stands under `$defs`.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// An array of one shape.
pub(crate) fn list(shape: Value) -> Value {
    with(json!({ "type": "array" }), "items", shape)
}

/// `[low, high]`, or `[low]` where the upper end is open.
pub(super) fn pair(shape: Value) -> Value {
    with(json!({ "type": "array", "minItems": 1, "maxItems": 2 }), "items", shape)
}

/// One value, `[low, high]` or `[low]`.
pub(super) fn exact_or_pair(shape: Value) -> Value {
    json!({ "anyOf": [shape.clone(), pair(shape)] })
}

/// A table, or an array of such tables.
pub(crate) fn one_or_more(shape: Value) -> Value {
    json!({ "anyOf": [shape.clone(), list(shape)] })
}

/// One word of a closed list.
pub(super) fn one_of<T>(choices: &[(&'static str, T)]) -> Value {
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    json!({ "type": "string", "enum": words })
}

/// Any string.
pub(crate) fn text() -> Value {
    json!({ "type": "string" })
}

/// Any strings.
pub(crate) fn texts() -> Value {
    list(text())
}

/// A whole number from zero up.
pub(crate) fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// True or false.
pub(crate) fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// An amount of money.
pub(super) fn money() -> Value {
    json!({ "type": "number", "minimum": 0 })
}
