//! Conditions as JSON.

use schemars::JsonSchema;
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Comparison, Condition, FactValue};
use crate::signal::{Aggregate, Quantity, SignalId, Unit};

/// The JSON of a condition has the keys of the file, with typed quantities.
impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Signal(test) => {
                map.serialize_entry("signal", &test.signal)?;
                if let Some(instance) = &test.instance {
                    map.serialize_entry("instance", instance)?;
                }
                if test.sustained.is_none() {
                    map.serialize_entry("aggregate", &test.aggregate)?;
                }
                comparison_entry(&mut map, &test.comparison)?;
                if let Some(duration) = test.sustained {
                    let seconds = Quantity::new(duration.as_secs_f64(), Unit::Seconds);
                    map.serialize_entry("for", &seconds)?;
                }
            }
            Self::Fact(test) => {
                map.serialize_entry("fact", &test.fact)?;
                comparison_entry(&mut map, &test.comparison)?;
            }
            Self::Any(parts) => map.serialize_entry("any", parts)?,
            Self::All(parts) => map.serialize_entry("all", parts)?,
        }
        map.end()
    }
}

fn comparison_entry<M: SerializeMap, T: Serialize>(
    map: &mut M,
    comparison: &Comparison<T>,
) -> Result<(), M::Error> {
    let (key, values) = comparison.parts();
    match values.as_slice() {
        [value] => map.serialize_entry(key, value),
        values => map.serialize_entry(key, values),
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let quantity = generator.subschema_for::<Quantity>();
        let fact = generator.subschema_for::<FactValue>();
        let value = schemars::json_schema!({ "anyOf": [quantity, fact] });
        let pair = schemars::json_schema!({ "type": "array", "items": value, "minItems": 2, "maxItems": 2 });
        let this = serde_json::json!({ "$ref": "#/$defs/Condition" });
        schemars::json_schema!({
            "type": "object",
            "properties": {
                "signal": generator.subschema_for::<SignalId>(),
                "fact": { "type": "string" },
                "instance": { "type": "string" },
                "aggregate": generator.subschema_for::<Aggregate>(),
                "above": value, "at_least": value, "below": value, "at_most": value, "is": value,
                "inside": pair, "outside": pair,
                "for": generator.subschema_for::<Quantity>(),
                "any": { "type": "array", "items": this },
                "all": { "type": "array", "items": this }
            },
            "additionalProperties": false
        })
    }
}
