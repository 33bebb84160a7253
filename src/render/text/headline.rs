//! The verdict: what runs out next and what to do about it.

use crate::render::reason;
use anstyle::Style;

use super::page::{Page, verdict_style, verdict_word};
use crate::{
    assess::{Assessment, Bottleneck},
    render::{View, count, format, saturation, summary},
    signal::span_text,
};

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let assessment = view.assessment;
    let window = assessment.window.to - assessment.window.from;
    let stamp = format!(
        "{} · {} · {}",
        assessment.profile.id,
        assessment.generated_at.format("%-d %b %Y %H:%M UTC"),
        span_text(window.num_seconds() as f64)
    );
    let verdict = assessment.verdict;
    let title = summary::headline(assessment);
    page.entry_with_right(verdict_word(verdict), verdict_style(verdict), &title, &stamp);
    if let Some(simulated) = &assessment.simulated {
        page.text(&format!("SIMULATED: {simulated}"));
    }
    match &assessment.next_bottleneck {
        Some(bottleneck) => {
            page.text(&reason::bottleneck(&bottleneck.reason));
            expectation(assessment, bottleneck, page);
            act(assessment, bottleneck, page);
        }
        None => page.text(&reason::next_bottleneck(assessment)),
    }
}

fn expectation(assessment: &Assessment, bottleneck: &Bottleneck, page: &mut Page) {
    let foreseen = saturation::line(assessment, bottleneck);
    if let Some(line) = &foreseen {
        page.text(line);
    }
    let mut parts = Vec::new();
    if let Some(peak) = assessment.load.peak.filter(|_| bottleneck.saturates_at_load.is_none()) {
        let how = if assessment.load.estimated { " (estimated)" } else { "" };
        parts.push(format!("now {} {}{how}", count(peak), assessment.load.unit));
    }
    if let Some(roadmap) = &bottleneck.roadmap {
        let act_by =
            roadmap.act_by_users.map(|users| format!(", act by {}", count(users as f64))).unwrap_or_default();
        parts.push(format!("the roadmap expects it at {} users{act_by}", count(roadmap.users as f64)));
    }
    if !parts.is_empty() {
        page.text(&parts.join("; "));
    }
    if foreseen.is_none() {
        page.text(&format!(
            "no date: {}",
            reason::saturation(&bottleneck.saturation_reason, bottleneck.saturates_at_load.as_ref())
        ));
    }
    if let Some(act_by) = saturation::act_by(assessment, bottleneck) {
        page.text(&act_by);
    }
    if let Some(runner_up) = saturation::runner_up(assessment) {
        page.text(&runner_up);
    }
}

/// The first item of the plan that relieves what runs out next; where there is none, the first.
fn act(assessment: &Assessment, bottleneck: &Bottleneck, page: &mut Page) {
    let open = || assessment.plan.iter().filter(|item| !item.done);
    let relieves = open().find(|item| item.relieves.contains(&bottleneck.resource));
    let Some(first) = relieves.or_else(|| open().next()) else { return };
    let mut text = format!("{} {}", first.id, first.title);
    if let Some(effort) = &first.effort {
        text = format!("{text} · {}", format::effort(effort));
    }
    if let Some(timeline) = first.timeline {
        text = format!("{text} · takes {}", timeline.name());
    }
    if let Some(cost) = &first.cost_per_month {
        text = format!("{text} · +{} a month", format::money_range(&assessment.cost.currency, cost));
    }
    page.entry("  act", Style::new().bold(), &text);
}
