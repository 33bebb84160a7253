//! What to do: the actions that relieve what presses, first things first.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    Bottleneck, Context, DecisionOutcome, Outcome, PhaseStanding, PlanItem, Verdict, bottleneck::Ranking,
};
use crate::{
    roadmap::{Action, Decision, Milestone, Priority},
    signal::ResourceId,
};

/// Puts the plan together from what presses, from the decisions that are due, and from the recommended
/// phase. An action that relieves everything a decision would relieve stands for it.
pub(super) fn assess(
    context: &Context<'_>,
    ranking: &Ranking,
    decisions: &[DecisionOutcome],
    phase: &PhaseStanding,
) -> Vec<PlanItem> {
    let mut items: Vec<PlanItem> = Vec::new();
    for bottleneck in ranking.bottlenecks.iter().filter(|one| one.verdict >= Verdict::Warning) {
        relieve(context, bottleneck, phase, &mut items);
    }
    for (decision, outcome) in context.framework.roadmap.decisions.iter().zip(decisions) {
        if outcome.verdict == Outcome::True {
            decide(context, decision, outcome, &mut items);
        }
    }
    prepare(context, phase, &mut items);
    items.sort_by(|a, b| {
        let when = |item: &PlanItem| item.start_by.unwrap_or(DateTime::<Utc>::MAX_UTC);
        (a.done, when(a), a.priority).cmp(&(b.done, when(b), b.priority))
    });
    items
}

/// The roadmap's remedies for one resource: its milestone's solution and the actions that relieve it.
fn relieve(context: &Context<'_>, bottleneck: &Bottleneck, phase: &PhaseStanding, items: &mut Vec<PlanItem>) {
    let roadmap = &context.framework.roadmap;
    let resource = bottleneck.resource;
    if let Some(milestone) = roadmap.milestones.iter().find(|milestone| milestone.resource == resource) {
        push(items, milestone_item(context, milestone, &bottleneck.because));
    }
    let now = phase.recommended.max(phase.current).unwrap_or(0);
    let is_done = |action: &Action| context.framework.declared.done.contains(&action.id);
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
        push(items, action_item(context, action, Some(context.snapshot.taken_at), &because));
    }
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
    push(
        items,
        PlanItem {
            id: decision.id.clone(),
            title: decision.action.clone(),
            component: None,
            // Decisions have no priority of their own, as little as actions without one.
            priority: Priority::Medium,
            relieves: decision.relieves.clone(),
            effort: None,
            timeline: Some(decision.timeline),
            start_by: Some(context.snapshot.taken_at),
            cost_per_month: None,
            steps: Vec::new(),
            because,
            done: context.framework.declared.done.contains(&decision.id),
        },
    );
}

/// The actions of a recommended phase that the system is not in yet.
fn prepare(context: &Context<'_>, phase: &PhaseStanding, items: &mut Vec<PlanItem>) {
    if phase.recommended == phase.current {
        return;
    }
    let phases = context.framework.roadmap.phases.iter();
    for recommended in phases.filter(|one| Some(one.number) == phase.recommended) {
        let because = format!("phase {} is recommended: {}", recommended.number, phase.because);
        for action in &recommended.actions {
            push(items, action_item(context, action, None, &because));
        }
    }
}

fn action_item(
    context: &Context<'_>,
    action: &Action,
    start_by: Option<DateTime<Utc>>,
    because: &str,
) -> PlanItem {
    PlanItem {
        id: action.id.clone(),
        title: action.title.clone(),
        component: Some(action.component.clone()),
        priority: action.priority,
        relieves: action.relieves.clone(),
        effort: action.duration(),
        timeline: None,
        start_by,
        cost_per_month: None,
        steps: action.steps.clone(),
        because: because.to_owned(),
        done: context.framework.declared.done.contains(&action.id),
    }
}

fn milestone_item(context: &Context<'_>, milestone: &Milestone, because: &str) -> PlanItem {
    let id = format!("milestone-{}", milestone.users);
    PlanItem {
        done: context.framework.declared.done.contains(&id),
        id,
        title: milestone.solution.clone(),
        component: None,
        priority: Priority::High,
        relieves: vec![milestone.resource],
        effort: Some(milestone.effort),
        timeline: None,
        start_by: Some(context.snapshot.taken_at),
        cost_per_month: Some(milestone.cost_per_month),
        steps: milestone.options.clone(),
        because: format!("{}: {because}", milestone.resource.entry().title),
    }
}

/// Adds an item, or its reason to the same item that is there already.
fn push(items: &mut Vec<PlanItem>, item: PlanItem) {
    match items.iter_mut().find(|present| present.id == item.id) {
        Some(present) => {
            if !present.because.contains(&item.because) {
                present.because = format!("{}; {}", present.because, item.because);
            }
            present.start_by = present.start_by.or(item.start_by);
        }
        None => items.push(item),
    }
}
