//! Something to do as a step of a document.

use crate::render::reason;
use chrono::{DateTime, Utc};

use crate::{
    assess::PlanItem,
    render::{
        document::{Step, Text},
        format::{count, effort, money_range, short},
    },
    roadmap::{Amount, Figure},
};

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
