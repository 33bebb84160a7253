//! Phases: bands of users with what to do, learn and spend in each.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Action, Band, Condition, Machine, Range, action, check, condition, machine, value};
use crate::diagnostic::{Node, Reader};

/// One phase of the roadmap.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Phase {
    /// Its number in the document.
    pub number: u64,
    /// Its name.
    pub title: String,
    /// The users it is meant for; the upper end belongs to the next phase.
    pub users: Band,
    /// When it is expected, in months from the beginning of the roadmap.
    pub horizon_months: Option<Range<u64>>,
    /// What to concentrate on.
    pub focus: Option<String>,
    /// What the installation costs a month.
    pub cost_per_month: Option<Range<f64>>,
    /// Means to keep that cost.
    pub tools: Vec<String>,
    /// What the team should learn for it.
    pub learn: Vec<String>,
    /// When to enter it.
    pub enter: Option<Condition>,
    /// What it runs on.
    pub nodes: Vec<Machine>,
    /// What to do.
    pub actions: Vec<Action>,
    /// What is reached when that is done.
    pub result: Option<String>,
    /// How many users the system carries then.
    pub serves: Option<Band>,
    /// Where its users stand in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
    /// Where its cost stands in the file.
    #[serde(skip)]
    pub cost_span: Option<std::ops::Range<usize>>,
}

/// Every phase, in order.
pub(super) fn read_all(reader: &Reader<'_>) -> Option<Vec<Phase>> {
    let phases = reader.need("phases", |node| {
        let items = node.items()?;
        if items.is_empty() {
            return node.fail("roadmap/no-phases", "a roadmap has at least one phase");
        }
        // `None` stands for a phase that could not be read, so that its neighbours are not held against each other.
        Some(items.into_iter().map(read).collect::<Vec<_>>())
    })?;
    check::phases(reader, &phases);
    let phases: Vec<Phase> = phases.into_iter().flatten().collect();
    let actions = phases.iter().flat_map(|phase| &phase.actions);
    check::unique(reader, "actions", actions.map(|item| (&item.id, &item.span)));
    Some(phases)
}

fn read(node: Node<'_>) -> Option<Phase> {
    let reader = node.table()?;
    let number = reader.need("number", Node::count);
    let title = reader.need("title", Node::string);
    let users = reader.need("users", read_users);
    let horizon_months = reader.get("horizon_months", |node| value::pair(node, Node::count));
    let focus = reader.get("focus", Node::string);
    let cost_per_month = reader.get("cost_per_month", |node| Some((value::money(node)?, node.span())));
    let tools = reader.list("tools", Node::string);
    let learn = reader.list("learn", Node::string);
    let enter = reader.get("enter", condition::read);
    let nodes = reader.list("nodes", machine::read);
    let actions = reader.list("actions", action::read);
    let result = reader.get("result", Node::string);
    let serves = reader.get("serves", value::band);
    let (cost_per_month, cost_span) = cost_per_month.unzip();
    let (users, span) = users?;
    Some(Phase {
        number: number?,
        title: title?,
        users,
        horizon_months,
        focus,
        cost_per_month,
        tools,
        learn,
        enter,
        nodes,
        actions,
        result,
        serves,
        span,
        cost_span,
    })
}

/// The users of a phase and where they stand.
fn read_users(node: Node<'_>) -> Option<(Band, std::ops::Range<usize>)> {
    let users = value::band(node)?;
    if users.high() == Some(users.low()) {
        return node.fail("roadmap/empty-band", "the phase holds no users");
    }
    Some((users, node.span()))
}
