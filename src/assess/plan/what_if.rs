//! The plan alone: of today, of a phase as if it were entered, or of a load that is not there yet.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    LimitEffect, ReplicaEffect, StatedCostChange, change_cost,
    draft::Draft,
    in_order,
    item::{PlanItem, PriceNeed, priced},
    mends,
};
use crate::{
    assess::{
        Assessment, AssessmentInput, Context, DeploymentFit, Failure, Load, Outlook, PlanPurpose, PlanReason,
        Profile, StatedCost, UserCost, Verdict, cost,
        deployment::{self, Carried},
    },
    diff::UnresolvedChange,
    roadmap::{Band, Frequency, LoadTest, Milestone, Phase, Range, Recovery, Region, Roadmap},
    signal::ResourceId,
};

/// The version of the shape of `plan --format json`.
pub const PLAN_SCHEMA: &str = "scale-advisor/plan/2";

/// What a plan is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// What the assessment calls for.
    Now,
    /// A phase, as if it were entered.
    Phase(u64),
    /// A load, as if it were reached.
    Users(u64),
}

impl Scope {
    /// The load that is planned for: where a phase begins, or the one that was named.
    pub(in crate::assess) fn users(self, roadmap: &Roadmap) -> Option<u64> {
        let begins = |number| {
            let phase = roadmap.phases.iter().find(|phase| phase.number == number)?;
            Some(phase.users.low())
        };
        match self {
            Self::Now => None,
            Self::Phase(number) => begins(number),
            Self::Users(users) => Some(users),
        }
    }
}

/// What to do, apart from everything else an assessment holds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Plan {
    /// Always `scale-advisor/plan/2`.
    pub schema: String,
    /// When the snapshot was taken.
    pub generated_at: DateTime<Utc>,
    /// The program that made it.
    pub tool_version: String,
    /// Where the values come from when the system is not real.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<String>,
    /// The roadmap.
    pub profile: Profile,
    /// The current state.
    pub verdict: Verdict,
    /// What the plan is made for.
    pub scope: Scope,
    /// How much the system is used now.
    pub load: Load,
    /// The phase it leads to; null when the load is unknown and none was named.
    pub phase: Option<PlannedPhase>,
    /// ISO 4217 code of every amount of money.
    pub currency: String,
    /// The expected bottlenecks on the way there, in the order of their users.
    pub milestones: Vec<PlannedMilestone>,
    /// How the roadmap's deployments fit the load of the scope, smallest first.
    pub deployments: Vec<DeploymentFit>,
    /// What the roadmap says the load of the scope costs; null where it states no costs by users.
    pub cost: Option<StatedCost>,
    /// What the roadmap says that the scope adds to the monthly bill; null for a plan of now or of the present phase.
    pub cost_change: Option<StatedCostChange>,
    /// What a user costs in each phase, as the roadmap states it and as it was measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cost_by_phase: Vec<UserCost>,
    /// The load tests that validate it.
    pub load_tests: Vec<PlannedLoadTest>,
    /// The targets for the recovery after a disaster.
    pub recovery: Option<Recovery>,
    /// The regions to deploy to.
    pub regions: Vec<Region>,
    /// What is left if a part of the system fails, for each part named in the config or by flags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// What other limits than the present ones would do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limit_effects: Vec<LimitEffect>,
    /// What other numbers of replicas than the present ones would do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replica_effects: Vec<ReplicaEffect>,
    /// Changes of a diff of which it is not known what they do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unresolved: Vec<UnresolvedChange>,
    /// What the items are for.
    pub reason: PlanPurpose,
    /// What to do, most urgent first.
    pub items: Vec<PlanItem>,
}

/// The phase a plan leads to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PlannedPhase {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// What it costs a month; null when the roadmap does not say.
    pub cost_per_month: Option<Range<f64>>,
    /// When the roadmap expects it, in months from its start.
    pub horizon_months: Option<Range<u64>>,
    /// What to focus on.
    pub focus: Option<String>,
    /// What the team needs to learn for it.
    pub learn: Vec<String>,
    /// Tools that keep it at that cost.
    pub tools: Vec<String>,
    /// What is achieved when its actions are done.
    pub result: Option<String>,
    /// How many users the system can serve then.
    pub serves: Option<Band>,
}

/// A load test that validates the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlannedLoadTest {
    /// Its id in the roadmap.
    pub id: String,
    /// What it is to show.
    pub purpose: String,
    /// How often it is run.
    pub frequency: Option<Frequency>,
}

/// An expected bottleneck on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlannedMilestone {
    /// The load at which it is expected.
    pub users: u64,
    /// The load before which the remedy must be in place.
    pub act_by_users: Option<u64>,
    /// What runs out.
    pub resource: ResourceId,
    /// What is expected to happen.
    pub title: String,
    /// The impact on users and the business.
    pub impact: String,
    /// What happens if no action is taken in time.
    pub risk: Option<String>,
}

/// The plan for a scope; `None` when the roadmap has no such phase.
pub(in crate::assess) fn what_if(
    context: &Context<'_>,
    assessment: &Assessment,
    outlook: &Outlook,
    scope: Scope,
) -> Option<Plan> {
    let input = context.input;
    let phases = &input.roadmap.phases;
    let headline = assessment.next_bottleneck.as_ref();
    let target = match scope {
        Scope::Now => phases.iter().find(|phase| Some(phase.number) == assessment.phase.recommended),
        Scope::Phase(number) => Some(phases.iter().find(|phase| phase.number == number)?),
        Scope::Users(users) => Some(carrying(phases, users)?),
    };
    let mut items = assessment.plan.clone();
    match (scope, target) {
        (Scope::Phase(_), Some(phase)) => {
            let reason = PlanReason::PhaseEntered { phase: phase.number };
            // What is wrong now is mended before a phase is entered.
            items.retain(|item| mends(item, headline));
            items.extend(actions_of(input, &assessment.plan, phase, &reason));
        }
        (Scope::Users(users), Some(phase)) => grow(input, assessment, users, phase, &mut items),
        (Scope::Now | Scope::Phase(_) | Scope::Users(_), _) => {}
    }
    // For a load that is there already the purchases of the days to come are those of today's plan.
    let ahead = scope.users(&input.roadmap);
    let ahead = ahead.filter(|users| assessment.load.peak.is_none_or(|peak| *users as f64 > peak));
    if let Some(users) = ahead {
        items = priced(items, &input.declared.prices, outlook, PriceNeed::Users(users));
    }
    let cost = match scope {
        Scope::Users(users) => cost::stated_cost(&input.roadmap, users as f64),
        Scope::Now | Scope::Phase(_) => assessment.cost.at_load.clone(),
    };
    Some(Plan {
        schema: PLAN_SCHEMA.to_owned(),
        generated_at: assessment.generated_at,
        tool_version: assessment.tool_version.clone(),
        simulated: assessment.simulated.clone(),
        profile: assessment.profile.clone(),
        verdict: assessment.verdict,
        scope,
        load: assessment.load.clone(),
        phase: target.map(planned),
        currency: input.roadmap.currency.clone(),
        milestones: on_the_way(input, scope, target),
        deployments: deployments(context, assessment.load.peak, scope),
        cost_change: change_cost::of_scope(&input.roadmap, assessment, cost.as_ref(), scope, target),
        cost,
        cost_by_phase: assessment.cost.by_phase.clone(),
        load_tests: input.roadmap.load_tests.iter().map(planned_test).collect(),
        recovery: input.roadmap.recovery.clone(),
        regions: input.roadmap.regions.clone(),
        failures: assessment.failures.clone(),
        limit_effects: Vec::new(),
        replica_effects: Vec::new(),
        unresolved: Vec::new(),
        reason: purpose(assessment, scope),
        items: in_order(items, headline),
    })
}

/// The phase whose band holds a load; below all bands the first, beyond all of them the last.
fn carrying(phases: &[Phase], users: u64) -> Option<&Phase> {
    let holding = phases.iter().find(|phase| phase.users.holds(users as f64));
    holding.or_else(|| phases.first().filter(|first| users < first.users.low())).or(phases.last())
}

/// The actions of a phase; what today's findings call for already keeps its reason and its date.
fn actions_of(
    input: &AssessmentInput,
    present: &[PlanItem],
    phase: &Phase,
    reason: &PlanReason,
) -> Vec<PlanItem> {
    let item = |action| {
        let added = PlanItem::action(input, action, reason.clone()).before(phase.users.low());
        let mut draft =
            Draft::with_items(present.iter().filter(|item| item.id == added.id).cloned().collect());
        draft.push(added);
        draft.into_items()
    };
    phase.actions.iter().flat_map(item).collect()
}

/// What a growing load asks for beyond today's plan: the expected bottlenecks up to it, and the actions of
/// every phase on the way.
fn grow(
    input: &AssessmentInput,
    assessment: &Assessment,
    users: u64,
    target: &Phase,
    items: &mut Vec<PlanItem>,
) {
    let mut draft = Draft::with_items(std::mem::take(items));
    for milestone in &input.roadmap.milestones {
        if is_due(milestone, users) {
            let reason = PlanReason::Expected {
                resource: milestone.resource,
                title: milestone.title.clone(),
                users: milestone.users,
            };
            draft.push(PlanItem::milestone(input, milestone, reason));
        }
    }
    *items = draft.into_items();
    let ahead = |phase: &&Phase| {
        let beyond_now = assessment.phase.current.is_none_or(|current| phase.number > current);
        beyond_now && phase.users.low() <= target.users.low()
    };
    for phase in input.roadmap.phases.iter().filter(ahead) {
        let reason = PlanReason::PhaseOnTheWay { phase: phase.number, begins: phase.users.low(), users };
        for item in actions_of(input, items, phase, &reason) {
            items.retain(|present| present.id != item.id);
            items.push(item);
        }
    }
}

/// Whether a load asks for the remedy of an expected bottleneck.
fn is_due(milestone: &Milestone, users: u64) -> bool {
    milestone.act_by_users.unwrap_or(milestone.users) <= users
}

fn planned(phase: &Phase) -> PlannedPhase {
    PlannedPhase {
        number: phase.number,
        title: phase.title.clone(),
        cost_per_month: phase.cost_per_month,
        horizon_months: phase.horizon_months,
        focus: phase.focus.clone(),
        learn: phase.learn.clone(),
        tools: phase.tools.clone(),
        result: phase.result.clone(),
        serves: phase.serves,
    }
}

fn planned_test(test: &LoadTest) -> PlannedLoadTest {
    PlannedLoadTest { id: test.id.clone(), purpose: test.purpose.clone(), frequency: test.frequency }
}

fn on_the_way(input: &AssessmentInput, scope: Scope, target: Option<&Phase>) -> Vec<PlannedMilestone> {
    let passed = |milestone: &&Milestone| match (scope, target) {
        (Scope::Users(users), _) => is_due(milestone, users),
        (Scope::Now | Scope::Phase(_), Some(phase)) => phase.users.holds(milestone.users as f64),
        (Scope::Now | Scope::Phase(_), None) => false,
    };
    let planned = |milestone: &Milestone| PlannedMilestone {
        users: milestone.users,
        act_by_users: milestone.act_by_users,
        resource: milestone.resource,
        title: milestone.title.clone(),
        impact: milestone.impact.clone(),
        risk: milestone.risk.clone(),
    };
    input.roadmap.milestones.iter().filter(passed).map(planned).collect()
}

fn deployments(context: &Context<'_>, today: Option<f64>, scope: Scope) -> Vec<DeploymentFit> {
    let carried = match scope {
        Scope::Now | Scope::Phase(_) => Carried::Today(today),
        Scope::Users(users) => Carried::Users { users: users as f64, today },
    };
    deployment::assess(context, carried)
}

fn purpose(assessment: &Assessment, scope: Scope) -> PlanPurpose {
    match scope {
        Scope::Now => PlanPurpose::Now {
            ranking: assessment.next_bottleneck_reason.clone(),
            next_bottleneck: assessment.next_bottleneck.as_ref().map(|next| next.reason.clone()),
            phase: assessment.phase.reason.clone(),
        },
        Scope::Phase(phase) => PlanPurpose::Phase { phase },
        Scope::Users(users) => PlanPurpose::Users { users, unit: assessment.load.unit.clone() },
    }
}
