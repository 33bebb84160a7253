//! What a change of limits or of replicas adds to the monthly bill.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    roadmap::Price,
    signal::{ResourceId, Unit},
    snapshot::{ChangedLimit, ReplicaGroup},
};

/// The resource whose price is that of a replica, and whose limits are the maxima of autoscalers.
const REPLICAS: &str = "app.replicas";

/// What a change adds to the monthly bill.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChangeCost {
    /// What is changed has a price.
    Priced {
        /// How much more is bought, in whole purchases; below zero where less is.
        more: f64,
        /// What these cost a month; below zero where it saves.
        per_month: f64,
        /// Whether that is paid only while it is used: the maximum of an autoscaler is raised, not the number of replicas.
        only_in_use: bool,
        /// The price.
        price: Price,
    },
    /// It has no price.
    NoPrice {
        /// The resource.
        resource: ResourceId,
        /// Which of several.
        #[serde(skip_serializing_if = "Option::is_none")]
        instance: Option<String>,
    },
    /// It has the price of an amount in another unit.
    OtherUnit {
        /// The unit of what is changed.
        unit: Unit,
        /// The price.
        price: Price,
    },
}

impl ChangeCost {
    /// The cost of another limit; `None` where the signal belongs to no resource.
    pub(super) fn of_limit(change: &ChangedLimit, prices: &[Price]) -> Option<Self> {
        let ChangedLimit { signal, instance, present, assumed, .. } = change;
        let resource = signal.entry().resource?;
        let price = Price::find(prices, resource, instance.as_deref());
        let is_maximum = resource.as_str() == REPLICAS;
        Some(price.map_or_else(
            || Self::NoPrice { resource, instance: instance.clone() },
            |price| Self::priced(price, assumed.value() - present.value(), assumed.unit(), is_maximum),
        ))
    }

    /// The cost of another number of replicas. A price for replicas in general is that of containers: a server of a database
    /// costs something else, and needs a price of its own.
    pub(super) fn of_replicas(
        group: &ReplicaGroup,
        present: u64,
        assumed: u64,
        prices: &[Price],
    ) -> Option<Self> {
        let (resource, workload) = (ResourceId::find(REPLICAS)?, group.workload.as_str());
        let price = Price::find(prices, resource, Some(workload));
        let price = price.filter(|price| price.instance.is_some() || group.is_of_containers());
        Some(price.map_or_else(
            || Self::NoPrice { resource, instance: Some(workload.to_owned()) },
            |price| Self::priced(price, assumed as f64 - present as f64, Unit::Count, false),
        ))
    }

    fn priced(price: &Price, difference: f64, unit: Unit, only_in_use: bool) -> Self {
        let price = price.clone();
        let Some(purchase) = price.purchase(unit) else { return Self::OtherUnit { unit, price } };
        let more = whole(difference / purchase);
        Self::Priced { more, per_month: more * price.per_month + 0.0, only_in_use, price }
    }
}

/// Whole purchases: a part more takes a whole one, and a part less saves none.
fn whole(purchases: f64) -> f64 {
    // Without a negative zero.
    (purchases - 1e-9).ceil() + 0.0
}
