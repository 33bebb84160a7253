//! How documents state a quantity: one figure, or the two ends it lies between.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::values::{self, MONEY, exact_or_pair, pair, read_exact_or_pair, read_pair};
use crate::{
    diagnostic::{Diagnostic, FromToml, Kind, Node, schema},
    signal::{Quantity, Signal, SignalId, Unit},
};

/// A low and a high end, `low ≤ high` by construction; an absent high end is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Ends<T>", bound(deserialize = "T: Deserialize<'de> + Copy + PartialOrd"))]
pub struct Range<T> {
    low: T,
    high: Option<T>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Range_of_{T}")]
struct Ends<T> {
    low: T,
    high: Option<T>,
}

impl<T: Copy + PartialOrd> TryFrom<Ends<T>> for Range<T> {
    type Error = &'static str;

    fn try_from(ends: Ends<T>) -> Result<Self, Self::Error> {
        Self::new(ends.low, ends.high).ok_or("a range must not end before it begins")
    }
}

/// A range of user counts: `from` is inside, `to` belongs to the next band.
pub type Band = Range<u64>;

impl<T: Copy + PartialOrd> Range<T> {
    /// A range, unless the ends are the wrong way round.
    pub fn new(low: T, high: Option<T>) -> Option<Self> {
        match high {
            Some(high) if high < low => None,
            _ => Some(Self { low, high }),
        }
    }

    /// One value, which is both ends.
    pub fn exact(value: T) -> Self {
        Self { low: value, high: Some(value) }
    }

    /// The low end.
    pub fn low(&self) -> T {
        self.low
    }

    /// The high end; `None` when it is open.
    pub fn high(&self) -> Option<T> {
        self.high
    }
}

impl Band {
    /// Whether a load falls into the band.
    pub fn holds(&self, load: f64) -> bool {
        load >= self.low as f64 && self.high.is_none_or(|high| load < high as f64)
    }
}

/// `[from, to]`, or `[from]` where the end is open.
impl FromToml for Range<u64> {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        read_pair(node, Node::count)
    }

    fn schema() -> Value {
        pair(u64::schema())
    }
}

/// A number of things, or a pair of numbers.
pub(super) const COUNTS: Kind<Range<u64>> =
    Kind { read: |node| read_exact_or_pair(node, Node::count), schema: || exact_or_pair(u64::schema()) };

/// What something costs per month: an amount, or a pair of amounts.
impl FromToml for Range<f64> {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        read_exact_or_pair(node, MONEY.read)
    }

    fn schema() -> Value {
        exact_or_pair((MONEY.schema)())
    }
}

/// A duration of work, or a pair of durations.
impl FromToml for Range<Quantity> {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let seconds = |node| Quantity::new(Duration::from_toml(node)?.as_secs_f64(), Unit::Seconds);
        read_exact_or_pair(node, seconds)
    }

    fn schema() -> Value {
        exact_or_pair(Duration::schema())
    }
}

/// A quantity as a document states it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Amount {
    /// One figure: "500".
    Exact(Quantity),
    /// From one figure to another, both in the same unit, or from one figure up: "300–600", "10,000+".
    Between(Range<Quantity>),
}

impl Amount {
    /// The low end; the figure itself where there is one.
    pub fn low(&self) -> Quantity {
        match self {
            Self::Exact(quantity) => *quantity,
            Self::Between(range) => range.low(),
        }
    }

    /// The high end; the figure itself where there is one, `None` where the end is open.
    pub fn high(&self) -> Option<Quantity> {
        match self {
            Self::Exact(quantity) => Some(*quantity),
            Self::Between(range) => range.high(),
        }
    }
}

impl FromToml for Amount {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        read_amount(node, Quantity::from_toml)
    }

    fn schema() -> Value {
        exact_or_pair(Quantity::schema())
    }
}

fn read_amount<'a>(node: Node<'a>, read: impl Fn(Node<'a>) -> Option<Quantity>) -> Option<Amount> {
    if !node.is_array() {
        return read(node).map(Amount::Exact);
    }
    let range = read_pair(node, read)?;
    match range.high() {
        Some(high) if high.unit() != range.low().unit() => {
            node.fail("roadmap/wrong-dimension", "the two ends have different units")
        }
        _ => Some(Amount::Between(range)),
    }
}

/// An amount of a signal.
///
/// A ratio of something countable may be given as the ratio or as what is counted: 40 connections, 8 GiB.
pub(super) fn read_amount_of(node: Node<'_>, signal: &Signal) -> Option<Amount> {
    let counted = signal.of.as_ref().map(|_| signal.usage_unit());
    read_amount(node, |node| {
        let quantity = Quantity::from_toml(node)?;
        match values::unit_error(quantity, node.span(), signal) {
            Some(_) if Some(quantity.unit()) == counted && quantity.value() >= 0.0 => Some(quantity),
            Some(error) => report(node, error),
            None => Some(quantity),
        }
    })
}

fn report<T>(node: Node<'_>, error: Diagnostic) -> Option<T> {
    node.report(error);
    None
}

/// Amounts by the signal they are amounts of.
impl FromToml for BTreeMap<SignalId, Amount> {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let reader = node.table()?;
        let mut amounts = Self::new();
        for (name, span, node) in reader.entries() {
            if let Some(signal) = values::signal_named(&reader, &name, span)
                && let Some(amount) = read_amount_of(node, signal.entry())
            {
                amounts.insert(signal, amount);
            }
        }
        Some(amounts)
    }

    fn schema() -> Value {
        values::by_signal(Amount::schema())
    }
}

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// What it is the number of.
    pub name: String,
    /// The number.
    pub value: Amount,
}

/// Numbers by their names, in the order of the file.
pub(super) const FIGURES: Kind<Vec<Figure>> = Kind {
    read: |node| {
        let entries = node.table()?.entries().into_iter();
        Some(
            entries
                .filter_map(|(name, _, node)| Some(Figure { name, value: Amount::from_toml(node)? }))
                .collect(),
        )
    },
    schema: || schema::by_name(Amount::schema()),
};

/// A share of the whole above zero, such as "80%".
pub(super) const RATIO: Kind<Quantity> =
    Kind { read: |node| positive(node, Unit::Ratio), schema: values::ratio_schema };

/// Events per time, such as "1000/min".
pub(super) const RATE: Kind<Quantity> =
    Kind { read: |node| positive(node, Unit::PerSecond), schema: values::rate_schema };

/// A size above zero, such as "8GiB".
pub(super) const SIZE: Kind<Quantity> =
    Kind { read: |node| positive(node, Unit::Bytes), schema: values::size_schema };

/// A duration above zero, such as "10m".
pub(super) const DURATION: Kind<Quantity> =
    Kind { read: |node| positive(node, Unit::Seconds), schema: Duration::schema };

fn positive(node: Node<'_>, unit: Unit) -> Option<Quantity> {
    let quantity = Quantity::from_toml(node)?;
    if quantity.unit() == unit && quantity.value() > 0.0 {
        return Some(quantity);
    }
    node.fail("roadmap/wrong-dimension", format!("expected {} above zero", unit.example()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_ordered() {
        assert!(Range::new(5, Some(3)).is_none());
        assert!(Range::new(5, Some(5)).is_some());
        assert!(Range::new(5, None).is_some());
    }

    #[test]
    fn the_upper_end_belongs_to_the_next_band() {
        let band = Band::new(100, Some(500)).unwrap();
        assert!(band.holds(100.0) && band.holds(499.9));
        assert!(!band.holds(500.0) && !band.holds(99.9));
        assert!(Band::new(500, None).unwrap().holds(1e9));
    }
}
