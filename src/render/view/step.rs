//! Something to do as a step of a document.

use crate::render::reason;
use chrono::{DateTime, Utc};

use crate::{
    assess::PlanItem,
    render::{
        document::{Step, Text},
        format::{count, effort, money_range},
    },
    roadmap::{Amount, Figure},
};

/// The step with its reason, its figures and its instructions.
pub(super) fn step(item: &PlanItem, currency: &str, now: DateTime<Utc>) -> Step {
    let figures = figures(item).map(|figures| format!("figures: {figures}"));
    let reason = Some(reason::plan_item(item))
        .filter(|reason| !reason.is_empty())
        .map(|reason| format!("because {reason}"));
    Step {
        title: format!("[{}] {}", item.id, item.title).into(),
        done: item.done,
        facts: details(item, currency, now),
        details: reason.into_iter().chain(figures).map(Text::from).collect(),
        instructions: item.steps.iter().map(|step| Text::with_code(step)).collect(),
    }
}

/// Component, date, load, effort, cost and what is relieved, as far as they are known.
pub(in crate::render) fn details(item: &PlanItem, currency: &str, now: DateTime<Utc>) -> Vec<String> {
    let mut parts: Vec<String> = item.component.iter().cloned().collect();
    if let Some(start_by) = item.start_by {
        parts.push(if start_by <= now {
            "start now".to_owned()
        } else {
            format!("start by {}", start_by.format("%-d %b"))
        });
    }
    if let Some(users) = item.act_by_users {
        parts.push(format!("before {} users", count(users as f64)));
    }
    parts.extend(item.effort.as_ref().map(effort));
    parts.extend(item.timeline.map(|timeline| format!("takes {}", timeline.name())));
    if let Some(cost) = &item.cost_per_month {
        parts.push(format!("+{} a month", money_range(currency, cost)));
    }
    let relieves: Vec<&str> = item.relieves.iter().map(|resource| resource.entry().title.as_str()).collect();
    if !relieves.is_empty() {
        parts.push(format!("relieves {}", relieves.join(", ")));
    }
    parts
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
