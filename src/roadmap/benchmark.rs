//! Benchmarks: what a signal should reach, beside what the document says it is.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Amount, Condition, amount, condition};
use crate::diagnostic::Node;

/// A target with the document's present value.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Benchmark {
    /// What is compared.
    pub title: String,
    /// When the target is met: a condition on one signal.
    pub target: Condition,
    /// What the document says it is, in the unit of that signal.
    pub current: Option<Amount>,
}

pub(super) fn read(node: Node<'_>) -> Option<Benchmark> {
    let reader = node.table()?;
    let title = reader.need("title", Node::string);
    let target = reader.need("target", |node| match condition::read(node)? {
        Condition::Signal(test) => Some(test),
        _ => node.fail("roadmap/benchmark-target", "a benchmark compares one signal with its target"),
    });
    // Without a signal nothing tells which unit the present value should have.
    let current = reader.get("current", |node| amount::of_signal(node, target.as_ref()?.signal.entry()));
    Some(Benchmark { title: title?, target: Condition::Signal(target?), current })
}
