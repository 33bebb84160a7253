//! What documents state of a quantity: one figure, or the two ends it lies between.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Range, value};
use crate::{
    diagnostic::{Diagnostic, Node},
    signal::{Quantity, Signal, SignalId, Unit},
};

/// A quantity as a document states it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
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

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Figure {
    /// What it is the number of.
    pub name: String,
    /// The number.
    pub value: Amount,
}

/// Numbers by their names, in the order of the file.
pub(super) fn read_figures(node: Node<'_>) -> Option<Vec<Figure>> {
    let reader = node.table()?;
    let read = |(name, _, node)| Some(Figure { name, value: amount(node, value::quantity)? });
    Some(reader.entries().into_iter().filter_map(read).collect())
}

/// Amounts by the signal they are amounts of.
///
/// A share of something countable may be given as the share or as what is counted: 40 connections, 8 GiB.
pub(super) fn read_by_signal(node: Node<'_>) -> Option<BTreeMap<SignalId, Amount>> {
    let reader = node.table()?;
    let mut amounts = BTreeMap::new();
    for (name, span, node) in reader.entries() {
        if let Some(signal) = value::signal_named(&reader, &name, span)
            && let Some(amount) = of_signal(node, signal.entry())
        {
            amounts.insert(signal, amount);
        }
    }
    Some(amounts)
}

/// An amount of a signal.
pub(super) fn of_signal(node: Node<'_>, signal: &Signal) -> Option<Amount> {
    let counted = signal.of.as_deref().map(|of| if of == "bytes" { Unit::Bytes } else { Unit::Count });
    amount(node, |node| {
        if counted.is_some() && value::unit_of(node) == counted {
            value::quantity(node)
        } else {
            value::quantity_of(node, signal)
        }
    })
}

fn amount<'a>(node: Node<'a>, read: impl Fn(Node<'a>) -> Option<Quantity>) -> Option<Amount> {
    if !node.is_array() {
        return read(node).map(Amount::Exact);
    }
    let range = value::pair(node, read)?;
    match range.high() {
        Some(high) if high.unit() != range.low().unit() => {
            let message = "the two ends are measured in different units";
            node.report(Diagnostic::error("roadmap/wrong-dimension", node.span(), message));
            None
        }
        _ => Some(Amount::Between(range)),
    }
}
