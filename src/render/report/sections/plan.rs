//! Section 7.

use crate::render::document::{Block, Item, List, Text, Tone};
use crate::{
    assess::PlanItem,
    render::{
        format::{count, effort, money_range},
        report::words,
    },
    report::Report,
};

/// So many of what has time are listed.
const LISTED: usize = 5;

pub(super) fn parts(report: &Report) -> Vec<Block> {
    let plan = &report.plan;
    let until = words::day(plan.until.date_naive());
    let item = |one: &PlanItem, tone| item(one, tone, report);
    let list = |title: String, items: Vec<Item>| List { title, tasks: true, items }.block();
    let mut parts: Vec<Block> = Vec::new();
    parts.extend(list(
        "Late: should have begun, and is not declared done".to_owned(),
        plan.late.iter().map(|one| item(one, Tone::Critical)).collect(),
    ));
    parts.extend(list(
        format!("To begin before the next report on {until}"),
        plan.due.iter().map(|one| item(one, Tone::Warning)).collect(),
    ));
    if parts.is_empty() {
        parts.push(Block::paragraph(format!("Nothing has to begin before the next report on {until}.")));
    }
    parts.extend(list(
        "Has time".to_owned(),
        plan.later.iter().take(LISTED).map(|one| item(one, Tone::Plain)).collect(),
    ));
    let more = plan.later.len().saturating_sub(LISTED);
    if more > 0 {
        parts.push(Block::paragraph(format!("And {more} more; `plan` shows every step.")));
    }
    let done = plan.done.iter().map(|one| {
        let title = one.title.as_deref().unwrap_or("not in this roadmap");
        Item { done: true, ..Item::new(format!("{} {title}", one.id)) }
    });
    parts.extend(list("Declared done".to_owned(), done.collect()));
    parts
}

fn item(one: &PlanItem, tone: Tone, report: &Report) -> Item {
    let mut details = Vec::new();
    let unit = &report.load.course.unit;
    details.extend(one.start_by.map(|date| format!("begin by {}", words::day(date.date_naive()))));
    details.extend(one.act_by_users.map(|users| format!("in place before {} {unit}", count(users as f64))));
    details.extend(one.effort.as_ref().map(|range| format!("takes {}", effort(range))));
    let cost = one.cost_per_month.as_ref();
    details.extend(
        cost.map(|range| format!("adds {} a month", money_range(&report.cost.today.currency, range))),
    );
    let relieved: Vec<&str> = one.relieves.iter().map(|resource| resource.entry().title.as_str()).collect();
    if !relieved.is_empty() {
        details.push(format!("relieves {}", relieved.join(", ")));
    }
    let facts = details.join(" · ");
    let details =
        [one.because.clone(), facts].into_iter().filter(|text| !text.is_empty()).map(Text::from).collect();
    Item { details, tone, ..Item::new(format!("{} {}", one.id, one.title)) }
}
