//! One thing to do.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::KeptSetting;
use crate::{
    assess::{AssessmentInput, ItemPrice, PlanReason},
    roadmap::{Action, Decision, Figure, Milestone, Playbook, Priority, Range, Timeline},
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
