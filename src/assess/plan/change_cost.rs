//! What a change of limits or of replicas, growing to a load or entering a phase adds to the monthly bill.

use schemars::JsonSchema;
use serde::Serialize;

use super::Scope;
use crate::{
    assess::{Assessment, StatedCost},
    roadmap::{Phase, Price, Range, Roadmap},
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

/// The stated costs of now and of what is planned for, and how far they are apart.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StatedCostChange {
    /// What the costs are stated for.
    pub between: CostEnds,
    /// The stated cost a month now; null where there is none.
    pub from: Option<Range<f64>>,
    /// The stated cost a month of what is planned for.
    pub to: Option<Range<f64>>,
    /// By how much the stated cost changes, at least and at most; null where one of them is not stated.
    pub per_month: Option<Range<f64>>,
}

/// What two costs are stated for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CostEnds {
    /// Numbers of users.
    Users {
        /// Those of the present peak.
        from: f64,
        /// Those that are planned for.
        to: f64,
    },
    /// Phases.
    Phases {
        /// The present one; null when the load is unknown.
        from: Option<u64>,
        /// The one that is planned for.
        to: u64,
    },
}

/// By costs of numbers of users where both are stated, else by those of the phases; `None` for a plan of now.
pub(super) fn of_scope(
    roadmap: &Roadmap,
    assessment: &Assessment,
    cost: Option<&StatedCost>,
    scope: Scope,
    target: Option<&Phase>,
) -> Option<StatedCostChange> {
    let by_users = || {
        let (now, then) = (assessment.cost.at_load.as_ref()?, cost?);
        let between = CostEnds::Users { from: now.users, to: then.users };
        Some(StatedCostChange::new(between, Some(now.per_month?), Some(then.per_month?)))
    };
    let by_phase = |target: &Phase| {
        let current = roadmap.phases.iter().find(|phase| Some(phase.number) == assessment.phase.current);
        let between = CostEnds::Phases { from: assessment.phase.current, to: target.number };
        StatedCostChange::new(between, current.and_then(|phase| phase.cost_per_month), target.cost_per_month)
    };
    match scope {
        Scope::Now => None,
        // What is entered already costs nothing more.
        Scope::Phase(phase) if assessment.phase.current == Some(phase) => None,
        Scope::Phase(_) => target.map(by_phase),
        Scope::Users(_) => by_users().or_else(|| target.map(by_phase)),
    }
}

impl StatedCostChange {
    fn new(between: CostEnds, from: Option<Range<f64>>, to: Option<Range<f64>>) -> Self {
        // Of two loads in one phase its one cost says nothing.
        let is_same = matches!(between, CostEnds::Phases { from, to } if from == Some(to));
        let per_month = from.zip(to).filter(|_| !is_same).and_then(|(from, to)| {
            let high = to.high().map(|high| high - from.low());
            Range::new(to.low() - from.high()?, high)
        });
        Self { between, from, to, per_month }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: (f64, Option<f64>), to: (f64, Option<f64>)) -> Option<Range<f64>> {
        let range = |(low, high)| Range::new(low, high);
        let between = CostEnds::Phases { from: Some(1), to: 2 };
        StatedCostChange::new(between, range(from), range(to)).per_month
    }

    #[test]
    fn a_difference_of_ranges_holds_every_difference_in_them() {
        assert_eq!(change((10.0, Some(50.0)), (100.0, Some(300.0))), Range::new(50.0, Some(290.0)));
        assert_eq!(change((10.0, Some(50.0)), (30.0, Some(40.0))), Range::new(-20.0, Some(30.0)));
        assert_eq!(change((10.0, Some(50.0)), (100.0, None)), Range::new(50.0, None));
        // What may be paid now without an end could be saved without one.
        assert_eq!(change((10.0, None), (100.0, Some(300.0))), None);
    }
}
