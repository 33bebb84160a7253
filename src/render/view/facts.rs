//! Cost, deployment, architecture and events to come, each in one line.

use chrono::{DateTime, Utc};

use crate::render::reason;
use crate::{
    assess::{
        ArchitectureDecision, DeploymentFit, ExpectedEvent, Failure, LimitOutcome, Migration, Outcome,
        StatedCost, UserCost, Verdict,
    },
    render::{
        document::{Fact, Text, Tone},
        format::{count, money, money_range, percent},
    },
    roadmap::CostItem,
};

/// "$421 a month for 342 users (interpolated between …)", with the parts where they are stated.
pub(in crate::render) fn cost_at_load(currency: &str, cost: &StatedCost) -> String {
    let users = count(cost.users);
    let amount = cost.per_month.as_ref().map(|range| money_range(currency, range));
    let amount = amount.map_or_else(|| "not stated".to_owned(), |amount| format!("{amount} a month"));
    let parts = cost.itemised.as_ref().map(|itemised| {
        let item = |item: &CostItem| format!("{} {}", item.name, money(currency, item.per_month));
        let items: Vec<String> = itemised.items.iter().map(item).collect();
        format!("; at {} users: {}", count(itemised.users as f64), items.join(", "))
    });
    format!(
        "{amount} for {users} users ({}){}",
        reason::stated_cost(currency, &cost.reason),
        parts.unwrap_or_default()
    )
}

/// What a user costs in each phase.
pub(in crate::render) fn user_costs<'c>(
    currency: &str,
    by_phase: impl Iterator<Item = &'c UserCost>,
) -> impl Iterator<Item = Fact> {
    by_phase.map(move |cost| {
        let tone = if cost.contradiction.is_some() { Tone::from(Verdict::Unknown) } else { Tone::Plain };
        let line = format!("phase {}: {}", cost.phase, reason::user_cost(currency, cost));
        Fact::new("Cost per user", line).with_tone(tone)
    })
}

/// An event to come with the load that is expected, and the resources that are too small for it.
pub(in crate::render) fn event(event: &ExpectedEvent, unit: &str) -> Fact {
    let short = event.short.iter().map(|short| Text::from(reason::event_shortage(short)));
    Fact::new("Event", reason::event_ahead(event, unit)).with_details(short.collect())
}

/// What is left without a part of the system.
pub(in crate::render) fn failures(
    failures: &[Failure],
    now: DateTime<Utc>,
    verbose: bool,
) -> impl Iterator<Item = Fact> {
    let fact = move |failure: &Failure| {
        let tone = match failure.saturates() {
            LimitOutcome::Yes => Tone::from(Verdict::Warning),
            LimitOutcome::Perhaps | LimitOutcome::Unknown => Tone::from(Verdict::Unknown),
            LimitOutcome::No => Tone::Plain,
        };
        let details = reason::failure_details(failure, verbose).into_iter().map(Text::from);
        Fact::new("Without", reason::failure(failure, now)).with_tone(tone).with_details(details.collect())
    };
    let left_out = reason::failures_left_out(failures).into_iter().map(|line| Fact::new("Without", line));
    failures.iter().map(fact).chain(left_out)
}

/// The smallest deployment that handles the load, else the smallest that may; `None` where the roadmap states none.
pub(in crate::render) fn deployment(deployments: &[DeploymentFit]) -> Option<String> {
    let first = |outcome| deployments.iter().find(|deployment| deployment.carries == outcome);
    let message = |deployment: &DeploymentFit, words: &str| {
        let share = deployment.utilization.map(|share| format!(" at {} of its capacity", percent(share)));
        format!(
            "{} {words}{} ({})",
            deployment.id,
            share.unwrap_or_default(),
            reason::capacities(&deployment.capacities)
        )
    };
    let largest = deployments.last()?;
    Some(match (first(Outcome::True), first(Outcome::Unknown)) {
        (Some(carries), _) => message(carries, "carries this"),
        (None, Some(may)) => message(may, "may carry this"),
        (None, None) => match largest.users.high() {
            Some(high) => {
                format!(
                    "exceeds the largest documented deployment, {} (up to {} users)",
                    largest.id,
                    count(high as f64)
                )
            }
            None => message(largest, "does not carry this"),
        },
    })
}

/// "stay: of 5 criteria …", or between what it is still open.
pub(in crate::render) fn architecture(decision: &ArchitectureDecision, unit: &str) -> String {
    let name = |migration: &Migration| match migration {
        Migration::Stay => "stay with the architecture",
        Migration::Gradual => "migrate service by service",
        Migration::Full => "migrate everything",
    };
    if let (Some(outcome), Some(text)) = (&decision.outcome, &decision.text) {
        return format!("{} ({text}): {}", name(outcome), reason::architecture(decision, unit));
    }
    let possible: Vec<&str> = decision.possible.iter().map(name).collect();
    format!("open ({}): {}", possible.join(", or "), reason::architecture(decision, unit))
}
