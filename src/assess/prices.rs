//! What the items of a plan cost, from prices and from what is needed.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Interval, Outlook, PlanItem, ResourceOutlook};
use crate::{
    roadmap::Price,
    signal::{Quantity, ResourceId},
};

/// What more of a resource costs, of which the load that is expected needs more than there is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ItemPrice {
    /// The resource.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// How much there is.
    pub present: Quantity,
    /// How much is needed, with 90%, in the unit of `present`.
    pub needed: Interval<f64>,
    /// The last day up to which that is expected; null where it is needed for `users`.
    pub until: Option<NaiveDate>,
    /// The users for whom it is needed, as of today's demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<u64>,
    /// How much more that is, in whole purchases.
    pub more: Interval<f64>,
    /// What these cost a month.
    pub per_month: Interval<f64>,
    /// The price.
    pub price: Price,
}

/// What there must be enough for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Need {
    /// The load that is expected in the days to come.
    Expected,
    /// So many users.
    Users(u64),
}

/// The items with what they cost, as far as their resources have a price and more of them is needed.
pub(super) fn priced(items: Vec<PlanItem>, prices: &[Price], outlook: &Outlook, need: Need) -> Vec<PlanItem> {
    let priced = |item: PlanItem| {
        let relieved = outlook.resources.iter().filter(|resource| item.relieves.contains(&resource.resource));
        let prices = relieved.filter_map(|resource| {
            let price = Price::find(prices, resource.resource, resource.instance.as_deref())?;
            needed(resource, price, need)
        });
        PlanItem { prices: prices.collect(), ..item }
    };
    // Without a price there is nothing to look for.
    if prices.is_empty() { items } else { items.into_iter().map(priced).collect() }
}

/// Nothing where what there is is enough, or where it is not known how much is needed.
fn needed(resource: &ResourceOutlook, price: &Price, need: Need) -> Option<ItemPrice> {
    let present = resource.capacity?;
    let (taken, until, users) = match need {
        Need::Expected => resource.expected.map(|expected| (expected.taken, Some(expected.until), None))?,
        Need::Users(users) => (resource.at_users?, None, Some(users)),
    };
    let per = price.purchase(present.unit())?;
    // A limit below 100% is to be kept as well.
    let scale = present.value() / resource.limit.value();
    let each = |part: fn(&Interval<f64>) -> f64| {
        let needed = part(&taken) * scale;
        let more = ((needed - present.value()) / per - 1e-9).ceil().max(0.0) + 0.0;
        (needed, more)
    };
    let (low, mid, high) = (each(|taken| taken.low), each(|taken| taken.mid), each(|taken| taken.high));
    let is_finite = [low, mid, high].iter().all(|(needed, more)| needed.is_finite() && more.is_finite());
    (is_finite && high.1 > 0.0).then(|| ItemPrice {
        resource: resource.resource,
        instance: resource.instance.clone(),
        present,
        needed: Interval { low: low.0, mid: mid.0, high: high.0 },
        until,
        users,
        more: Interval { low: low.1, mid: mid.1, high: high.1 },
        per_month: Interval {
            low: low.1 * price.per_month,
            mid: mid.1 * price.per_month,
            high: high.1 * price.per_month,
        },
        price: price.clone(),
    })
}
