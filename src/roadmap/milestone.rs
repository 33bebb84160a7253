//! When to scale what: expected bottlenecks, decisions, the effort of each stage, and whether to keep the architecture.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Band, Condition, Range, Statement,
    amount::DURATION,
    statement::STATEMENT,
    values::{IDENTIFIER, check_unique},
};
use crate::{
    diagnostic::{Diagnostic, Reader, Spans, toml_table},
    signal::{Quantity, ResourceId, Role},
};

toml_table! {
    /// An expected bottleneck.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Milestone {
        /// The users at which it is expected.
        pub users: u64,
        /// The users by which the remedy must be in place.
        pub act_by_users: Option<u64>,
        /// What is expected to happen.
        pub title: String,
        /// The resource that saturates.
        pub resource: ResourceId,
        /// Its symptoms.
        pub symptoms: Vec<Statement> as STATEMENT,
        /// The impact on users and the business.
        pub impact: String,
        /// What happens if no action is taken in time.
        pub risk: Option<String>,
        /// The remedy.
        pub solution: String,
        /// Alternative remedies.
        pub options: Vec<String>,
        /// Whether the architecture itself is to be decided here.
        pub decision_point: bool = false,
        /// The effort of the remedy.
        pub effort: Range<Quantity>,
        /// The time from the decision until the remedy is in place.
        pub lead_time: Option<Quantity> as DURATION,
        /// What the remedy adds to the monthly bill.
        pub cost_per_month: Range<f64>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check = check_act_by;
}

impl Milestone {
    /// Whether one of its symptoms is how much of a resource is used.
    pub(super) fn shows_in(&self, resource: ResourceId) -> bool {
        let conditions = self.symptoms.iter().filter_map(|symptom| symptom.when.as_ref());
        conditions.flat_map(Condition::signals).any(|signal| {
            let entry = signal.entry();
            entry.role == Role::Resource && entry.resource == Some(resource)
        })
    }
}

fn check_act_by(milestone: &mut Milestone, reader: &Reader<'_>) {
    if let Some(act_by) = milestone.act_by_users
        && act_by > milestone.users
    {
        let message = "`act_by_users` comes after the milestone itself";
        reader.report(
            Diagnostic::error(
                "roadmap/act-by-after-milestone",
                milestone.spans.of_key("act_by_users"),
                message,
            )
            .label("act by")
            .also(milestone.spans.of_key("users"), "the milestone")
            .help("the remedy must be in place before the resource saturates"),
        );
    }
}

toml_table! {
    /// When to scale one component.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Decision {
        /// Its name.
        pub id: String as IDENTIFIER,
        /// When it is due.
        pub when: Condition,
        /// What to do then.
        pub action: String,
        /// The order of magnitude of the time it takes.
        pub timeline: Timeline,
        /// The resources it relieves.
        pub relieves: Vec<ResourceId>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check_list = check_decisions;
}

fn check_decisions(decisions: &[Option<Decision>], reader: &Reader<'_>, key: &'static str) {
    check_unique(reader, key, decisions.iter().flatten().map(|decision| (&decision.id, &decision.spans)));
}

/// Orders of magnitude of time, as roadmaps give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Timeline {
    /// Done within a day.
    Hours,
    /// Done within a week.
    Days,
    /// Done within a month.
    Weeks,
    /// Done within a quarter.
    Months,
    /// Takes longer than a quarter.
    Quarters,
}

impl Timeline {
    /// Every timeline with its name in files.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("hours", Self::Hours),
        ("days", Self::Days),
        ("weeks", Self::Weeks),
        ("months", Self::Months),
        ("quarters", Self::Quarters),
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, timeline)| *timeline == self).map_or("", |(name, _)| name)
    }
}

toml_table! {
    /// The engineering effort of one stage.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Effort {
        /// The users the stage is for; left out where it is not tied to a number of users.
        pub users: Option<u64>,
        /// What the effort goes into.
        pub title: String,
        /// How long it takes.
        pub effort: Range<Quantity>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
}

toml_table! {
    /// How the document decides about the architecture.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Architecture {
        /// The users it can serve with improvements that leave the architecture as it is.
        pub carries: Option<Band>,
        /// The users below which it need not change.
        pub change_from_users: Option<u64>,
        /// Reasons to keep it.
        pub stay_if: Vec<Statement> as STATEMENT,
        /// Reasons to evaluate alternatives.
        pub evaluate_if: Vec<Statement> as STATEMENT,
        /// The possible outcomes.
        pub outcomes: Outcomes,
        /// The criteria of the decision.
        pub criteria: Vec<Criterion>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
}

toml_table! {
    /// When to choose what, in the document's terms.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
    pub struct Outcomes {
        /// Keep it: every criterion is met.
        pub stay: String,
        /// Migrate service by service: there is a gap, but a tolerable one.
        pub gradual: String,
        /// Migrate everything: several criteria fail.
        pub full: String,
    }
}

toml_table! {
    /// One criterion of the decision.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Criterion {
        /// Its name.
        pub id: String as IDENTIFIER,
        /// What it asks.
        pub title: String,
        /// When the current architecture meets it.
        pub when_met: Option<Condition>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check_list = check_criteria;
}

fn check_criteria(criteria: &[Option<Criterion>], reader: &Reader<'_>, key: &'static str) {
    check_unique(reader, key, criteria.iter().flatten().map(|criterion| (&criterion.id, &criterion.spans)));
}
