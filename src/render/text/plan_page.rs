//! The plan as a page of its own: every item with its reason and its steps, commands ready to copy.

use anstyle::Style;

use super::page::{Page, verdict_style, verdict_word};
use crate::{
    assess::{Plan, PlanItem},
    render::{
        cost, count, number,
        plan_words::{self, Piece, pieces},
        shape,
    },
};

/// Columns before the text of an item.
const INDENT: usize = 4;

pub(in crate::render) fn render(plan: &Plan, width: usize, styled: bool) -> String {
    let mut page = Page::new(width, styled);
    heading(plan, &mut page);
    if plan.items.is_empty() {
        page.blank();
        page.text("Nothing to do.");
    }
    for (index, item) in plan.items.iter().enumerate() {
        page.blank();
        let mark = if item.done { "[x]".to_owned() } else { format!("{}.", index + 1) };
        write(plan, item, &mark, &mut page);
    }
    page.finish()
}

fn heading(plan: &Plan, page: &mut Page) {
    let bold = Style::new().bold();
    let stamp = format!("{} · {}", plan.profile.id, plan.generated_at.format("%-d %b %Y %H:%M UTC"));
    let title = format!("What to do {}", plan_words::scope(plan.scope, &plan.load.unit));
    page.entry_with_right(verdict_word(plan.verdict), verdict_style(plan.verdict), &title, &stamp);
    if let Some(simulated) = &plan.simulated {
        page.text(&format!("SIMULATED: {simulated}"));
    }
    page.text(&plan.because);
    let load = match plan.load.peak {
        Some(peak) => format!("{} {} at the busy hour", count(peak), plan.load.unit),
        None => format!("unknown: {}", plan.load.because),
    };
    page.entry("Load", bold, &load);
    if let Some(phase) = &plan.phase {
        let cost = phase.cost_per_month.as_ref().map(|cost| number::money_range(&plan.currency, cost));
        let cost = cost.map(|cost| format!(", {cost} a month")).unwrap_or_default();
        page.entry("Phase", bold, &format!("{} ({}){cost}", phase.number, phase.title));
    }
    if let Some(cost) = &plan.cost {
        page.entry("Cost", bold, &cost::line(&plan.currency, cost));
    }
    if let Some(line) = shape::line(&plan.deployments) {
        page.entry("Shape", bold, &line);
    }
    for milestone in &plan.milestones {
        let users = count(milestone.users as f64);
        let act_by = milestone.act_by_users.map(|users| format!(", act by {}", count(users as f64)));
        page.entry(
            "Expected",
            bold,
            &format!("{} at {users} users{}", milestone.title, act_by.unwrap_or_default()),
        );
    }
}

fn write(plan: &Plan, item: &PlanItem, mark: &str, page: &mut Page) {
    page.item(1, mark, &format!("[{}] {}", item.id, item.title));
    let details = plan_words::details(item, &plan.currency, plan.generated_at);
    if !details.is_empty() {
        page.item(INDENT - 1, "", &details.join(" · "));
    }
    page.item(INDENT, "because", &item.because);
    if let Some(figures) = plan_words::figures(item) {
        page.item(INDENT, "figures", &figures);
    }
    if item.done {
        return;
    }
    for step in &item.steps {
        let mut mark = "-";
        for piece in pieces(step) {
            match piece {
                Piece::Words(words) => page.item(INDENT, mark, words),
                Piece::Command(command) => page.verbatim(INDENT + 4, command),
            }
            mark = " ";
        }
    }
}
