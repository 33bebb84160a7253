//! How much may be lost, and for how long, when everything fails.

use schemars::JsonSchema;
use serde::Serialize;

use super::value;
use crate::{
    diagnostic::Node,
    signal::{Quantity, Unit},
};

/// Targets for the recovery after a disaster.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Recovery {
    /// Recovery time objective: within this time the service is back.
    pub rto: Option<Quantity>,
    /// Recovery point objective: no more than what happened within this time is lost.
    pub rpo: Option<Quantity>,
    /// What is done for it.
    pub measures: Vec<String>,
}

pub(super) fn read(node: Node<'_>) -> Option<Recovery> {
    let reader = node.table()?;
    let seconds = |node| value::of_unit(node, Unit::Seconds);
    Some(Recovery {
        rto: reader.get("rto", seconds),
        rpo: reader.get("rpo", seconds),
        measures: reader.list("measures", Node::string),
    })
}
