//! Which part of a schema describes which table of a document.

use std::collections::BTreeSet;

use serde_json::Value;

/// A table of a document and what describes it, both as JSON pointers.
pub(crate) struct Described {
    pub(crate) table: String,
    pub(crate) shape: String,
}

/// Every table of a document whose keys the schema names.
pub(crate) fn described(schema: &Value, document: &Value) -> Vec<Described> {
    let mut found = Vec::new();
    walk(schema, document, "", "", &mut found);
    found
}

fn walk(schema: &Value, value: &Value, shape: &str, table: &str, found: &mut Vec<Described>) {
    if let Some(reference) = schema.pointer(shape).unwrap()["$ref"].as_str() {
        return walk(schema, value, &reference[1..], table, found);
    }
    match value {
        Value::Object(entries) => {
            let Some(shape) = branch(schema, shape, "object") else { return };
            let properties = &schema.pointer(&shape).unwrap()["properties"];
            for (key, value) in entries {
                let inside = format!("{table}/{}", key.replace('~', "~0").replace('/', "~1"));
                let below = match properties.get(key) {
                    Some(_) => format!("{shape}/properties/{key}"),
                    None => format!("{shape}/additionalProperties"),
                };
                walk(schema, value, &below, &inside, found);
            }
            if properties.is_object() {
                found.push(Described { table: table.to_owned(), shape });
            }
        }
        Value::Array(items) => {
            let Some(shape) = branch(schema, shape, "array") else { return };
            for (index, item) in items.iter().enumerate() {
                walk(schema, item, &format!("{shape}/items"), &format!("{table}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// The shape of a kind: the one given, or the alternative that is of the kind.
fn branch(schema: &Value, shape: &str, kind: &str) -> Option<String> {
    let here = schema.pointer(shape)?;
    if here["type"] == kind {
        return Some(shape.to_owned());
    }
    let alternatives = here["anyOf"].as_array()?;
    let index = alternatives.iter().position(|alternative| alternative["type"] == kind)?;
    Some(format!("{shape}/anyOf/{index}"))
}

/// Every place of a schema at which the keys of a table are named.
pub(crate) fn shapes(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(schema, "", &mut found);
    found
}

fn collect(here: &Value, at: &str, found: &mut BTreeSet<String>) {
    match here {
        Value::Object(entries) => {
            if here["type"] == "object" && here["properties"].is_object() {
                found.insert(at.to_owned());
            }
            entries.iter().for_each(|(key, value)| collect(value, &format!("{at}/{key}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect(item, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}
