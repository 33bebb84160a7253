//! Something to do as a step of a document.

use chrono::{DateTime, Utc};

use crate::{
    assess::PlanItem,
    render::{
        document::{Step, Text},
        plan_words,
    },
};

/// The step with its reason, its figures and its instructions.
pub(super) fn step(item: &PlanItem, currency: &str, now: DateTime<Utc>) -> Step {
    let figures = plan_words::figures(item).map(|figures| format!("figures: {figures}"));
    let reason =
        Some(&item.because).filter(|reason| !reason.is_empty()).map(|reason| format!("because {reason}"));
    Step {
        title: format!("[{}] {}", item.id, item.title).into(),
        done: item.done,
        facts: plan_words::details(item, currency, now),
        details: reason.into_iter().chain(figures).map(Text::from).collect(),
        instructions: item.steps.iter().map(|step| Text::with_code(step)).collect(),
    }
}
