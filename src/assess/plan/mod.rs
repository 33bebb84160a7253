//! What to do: the actions that relieve what is urgent, first things first.

mod change_cost;
mod draft;
mod effect;
mod item;
mod remedies;
mod settings;
mod what_if;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    Bottleneck, Context, DecisionOutcome, Failure, Finding, LimitOutcome, Outcome, PhaseStanding, PlanReason,
    Verdict, ranking::Ranking,
};
use crate::{
    roadmap::{Action, Decision, Timeline},
    signal::ResourceId,
};

pub use change_cost::{ChangeCost, CostEnds, StatedCostChange};
use draft::{Call, Draft};
pub use effect::{LimitEffect, ReplicaEffect, ReplicaResource, WithReplicas, with_replicas};
pub(super) use effect::{limit_effects, replica_effects};
use item::milestone_id;
pub use item::{ItemPrice, PlanItem};
pub(super) use item::{PriceNeed, priced};
use remedies::Remedy;
pub use settings::KeptSetting;
pub(super) use what_if::what_if;
pub use what_if::{PLAN_SCHEMA, Plan, PlannedLoadTest, PlannedMilestone, PlannedPhase, Scope};

/// Puts the plan together from urgent resources, from the decisions that are due, from the playbooks whose symptom is
/// seen, and from the recommended phase. An action that relieves everything a decision would relieve replaces it.
pub(super) fn assess(
    context: &Context<'_>,
    ranking: &Ranking,
    decisions: &[DecisionOutcome],
    phase: &PhaseStanding,
    findings: &[Finding],
    failures: &[Failure],
) -> Vec<PlanItem> {
    let mut draft = Draft::default();
    let is_dated =
        |bottleneck: &Bottleneck| bottleneck.act_by.as_ref().is_some_and(|act_by| act_by.date.is_some());
    let is_urgent = |bottleneck: &&Bottleneck| bottleneck.verdict >= Verdict::Warning || is_dated(bottleneck);
    for bottleneck in ranking.bottlenecks.iter().filter(is_urgent) {
        mend(context, bottleneck, &mut draft);
        relieve(context, &Need::of(context, bottleneck), phase, &mut draft);
    }
    for level in ranking.unexplained.iter().filter(is_urgent) {
        mend(context, level, &mut draft);
        relieve(context, &Need::of(context, level), phase, &mut draft);
    }
    for need in lacking_after_a_loss(context, failures) {
        relieve(context, &need, phase, &mut draft);
    }
    for (decision, outcome) in context.input.roadmap.decisions.iter().zip(decisions) {
        if outcome.verdict == Outcome::True {
            decide(context, decision, outcome, &mut draft);
        }
    }
    remedy(context, findings, &mut draft);
    prepare(context, phase, &mut draft);
    let items = in_order(draft.into_items(), ranking.next.as_ref());
    items.into_iter().map(|item| settings::fit(context, item)).collect()
}

/// First things first: what mends the headline is not behind what was due anyway.
fn in_order(mut items: Vec<PlanItem>, headline: Option<&Bottleneck>) -> Vec<PlanItem> {
    items.sort_by(PlanItem::order);
    let remedy = headline.and_then(remedies::of).map(Remedy::id);
    items.sort_by_key(|item| Some(item.id.as_str()) != remedy);
    items
}

/// Whether an item is the remedy of the headline.
fn mends(item: &PlanItem, headline: Option<&Bottleneck>) -> bool {
    headline.and_then(remedies::of).is_some_and(|remedy| remedy.id() == item.id)
}

/// The remedy of a service level that no resource explains, whose cause has to be found before anything is scaled; or that
/// of a resource which has one of its own.
fn mend(context: &Context<'_>, level: &Bottleneck, draft: &mut Draft) {
    if let Some(remedy) = remedies::of(level) {
        let resource = level.resource;
        let reason = PlanReason::Relieves { resource, reason: level.reason.clone() };
        let call = Call { reason, start_by: Some(start(context, level)), act_by_users: None };
        draft.call_for(remedy.id(), call, |reason| remedy.item(context.input, reason));
    }
}

/// A resource that there must be more of.
struct Need {
    resource: ResourceId,
    reason: PlanReason,
    start: DateTime<Utc>,
    /// Whether something relieves it that no roadmap names.
    has_remedy: bool,
}

impl Need {
    fn of(context: &Context<'_>, bottleneck: &Bottleneck) -> Self {
        let resource = bottleneck.resource;
        Self {
            resource,
            reason: PlanReason::Relieves { resource, reason: bottleneck.reason.clone() },
            start: start(context, bottleneck),
            has_remedy: remedies::of(bottleneck).is_some(),
        }
    }
}

/// What saturates without a part of the system that the settings want to do without. Nobody knows when that part fails.
fn lacking_after_a_loss(context: &Context<'_>, failures: &[Failure]) -> Vec<Need> {
    let required = failures.iter().filter(|failure| failure.is_required);
    let lacking = required.flat_map(|failure| {
        let saturated = failure.survivors.iter().filter(|survivor| survivor.saturates == LimitOutcome::Yes);
        let resources: BTreeSet<ResourceId> = saturated.map(|survivor| survivor.resource).collect();
        resources.into_iter().map(|resource| Need {
            resource,
            reason: PlanReason::SaturatesWithout { resource, lost: failure.lost.clone() },
            start: context.snapshot.taken_at,
            has_remedy: false,
        })
    });
    lacking.collect()
}

/// The roadmap's remedies for one resource: its milestone's solution and the actions that relieve it.
fn relieve(context: &Context<'_>, need: &Need, phase: &PhaseStanding, draft: &mut Draft) {
    let roadmap = &context.input.roadmap;
    let resource = need.resource;
    let call = |act_by_users| Call { reason: need.reason.clone(), start_by: Some(need.start), act_by_users };
    if let Some(milestone) = roadmap.milestone_of(resource) {
        draft.call_for(&milestone_id(milestone), call(milestone.act_by_users), |reason| {
            let item = PlanItem::milestone(context.input, milestone, reason);
            let further = (milestone.resource != resource).then_some(resource);
            PlanItem { relieves: item.relieves.iter().copied().chain(further).collect(), ..item }
        });
    }
    let now = phase.recommended.max(phase.current).unwrap_or(0);
    let is_done = |action: &Action| context.input.declared.done.contains(&action.id);
    let relieving = || {
        roadmap
            .phases
            .iter()
            .flat_map(|phase| phase.actions.iter().map(move |action| (phase.number, action)))
            .filter(|(_, action)| action.relieves.contains(&resource))
    };
    // Remedies of the phases up to the recommended one; failing those, the nearest later ones, unless there is another
    // remedy already.
    let due: Vec<_> = relieving().filter(|(number, _)| *number <= now).collect();
    let open = need.has_remedy || due.iter().any(|(_, action)| !is_done(action));
    let nearest =
        relieving().find(|(number, action)| *number > now && !is_done(action)).map(|(number, _)| number);
    let later = relieving().filter(|(number, _)| !open && Some(*number) == nearest);
    for (_, action) in due.into_iter().chain(later) {
        draft.call_for(&action.id, call(None), |reason| PlanItem::action(context.input, action, reason));
    }
}

/// What is critical begins at once; what is foreseen begins by its date, or at once where that has passed; what is
/// merely beyond its warning limit begins at once, because the time left is unknown.
fn start(context: &Context<'_>, bottleneck: &Bottleneck) -> DateTime<Utc> {
    let now = context.snapshot.taken_at;
    let date = bottleneck.act_by.as_ref().and_then(|act_by| act_by.date);
    date.filter(|_| bottleneck.verdict < Verdict::Critical).map_or(now, |date| date.max(now))
}

fn decide(context: &Context<'_>, decision: &Decision, outcome: &DecisionOutcome, draft: &mut Draft) {
    let reason = PlanReason::Decision { id: decision.id.clone(), reason: outcome.reason.clone() };
    let relieves: BTreeSet<ResourceId> = decision.relieves.iter().copied().collect();
    let covers = |item: &PlanItem| {
        !item.done && !relieves.is_empty() && relieves.iter().all(|resource| item.relieves.contains(resource))
    };
    if let Some(place) = draft.position(covers) {
        return draft.add_reason(place, reason);
    }
    let item = PlanItem::decision(context.input, decision, reason);
    // What takes longer than a month does not fix what is wrong today: it is no matter of starting at once.
    let helps = !matches!(decision.timeline, Timeline::Months | Timeline::Quarters);
    draft.push(if helps { item.started_by(context.snapshot.taken_at) } else { item });
}

/// The playbooks whose symptom is seen.
fn remedy(context: &Context<'_>, findings: &[Finding], draft: &mut Draft) {
    for playbook in &context.input.roadmap.playbooks {
        let id = format!("playbook:{}", playbook.id);
        let seen = findings.iter().find(|finding| finding.id == id && finding.verdict == Verdict::Warning);
        if let Some(seen) = seen {
            let reason = PlanReason::Playbook { reason: seen.reason.clone() };
            let item = PlanItem::playbook(context.input, playbook, reason);
            draft.push(item.started_by(context.snapshot.taken_at));
        }
    }
}

/// The actions of a recommended phase that the system is not in yet.
fn prepare(context: &Context<'_>, phase: &PhaseStanding, draft: &mut Draft) {
    if phase.recommended == phase.current {
        return;
    }
    let phases = context.input.roadmap.phases.iter();
    for recommended in phases.filter(|candidate| Some(candidate.number) == phase.recommended) {
        for action in &recommended.actions {
            let reason =
                PlanReason::PhaseRecommended { phase: recommended.number, reason: phase.reason.clone() };
            let item = PlanItem::action(context.input, action, reason);
            draft.push(item.before(recommended.users.low()));
        }
    }
}
