//! The judgement: a roadmap and a snapshot become an assessment.
//!
//! Pure: no clock, file, socket or environment, and no way to fail. Absent evidence makes an outcome
//! unknown, never fine.

#![deny(clippy::disallowed_methods)]

mod architecture;
mod assessment;
mod bottleneck;
mod busy;
mod cache;
mod computed;
mod condition;
mod cost;
mod coverage;
mod decision;
mod deployment;
mod elasticity;
mod evidence;
mod finding;
mod forecast;
mod limits;
mod load;
mod outcome;
mod outlook;
mod phase;
mod plan;
mod reading;
mod saturation;
mod saving;
mod stated_cost;
mod survey;
mod sustained;
mod symptom;
mod workers;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    roadmap::{FactValue, Roadmap, Thresholds},
    signal::{Signal, SignalId, catalog},
    snapshot::{Exhausted, Gap, Observation, Snapshot},
};

pub use architecture::{ArchitectureDecision, Migration, Reason};
pub use assessment::*;
pub use coverage::{called_for, how_to_read};
pub use deployment::DeploymentFit;
pub use forecast::{
    AtUsers, FORECAST_SCHEMA, Forecast, ForecastLoad, ForecastResource, LimitAtUsers, LimitOutcome, PastDay,
    PhaseAhead, Point, forecast,
};
pub use limits::{LimitOf, LimitsOf, headroom, is_used_up};
pub use outcome::Outcome;
pub use outlook::{
    Assumptions, Day, FARTHEST, Future, LoadOutlook, Outlook, Reached, ResourceOutlook, load_outlook, outlook,
};
pub use plan::{PLAN_SCHEMA, Plan, PlanItem, PlannedLoadTest, PlannedMilestone, PlannedPhase, Scope};
pub use saving::Saving;
pub use stated_cost::{Basis, Itemised, StatedCost};
pub use survey::{Survey, survey};
pub use workers::WorkersNeeded;

/// What the measurements are held against.
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

/// What a team says about itself, because no server can tell.
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
    /// Signals that the settings say where to read, and which are missed when they cannot be.
    pub named: BTreeSet<SignalId>,
}

/// Holds a snapshot against an input. The snapshot's time counts as now.
pub fn assess(input: &AssessmentInput, snapshot: &Snapshot) -> Assessment {
    in_context(input, snapshot, |context| judge(context, Assumptions::default()).0)
}

/// What to do, for a scope; `None` when the roadmap has no such phase.
pub fn plan(input: &AssessmentInput, snapshot: &Snapshot, scope: Scope) -> Option<Plan> {
    in_context(input, snapshot, |context| {
        plan::supposed(context, &judge(context, Assumptions::default()).0, scope)
    })
}

/// The signals whose past forecasts need: the load, what it can be told from, and what fills up.
pub fn continued(roadmap: &Roadmap) -> BTreeSet<SignalId> {
    let load = &roadmap.load;
    let ways = load::ways(load).into_iter().map(|way| way.signal);
    let filling = catalog().signals().filter(|signal| signal.driven_by.is_some()).map(Signal::id);
    [load.signal].into_iter().chain(ways).chain(filling).collect()
}

/// Looks at a snapshot together with what can be computed from it.
fn in_context<T>(input: &AssessmentInput, snapshot: &Snapshot, look: impl FnOnce(&Context<'_>) -> T) -> T {
    let mut derived = recent(snapshot);
    derived.extend(load::estimate(input, snapshot));
    derived.extend(computed::assess(&Context::new(input, snapshot, &derived)));
    look(&Context::new(input, snapshot, &derived))
}

fn readings<'a>(context: &Context<'a>) -> Vec<reading::LimitEvaluation<'a>> {
    let mut readings = reading::assess(context);
    cache::judge_by_effect(&mut readings);
    readings
}

fn judge(context: &Context<'_>, assumptions: Assumptions) -> (Assessment, Outlook) {
    let (input, snapshot) = (context.input, context.snapshot);
    let load = load::assess(context);
    let readings = readings(context);
    let outlook = outlook::assess(context, &readings, assumptions);
    let load = load::foretell(load, &outlook);
    let ranking = bottleneck::assess(context, &readings, &outlook);
    let findings = finding::assess(context, &readings, &ranking);
    let phase = phase::assess(context, &load, &outlook);
    let decisions = decision::assess(context);
    let deployments = deployment::assess(context, deployment::Carried::Today(load.peak));
    let cost = cost::assess(context, &load, &phase);
    let architecture = architecture::assess(context, &load);
    let workers = workers::assess(context);
    let savings = saving::assess(context);
    let plan = plan::assess(context, &ranking, &decisions, &phase, &findings);
    let coverage = coverage::assess(context);
    let roadmap = &input.roadmap;
    let assessment = Assessment {
        schema: SCHEMA.to_owned(),
        generated_at: snapshot.taken_at,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        simulated: snapshot.simulated.clone(),
        verdict: finding::verdict(&findings),
        profile: Profile {
            id: roadmap.id.clone(),
            title: roadmap.title.clone(),
            roadmap: roadmap.roadmap.clone(),
            digest: input.digest.clone(),
        },
        window: snapshot.window,
        load,
        coverage,
        phase,
        next_bottleneck: ranking.next,
        next_bottleneck_because: ranking.because,
        bottlenecks: ranking.bottlenecks,
        deployments,
        cost,
        workers,
        savings,
        findings,
        decisions,
        architecture,
        plan,
    };
    (assessment, outlook)
}

/// What every part of the judgement looks at, in an order that does not depend on the snapshot's.
#[derive(Debug)]
struct Context<'a> {
    input: &'a AssessmentInput,
    snapshot: &'a Snapshot,
    /// What was measured, what was computed from it, and the load where it could only be estimated.
    observations: Vec<&'a Observation>,
    gaps: Vec<&'a Gap>,
    exhausted: Vec<&'a Exhausted>,
}

impl<'a> Context<'a> {
    /// `derived` takes the place of what reaches back beyond the window and of a load that nobody measured.
    fn new(input: &'a AssessmentInput, snapshot: &'a Snapshot, derived: &'a [Observation]) -> Self {
        let present = snapshot.observations.iter().filter(|one| !reaches_back(snapshot, one));
        let mut observations: Vec<_> = present.chain(derived).collect();
        observations.retain(|one| !stands_aside(snapshot, one));
        observations
            .sort_by(|a, b| (a.signal, &a.instance, &a.origin).cmp(&(b.signal, &b.instance, &b.origin)));
        let mut gaps: Vec<_> = snapshot.gaps.iter().collect();
        gaps.sort();
        let mut exhausted: Vec<_> = snapshot.exhausted.iter().collect();
        exhausted
            .sort_by(|a, b| (a.resource, &a.source, &a.message).cmp(&(b.resource, &b.source, &b.message)));
        Self { input, snapshot, observations, gaps, exhausted }
    }
}

/// Whether some samples are older than the window: business figures are kept for years.
fn reaches_back(snapshot: &Snapshot, observation: &Observation) -> bool {
    observation.values.first_ms() < snapshot.window.from.timestamp_millis()
}

/// What reaches back beyond the window, cut to the window or, where nothing is in it, to the newest sample.
fn recent(snapshot: &Snapshot) -> Vec<Observation> {
    let from = snapshot.window.from.timestamp_millis();
    let old = snapshot.observations.iter().filter(|one| reaches_back(snapshot, one));
    old.map(|one| Observation { values: one.values.since(from), ..one.clone() }).collect()
}

/// The machine this program runs on stands aside where a server knows hosts by name: it need not be one of
/// them.
fn stands_aside(snapshot: &Snapshot, observation: &Observation) -> bool {
    const THIS_MACHINE: &str = "host";
    let named =
        |other: &Observation| other.signal == observation.signal && other.origin.source != THIS_MACHINE;
    observation.origin.source == THIS_MACHINE && snapshot.observations.iter().any(named)
}

#[cfg(test)]
mod tests;
