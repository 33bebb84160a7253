//! The decision framework: when to scale which component, how, and how long it takes.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Condition, condition, value};
use crate::{diagnostic::Node, signal::ResourceId};

/// When to scale one component.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Decision {
    /// Its name.
    pub id: String,
    /// When it is due.
    pub when: Condition,
    /// What to do then.
    pub action: String,
    /// The order of magnitude of the time it takes.
    pub timeline: Timeline,
    /// The resources it relieves.
    pub relieves: Vec<ResourceId>,
    /// Where its name stands in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

/// Orders of magnitude of time, as roadmaps give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Timeline {
    /// Done within a day.
    Hours,
    /// Done within a week.
    Days,
    /// Done within a month.
    Weeks,
    /// Done within a quarter.
    Months,
    /// Takes longer than a quarter.
    Quarters,
}

impl Timeline {
    /// Every timeline with its name in files.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("hours", Self::Hours),
        ("days", Self::Days),
        ("weeks", Self::Weeks),
        ("months", Self::Months),
        ("quarters", Self::Quarters),
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, timeline)| *timeline == self).map_or("", |(name, _)| name)
    }
}

pub(super) fn read(node: Node<'_>) -> Option<Decision> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let when = reader.need("when", condition::read);
    let action = reader.need("action", Node::string);
    let timeline = reader.need("timeline", |node| node.one_of(&Timeline::NAMES));
    let relieves = reader.list("relieves", value::resource);
    let (id, span) = id?;
    Some(Decision { id, when: when?, action: action?, timeline: timeline?, relieves, span })
}
