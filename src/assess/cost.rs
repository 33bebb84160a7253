//! What the present phase costs, what the next one will, what is really paid, and how that grows with the users.

use chrono::{DateTime, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Context, CostReason, ElasticityReason, Load, PhaseStanding, StatedAt, StatedCostReason, UserCost, load,
    user_cost,
};
use crate::{
    roadmap::{CostItem, CostPoint, FactValue, Phase, Range, Roadmap},
    signal::{Series, SignalId, Unit},
    snapshot::Observation,
};

/// The fact that holds the monthly bill.
const ACTUAL: &str = "monthly_cost";
/// Numbers of users closer together than this factor say nothing about how the cost grows.
const MIN_GROWTH: f64 = 1.1;
/// Bills of fewer months than this could hold one odd month.
const MIN_BILLS: usize = 3;
/// A number of users is valid for bills of this many days after it.
const VALID_MS: i64 = 31 * 86_400_000;

/// What it costs here and in the next phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// ISO 4217 code.
    pub currency: String,
    /// The present phase's cost.
    pub tier: Option<Tier>,
    /// The next phase's cost.
    pub next_tier: Option<Tier>,
    /// What the roadmap says the present load costs; null when the load is unknown, or the roadmap states no
    /// costs by users.
    pub at_load: Option<StatedCost>,
    /// What the team says it pays a month.
    pub actual: Option<f64>,
    /// The actual cost for each user at the peak hour.
    pub per_user: Option<f64>,
    /// The cost of a user in each phase, as the roadmap states it and as it was measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_phase: Vec<UserCost>,
    /// By how many per cent the cost grows for each per cent of users; null where that is unknown.
    pub elasticity: Option<f64>,
    /// What that rests on, or what is missing.
    pub elasticity_reason: ElasticityReason,
    /// How the bill compares with the phase's cost.
    pub reason: CostReason,
}

/// The monthly cost of a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tier {
    /// The phase's number.
    pub phase: u64,
    /// What it costs a month; null when the roadmap does not say.
    pub per_month: Option<Range<f64>>,
}

/// The monthly cost of a number of users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatedCost {
    /// The users.
    pub users: f64,
    /// What they cost a month; null where the roadmap states no cost on both sides of them.
    pub per_month: Option<Range<f64>>,
    /// How that is known.
    pub basis: Option<Basis>,
    /// What the cost consists of, at the nearest number of users, not below, for which the roadmap says so.
    pub itemised: Option<Itemised>,
    /// How it was found, or why not.
    pub reason: StatedCostReason,
}

/// How the cost of a number of users is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The roadmap states it for just this number.
    Stated,
    /// It lies on the straight line between two stated costs.
    Interpolated,
}

/// The parts of a cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Itemised {
    /// The users they are stated for.
    pub users: u64,
    /// The parts.
    pub items: Vec<CostItem>,
}

/// Compares the declared bill with the roadmap's tiers.
pub(super) fn assess(context: &Context<'_>, load: &Load, phase: &PhaseStanding) -> Cost {
    let roadmap = &context.input.roadmap;
    let tier = |phase: &Phase| Tier { phase: phase.number, per_month: phase.cost_per_month };
    let current = roadmap.phases.iter().find(|candidate| Some(candidate.number) == phase.current);
    let next = current.and_then(|current| {
        let end = current.users.high().unwrap_or(u64::MAX);
        roadmap.phases.iter().find(|candidate| candidate.users.low() >= end)
    });
    let actual = actual(context);
    let users = load.peak.filter(|peak| *peak >= 1.0);
    let current = current.map(tier);
    let reason = compare(current.as_ref(), actual);
    let elasticity = elasticity(context);
    Cost {
        at_load: load.peak.and_then(|peak| stated_cost(roadmap, peak)),
        elasticity: elasticity.as_ref().map(|(value, _)| *value),
        elasticity_reason: elasticity.map_or_else(|| no_elasticity(context), |(_, reason)| reason),
        currency: roadmap.currency.clone(),
        tier: current,
        next_tier: next.map(tier),
        actual,
        per_user: actual.zip(users).map(|(actual, users)| actual / users),
        by_phase: user_cost::assess(context, load.peak, phase.current),
        reason,
    }
}

/// Where it stands what is paid a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paid {
    /// In the settings.
    Declared,
    /// In the bill of a provider, whose newest whole month begins on that day.
    Bill { month: NaiveDate },
    /// In a file of bills, of which the newest is of that day.
    NewestBill { date: NaiveDate },
}

/// What is really paid a month.
pub(super) fn actual(context: &Context<'_>) -> Option<f64> {
    paid(context).map(|(amount, _)| amount)
}

/// What is really paid a month: declared, or else billed, or else the newest of the bills.
pub(super) fn paid(context: &Context<'_>) -> Option<(f64, Paid)> {
    match context.input.declared.facts.get(ACTUAL) {
        Some(FactValue::Number(amount)) if amount.unit() == Unit::Count => {
            Some((amount.value(), Paid::Declared))
        }
        _ => of_bill(context).or_else(|| billed(context)),
    }
}

/// The newest whole month of the bill, where it is in the currency that the roadmap is in.
fn of_bill(context: &Context<'_>) -> Option<(f64, Paid)> {
    let billed = context.input.declared.billed.as_ref()?;
    let is_comparable = billed.currency == context.input.roadmap.currency;
    is_comparable.then_some((billed.total, Paid::Bill { month: billed.month }))
}

/// The newest of the bills, where they are kept in a file.
fn billed(context: &Context<'_>) -> Option<(f64, Paid)> {
    let bills = SignalId::find("cost.monthly")?;
    let (at_ms, amount) = context.all(bills).next()?.values.last();
    let date = DateTime::from_timestamp_millis(at_ms)?.date_naive();
    Some((amount, Paid::NewestBill { date }))
}

/// Every bill that is known, where they are kept in a file.
pub(super) fn bills<'a>(context: &Context<'a>) -> Option<&'a Series> {
    history(context, SignalId::find("cost.monthly")?)
}

fn compare(tier: Option<&Tier>, actual: Option<f64>) -> CostReason {
    let Some(tier) = tier else { return CostReason::PhaseUnknown };
    match (tier.per_month, actual) {
        (None, _) => CostReason::NotStated,
        (Some(_), None) => CostReason::NotDeclared { fact: ACTUAL.to_owned() },
        (Some(range), Some(actual)) if actual < range.low() => CostReason::Below,
        (Some(range), Some(actual)) if range.high().is_some_and(|high| actual > high) => CostReason::Above,
        (Some(_), Some(_)) => CostReason::Within,
    }
}

/// By how many per cent the cost grows for each per cent of users (1 is linear; below it, users become cheaper): from
/// the bills and the users of past months, else from the present bill against the roadmap's first stated cost.
pub(super) fn elasticity(context: &Context<'_>) -> Option<(f64, ElasticityReason)> {
    from_bills(context).or_else(|| against_roadmap(context))
}

/// The formula of an elasticity, as the query of its observation.
pub(super) fn formula(reason: &ElasticityReason) -> String {
    match reason {
        ElasticityReason::Bills { bills, users } => {
            format!("slope of ln(cost.monthly) over ln({users}), {bills} bills")
        }
        ElasticityReason::AgainstRoadmap { cost, users, stated_cost, stated_users } => {
            format!("ln({cost:.0} / {stated_cost:.0}) / ln({users:.0} / {stated_users})")
        }
        ElasticityReason::NoBills { .. }
        | ElasticityReason::TooLittleGrowth { .. }
        | ElasticityReason::Worded { .. } => String::new(),
    }
}

/// What is missing to derive how the cost grows.
fn no_elasticity(context: &Context<'_>) -> ElasticityReason {
    match SignalId::find("cost.monthly") {
        Some(bills) if context.all(bills).next().is_none() => {
            ElasticityReason::NoBills { missing: context.why_missing(bills) }
        }
        _ => ElasticityReason::TooLittleGrowth { bills_needed: MIN_BILLS, growth_needed: MIN_GROWTH },
    }
}

/// The slope of `ln cost` over `ln users`, by least squares over the months that both are known for.
fn from_bills(context: &Context<'_>) -> Option<(f64, ElasticityReason)> {
    let bills = bills(context)?;
    let registered = ["users.registered", "users.active", "users.concurrent"];
    let candidates = std::iter::once(context.input.roadmap.load.signal)
        .chain(registered.into_iter().filter_map(SignalId::find));
    candidates.into_iter().find_map(|users| {
        let points = matched(bills, history(context, users)?);
        Some((slope(&points)?, ElasticityReason::Bills { bills: points.len(), users }))
    })
}

/// Everything that is known of a signal, beyond the window too.
fn history<'a>(context: &Context<'a>, signal: SignalId) -> Option<&'a Series> {
    let all = context
        .snapshot
        .observations
        .iter()
        .filter(|observation: &&Observation| observation.signal == signal);
    all.map(|observation| &observation.values)
        .max_by_key(|values| (values.last().0 - values.first_ms(), values.len()))
}

/// `(ln users, ln cost)` for each bill with a number of users from the month before it.
fn matched(bills: &Series, users: &Series) -> Vec<(f64, f64)> {
    let point = |(&at, &cost): (&i64, &f64)| {
        let after = users.at_ms().partition_point(|other| *other <= at);
        let newest = after.checked_sub(1)?;
        let (counted_at, count) = (users.at_ms().get(newest)?, users.values().get(newest)?);
        let usable = at - counted_at <= VALID_MS && *count > 0.0 && cost > 0.0;
        usable.then(|| (count.ln(), cost.ln()))
    };
    bills.at_ms().iter().zip(bills.values()).filter_map(point).collect()
}

/// Least squares; `None` with too few points, or with user counts that barely differ.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let users = || points.iter().map(|(users, _)| *users);
    let spread = users().fold(f64::NEG_INFINITY, f64::max) - users().fold(f64::INFINITY, f64::min);
    if points.len() < MIN_BILLS || spread < MIN_GROWTH.ln() {
        return None;
    }
    let count = points.len() as f64;
    let middle = (users().sum::<f64>() / count, points.iter().map(|(_, cost)| cost).sum::<f64>() / count);
    let together: f64 = points.iter().map(|(users, cost)| (users - middle.0) * (cost - middle.1)).sum();
    let alone: f64 = users().map(|users| (users - middle.0).powi(2)).sum();
    Some(together / alone).filter(|slope| slope.is_finite())
}

/// `ln(cost / cost₀) / ln(users / users₀)`, from the roadmap's first stated cost to the present bill.
fn against_roadmap(context: &Context<'_>) -> Option<(f64, ElasticityReason)> {
    let first = context.input.roadmap.costs.first()?;
    let (cost, users) = (actual(context)?, load::assess(context).peak?);
    let stated_cost = f64::midpoint(first.per_month.low(), first.per_month.high()?);
    let growth = (users / first.users as f64).ln();
    let value = (cost / stated_cost).ln() / growth;
    // Fewer users than the roadmap begins with have not grown, and say nothing about how the cost grows.
    if !value.is_finite() || growth < MIN_GROWTH.ln() {
        return None;
    }
    let stated_users = first.users;
    Some((value, ElasticityReason::AgainstRoadmap { cost, users, stated_cost, stated_users }))
}

/// The cost of a number of users; `None` where the roadmap states no costs by users.
pub(super) fn stated_cost(roadmap: &Roadmap, users: f64) -> Option<StatedCost> {
    let (first, last) = (roadmap.costs.first()?, roadmap.costs.last()?);
    let above = roadmap.costs.iter().find(|point| point.users as f64 >= users);
    let below = roadmap.costs.iter().rev().find(|point| point.users as f64 <= users);
    let (per_month, basis, reason) = match (below, above) {
        (Some(below), Some(above)) if below.users == above.users => {
            (Some(above.per_month), Some(Basis::Stated), StatedCostReason::Stated { at: stated_at(above) })
        }
        (Some(below), Some(above)) => {
            let reason = StatedCostReason::Interpolated { below: stated_at(below), above: stated_at(above) };
            (between(below, above, users), Some(Basis::Interpolated), reason)
        }
        (None, _) => (None, None, StatedCostReason::BelowFirst { first: stated_at(first) }),
        (Some(_), None) => (None, None, StatedCostReason::AboveLast { last: stated_at(last) }),
    };
    let mut itemised =
        roadmap.costs.iter().filter(|point| point.users as f64 >= users && !point.items.is_empty());
    let itemised = itemised.next().map(|point| Itemised { users: point.users, items: point.items.clone() });
    Some(StatedCost { users, basis: basis.filter(|_| per_month.is_some()), per_month, itemised, reason })
}

fn stated_at(point: &CostPoint) -> StatedAt {
    StatedAt { users: point.users, per_month: point.per_month, note: point.note.clone() }
}

/// Both ends on straight lines; an end that is open in one of the points is open here.
fn between(before: &CostPoint, after: &CostPoint, users: f64) -> Option<Range<f64>> {
    let way = (users - before.users as f64) / (after.users as f64 - before.users as f64);
    let mix = |from: f64, to: f64| from + (to - from) * way;
    let high = before.per_month.high().zip(after.per_month.high()).map(|(from, to)| mix(from, to));
    Range::new(mix(before.per_month.low(), after.per_month.low()), high)
}
