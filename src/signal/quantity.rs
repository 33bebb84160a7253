//! Finite numbers with a unit, and why one cannot be of a signal.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Signal;
use crate::diagnostic::Diagnostic;

/// The base units in which quantities are kept. Everything is converted to one of them on entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Unit {
    /// Durations and latencies.
    #[serde(rename = "seconds")]
    Seconds,
    /// Sizes.
    #[serde(rename = "bytes")]
    Bytes,
    /// Shares of a whole: 1 is 100 %.
    #[serde(rename = "ratio")]
    Ratio,
    /// Things counted: jobs, connections, users.
    #[serde(rename = "count")]
    Count,
    /// Events per second.
    #[serde(rename = "1/s")]
    PerSecond,
    /// Bytes per second.
    #[serde(rename = "bytes/s")]
    BytesPerSecond,
}

impl Unit {
    /// Every unit with its name in the catalogue and in JSON.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("seconds", Self::Seconds),
        ("bytes", Self::Bytes),
        ("ratio", Self::Ratio),
        ("count", Self::Count),
        ("1/s", Self::PerSecond),
        ("bytes/s", Self::BytesPerSecond),
    ];

    /// The unit of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, unit)| unit)
    }

    /// What a quantity of this unit looks like in a file, for messages.
    pub fn example(self) -> &'static str {
        match self {
            Self::Seconds => "a duration such as \"200ms\"",
            Self::Bytes => "a size such as \"8GiB\"",
            Self::Ratio => "a share such as \"80%\"",
            Self::Count => "a plain number such as 100",
            Self::PerSecond => "a rate such as \"1000/min\"",
            Self::BytesPerSecond => "a data rate such as \"50MB/s\"",
        }
    }
}

/// A finite number with its unit. NaN and infinities cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Unchecked")]
pub struct Quantity {
    value: f64,
    unit: Unit,
}

/// Quantities of different units have no order.
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        if self.unit == other.unit { self.value.partial_cmp(&other.value) } else { None }
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Quantity")]
struct Unchecked {
    value: f64,
    unit: Unit,
}

impl TryFrom<Unchecked> for Quantity {
    type Error = &'static str;

    fn try_from(unchecked: Unchecked) -> Result<Self, Self::Error> {
        Self::new(unchecked.value, unchecked.unit).ok_or("a quantity must be finite")
    }
}

impl Quantity {
    /// A quantity, unless the number is NaN or infinite.
    pub fn new(value: f64, unit: Unit) -> Option<Self> {
        // Adding zero turns -0.0 into 0.0, which would print as "-0".
        value.is_finite().then_some(Self { value: value + 0.0, unit })
    }

    /// The number, in the unit's base.
    pub fn value(self) -> f64 {
        self.value
    }

    /// The unit.
    pub fn unit(self) -> Unit {
        self.unit
    }
}

/// The error about a quantity that is negative or in another unit than a signal; `None` when it fits.
pub(crate) fn unit_error(
    quantity: Quantity,
    span: Range<usize>,
    name: &str,
    signal: &Signal,
) -> Option<Diagnostic> {
    if quantity.value() < 0.0 {
        let message = format!("`{name}` is never negative");
        return Some(Diagnostic::error("roadmap/negative", span, message));
    }
    if quantity.unit() == signal.unit {
        return None;
    }
    let [wanted, found] = [signal.unit, quantity.unit()].map(unit_words);
    let message = format!("`{name}` is measured in {wanted}, not in {found}");
    let help = format!("write {}", signal.unit.example());
    Some(Diagnostic::error("roadmap/wrong-dimension", span, message).help(help))
}

fn unit_words(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "time",
        Unit::Bytes => "bytes",
        Unit::Ratio => "percent",
        Unit::Count => "a plain count",
        Unit::PerSecond => "events per time",
        Unit::BytesPerSecond => "bytes per time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_numbers_are_quantities() {
        assert!(Quantity::new(f64::NAN, Unit::Ratio).is_none());
        assert!(Quantity::new(f64::INFINITY, Unit::Count).is_none());
        assert_eq!(Quantity::new(-0.0, Unit::Count).unwrap().value().to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn only_quantities_of_one_unit_have_an_order() {
        let quantity = |value, unit| Quantity::new(value, unit).unwrap();
        assert!(quantity(1.0, Unit::Bytes) < quantity(2.0, Unit::Bytes));
        assert_eq!(quantity(1.0, Unit::Bytes).partial_cmp(&quantity(2.0, Unit::Count)), None);
    }

    #[test]
    fn json_carries_value_and_unit() {
        let quantity = Quantity::new(0.2, Unit::Seconds).unwrap();
        let json = serde_json::to_string(&quantity).unwrap();
        assert_eq!(json, r#"{"value":0.2,"unit":"seconds"}"#);
        assert_eq!(serde_json::from_str::<Quantity>(&json).unwrap(), quantity);
    }
}
