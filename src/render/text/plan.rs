//! What to do, first things first.

use super::page::Page;
use crate::render::reason;
use crate::{
    assess::PlanItem,
    render::{View, view::step},
};

/// How many items a page shows, and how many of them with their steps.
const SHOWN: usize = 5;
const WITH_STEPS: usize = 1;

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let plan = &view.assessment.plan;
    let open: Vec<&PlanItem> = plan.iter().filter(|item| !item.done).collect();
    let done = plan.len() - open.len();
    if plan.is_empty() {
        return;
    }
    page.heading("Plan");
    let (shown, with_steps) = if view.verbose { (open.len(), open.len()) } else { (SHOWN, WITH_STEPS) };
    for (index, item) in open.iter().take(shown).enumerate() {
        page.item(1, &format!("{}.", index + 1), &line(view, item));
        if index < with_steps {
            for step in &item.steps {
                page.item(4, "-", step);
            }
        }
        if view.verbose {
            page.item(4, "because", &reason::plan_item(item));
        }
    }
    let hidden = open.len().saturating_sub(shown);
    if hidden > 0 || done > 0 {
        let mut parts = Vec::new();
        if hidden > 0 {
            parts.push(format!("{hidden} more (-v shows all, with their steps)"));
        }
        if done > 0 {
            parts.push(format!("{done} done"));
        }
        page.item(1, "  ", &parts.join(", "));
    }
}

fn line(view: &View<'_>, item: &PlanItem) -> String {
    let assessment = view.assessment;
    let mut parts = vec![format!("[{}] {}", item.id, item.title)];
    parts.extend(step::details(item, &assessment.cost.currency, assessment.generated_at));
    parts.join(" · ")
}
