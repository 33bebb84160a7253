//! The assessment: a roadmap and a snapshot become an [`Assessment`].
//!
//! Pure: no clock, file, socket or environment, and no way to fail. Absent evidence makes an outcome
//! unknown, never fine.

#![deny(clippy::disallowed_methods)]

mod arrivals;
mod assessment;
mod bottleneck;
mod budget;
mod cache;
mod computed;
mod condition;
mod context;
mod cost;
mod coverage;
mod decision;
mod deployment;
mod evaluation;
mod failure;
mod finding;
mod forecast;
mod limits;
mod llm_spend;
mod load;
mod load_part;
mod outcome;
mod outlook;
mod own_budget;
mod parallel;
mod peak_hour;
mod phase;
mod plan;
mod ranking;
mod reason;
mod saturation;
mod service_level;
mod sizing;
mod state;
mod stopped;
mod sustained;
mod upgrade;
mod user_cost;
mod verdict;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::{
    roadmap::{BilledMonth, Event, FactValue, FailureDomain, LlmBudget, Price, Roadmap, Silence, Thresholds},
    signal::{Signal, SignalId, catalog},
    snapshot::{Part, Snapshot, WhatIf},
};

pub use assessment::*;
pub use bottleneck::{
    ActBy, Bottleneck, Expectation, Grade, Interval, SaturationDate, ServiceLevel, Status, UnderLimit,
};
use context::{Context, in_context};
pub use cost::{Basis, Cost, Itemised, StatedCost, Tier};
pub use coverage::{called_for, how_to_read};
pub use decision::{ArchitectureCriterion, ArchitectureDecision, DecisionOutcome, Migration};
pub use deployment::{CapacityCheck, DeploymentFit};
use evaluation::LimitEvaluation;
pub use failure::{Failure, Gone, Moved, NotPlaced, Survivor};
pub use finding::{Finding, Kind};
pub use forecast::{
    AtUsers, FORECAST_SCHEMA, Forecast, ForecastLoad, ForecastResource, LimitAtUsers, LimitOutcome, PastDay,
    PhaseAhead, Point, forecast,
};
pub use limits::{LimitOrigin, SignalLimit, SignalLimits, headroom, is_exhausted, saturated_from};
pub use llm_spend::{LlmSpend, PhaseSpend, SpendBy, SpendRow};
pub use outcome::Outcome;
use outlook::Detail;
pub use outlook::{
    Assumptions, Day, EventAhead, EventShortage, Expected, ExpectedEvent, FARTHEST, Future, LoadOutlook,
    Outlook, Reached, ResourceOutlook, load_outlook, outlook,
};
pub use phase::{PhaseStanding, Trigger};
pub use plan::{
    ChangeCost, CostEnds, ItemPrice, KeptSetting, LimitEffect, PLAN_SCHEMA, Plan, PlanItem, PlannedLoadTest,
    PlannedMilestone, PlannedPhase, ReplicaEffect, ReplicaResource, Scope, StatedCostChange, WithReplicas,
    with_replicas,
};
pub use reason::*;
pub use saturation::lead_time;
pub use sizing::{Saving, StatedWorkers, WorkersNeeded};
pub use state::{Bucket, PastEvent, State};
pub use sustained::Sustained;
pub use upgrade::AssessmentError;
pub use user_cost::{MeasuredUserCost, PaidBasis, StatedUserCost, UserCost};
pub use verdict::{SilenceOutcome, SilenceState, Silenced, is_at_limit, is_sure};

/// What the measurements are compared with.
#[derive(Debug, Clone)]
pub struct AssessmentInput {
    /// The roadmap.
    pub roadmap: Roadmap,
    /// The SHA-256 of the roadmap's text, so that an assessment can be traced to it.
    pub digest: String,
    /// Limits where neither the project nor the roadmap names one.
    pub defaults: Thresholds,
    /// The project's own limits, which win over all others.
    pub overrides: Thresholds,
    /// What the team declares.
    pub declared: Declared,
}

/// What a team says about itself, because no server can.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// `[facts]`.
    pub facts: BTreeMap<String, FactValue>,
    /// Ids of actions that are done.
    pub done: BTreeSet<String>,
    /// The phase the installation is built for.
    pub phase: Option<u64>,
    /// Systems that this installation does not have.
    pub absent: BTreeSet<String>,
    /// Days that do not stand for the rest.
    pub events: Vec<Event>,
    /// Parts that may fail, of which the rest must hold the load.
    pub failure_domains: Vec<FailureDomain>,
    /// Parts of which somebody asks what is left without all of them; it changes no verdict.
    pub lost: Vec<Part>,
    /// Findings that are known until a day.
    pub silences: Vec<Silence>,
    /// Budgets for language models.
    pub llm_budgets: Vec<LlmBudget>,
    /// What more of a resource costs.
    pub prices: Vec<Price>,
    /// The newest whole month of the bill.
    pub billed: Option<BilledMonth>,
    /// Signals that the config maps to a query, and which are reported missing when they cannot be read.
    pub named: BTreeSet<SignalId>,
}

impl Declared {
    /// The facts that are numbers.
    pub fn numbers(&self) -> BTreeMap<String, f64> {
        let number = |(name, value): (&String, &FactValue)| match value {
            FactValue::Number(number) => Some((name.clone(), number.value())),
            FactValue::Flag(_) | FactValue::Text(_) => None,
        };
        self.facts.iter().filter_map(number).collect()
    }

    /// The events that have begun. What is still to come stands for nothing in the past.
    fn past_events(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.from <= now.date_naive())
    }
}

/// The events with days in what was read.
fn events_left_out(context: &Context<'_>) -> Vec<Event> {
    let snapshot = context.snapshot;
    let day = |at_ms| DateTime::from_timestamp_millis(at_ms).map(|at| at.date_naive());
    let is_in = |event: &&Event| {
        snapshot.history.iter().chain(&snapshot.observations).any(|past| {
            let (last_ms, _) = past.values.last();
            let (first, last) = (day(past.values.first_ms()), day(last_ms));
            first.is_some_and(|first| first <= event.until) && last.is_some_and(|last| event.from <= last)
        })
    };
    context.input.declared.past_events(snapshot.taken_at).filter(is_in).cloned().collect()
}

/// Compares a snapshot with an input. The snapshot's time counts as now.
pub fn assess(input: &AssessmentInput, snapshot: &Snapshot) -> Assessment {
    in_context(input, snapshot, |context, evaluations| {
        evaluate(context, evaluations, Assumptions::default(), Detail::Dates).0
    })
}

/// What to do, for a scope; `None` when the roadmap has no such phase.
pub fn plan(input: &AssessmentInput, snapshot: &Snapshot, scope: Scope) -> Option<Plan> {
    let assumptions = Assumptions { users: scope.users(&input.roadmap), ..Assumptions::default() };
    in_context(input, snapshot, |context, evaluations| {
        let (assessment, outlook) = evaluate(context, evaluations, assumptions, Detail::Dates);
        plan::what_if(context, &assessment, &outlook, scope)
    })
}

/// What to do under other limits or with other numbers of replicas, and what those do; `None` when the roadmap has no such
/// phase.
///
/// `replicas` is `present` with other numbers of replicas, and `assumed` is that with other limits.
pub fn plan_what_if(
    input: &AssessmentInput,
    present: &Snapshot,
    replicas: &WithReplicas,
    assumed: &WhatIf,
    scope: Scope,
) -> Option<Plan> {
    let now = assess(input, present);
    let assumptions = Assumptions { users: scope.users(&input.roadmap), ..Assumptions::default() };
    in_context(input, &assumed.snapshot, |context, evaluations| {
        let (then, outlook) = evaluate(context, evaluations, assumptions, Detail::Dates);
        let limit_effects = plan::limit_effects(&assumed.changes, &input.declared.prices, &now, &then);
        let replica_effects = plan::replica_effects(replicas, &now, &then);
        Some(Plan { limit_effects, replica_effects, ..plan::what_if(context, &then, &outlook, scope)? })
    })
}

/// The assessment and the forecast of one snapshot, which rest on the same futures.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The state of the system.
    pub assessment: Assessment,
    /// How load and resources develop.
    pub forecast: Forecast,
    /// The futures themselves.
    pub outlook: Outlook,
    /// Instances of signals that are beyond their limits by design: the memory of a cache.
    pub exempt: BTreeSet<(SignalId, Option<String>)>,
    /// Budgets that are judged by their reset, so that of their limits the end alone counts.
    pub judged_by_reset: BTreeSet<(SignalId, Option<String>)>,
}

/// Assessment and forecast at once.
pub fn survey(input: &AssessmentInput, snapshot: &Snapshot, assumptions: Assumptions) -> Survey {
    in_context(input, snapshot, |context, evaluations| {
        let exempt = cache::exempt(&evaluations);
        let judged_by_reset = budget::judged_by_reset(&evaluations);
        let (assessment, outlook) = evaluate(context, evaluations, assumptions, Detail::Bands);
        let forecast = forecast::compose(context, &assessment, &outlook, assumptions);
        Survey { assessment, forecast, outlook, exempt, judged_by_reset }
    })
}

/// The signals whose past is needed: the load, what it can be estimated from, what fills up, and what is spent.
pub fn continued(roadmap: &Roadmap) -> BTreeSet<SignalId> {
    let load = &roadmap.load;
    let estimates = load::estimates(load).into_iter().map(|estimate| estimate.signal);
    let filling = catalog().signals().filter(|signal| signal.driven_by.is_some()).map(Signal::id);
    let spend = llm_spend::SIGNALS.into_iter().filter_map(SignalId::find);
    [load.signal].into_iter().chain(estimates).chain(filling).chain(spend).collect()
}

fn evaluate(
    context: &Context<'_>,
    evaluations: Vec<LimitEvaluation<'_>>,
    assumptions: Assumptions,
    detail: Detail,
) -> (Assessment, Outlook) {
    let (input, snapshot) = (context.input, context.snapshot);
    let load = load::assess(context);
    let outlook = outlook::assess(context, &evaluations, assumptions, detail);
    let load = load::with_forecast(load, &outlook);
    let ranking = ranking::assess(context, &evaluations, &outlook);
    let failures = failure::assess(context, &evaluations, &outlook, &ranking.bottlenecks, assumptions);
    let findings = finding::assess(context, &evaluations, &ranking, &failures);
    let service_levels = service_level::assess(&evaluations);
    // Of thousands of instances they are large, and all that follows goes by what was made of them.
    drop(evaluations);
    let phase = phase::assess(context, &load, &outlook);
    let decisions = decision::assess(context);
    let deployments = deployment::assess(context, deployment::Carried::Today(load.peak));
    let cost = cost::assess(context, &load, &phase);
    let llm_spend = llm_spend::assess(context, &load);
    let architecture = decision::architecture(context, &load);
    let workers = sizing::workers(context);
    let savings = sizing::savings(context);
    let plan = plan::assess(context, &ranking, &decisions, &phase, &findings, &failures);
    let plan = plan::priced(plan, &input.declared.prices, &outlook, plan::PriceNeed::Expected);
    let silenced = verdict::silenced(&input.declared.silences, &findings, snapshot);
    let coverage = coverage::assess(context);
    let roadmap = &input.roadmap;
    let assessment = Assessment {
        schema: SCHEMA.to_owned(),
        generated_at: snapshot.taken_at,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        simulated: snapshot.simulated.clone(),
        definitions: snapshot.definitions.clone(),
        verdict: verdict::overall(&findings, snapshot),
        silenced,
        profile: Profile {
            id: roadmap.id.clone(),
            title: roadmap.title.clone(),
            roadmap: roadmap.roadmap.clone(),
            digest: input.digest.clone(),
        },
        window: snapshot.window,
        load,
        events_left_out: events_left_out(context),
        events_ahead: outlook::expected_events(&outlook),
        coverage,
        phase,
        next_bottleneck: ranking.next,
        next_bottleneck_reason: ranking.reason,
        bottlenecks: ranking.bottlenecks,
        failures,
        service_levels,
        deployments,
        cost,
        llm_spend,
        workers,
        savings,
        findings,
        decisions,
        architecture,
        plan,
        outside_roadmap: verdict::outside_roadmap(snapshot),
    };
    (assessment, outlook)
}

#[cfg(test)]
mod tests;
