//! Parts of the system and how far each one scales.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Figure, Range, amount, value};
use crate::{
    diagnostic::Node,
    signal::{Quantity, SignalId},
};

/// A part of the system.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// What it is today.
    pub current: Option<String>,
    /// How it is to grow.
    pub strategy: String,
    /// The fewest and the most replicas.
    pub replicas: Option<Range<u64>>,
    /// What its replicas are scaled on.
    pub scale_on: Vec<ScaleOn>,
    /// Requests, limits and other settings of one replica.
    pub figures: Vec<Figure>,
}

/// A signal that an autoscaler keeps at a target.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScaleOn {
    /// The signal.
    pub signal: SignalId,
    /// What to keep it at.
    pub target: Quantity,
}

pub(super) fn read(node: Node<'_>) -> Option<Component> {
    let reader = node.table()?;
    let name = reader.need("name", Node::string);
    let current = reader.get("current", Node::string);
    let strategy = reader.need("strategy", Node::string);
    let replicas = reader.get("replicas", |node| value::pair(node, Node::count));
    let scale_on = reader.list("scale_on", read_scale_on);
    let figures = reader.get("figures", amount::read_figures).unwrap_or_default();
    Some(Component { name: name?, current, strategy: strategy?, replicas, scale_on, figures })
}

fn read_scale_on(node: Node<'_>) -> Option<ScaleOn> {
    let reader = node.table()?;
    let signal = reader.need("signal", value::signal);
    let target = reader.need("target", |node| match signal {
        Some(signal) => value::quantity_of(node, signal.entry()),
        None => value::quantity(node),
    });
    Some(ScaleOn { signal: signal?, target: target? })
}
