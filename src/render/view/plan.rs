//! `plan`: every item with its reason and its instructions.

use super::{
    facts::{cost_at_load, deployment},
    step::step,
};
use crate::{
    assess::{Plan, Scope},
    render::{
        count,
        document::{Block, Document, Fact, Section},
        format::money_range,
    },
};

/// The plan as a page.
pub fn plan_document(plan: &Plan) -> Document {
    let mut summary =
        vec![Block::Lead { tone: plan.verdict.into(), sentences: vec![plan.because.as_str().into()] }];
    summary.extend(Block::facts(facts(plan)));
    let steps = plan.items.iter().map(|item| step(item, &plan.currency, plan.generated_at)).collect();
    let steps = Block::steps(steps).unwrap_or_else(|| Block::paragraph("Nothing to do."));
    Document {
        title: format!("What to do {}", scope(plan.scope, &plan.load.unit)).into(),
        tone: plan.verdict.into(),
        subtitle: format!("{} · {}", plan.profile.id, plan.generated_at.format("%-d %b %Y %H:%M UTC")),
        simulated: plan.simulated.clone(),
        sections: vec![Section::untitled("summary", summary), Section::new("plan", "Plan", vec![steps])],
        footer: format!("scale-advisor {}", plan.tool_version),
    }
}

fn facts(plan: &Plan) -> Vec<Fact> {
    let load = match plan.load.peak {
        Some(peak) => format!("{} {} at the peak hour", count(peak), plan.load.unit),
        None => format!("unknown: {}", plan.load.because),
    };
    let mut facts = vec![Fact::new("Load", load)];
    facts.extend(plan.phase.as_ref().map(|phase| {
        let cost = phase.cost_per_month.as_ref().map(|cost| money_range(&plan.currency, cost));
        let cost = cost.map(|cost| format!(", {cost} a month")).unwrap_or_default();
        Fact::new("Phase", format!("{} ({}){cost}", phase.number, phase.title))
    }));
    facts.extend(plan.cost.as_ref().map(|cost| Fact::new("Cost", cost_at_load(&plan.currency, cost))));
    facts.extend(deployment(&plan.deployments).map(|line| Fact::new("Deployment", line)));
    facts.extend(plan.milestones.iter().map(|milestone| {
        let users = count(milestone.users as f64);
        let act_by = milestone.act_by_users.map(|users| format!(", act by {}", count(users as f64)));
        Fact::new("Expected", format!("{} at {users} users{}", milestone.title, act_by.unwrap_or_default()))
    }));
    facts
}

/// What a plan is for, in words.
fn scope(scope: Scope, unit: &str) -> String {
    match scope {
        Scope::Now => "now".to_owned(),
        Scope::Phase(number) => format!("to enter phase {number}"),
        Scope::Users(users) => format!("for {} {unit}", count(users as f64)),
    }
}
