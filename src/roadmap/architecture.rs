//! Whether to stay with the architecture, to move away step by step, or altogether.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Band, Condition, Statement, condition, named, statement, value};
use crate::diagnostic::Node;

/// How the document decides about the architecture.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Architecture {
    /// The users it carries with improvements that leave it as it is.
    pub carries: Option<Band>,
    /// The users below which it need not change.
    pub change_from_users: Option<u64>,
    /// Reasons to stay.
    pub stay_if: Vec<Statement>,
    /// Reasons to look for another one.
    pub evaluate_if: Vec<Statement>,
    /// What there is to choose from.
    pub outcomes: Outcomes,
    /// What the choice rests on.
    pub criteria: Vec<Criterion>,
    /// Where the users below which it need not change stand in the file.
    #[serde(skip)]
    pub change_span: Option<std::ops::Range<usize>>,
}

/// When to choose what, in the document's terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Outcomes {
    /// Stay: every criterion is met.
    pub stay: String,
    /// Migrate service by service: there is a gap, but a tolerable one.
    pub gradual: String,
    /// Migrate everything: several criteria fail.
    pub full: String,
}

/// One thing the choice rests on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Criterion {
    /// Its name.
    pub id: String,
    /// What it asks.
    pub title: String,
    /// When the present architecture meets it.
    pub when_met: Option<Condition>,
    /// Where its name stands in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

pub(super) fn read(node: Node<'_>) -> Option<Architecture> {
    let reader = node.table()?;
    let carries = reader.get("carries", value::band);
    let change_from_users = reader.get("change_from_users", |node| Some((node.count()?, node.span())));
    let stay_if = reader.list("stay_if", statement::read);
    let evaluate_if = reader.list("evaluate_if", statement::read);
    let criteria = named(&reader, "criteria", read_criterion, |item| (&item.id, &item.span));
    let outcomes = reader.need("outcomes", read_outcomes);
    let (change_from_users, change_span) = change_from_users.unzip();
    Some(Architecture {
        carries,
        change_from_users,
        stay_if,
        evaluate_if,
        outcomes: outcomes?,
        criteria,
        change_span,
    })
}

fn read_outcomes(node: Node<'_>) -> Option<Outcomes> {
    let reader = node.table()?;
    let stay = reader.need("stay", Node::string);
    let gradual = reader.need("gradual", Node::string);
    let full = reader.need("full", Node::string);
    Some(Outcomes { stay: stay?, gradual: gradual?, full: full? })
}

fn read_criterion(node: Node<'_>) -> Option<Criterion> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let title = reader.need("title", Node::string);
    let when_met = reader.get("when_met", condition::read);
    let (id, span) = id?;
    Some(Criterion { id, title: title?, when_met, span })
}
