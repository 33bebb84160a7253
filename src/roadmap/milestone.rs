//! Milestones: at how many users the roadmap expects which resource to run out.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Condition, Range, condition, value};
use crate::{
    diagnostic::{Diagnostic, Node},
    signal::{Quantity, ResourceId},
};

/// An expected bottleneck.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Milestone {
    /// The users at which it is expected.
    pub users: u64,
    /// The users by which the remedy must be in place.
    pub act_by_users: Option<u64>,
    /// What is expected to happen.
    pub title: String,
    /// What runs out.
    pub resource: ResourceId,
    /// How it shows.
    pub symptoms: Vec<Symptom>,
    /// What users and the business feel.
    pub impact: String,
    /// The remedy.
    pub solution: String,
    /// Remedies to choose from, where the document leaves it open.
    pub options: Vec<String>,
    /// How long the remedy takes.
    pub effort: Range<Quantity>,
    /// What the remedy adds to the monthly bill.
    pub cost_per_month: Range<f64>,
}

/// How an expected bottleneck shows.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Symptom {
    /// In words.
    pub text: String,
    /// As a condition, where it can be measured.
    pub when: Option<Condition>,
}

pub(super) fn read(node: Node<'_>) -> Option<Milestone> {
    let reader = node.table()?;
    let users_at = reader.optional("users");
    let act_by_at = reader.optional("act_by_users");
    let users = reader.need("users", Node::count);
    let act_by_users = reader.get("act_by_users", Node::count);
    let title = reader.need("title", Node::string);
    let resource = reader.need("resource", value::resource);
    let symptoms = reader.list("symptoms", read_symptom);
    let impact = reader.need("impact", Node::string);
    let solution = reader.need("solution", Node::string);
    let options = reader.list("options", Node::string);
    let effort = reader.need("effort", value::effort);
    let cost_per_month = reader.need("cost_per_month", value::money);
    if let (Some(users), Some(act_by), Some(users_at), Some(act_by_at)) =
        (users, act_by_users, users_at, act_by_at)
        && act_by > users
    {
        let message = "`act_by_users` comes after the milestone itself";
        reader.report(
            Diagnostic::error("roadmap/act-by-after-milestone", act_by_at.span(), message)
                .label("act by")
                .also(users_at.span(), "the milestone")
                .help("the remedy must be in place before the resource runs out"),
        );
    }
    Some(Milestone {
        users: users?,
        act_by_users,
        title: title?,
        resource: resource?,
        symptoms,
        impact: impact?,
        solution: solution?,
        options,
        effort: effort?,
        cost_per_month: cost_per_month?,
    })
}

fn read_symptom(node: Node<'_>) -> Option<Symptom> {
    let reader = node.table()?;
    let text = reader.need("text", Node::string);
    let when = reader.get("when", condition::read);
    Some(Symptom { text: text?, when })
}
