//! What the installation costs at stated numbers of users, and what one more of something costs.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Range, Size, values::MONEY};
use crate::{
    diagnostic::{Diagnostic, Node, Reader, Spans, schema, toml_table},
    signal::{Quantity, ResourceId, Unit},
};

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

toml_table! {
    /// What more of a resource costs.
    #[derive(Debug, Clone)]
    pub struct PriceEntry {
        /// The resource.
        pub resource: ResourceId,
        /// The instance or workload whose price it is, such as "shop/api"; that of all others when left out.
        pub instance: Option<String>,
        /// How much of it is bought at a time, such as 1 or "100GiB"; 1 when left out.
        pub per: Option<Quantity>,
        /// What that costs a month; the bill says so when left out.
        pub per_month: Option<f64> as MONEY,
        /// The SkuId in the bill whose price it has.
        pub sku: Option<String>,
    }
    check = check_price;
    check_list = check_unique;
    restrict = require_a_price;
}

fn require_a_price(schema: Value) -> Value {
    schema::with(schema, "oneOf", json!([{ "required": ["per_month"] }, { "required": ["sku"] }]))
}

/// The price is stated, or that of a SKU of the bill.
fn check_price(entry: &mut PriceEntry, reader: &Reader<'_>) {
    if entry.per_month.is_some() == entry.sku.is_some() {
        let message = "a price has either `per_month` or `sku`";
        reader.report(Diagnostic::error("config/price", reader.span(), message));
    }
    if entry.per.is_some_and(|per| per.value() <= 0.0) {
        let message = "what is bought at a time, `per`, is above 0";
        let span = reader.value_spans().remove("per").unwrap_or_else(|| reader.span());
        reader.report(Diagnostic::error("config/price", span, message));
    }
}

/// A resource and an instance of it have one price.
fn check_unique(prices: &[Option<PriceEntry>], reader: &Reader<'_>, key: &'static str) {
    let nodes = reader.optional(key).and_then(Node::items).unwrap_or_default();
    let mut priced = BTreeSet::new();
    for (price, node) in prices.iter().zip(nodes) {
        let is_second = price.as_ref().is_some_and(|price| !priced.insert((price.resource, &price.instance)));
        if is_second {
            let message = "another of the prices is of the same resource and instance";
            reader.report(Diagnostic::error("config/price", node.span(), message));
        }
    }
}

/// What more of a resource costs a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Price {
    /// The resource.
    pub resource: ResourceId,
    /// The instance or workload whose price it is; null where it is that of all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// How much of it is bought at a time; null for one.
    pub per: Option<Quantity>,
    /// What that costs a month.
    pub per_month: f64,
    /// ISO 4217 code.
    pub currency: String,
    /// Where that is from.
    pub origin: PriceOrigin,
}

impl Price {
    /// The price of an instance of a resource: its own, else that of all instances.
    pub fn find<'p>(prices: &'p [Self], resource: ResourceId, instance: Option<&str>) -> Option<&'p Self> {
        let of = |wanted: Option<&str>| {
            prices.iter().find(|price| price.resource == resource && price.instance.as_deref() == wanted)
        };
        instance.and_then(|instance| of(Some(instance))).or_else(|| of(None))
    }

    /// What is bought at a time: one piece where nothing else is stated. `None` for a limit in another unit: of a price for
    /// pieces nothing follows for bytes.
    pub fn purchase(&self, unit: Unit) -> Option<f64> {
        let piece = Quantity::new(1.0, Unit::Count)?;
        self.per.or(Some(piece)).filter(|per| per.unit() == unit).map(Quantity::value)
    }
}

/// Where a price is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceOrigin {
    /// The settings of the project.
    Settings,
    /// The bill: what was paid for a SKU, divided by how much of it was used.
    Bill {
        /// The SKU.
        sku: String,
        /// What it is of, in the bill's words.
        service: String,
        /// The first day of the month that was billed.
        month: NaiveDate,
    },
}

/// What was paid for a month.
#[derive(Debug, Clone, PartialEq)]
pub struct BilledMonth {
    /// Its first day.
    pub month: NaiveDate,
    /// Altogether.
    pub total: f64,
    /// ISO 4217 code.
    pub currency: String,
}
