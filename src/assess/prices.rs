//! What the items of a plan cost, from prices and from what is needed.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Interval, Outlook, PlanItem, ResourceOutlook};
use crate::{
    roadmap::Price,
    signal::{Quantity, ResourceId, Unit},
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
    /// How much is needed up to a day, with 90%, in the unit of `present`.
    pub needed: Interval<f64>,
    /// The last day of that.
    pub until: NaiveDate,
    /// How much more that is, in whole purchases.
    pub more: Interval<f64>,
    /// What these cost a month.
    pub per_month: Interval<f64>,
    /// The price.
    pub price: Price,
}

/// The items with what they cost, as far as their resources have a price and more of them is needed.
pub(super) fn priced(items: Vec<PlanItem>, prices: &[Price], outlook: &Outlook) -> Vec<PlanItem> {
    let priced = |item: PlanItem| {
        let of_item = prices.iter().filter(|price| item.relieves.contains(&price.resource));
        let of_resources = of_item.flat_map(|price| {
            let resources = outlook.resources.iter().filter(|resource| resource.resource == price.resource);
            resources.filter_map(|resource| needed(resource, price))
        });
        PlanItem { prices: of_resources.collect(), ..item }
    };
    items.into_iter().map(priced).collect()
}

/// Nothing where what there is is enough, or where it is not known how much is needed.
fn needed(resource: &ResourceOutlook, price: &Price) -> Option<ItemPrice> {
    let (present, expected) = (resource.capacity?, resource.expected.as_ref()?);
    let piece = Quantity::new(1.0, Unit::Count)?;
    // Of a price for pieces nothing follows for bytes.
    let per = price.per.or(Some(piece)).filter(|per| per.unit() == present.unit())?.value();
    // A limit below 100% is to be kept as well.
    let scale = present.value() / resource.limit.value();
    let each = |part: fn(&Interval<f64>) -> f64| {
        let needed = part(&expected.taken) * scale;
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
        until: expected.until,
        more: Interval { low: low.1, mid: mid.1, high: high.1 },
        per_month: Interval {
            low: low.1 * price.per_month,
            mid: mid.1 * price.per_month,
            high: high.1 * price.per_month,
        },
        price: price.clone(),
    })
}
