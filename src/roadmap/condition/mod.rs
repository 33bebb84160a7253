//! Conditions: one form for triggers, alerts, objectives and decisions, and how they look as JSON.

mod toml;

use std::{fmt, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use crate::signal::{Aggregate, Quantity, SignalId, Unit, duration_text};
pub(super) use toml::definition;

/// Something that holds, does not hold, or cannot be known.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// A signal compared with a quantity.
    Signal(SignalTest),
    /// A declared fact compared with a value.
    Fact(FactTest),
    /// At least one holds.
    Any(Vec<Condition>),
    /// All hold.
    All(Vec<Condition>),
}

/// A signal compared with a quantity of its own unit.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalTest {
    /// Which signal.
    pub signal: SignalId,
    /// One instance only; `None` judges every instance.
    pub instance: Option<String>,
    /// How the window becomes one number; without effect when `sustained` is set.
    pub aggregate: Aggregate,
    /// The comparison.
    pub comparison: Comparison<Quantity>,
    /// How long the raw series must stay beyond the limit without interruption.
    pub sustained: Option<Duration>,
}

/// A fact compared with a value.
#[derive(Debug, Clone, PartialEq)]
pub struct FactTest {
    /// The fact's name in `[facts]`.
    pub fact: String,
    /// The comparison.
    pub comparison: Comparison<FactValue>,
}

/// How two values are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison<T> {
    /// More than.
    Above(T),
    /// As much or more: a document's "70+".
    AtLeast(T),
    /// Less than.
    Below(T),
    /// As much or less: no more than the limit.
    AtMost(T),
    /// Between the two, both included.
    Inside(T, T),
    /// Less than the first or more than the second.
    Outside(T, T),
    /// The same.
    Is(T),
}

/// A declared fact about the system or the team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FactValue {
    /// Yes or no.
    Flag(bool),
    /// A number with its unit.
    Number(Quantity),
    /// A word.
    Text(String),
}

impl Condition {
    /// Every signal the condition asks for, in order, possibly repeated.
    pub fn signals(&self) -> Vec<SignalId> {
        match self {
            Self::Signal(test) => vec![test.signal],
            Self::Fact(_) => Vec::new(),
            Self::Any(parts) | Self::All(parts) => parts.iter().flat_map(Self::signals).collect(),
        }
    }

    /// Every comparison of a fact in the condition, in order.
    pub fn facts(&self) -> Vec<&FactTest> {
        match self {
            Self::Signal(_) => Vec::new(),
            Self::Fact(test) => vec![test],
            Self::Any(parts) | Self::All(parts) => parts.iter().flat_map(Self::facts).collect(),
        }
    }
}

impl<T: PartialOrd> Comparison<T> {
    /// Whether a value meets the comparison.
    pub fn holds(&self, value: &T) -> bool {
        match self {
            Self::Above(limit) => value > limit,
            Self::AtLeast(limit) => value >= limit,
            Self::Below(limit) => value < limit,
            Self::AtMost(limit) => value <= limit,
            Self::Inside(low, high) => value >= low && value <= high,
            Self::Outside(low, high) => value < low || value > high,
            Self::Is(wanted) => value == wanted,
        }
    }
}

impl<T> Comparison<T> {
    /// What is compared with, in the order of the file.
    pub fn values(&self) -> Vec<&T> {
        self.parts().1
    }

    fn parts(&self) -> (&'static str, Vec<&T>) {
        match self {
            Self::Above(limit) => ("above", vec![limit]),
            Self::AtLeast(limit) => ("at_least", vec![limit]),
            Self::Below(limit) => ("below", vec![limit]),
            Self::AtMost(limit) => ("at_most", vec![limit]),
            Self::Inside(low, high) => ("inside", vec![low, high]),
            Self::Outside(low, high) => ("outside", vec![low, high]),
            Self::Is(wanted) => ("is", vec![wanted]),
        }
    }
}

impl FactValue {
    /// Whether two values can be compared at all: flags, words, or numbers of one unit.
    pub fn same_kind(&self, other: &Self) -> bool {
        self.partial_cmp(other).is_some()
    }
}

/// Facts of different kinds have no order, so comparing them holds nothing.
impl PartialOrd for FactValue {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Flag(a), Self::Flag(b)) => a.partial_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.partial_cmp(b),
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b),
            _ => None,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Self], word: &str| {
            let texts = parts.iter().map(|part| match part {
                Self::Any(_) | Self::All(_) => format!("({part})"),
                Self::Signal(_) | Self::Fact(_) => part.to_string(),
            });
            texts.collect::<Vec<_>>().join(word)
        };
        match self {
            Self::Signal(test) => test.fmt(f),
            Self::Fact(test) => test.fmt(f),
            Self::Any(parts) => f.write_str(&joined(parts, " or ")),
            Self::All(parts) => f.write_str(&joined(parts, " and ")),
        }
    }
}

impl fmt::Display for SignalTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.signal)?;
        if let Some(instance) = &self.instance {
            write!(f, " of {instance}")?;
        }
        match self.sustained {
            Some(duration) => write!(f, " {} for {}", self.comparison, duration_text(duration)),
            None => write!(f, " ({}) {}", self.aggregate.name(), self.comparison),
        }
    }
}

impl fmt::Display for FactTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.fact, self.comparison)
    }
}

impl<T: fmt::Display> fmt::Display for Comparison<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Above(limit) => write!(f, "above {limit}"),
            Self::AtLeast(limit) => write!(f, "at least {limit}"),
            Self::Below(limit) => write!(f, "below {limit}"),
            Self::AtMost(limit) => write!(f, "at most {limit}"),
            Self::Inside(low, high) => write!(f, "between {low} and {high}"),
            Self::Outside(low, high) => write!(f, "outside {low} to {high}"),
            Self::Is(wanted) => write!(f, "is {wanted}"),
        }
    }
}

impl fmt::Display for FactValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

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
