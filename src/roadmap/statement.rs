//! What a document says in words, with its numbers, and as a condition where it can be measured.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Condition, Figure, amount, condition};
use crate::diagnostic::Node;

/// A symptom, a limitation, a principle, a saving, a reason.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Statement {
    /// In words.
    pub text: String,
    /// When it holds, where that can be measured or declared.
    pub when: Option<Condition>,
    /// The numbers the document gives in it.
    pub figures: Vec<Figure>,
}

/// A plain string, or a table with `text`, `when` and `figures`.
pub(super) fn read(node: Node<'_>) -> Option<Statement> {
    if let Some(text) = node.as_str() {
        return Some(Statement { text: text.to_owned(), when: None, figures: Vec::new() });
    }
    let reader = node.table()?;
    let text = reader.need("text", Node::string);
    let when = reader.get("when", condition::read);
    let figures = reader.get("figures", amount::read_figures).unwrap_or_default();
    Some(Statement { text: text?, when, figures })
}
