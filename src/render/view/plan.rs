//! The plan, and each thing to do as a step of a document.

use chrono::{DateTime, Utc};

use super::facts::{cost_at_load, deployment, failures, user_costs};
use crate::{
    assess::{Plan, PlanItem, PlannedLoadTest, PlannedMilestone, Scope, UserCost, Verdict},
    render::{
        count,
        document::{Block, Document, Fact, Section, Step, Text, Tone},
        format::{effort, money_range, short},
        reason,
    },
    roadmap::{Amount, Figure, Frequency, Range, Recovery},
};

/// The plan as a page.
pub fn plan_document(plan: &Plan) -> Document {
    let mut summary =
        vec![Block::Lead { tone: plan.verdict.into(), sentences: vec![reason::purpose(plan).into()] }];
    summary.extend(Block::facts(facts(plan)));
    let steps = plan.items.iter().map(|item| step(item, &plan.currency, plan.generated_at)).collect();
    let steps = Block::steps(steps).unwrap_or_else(|| Block::paragraph("Nothing to do."));
    let mut sections = vec![Section::untitled("summary", summary), Section::new("plan", "Plan", vec![steps])];
    let advice = Block::facts(advice(plan));
    sections.extend(advice.map(|advice| Section::new("advice", "From the roadmap", vec![advice])));
    Document {
        title: format!("What to do {}", scope(plan.scope, &plan.load.unit)).into(),
        tone: plan.verdict.into(),
        subtitle: format!("{} · {}", plan.profile.id, plan.generated_at.format("%-d %b %Y %H:%M UTC")),
        simulated: plan.simulated.clone(),
        sections,
        footer: format!("scale-advisor {}", plan.tool_version),
        ..Document::default()
    }
}

fn facts(plan: &Plan) -> Vec<Fact> {
    let load = match plan.load.peak {
        Some(peak) => format!("{} {} at the peak hour", count(peak), plan.load.unit),
        None => format!("unknown: {}", reason::load(&plan.load.reason)),
    };
    let mut facts = vec![Fact::new("Load", load)];
    facts.extend(plan.phase.as_ref().map(|phase| {
        let cost = phase.cost_per_month.as_ref().map(|cost| money_range(&plan.currency, cost));
        let cost = cost.map(|cost| format!(", {cost} a month")).unwrap_or_default();
        Fact::new("Phase", format!("{} ({}){cost}", phase.number, phase.title))
    }));
    facts.extend(plan.limit_effects.iter().map(|effect| {
        let tone = if effect.is_too_small { Tone::Critical } else { Tone::Plain };
        let cost = effect.cost.as_ref().map(|cost| reason::change_cost(cost).into());
        let line = reason::limit_effect(effect, plan.generated_at);
        let basis = effect.change.basis.as_ref().map(|basis| reason::limit_basis(basis).into());
        Fact::new("What if", line).with_tone(tone).with_details(cost.into_iter().chain(basis).collect())
    }));
    facts.extend(plan.replica_effects.iter().map(|effect| {
        let is_too_small = effect.resources.iter().any(|resource| resource.is_too_small);
        let tone = if is_too_small { Tone::Critical } else { Tone::Plain };
        let (line, details) = reason::replica_effect(effect, plan.generated_at);
        let details = details.into_iter().map(Text::from).collect();
        Fact::new("What if", line).with_tone(tone).with_details(details)
    }));
    facts.extend(
        plan.unresolved.iter().map(|change| {
            Fact::new("Unknown", reason::unresolved_change(change)).with_tone(Verdict::Unknown)
        }),
    );
    facts.extend(failures(&plan.failures, plan.generated_at, false));
    facts.extend(plan.cost.as_ref().map(|cost| Fact::new("Cost", cost_at_load(&plan.currency, cost))));
    facts.extend(
        plan.cost_change
            .as_ref()
            .map(|change| Fact::new("Cost change", reason::stated_change(&plan.currency, change))),
    );
    let phase = plan.phase.as_ref().map(|phase| phase.number);
    // Where it was measured, and of the phase that the plan leads to.
    let shown = |cost: &&UserCost| cost.measured.is_some() || Some(cost.phase) == phase;
    facts.extend(user_costs(&plan.currency, plan.cost_by_phase.iter().filter(shown)));
    facts.extend(deployment(&plan.deployments).map(|line| Fact::new("Deployment", line)));
    facts.extend(plan.milestones.iter().map(|milestone| {
        let users = count(milestone.users as f64);
        let act_by = milestone.act_by_users.map(|users| format!(", act by {}", count(users as f64)));
        Fact::new("Expected", format!("{} at {users} users{}", milestone.title, act_by.unwrap_or_default()))
    }));
    facts
}

/// What the roadmap says about the phase and about running the system, a line each.
fn advice(plan: &Plan) -> Vec<Fact> {
    let phase = plan.phase.as_ref();
    let list = |items: &[String]| (!items.is_empty()).then(|| items.join("; "));
    let regions: Vec<String> =
        plan.regions.iter().map(|region| format!("{} ({})", region.name, region.role)).collect();
    let tests: Vec<String> = plan.load_tests.iter().map(load_test).collect();
    let lines = [
        (
            "Horizon",
            phase.and_then(|phase| phase.horizon_months).map(|months| format!("month {}", span(&months))),
        ),
        ("Focus", phase.and_then(|phase| phase.focus.clone())),
        ("Learn", phase.and_then(|phase| list(&phase.learn))),
        ("Tools", phase.and_then(|phase| list(&phase.tools))),
        ("Result", phase.and_then(|phase| phase.result.clone())),
        ("Serves", phase.and_then(|phase| phase.serves).map(|users| format!("{} users", span(&users)))),
        ("Impact", list(&plan.milestones.iter().map(impact).collect::<Vec<_>>())),
        ("Load tests", list(&tests)),
        ("Recovery", plan.recovery.as_ref().and_then(recovery)),
        ("Regions", list(&regions)),
    ];
    lines.into_iter().filter_map(|(label, text)| Some(Fact::new(label, text?))).collect()
}

/// "500 to 1,500", or "500 or more" where the end is open.
fn span(range: &Range<u64>) -> String {
    let low = count(range.low() as f64);
    match range.high() {
        Some(high) if high == range.low() => low,
        Some(high) => format!("{low} to {}", count(high as f64)),
        None => format!("{low} or more"),
    }
}

fn load_test(test: &PlannedLoadTest) -> String {
    let frequency = test.frequency.map(|frequency| match frequency {
        Frequency::Deployment => " (every deployment)".to_owned(),
        other => format!(" ({})", other.name()),
    });
    format!("{}{}: {}", test.id, frequency.unwrap_or_default(), test.purpose)
}

fn impact(milestone: &PlannedMilestone) -> String {
    let risk = milestone.risk.as_ref().map(|risk| format!("; otherwise: {risk}"));
    format!("at {} users: {}{}", count(milestone.users as f64), milestone.impact, risk.unwrap_or_default())
}

fn recovery(recovery: &Recovery) -> Option<String> {
    let time = recovery.rto.map(|rto| format!("RTO {rto}"));
    let point = recovery.rpo.map(|rpo| format!("RPO {rpo}"));
    let parts: Vec<String> = time.into_iter().chain(point).chain(recovery.measures.iter().cloned()).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What a plan is for, in words.
fn scope(scope: Scope, unit: &str) -> String {
    match scope {
        Scope::Now => "now".to_owned(),
        Scope::Phase(number) => format!("to enter phase {number}"),
        Scope::Users(users) => format!("for {} {unit}", count(users as f64)),
    }
}

/// The step with its reason, its figures and its instructions.
pub(super) fn step(item: &PlanItem, currency: &str, now: DateTime<Utc>) -> Step {
    let kept = item.kept.iter().map(reason::kept_setting);
    let figures = figures(item).map(|figures| format!("figures: {figures}"));
    let reason = Some(reason::plan_item(item))
        .filter(|reason| !reason.is_empty())
        .map(|reason| format!("because {reason}"));
    Step {
        title: format!("[{}] {}", item.id, item.title).into(),
        done: item.done,
        facts: details(item, currency, now),
        details: reason.into_iter().chain(figures).chain(kept).map(Text::from).collect(),
        instructions: item.steps.iter().map(|step| Text::with_code(step)).collect(),
    }
}

/// The step in a line: what, when, how long and for how much.
pub(super) fn brief_step(item: &PlanItem, currency: &str, now: DateTime<Utc>) -> Step {
    let PlanItem { id, title, done, .. } = item;
    let facts =
        [start(item, now), duration(item)].into_iter().flatten().chain(costs(item, currency)).collect();
    Step { title: format!("[{id}] {title}").into(), done: *done, facts, ..Step::default() }
}

/// Component, date, load, effort, cost and what is relieved, as far as they are known.
pub(super) fn details(item: &PlanItem, currency: &str, now: DateTime<Utc>) -> Vec<String> {
    let relieves: Vec<&str> = item.relieves.iter().map(|resource| resource.entry().title.as_str()).collect();
    let relieves = (!relieves.is_empty()).then(|| format!("relieves {}", relieves.join(", ")));
    let before = [item.component.clone(), start(item, now), duration(item)].into_iter().flatten();
    before.chain(costs(item, currency)).chain(relieves).collect()
}

/// "start by 3 Feb", "before 500 users".
fn start(item: &PlanItem, now: DateTime<Utc>) -> Option<String> {
    let date = item.start_by.map(|date| {
        if date <= now { "start now".to_owned() } else { format!("start by {}", short(date, now)) }
    });
    let users = item.act_by_users.map(|users| format!("before {} users", count(users as f64)));
    let parts: Vec<String> = date.into_iter().chain(users).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn duration(item: &PlanItem) -> Option<String> {
    let timeline = || item.timeline.map(|timeline| format!("takes {}", timeline.name()));
    item.effort.as_ref().map(effort).or_else(timeline)
}

/// By prices where there are some, else as the roadmap says.
fn costs(item: &PlanItem, currency: &str) -> Vec<String> {
    if !item.prices.is_empty() {
        return item.prices.iter().map(reason::item_price).collect();
    }
    let stated = item.cost_per_month.as_ref();
    stated.map(|cost| format!("+{} a month", money_range(currency, cost))).into_iter().collect()
}

/// The roadmap's numbers: "max connections 200, work mem 4 MiB".
fn figures(item: &PlanItem) -> Option<String> {
    let figure = |figure: &Figure| {
        let value = match &figure.value {
            Amount::Exact(value) => value.to_string(),
            Amount::Between(range) => match range.high() {
                Some(high) => format!("{} to {high}", range.low()),
                None => format!("{} or more", range.low()),
            },
        };
        format!("{} {value}", figure.name.replace('_', " "))
    };
    let words: Vec<String> = item.figures.iter().map(figure).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
