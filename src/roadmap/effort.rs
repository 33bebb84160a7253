//! How much work the engineers put into each stage.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Range, value};
use crate::{diagnostic::Node, signal::Quantity};

/// The engineering effort of one stage.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Effort {
    /// The users the stage is for; absent where it is for no number of users.
    pub users: Option<u64>,
    /// What the effort goes into.
    pub title: String,
    /// How long it takes.
    pub effort: Range<Quantity>,
    /// Where that stands in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

pub(super) fn read(node: Node<'_>) -> Option<Effort> {
    let reader = node.table()?;
    let users = reader.get("users", Node::count);
    let title = reader.need("title", Node::string);
    let effort = reader.need("effort", |node| Some((value::effort(node)?, node.span())));
    let (effort, span) = effort?;
    Some(Effort { users, title: title?, effort, span })
}
