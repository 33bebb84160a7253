//! What the present phase costs, what the next one will, and what is really paid.

use super::{Context, Cost, Load, PhaseStanding, Tier, elasticity, stated_cost};
use crate::{
    roadmap::{FactValue, Phase},
    signal::{SignalId, Unit},
};

/// The fact that holds the monthly bill.
const ACTUAL: &str = "monthly_cost";

/// Compares the declared bill with the roadmap's tiers.
pub(super) fn assess(context: &Context<'_>, load: &Load, phase: &PhaseStanding) -> Cost {
    let roadmap = &context.input.roadmap;
    let tier = |phase: &Phase| Tier { phase: phase.number, per_month: phase.cost_per_month };
    let current = roadmap.phases.iter().find(|one| Some(one.number) == phase.current);
    let next = current.and_then(|current| {
        roadmap.phases.iter().find(|one| one.users.low() >= current.users.high().unwrap_or(u64::MAX))
    });
    let actual = actual(context);
    let users = load.peak.filter(|peak| *peak >= 1.0);
    let per_user = actual.zip(users).map(|(actual, users)| actual / users);
    let current = current.map(tier);
    let because = compare(&roadmap.currency, current.as_ref(), actual);
    let elasticity = elasticity::of(context);
    let at_load = load.peak.and_then(|peak| stated_cost::of(roadmap, peak));
    Cost {
        at_load,
        elasticity: elasticity.as_ref().map(|elasticity| elasticity.value),
        elasticity_because: elasticity.map_or_else(|| untold(context), |elasticity| elasticity.how),
        currency: roadmap.currency.clone(),
        tier: current,
        next_tier: next.map(tier),
        actual,
        per_user,
        because,
    }
}

/// What is really paid a month: declared, or else the newest of the bills.
pub(super) fn actual(context: &Context<'_>) -> Option<f64> {
    match context.input.declared.facts.get(ACTUAL) {
        Some(FactValue::Number(amount)) if amount.unit() == Unit::Count => Some(amount.value()),
        _ => billed(context),
    }
}

/// The newest of the bills, where they are kept in a file.
fn billed(context: &Context<'_>) -> Option<f64> {
    let bills = SignalId::find("cost.monthly")?;
    context.all(bills).next().map(|bill| bill.values.last().1)
}

/// What is missing to tell how the cost grows.
fn untold(context: &Context<'_>) -> String {
    let gap = SignalId::find("cost.monthly").map(|bills| context.why_missing(bills));
    let known = SignalId::find("cost.monthly").is_some_and(|bills| context.all(bills).next().is_some());
    match gap {
        Some(gap) if !known => {
            format!("{gap}; nor can the declared cost be held against the roadmap's first one")
        }
        _ => "it takes three bills and users that differ by a tenth, over the same months".to_owned(),
    }
}

fn compare(currency: &str, tier: Option<&Tier>, actual: Option<f64>) -> String {
    let range = tier.and_then(|tier| tier.per_month);
    match (range, actual) {
        (None, _) if tier.is_none() => "the phase is unknown, and with it the cost tier".to_owned(),
        (None, _) => "the roadmap states no cost for this phase".to_owned(),
        (Some(_), None) => {
            format!("the actual cost is not declared; add `{ACTUAL} = …` under [facts] in scale-advisor.toml")
        }
        (Some(range), Some(actual)) if actual < range.low() => {
            format!("{actual:.0} {currency} a month is below the tier")
        }
        (Some(range), Some(actual)) if range.high().is_some_and(|high| actual > high) => {
            format!("{actual:.0} {currency} a month is above the tier")
        }
        (Some(_), Some(actual)) => format!("{actual:.0} {currency} a month is within the tier"),
    }
}
