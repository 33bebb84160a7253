//! What events to come ask of the system.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Interval, LimitOutcome, Outlook, ResourceOutlook};
use crate::signal::{Quantity, ResourceId};

/// An event to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedEvent {
    /// What it is.
    pub name: String,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    /// The load at the busiest hour of its busiest day; null beyond the days that are forecast.
    pub load: Option<Interval<f64>>,
    /// The resources that it pushes beyond their limits, or may; the largest shortfall first.
    pub short: Vec<EventShortage>,
}

/// A resource that is too small for an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventShortage {
    /// The resource.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Whether it is too small: certainly, or perhaps.
    pub outcome: LimitOutcome,
    /// What the event takes of it, in the unit of `limit`.
    pub needed: Interval<f64>,
    /// Where it is used up: of something countable its number, else the share or amount.
    pub limit: Quantity,
}

/// The events to come, in the order of time.
pub(super) fn expected(outlook: &Outlook) -> Vec<ExpectedEvent> {
    let ahead = outlook.load.events.iter().enumerate();
    ahead
        .map(|(number, ahead)| {
            let shortages = outlook.resources.iter().filter_map(|resource| shortage(resource, number));
            let mut short: Vec<EventShortage> = shortages.collect();
            let lacks = |short: &EventShortage| short.needed.mid / short.limit.value();
            short.sort_by(|a, b| a.outcome.cmp(&b.outcome).then_with(|| lacks(b).total_cmp(&lacks(a))));
            ExpectedEvent {
                name: ahead.event.name.clone(),
                from: ahead.event.from,
                until: ahead.event.until,
                load: ahead.load,
                short,
            }
        })
        .collect()
}

/// Nothing where the resource is known to hold, or nothing is known.
fn shortage(resource: &ResourceOutlook, number: usize) -> Option<EventShortage> {
    let taken = resource.at_events.get(number).copied().flatten()?;
    let full = resource.limit.value();
    let outcome = match taken {
        Interval { low, .. } if low >= full => LimitOutcome::Yes,
        Interval { high, .. } if high >= full => LimitOutcome::Perhaps,
        _ => return None,
    };
    let scale = resource.capacity.map_or(1.0, Quantity::value);
    let unit = resource.capacity.map_or(resource.limit.unit(), Quantity::unit);
    Some(EventShortage {
        resource: resource.resource,
        instance: resource.instance.clone(),
        outcome,
        needed: Interval { low: taken.low * scale, mid: taken.mid * scale, high: taken.high * scale },
        limit: Quantity::new(full * scale, unit)?,
    })
}
