//! The values that sections share: names of the catalogue, quantities, limits.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::shape::{exact_or_pair, may, reference, table};
use crate::signal::{Role, catalog};

const NUMBER: &str = r"-?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?";
const SIZE: &str = r"(?:[0-9]+(?:\.[0-9]+)?\s*(?:[kKmMgGtTpPeE][iI]?[bB]?|[bB]))";
const DURATION: &str = concat!(
    r"(?:(?:[0-9]+(?:\.[0-9]+)?\s*(?:ns|nsec|nanos|us|µs|usec|ms|msec|millis|s|secs?|seconds?|m|mins?|minutes?|",
    r"h|hrs?|hours?|d|days?|w|wks?|weeks?)\s*)+)",
);
const TIME: &str = r"(?:s|sec|second|m|min|minute|h|hour|d|day)";

/// A signal of the catalogue.
pub(crate) fn signal() -> Value {
    let names: Vec<&str> = catalog().signals().map(|signal| signal.id().as_str()).collect();
    json!({ "type": "string", "enum": names })
}

/// A signal that measures load.
pub(super) fn load_signal() -> Value {
    let loads = catalog().signals().filter(|signal| signal.role == Role::Load);
    json!({ "type": "string", "enum": loads.map(|signal| signal.id().as_str()).collect::<Vec<_>>() })
}

/// A resource of the catalogue.
pub(super) fn resource() -> Value {
    let names: Vec<&str> = catalog().resources().map(|resource| resource.id().as_str()).collect();
    json!({ "type": "string", "enum": names })
}

/// A system of the catalogue.
pub(crate) fn system() -> Value {
    let names: BTreeSet<&str> = catalog().signals().map(|signal| signal.system.as_str()).collect();
    json!({ "type": "string", "enum": names })
}

/// An id: a name that can be referred to.
pub(super) fn identifier() -> Value {
    json!({ "type": "string", "pattern": "^[a-z0-9._-]+$" })
}

/// A quantity of any unit.
pub(crate) fn quantity() -> Value {
    let text = format!("{NUMBER}\\s*%?|{DURATION}|{SIZE}|(?:{NUMBER}|{SIZE})\\s*/\\s*{TIME}");
    json!({
        "description": "A plain number, or a string with its unit: \"80%\", \"200ms\", \"8GiB\", \"1000/min\".",
        "anyOf": [{ "type": "number" }, written(&text)],
    })
}

/// A duration such as "10m"; months and years have no fixed length.
pub(crate) fn duration() -> Value {
    written(&format!("{DURATION}|0"))
}

/// A size such as "8GiB".
pub(super) fn size() -> Value {
    written(SIZE)
}

/// A share of the whole, such as "80%".
pub(super) fn share() -> Value {
    written(&format!("{NUMBER}\\s*%"))
}

/// Events per time, such as "1000/min".
pub(super) fn rate() -> Value {
    written(&format!("{NUMBER}\\s*/\\s*{TIME}"))
}

fn written(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": format!(r"^\s*(?:{pattern})\s*$") })
}

/// A quantity, or the two ends it lies between.
pub(super) fn amount() -> Value {
    exact_or_pair(reference("quantity"))
}

/// What a fact may be: true or false, a word, or a quantity.
pub(crate) fn fact_value() -> Value {
    json!({ "type": ["boolean", "number", "string"] })
}

/// The limits of one signal.
pub(crate) fn limits() -> Value {
    let quantity = || reference("quantity");
    table([
        may("warning", "From here on it deserves a look.", quantity()),
        may("critical", "From here on somebody must act.", quantity()),
        may("limit", "Where the resource is used up; the critical limit when absent.", quantity()),
        may("for", "How long a limit must be passed without interruption.", reference("duration")),
    ])
}
