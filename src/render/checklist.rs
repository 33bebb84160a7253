//! A plan as a Markdown checklist: for an issue, where each item can be ticked.

use super::{
    cost, count,
    markdown::escape,
    number,
    plan_words::{details, figures, scope},
    safe, shape,
};
use crate::assess::{Plan, PlanItem};

pub(super) fn render(plan: &Plan) -> String {
    let mut lines =
        vec![format!("## What to do {}", escape(&scope(plan.scope, &plan.load.unit))), String::new()];
    if let Some(simulated) = &plan.simulated {
        lines.extend([format!("**Simulated:** {}", escape(simulated)), String::new()]);
    }
    lines.extend([escape(&plan.because), String::new()]);
    lines.extend(facts(plan));
    lines.push(String::new());
    if plan.items.is_empty() {
        lines.push("Nothing to do.".to_owned());
    }
    lines.extend(plan.items.iter().flat_map(|item| checkbox(plan, item)));
    lines.extend([
        String::new(),
        format!(
            "_{} · {} · scale-advisor {}_",
            escape(&plan.profile.id),
            plan.generated_at.format("%-d %b %Y %H:%M UTC"),
            plan.tool_version
        ),
    ]);
    lines.join("\n") + "\n"
}

fn facts(plan: &Plan) -> Vec<String> {
    let load = plan.load.peak.map_or_else(|| "unknown".to_owned(), count);
    let mut lines = vec![format!("- **Load** {load} {}", escape(&plan.load.unit))];
    if let Some(phase) = &plan.phase {
        let cost = phase.cost_per_month.as_ref().map(|cost| number::money_range(&plan.currency, cost));
        let cost = cost.map(|cost| format!(", {cost} a month")).unwrap_or_default();
        lines.push(format!("- **Phase** {} ({}){cost}", phase.number, escape(&phase.title)));
    }
    lines.extend(
        plan.cost.iter().map(|cost| format!("- **Cost** {}", escape(&cost::line(&plan.currency, cost)))),
    );
    lines.extend(shape::line(&plan.deployments).map(|line| format!("- **Shape** {}", escape(&line))));
    lines.extend(plan.milestones.iter().map(|milestone| {
        format!("- **Expected** {} at {} users", escape(&milestone.title), count(milestone.users as f64))
    }));
    lines
}

fn checkbox(plan: &Plan, item: &PlanItem) -> Vec<String> {
    let tick = if item.done { "x" } else { " " };
    let words = details(item, &plan.currency, plan.generated_at).join(" · ");
    let mut lines = vec![
        format!("- [{tick}] **{}** {}", escape(&item.id), escape(&item.title)),
        format!("  {}", escape(&words)),
        format!("  _{}_", escape(&item.because)),
    ];
    lines.extend(figures(item).map(|figures| format!("  {}", escape(&figures))));
    lines.retain(|line| !line.trim().is_empty());
    // Steps keep their backticks, between which commands can be copied.
    lines.extend(item.steps.iter().map(|step| format!("  - [{tick}] {}", safe(step))));
    lines
}
