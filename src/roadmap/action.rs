//! Actions: what to do, in steps, and what it relieves.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Range, value};
use crate::{
    diagnostic::Node,
    signal::{Quantity, ResourceId},
};

/// Something to do.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Action {
    /// Its number in the document, such as "2.1".
    pub id: String,
    /// What it is.
    pub title: String,
    /// The part of the system it changes.
    pub component: String,
    /// How urgent the document calls it.
    pub priority: Priority,
    /// How long it takes.
    pub effort: Option<Range<Quantity>>,
    /// What it consists of.
    pub steps: Vec<String>,
    /// What it brings.
    pub benefits: Vec<String>,
    /// The resources it relieves.
    pub relieves: Vec<ResourceId>,
    /// The numbers the document gives for it: settings, replicas, targets.
    pub figures: Vec<Figure>,
    /// Where its name stands in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Figure {
    /// What it is the number of.
    pub name: String,
    /// The number.
    pub value: Quantity,
}

/// How urgent an action is, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Do it first.
    High,
    /// Do it after those.
    Medium,
    /// Do it when there is time.
    Low,
}

impl Priority {
    const NAMES: [(&'static str, Self); 3] =
        [("high", Self::High), ("medium", Self::Medium), ("low", Self::Low)];
}

pub(super) fn read(node: Node<'_>) -> Option<Action> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let title = reader.need("title", Node::string);
    let component = reader.need("component", Node::string);
    let priority = reader.get("priority", |node| node.one_of(&Priority::NAMES)).unwrap_or(Priority::Medium);
    let effort = reader.get("effort", value::effort);
    let steps = reader.list("steps", Node::string);
    let benefits = reader.list("benefits", Node::string);
    let relieves = reader.list("relieves", value::resource);
    let figures = reader.get("figures", read_figures).unwrap_or_default();
    let (id, span) = id?;
    Some(Action {
        id,
        title: title?,
        component: component?,
        priority,
        effort,
        steps,
        benefits,
        relieves,
        figures,
        span,
    })
}

pub(super) fn read_figures(node: Node<'_>) -> Option<Vec<Figure>> {
    let reader = node.table()?;
    let read = |(name, _, node)| Some(Figure { name, value: value::quantity(node)? });
    Some(reader.entries().into_iter().filter_map(read).collect())
}
