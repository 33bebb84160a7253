//! What the installation costs at stated numbers of users.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Range, Size, machine, value};
use crate::diagnostic::{Diagnostic, Node, Reader};

/// The cost at one number of users.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostPoint {
    /// The users.
    pub users: u64,
    /// What it all costs a month: the document's total, else the sum of the items.
    pub per_month: Range<f64>,
    /// What the money buys, or who spends it.
    pub note: Option<String>,
    /// What the cost consists of.
    pub items: Vec<CostItem>,
    /// Where the total stands in the file; the items where it is their sum.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
    #[serde(skip)]
    users_span: std::ops::Range<usize>,
}

/// One part of a cost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostItem {
    /// What is paid for.
    pub name: String,
    /// What all of it costs a month.
    pub per_month: f64,
    /// How many there are and how large each one is.
    #[serde(flatten)]
    pub size: Size,
}

impl CostPoint {
    /// What the items come to; `None` without items.
    pub fn sum_of_items(&self) -> Option<f64> {
        (!self.items.is_empty()).then(|| sum(&self.items))
    }
}

fn sum(items: &[CostItem]) -> f64 {
    items.iter().map(|item| item.per_month).sum()
}

/// Every cost, in the order of their users.
pub(super) fn read_all(reader: &Reader<'_>) -> Vec<CostPoint> {
    let costs = reader.list("costs", read);
    for pair in costs.windows(2) {
        if pair[1].users <= pair[0].users {
            let message = format!("{} users do not come after {}", pair[1].users, pair[0].users);
            reader.report(
                Diagnostic::error("roadmap/cost-order", pair[1].users_span.clone(), message)
                    .also(pair[0].users_span.clone(), "before it")
                    .help("give the costs in the order of their users, each number once"),
            );
        }
    }
    costs
}

fn read(node: Node<'_>) -> Option<CostPoint> {
    let reader = node.table()?;
    let users = reader.need("users", |node| Some((node.count()?, node.span())));
    let remark = reader.get("note", Node::string);
    let items_at = reader.optional("items");
    let items = reader.list("items", read_item);
    let total_at = reader.optional("per_month");
    let per_month = match total_at {
        Some(node) => value::money(node),
        None => Some(Range::exact(sum(&items))),
    };
    let Some(at) = total_at.or(items_at) else {
        let message = "a cost has `per_month`, `items`, or both";
        reader.report_missing(
            &["per_month", "items"],
            Diagnostic::error("roadmap/cost-without-amount", reader.span(), message),
        );
        return None;
    };
    let (users, users_span) = users?;
    Some(CostPoint { users, per_month: per_month?, note: remark, items, span: at.span(), users_span })
}

fn read_item(node: Node<'_>) -> Option<CostItem> {
    let reader = node.table()?;
    let name = reader.need("name", Node::string);
    let per_month = reader.need("per_month", value::amount_of_money);
    let size = machine::read_size(&reader);
    Some(CostItem { name: name?, per_month: per_month?, size })
}
