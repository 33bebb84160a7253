//! What the installation costs at stated numbers of users.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Range, Size, values::MONEY};
use crate::diagnostic::{Diagnostic, Reader, Spans, schema, toml_table};

toml_table! {
    /// The cost at one number of users.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct CostPoint {
        /// The users.
        pub users: u64,
        /// The total cost per month; the sum of the items when left out.
        pub per_month: Range<f64> = Range::exact(0.0),
        /// What the money buys, or who spends it.
        pub note: Option<String>,
        /// What the cost consists of.
        pub items: Vec<CostItem>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check = check_amount;
    check_list = check_order;
    restrict = require_an_amount;
}

toml_table! {
    /// One part of a cost.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct CostItem {
        /// What is paid for.
        pub name: String,
        /// What all of it costs per month.
        pub per_month: f64 as MONEY,
        /// How many there are and how large each one is.
        #[serde(flatten)]
        pub size: Size as flatten,
    }
}

impl CostPoint {
    /// The sum of the items; `None` without items.
    pub fn sum_of_items(&self) -> Option<f64> {
        (!self.items.is_empty()).then(|| self.items.iter().map(|item| item.per_month).sum())
    }
}

impl CostPoint {
    /// Where its total is; its items where it is their sum.
    pub(super) fn amount_span(&self) -> std::ops::Range<usize> {
        let key = if self.spans.has("per_month") { "per_month" } else { "items" };
        self.spans.of_key(key)
    }
}

/// A cost without a total is the sum of its items.
fn check_amount(cost: &mut CostPoint, reader: &Reader<'_>) {
    match (reader.optional("per_month"), reader.optional("items")) {
        (Some(_), _) => {}
        (None, Some(_)) => {
            let sum = cost.sum_of_items().unwrap_or(0.0);
            cost.per_month = Range::exact(sum);
        }
        (None, None) => reader.report_missing(
            &["per_month", "items"],
            Diagnostic::error(
                "roadmap/cost-without-amount",
                reader.span(),
                "a cost has `per_month`, `items`, or both",
            ),
        ),
    }
}

fn require_an_amount(schema: Value) -> Value {
    schema::with(schema, "anyOf", json!([{ "required": ["per_month"] }, { "required": ["items"] }]))
}

/// Costs are given in the order of their users.
fn check_order(costs: &[Option<CostPoint>], reader: &Reader<'_>, _key: &'static str) {
    let costs: Vec<&CostPoint> = costs.iter().flatten().collect();
    for pair in costs.windows(2) {
        let [before, after] = [pair[0], pair[1]];
        if after.users <= before.users {
            let message = format!("{} users do not come after {}", after.users, before.users);
            reader.report(
                Diagnostic::error("roadmap/cost-order", after.spans.of_key("users"), message)
                    .also(before.spans.of_key("users"), "before it")
                    .help("give the costs in the order of their users, each number once"),
            );
        }
    }
}
