//! Playbooks: from a symptom to its remedies.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Condition, condition, value};
use crate::diagnostic::Node;

/// What to do about one symptom.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Playbook {
    /// Its name.
    pub id: String,
    /// What is seen.
    pub symptom: String,
    /// As a condition, where it can be measured.
    pub when: Option<Condition>,
    /// What to do, in this order.
    pub remedies: Vec<String>,
    /// Where its name stands in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

pub(super) fn read(node: Node<'_>) -> Option<Playbook> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let symptom = reader.need("symptom", Node::string);
    let when = reader.get("when", condition::read);
    let remedies = reader.list("remedies", Node::string);
    let (id, span) = id?;
    Some(Playbook { id, symptom: symptom?, when, remedies, span })
}
