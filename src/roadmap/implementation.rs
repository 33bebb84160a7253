//! The order of the work: stages with their weeks and what is to be ticked off in each.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Schedule, schedule};
use crate::diagnostic::Node;

/// One stage of the work.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Stage {
    /// Its number in the document.
    pub number: u64,
    /// Its name.
    pub title: String,
    /// When it is planned, counted from the beginning of the work.
    #[serde(flatten)]
    pub schedule: Schedule,
    /// What is to be done in it.
    pub items: Vec<String>,
}

pub(super) fn read(node: Node<'_>) -> Option<Stage> {
    let reader = node.table()?;
    let number = reader.need("number", Node::count);
    let title = reader.need("title", Node::string);
    let schedule = schedule::read(&reader);
    let items = reader.list("items", Node::string);
    Some(Stage { number: number?, title: title?, schedule, items })
}
