//! What to do: the actions that relieve what presses, first things first.

mod item;
mod supposed;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    Bottleneck, Context, DecisionOutcome, Finding, Outcome, PhaseStanding, Verdict, bottleneck::Ranking,
};
use crate::{
    roadmap::{Action, Decision},
    signal::ResourceId,
};

pub use item::PlanItem;
use item::push;
pub(super) use supposed::supposed;
pub use supposed::{PLAN_SCHEMA, Plan, PlannedLoadTest, PlannedMilestone, PlannedPhase, Scope};

/// Puts the plan together from what presses, from the decisions that are due, from the playbooks whose symptom
/// is seen, and from the recommended phase. An action that relieves everything a decision would relieve stands for it.
pub(super) fn assess(
    context: &Context<'_>,
    ranking: &Ranking,
    decisions: &[DecisionOutcome],
    phase: &PhaseStanding,
    findings: &[Finding],
) -> Vec<PlanItem> {
    let mut items: Vec<PlanItem> = Vec::new();
    let foreseen = |one: &Bottleneck| one.act_by.as_ref().is_some_and(|act_by| act_by.date.is_some());
    for bottleneck in
        ranking.bottlenecks.iter().filter(|one| one.verdict >= Verdict::Warning || foreseen(one))
    {
        relieve(context, bottleneck, phase, &mut items);
    }
    for (decision, outcome) in context.input.roadmap.decisions.iter().zip(decisions) {
        if outcome.verdict == Outcome::True {
            decide(context, decision, outcome, &mut items);
        }
    }
    remedy(context, findings, &mut items);
    prepare(context, phase, &mut items);
    items.sort_by(PlanItem::order);
    items
}

/// The roadmap's remedies for one resource: its milestone's solution and the actions that relieve it.
fn relieve(context: &Context<'_>, bottleneck: &Bottleneck, phase: &PhaseStanding, items: &mut Vec<PlanItem>) {
    let roadmap = &context.input.roadmap;
    let resource = bottleneck.resource;
    let start = start(context, bottleneck);
    if let Some(milestone) = roadmap.milestones.iter().find(|milestone| milestone.resource == resource) {
        let item = PlanItem::milestone(context.input, milestone, &bottleneck.because);
        push(items, item.started_by(start));
    }
    let now = phase.recommended.max(phase.current).unwrap_or(0);
    let is_done = |action: &Action| context.input.declared.done.contains(&action.id);
    let relieving = || {
        roadmap
            .phases
            .iter()
            .flat_map(|one| one.actions.iter().map(move |action| (one.number, action)))
            .filter(|(_, action)| action.relieves.contains(&resource))
    };
    // Remedies of the phases up to the recommended one; failing those, the nearest later ones.
    let due: Vec<_> = relieving().filter(|(number, _)| *number <= now).collect();
    let open = due.iter().any(|(_, action)| !is_done(action));
    let nearest =
        relieving().find(|(number, action)| *number > now && !is_done(action)).map(|(number, _)| number);
    let later = relieving().filter(|(number, _)| !open && Some(*number) == nearest);
    let because = format!("{}: {}", resource.entry().title, bottleneck.because);
    for (_, action) in due.into_iter().chain(later) {
        let item = PlanItem::action(context.input, action, &because);
        push(items, item.started_by(start));
    }
}

/// What is critical begins at once; what is foreseen begins by its date, or at once where that has passed; what merely
/// is beyond its warning limit begins at once, because nobody knows how long there is.
fn start(context: &Context<'_>, bottleneck: &Bottleneck) -> DateTime<Utc> {
    let now = context.snapshot.taken_at;
    let date = bottleneck.act_by.as_ref().and_then(|act_by| act_by.date);
    date.filter(|_| bottleneck.verdict < Verdict::Critical).map_or(now, |date| date.max(now))
}

fn decide(context: &Context<'_>, decision: &Decision, outcome: &DecisionOutcome, items: &mut Vec<PlanItem>) {
    let because = format!("decision {}: {}", decision.id, outcome.because);
    let relieves: BTreeSet<ResourceId> = decision.relieves.iter().copied().collect();
    let covers = |item: &&mut PlanItem| {
        !item.done && !relieves.is_empty() && relieves.iter().all(|resource| item.relieves.contains(resource))
    };
    if let Some(item) = items.iter_mut().find(covers) {
        item.because = format!("{}; {because}", item.because);
        return;
    }
    let item = PlanItem::decision(context.input, decision, &because);
    push(items, item.started_by(context.snapshot.taken_at));
}

/// The playbooks whose symptom is seen.
fn remedy(context: &Context<'_>, findings: &[Finding], items: &mut Vec<PlanItem>) {
    for playbook in &context.input.roadmap.playbooks {
        let id = format!("playbook:{}", playbook.id);
        let seen = findings.iter().find(|finding| finding.id == id && finding.verdict == Verdict::Warning);
        if let Some(seen) = seen {
            let item = PlanItem::playbook(context.input, playbook, &seen.because);
            push(items, item.started_by(context.snapshot.taken_at));
        }
    }
}

/// The actions of a recommended phase that the system is not in yet.
fn prepare(context: &Context<'_>, phase: &PhaseStanding, items: &mut Vec<PlanItem>) {
    if phase.recommended == phase.current {
        return;
    }
    let phases = context.input.roadmap.phases.iter();
    for recommended in phases.filter(|one| Some(one.number) == phase.recommended) {
        let because = format!("phase {} is recommended: {}", recommended.number, phase.because);
        for action in &recommended.actions {
            let item = PlanItem::action(context.input, action, &because);
            push(items, item.before(recommended.users.low()));
        }
    }
}
