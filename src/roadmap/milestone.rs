//! Milestones: at how many users the roadmap expects which resource to run out.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Range, Statement, statement, value};
use crate::{
    diagnostic::{Diagnostic, Node, Reader},
    signal::{Quantity, ResourceId, Unit},
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
    pub symptoms: Vec<Statement>,
    /// What users and the business feel.
    pub impact: String,
    /// What happens when nothing is done in time.
    pub risk: Option<String>,
    /// The remedy.
    pub solution: String,
    /// Remedies to choose from, where the document leaves it open.
    pub options: Vec<String>,
    /// Whether it is here that the architecture itself is to be decided.
    pub decision_point: bool,
    /// How long the remedy takes to work out.
    pub effort: Range<Quantity>,
    /// How long it takes from the decision until the remedy is in place, where the document says so.
    pub lead_time: Option<Quantity>,
    /// What the remedy adds to the monthly bill.
    pub cost_per_month: Range<f64>,
    /// Where its users stand in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
    /// Where its effort stands in the file.
    #[serde(skip)]
    pub effort_span: std::ops::Range<usize>,
    /// Where its cost stands in the file.
    #[serde(skip)]
    pub cost_span: std::ops::Range<usize>,
}

/// Every milestone, brought into the order of their users.
pub(super) fn read_all(reader: &Reader<'_>) -> Vec<Milestone> {
    let mut milestones = reader.list("milestones", read);
    milestones.sort_by_key(|milestone| milestone.users);
    milestones
}

fn read(node: Node<'_>) -> Option<Milestone> {
    let reader = node.table()?;
    let users_at = reader.optional("users");
    let act_by_at = reader.optional("act_by_users");
    let users = reader.need("users", Node::count);
    let act_by_users = reader.get("act_by_users", Node::count);
    let title = reader.need("title", Node::string);
    let resource = reader.need("resource", value::resource);
    let symptoms = reader.list("symptoms", statement::read);
    let impact = reader.need("impact", Node::string);
    let risk = reader.get("risk", Node::string);
    let solution = reader.need("solution", Node::string);
    let options = reader.list("options", Node::string);
    let decision_point = reader.get("decision_point", Node::boolean).unwrap_or(false);
    let effort = reader.need("effort", |node| Some((value::effort(node)?, node.span())));
    let lead_time = reader.get("lead_time", |node| value::of_unit(node, Unit::Seconds));
    let cost_per_month = reader.need("cost_per_month", |node| Some((value::money(node)?, node.span())));
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
    let (effort, effort_span) = effort?;
    let (cost_per_month, cost_span) = cost_per_month?;
    Some(Milestone {
        users: users?,
        act_by_users,
        title: title?,
        resource: resource?,
        symptoms,
        impact: impact?,
        risk,
        solution: solution?,
        options,
        decision_point,
        effort,
        effort_span,
        lead_time,
        cost_per_month,
        span: users_at?.span(),
        cost_span,
    })
}
