//! Actions: what to do, in steps, and what it relieves.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Figure, Range, Schedule, amount, schedule, value};
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
    /// When it is planned, counted from the beginning of its phase.
    #[serde(flatten)]
    pub schedule: Schedule,
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
    /// Every priority with its name in files.
    pub const NAMES: [(&'static str, Self); 3] =
        [("high", Self::High), ("medium", Self::Medium), ("low", Self::Low)];
}

impl Action {
    /// How long it takes: its effort, else the time that is planned for it.
    pub fn duration(&self) -> Option<Range<Quantity>> {
        self.effort.or_else(|| self.schedule.duration().map(Range::exact))
    }
}

pub(super) fn read(node: Node<'_>) -> Option<Action> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let title = reader.need("title", Node::string);
    let component = reader.need("component", Node::string);
    let priority = reader.get("priority", |node| node.one_of(&Priority::NAMES)).unwrap_or(Priority::Medium);
    let effort = reader.get("effort", value::effort);
    let schedule = schedule::read(&reader);
    let steps = reader.list("steps", Node::string);
    let benefits = reader.list("benefits", Node::string);
    let relieves = reader.list("relieves", value::resource);
    let figures = reader.get("figures", amount::read_figures).unwrap_or_default();
    let (id, span) = id?;
    Some(Action {
        id,
        title: title?,
        component: component?,
        priority,
        effort,
        schedule,
        steps,
        benefits,
        relieves,
        figures,
        span,
    })
}
