//! What the roadmap says that a number of users costs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::roadmap::{CostItem, CostPoint, Range, Roadmap};

/// The monthly cost of a number of users.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StatedCost {
    /// The users.
    pub users: f64,
    /// What they cost a month; null where the roadmap states no cost on both sides of them.
    pub per_month: Option<Range<f64>>,
    /// How that is known.
    pub basis: Option<Basis>,
    /// What the cost consists of, at the nearest number of users, not below, for which the roadmap says so.
    pub itemised: Option<Itemised>,
    /// How it was found, or why not.
    pub because: String,
}

/// How the cost of a number of users is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The roadmap states it for just this number.
    Stated,
    /// It lies on the straight line between two stated costs.
    Interpolated,
}

/// The parts of a cost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Itemised {
    /// The users they are stated for.
    pub users: u64,
    /// The parts.
    pub items: Vec<CostItem>,
}

/// The cost of a number of users; `None` where the roadmap states no costs by users.
pub(super) fn of(roadmap: &Roadmap, users: f64) -> Option<StatedCost> {
    let (first, last) = (roadmap.costs.first()?, roadmap.costs.last()?);
    let after = roadmap.costs.iter().find(|point| point.users as f64 >= users);
    let before = roadmap.costs.iter().rev().find(|point| point.users as f64 <= users);
    let currency = &roadmap.currency;
    let told = |point: &CostPoint| {
        let note = point.note.as_ref().map(|note| format!(", {note}")).unwrap_or_default();
        format!("{} for {} users{note}", amounts(currency, &point.per_month), point.users)
    };
    let (per_month, basis, because) = match (before, after) {
        (Some(before), Some(after)) if before.users == after.users => {
            (Some(after.per_month), Some(Basis::Stated), format!("stated: {}", told(after)))
        }
        (Some(before), Some(after)) => (
            between(before, after, users),
            Some(Basis::Interpolated),
            format!("interpolated between {} and {}", told(before), told(after)),
        ),
        (None, _) => (None, None, format!("the roadmap's costs begin with {}", told(first))),
        (Some(_), None) => (None, None, format!("the roadmap's costs end with {}", told(last))),
    };
    let mut itemised =
        roadmap.costs.iter().filter(|point| point.users as f64 >= users && !point.items.is_empty());
    let itemised = itemised.next().map(|point| Itemised { users: point.users, items: point.items.clone() });
    Some(StatedCost { users, basis: basis.filter(|_| per_month.is_some()), per_month, itemised, because })
}

/// Both ends on straight lines; an end that is open in one of the points is open here.
fn between(before: &CostPoint, after: &CostPoint, users: f64) -> Option<Range<f64>> {
    let way = (users - before.users as f64) / (after.users as f64 - before.users as f64);
    let mix = |from: f64, to: f64| from + (to - from) * way;
    let high = before.per_month.high().zip(after.per_month.high()).map(|(from, to)| mix(from, to));
    Range::new(mix(before.per_month.low(), after.per_month.low()), high)
}

fn amounts(currency: &str, range: &Range<f64>) -> String {
    match range.high() {
        Some(high) if high > range.low() => format!("{:.0}–{high:.0} {currency}", range.low()),
        Some(_) => format!("{:.0} {currency}", range.low()),
        None => format!("{:.0} {currency} or more", range.low()),
    }
}
