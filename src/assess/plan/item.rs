//! One thing to do, and what it costs by prices and by what is needed.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::KeptSetting;
use crate::{
    assess::{AssessmentInput, Interval, Outlook, PlanReason, ResourceOutlook},
    roadmap::{Action, Decision, Figure, Milestone, Playbook, Price, Priority, Range, Timeline},
    signal::{Quantity, ResourceId},
};

/// The id of the remedy for an expected bottleneck.
pub(super) fn milestone_id(milestone: &Milestone) -> String {
    format!("milestone-{}", milestone.users)
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanItem {
    /// The id under which it can be declared done.
    pub id: String,
    /// What to do.
    pub title: String,
    /// The part of the system it changes.
    pub component: Option<String>,
    /// How urgent the roadmap calls it.
    pub priority: Priority,
    /// The resources it relieves.
    pub relieves: Vec<ResourceId>,
    /// How long it takes.
    pub effort: Option<Range<Quantity>>,
    /// The order of magnitude of the time it takes, when no effort is stated.
    pub timeline: Option<Timeline>,
    /// When to begin at the latest; null when nothing is urgent.
    pub start_by: Option<DateTime<Utc>>,
    /// The load before which it must be in place; null where the roadmap names none ahead.
    pub act_by_users: Option<u64>,
    /// What it adds to the monthly bill, when the roadmap says.
    pub cost_per_month: Option<Range<f64>>,
    /// What the more that is needed of its resources costs, where these have a price.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<ItemPrice>,
    /// How to do it.
    pub steps: Vec<String>,
    /// Settings that the roadmap states for it and that are already at least as high: they are left out of the steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptSetting>,
    /// The numbers the roadmap gives for it: settings, replicas, targets.
    pub figures: Vec<Figure>,
    /// What calls for it.
    pub reasons: Vec<PlanReason>,
    /// Whether the team has declared it done.
    pub done: bool,
}

impl PlanItem {
    /// A remedy of a phase.
    pub(super) fn action(input: &AssessmentInput, action: &Action, reason: PlanReason) -> Self {
        Self {
            component: Some(action.component.clone()),
            priority: action.priority,
            relieves: action.relieves.clone(),
            effort: action.duration(),
            steps: action.steps.clone(),
            figures: action.figures.clone(),
            ..Self::new(input, &action.id, &action.title, reason)
        }
    }

    /// The remedy for an expected bottleneck.
    pub(super) fn milestone(input: &AssessmentInput, milestone: &Milestone, reason: PlanReason) -> Self {
        Self {
            priority: Priority::High,
            relieves: vec![milestone.resource],
            effort: Some(milestone.effort),
            act_by_users: milestone.act_by_users,
            cost_per_month: Some(milestone.cost_per_month),
            steps: milestone.options.clone(),
            ..Self::new(input, &milestone_id(milestone), &milestone.solution, reason)
        }
    }

    /// What a decision asks for.
    pub(super) fn decision(input: &AssessmentInput, decision: &Decision, reason: PlanReason) -> Self {
        Self {
            relieves: decision.relieves.clone(),
            timeline: Some(decision.timeline),
            ..Self::new(input, &decision.id, &decision.action, reason)
        }
    }

    /// What to do about a symptom.
    pub(super) fn playbook(input: &AssessmentInput, playbook: &Playbook, reason: PlanReason) -> Self {
        let (id, title) = (format!("playbook-{}", playbook.id), format!("Remedy: {}", playbook.symptom));
        Self { steps: playbook.remedies.clone(), ..Self::new(input, &id, &title, reason) }
    }

    pub(super) fn new(input: &AssessmentInput, id: &str, title: &str, reason: PlanReason) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            component: None,
            // What has no priority of its own has the one of an action without one.
            priority: Priority::Medium,
            relieves: Vec::new(),
            effort: None,
            timeline: None,
            start_by: None,
            act_by_users: None,
            cost_per_month: None,
            prices: Vec::new(),
            steps: Vec::new(),
            kept: Vec::new(),
            figures: Vec::new(),
            reasons: vec![reason],
            done: input.declared.done.contains(id),
        }
    }

    /// The same, to be begun by then.
    pub(super) fn started_by(self, date: DateTime<Utc>) -> Self {
        Self { start_by: Some(date), ..self }
    }

    /// The same, to be in place before a load; what names an earlier one keeps it.
    pub(super) fn before(self, users: u64) -> Self {
        Self { act_by_users: Some(self.act_by_users.map_or(users, |own| own.min(users))), ..self }
    }

    /// First things first: open before done, then by date, by load, by priority.
    pub(super) fn order(a: &Self, b: &Self) -> Ordering {
        let key = |item: &Self| {
            let date = item.start_by.unwrap_or(DateTime::<Utc>::MAX_UTC);
            (item.done, date, item.act_by_users.unwrap_or(u64::MAX), item.priority)
        };
        key(a).cmp(&key(b))
    }
}

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
pub(in crate::assess) enum PriceNeed {
    /// The load that is expected in the days to come.
    Expected,
    /// So many users.
    Users(u64),
}

/// The items with what they cost, as far as their resources have a price and more of them is needed.
pub(in crate::assess) fn priced(
    items: Vec<PlanItem>,
    prices: &[Price],
    outlook: &Outlook,
    need: PriceNeed,
) -> Vec<PlanItem> {
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
fn needed(resource: &ResourceOutlook, price: &Price, need: PriceNeed) -> Option<ItemPrice> {
    let present = resource.capacity?;
    let (taken, until, users) = match need {
        PriceNeed::Expected => {
            resource.expected.map(|expected| (expected.taken, Some(expected.until), None))?
        }
        PriceNeed::Users(users) => (resource.at_users?, None, Some(users)),
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
