//! What is told of something to do: when, how long, for how much, and what its steps consist of.

use chrono::{DateTime, Utc};

use super::number;
use crate::{
    assess::{PlanItem, Scope},
    roadmap::Amount,
};

/// Component, date, load, effort, cost and what is relieved, as far as they are known.
pub(super) fn details(item: &PlanItem, currency: &str, now: DateTime<Utc>) -> Vec<String> {
    let mut parts: Vec<String> = item.component.iter().cloned().collect();
    if let Some(start_by) = item.start_by {
        parts.push(if start_by <= now {
            "start now".to_owned()
        } else {
            format!("start by {}", start_by.format("%-d %b"))
        });
    }
    if let Some(users) = item.act_by_users {
        parts.push(format!("before {} users", number::count(users as f64)));
    }
    parts.extend(item.effort.as_ref().map(number::effort));
    parts.extend(item.timeline.map(|timeline| format!("takes {}", timeline.name())));
    if let Some(cost) = &item.cost_per_month {
        parts.push(format!("+{} a month", number::money_range(currency, cost)));
    }
    let relieves: Vec<&str> = item.relieves.iter().map(|resource| resource.entry().title.as_str()).collect();
    if !relieves.is_empty() {
        parts.push(format!("relieves {}", relieves.join(", ")));
    }
    parts
}

/// The roadmap's numbers: "max connections 200, work mem 4 MiB".
pub(super) fn figures(item: &PlanItem) -> Option<String> {
    let figure = |figure: &crate::roadmap::Figure| {
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

/// What a plan is for, in words.
pub(super) fn scope(scope: Scope, unit: &str) -> String {
    match scope {
        Scope::Now => "now".to_owned(),
        Scope::Phase(number) => format!("to enter phase {number}"),
        Scope::Users(users) => format!("for {} {unit}", number::count(users as f64)),
    }
}
