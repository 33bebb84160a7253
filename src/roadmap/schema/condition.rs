//! Conditions, which contain conditions.

use serde_json::{Value, json};

use super::{
    shape::{Key, list, may, one_of, reference, table, text, with},
    values::{fact_value, identifier},
};
use crate::signal::Aggregate;

/// Exactly one of `signal`, `fact`, `any` and `all`, with what belongs to it.
///
/// Every key stands in one table, so that editors can offer them all; the rules say which go together.
pub(super) fn condition() -> Value {
    let mut condition = table(judged().into_iter().chain(comparisons()));
    condition["oneOf"] = required_each(&["signal", "fact", "any", "all"]);
    condition["dependentRequired"] =
        json!({ "instance": ["signal"], "aggregate": ["signal"], "for": ["signal"] });
    let compared = required_each(&["above", "at_least", "below", "at_most", "inside", "outside", "is"]);
    condition["dependentSchemas"] = json!({
        "signal": { "oneOf": compared, "properties": { "is": reference("quantity") } },
        "fact": { "oneOf": compared },
        "any": { "maxProperties": 1 },
        "all": { "maxProperties": 1 },
        // With `for` every sample is compared, so that an aggregate would have no effect.
        "for": { "not": { "required": ["aggregate"] } },
    });
    condition
}

fn judged() -> [Key; 7] {
    let parts = || with(list(reference("condition")), "minItems", 1.into());
    [
        may("signal", "The signal that is judged.", reference("signal")),
        may("fact", "The declared fact that is judged: a name in `[facts]`.", identifier()),
        may("any", "At least one of these holds.", parts()),
        may("all", "All of these hold.", parts()),
        may("instance", "One instance only; every instance when left out.", text()),
        may("aggregate", "How the window becomes one number.", one_of(&Aggregate::NAMES)),
        may("for", "How long every sample must be beyond the limit.", reference("duration")),
    ]
}

fn comparisons() -> [Key; 7] {
    let one = || reference("quantity");
    let two = || json!({ "type": "array", "items": one(), "minItems": 2, "maxItems": 2 });
    [
        may("above", "More than.", one()),
        may("at_least", "As much or more.", one()),
        may("below", "Less than.", one()),
        may("at_most", "As much or less.", one()),
        may("inside", "Between the two, both included.", two()),
        may("outside", "Less than the first or more than the second.", two()),
        may("is", "The same.", fact_value()),
    ]
}

fn required_each(keys: &[&str]) -> Value {
    keys.iter().map(|key| json!({ "required": [key] })).collect()
}
