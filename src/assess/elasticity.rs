//! How the cost grows with the users.

use super::{Context, cost, load};
use crate::{
    signal::{Series, SignalId},
    snapshot::Observation,
};

/// Numbers of users closer together than this factor say nothing about how the cost grows.
const APART: f64 = 1.1;
/// Bills of fewer months than this could hold one odd month.
const FEWEST: usize = 3;
/// A number of users speaks for bills of this many days after it.
const VALID_MS: i64 = 31 * 86_400_000;

/// By how many per cent the cost grows for each per cent of users, and what tells it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Elasticity {
    /// 1 is linear; below it, users become cheaper.
    pub value: f64,
    pub how: String,
}

/// From the bills and the users of past months, else from the present bill against the roadmap's first stated
/// cost.
pub(super) fn of(context: &Context<'_>) -> Option<Elasticity> {
    of_history(context).or_else(|| against_roadmap(context))
}

/// The slope of `ln cost` over `ln users`, by least squares over the months that both are known for.
fn of_history(context: &Context<'_>) -> Option<Elasticity> {
    let bills = history(context, SignalId::find("cost.monthly")?)?;
    let registered = ["users.registered", "users.active", "users.concurrent"];
    let candidates = std::iter::once(context.input.roadmap.load.signal)
        .chain(registered.into_iter().filter_map(SignalId::find));
    candidates.into_iter().find_map(|signal| {
        let points = matched(bills, history(context, signal)?);
        let value = slope(&points)?;
        Some(Elasticity { value, how: format!("{} bills against {signal} of the same months", points.len()) })
    })
}

/// Everything that is known of a signal, beyond the window too.
fn history<'a>(context: &Context<'a>, signal: SignalId) -> Option<&'a Series> {
    let all = context.snapshot.observations.iter().filter(|one: &&Observation| one.signal == signal);
    all.map(|one| &one.values).max_by_key(|values| (values.last().0 - values.first_ms(), values.len()))
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

/// Least squares; `None` with too few points or users that hardly differ.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let users = || points.iter().map(|(users, _)| *users);
    let spread = users().fold(f64::NEG_INFINITY, f64::max) - users().fold(f64::INFINITY, f64::min);
    if points.len() < FEWEST || spread < APART.ln() {
        return None;
    }
    let count = points.len() as f64;
    let middle = (users().sum::<f64>() / count, points.iter().map(|(_, cost)| cost).sum::<f64>() / count);
    let together: f64 = points.iter().map(|(users, cost)| (users - middle.0) * (cost - middle.1)).sum();
    let alone: f64 = users().map(|users| (users - middle.0).powi(2)).sum();
    Some(together / alone).filter(|slope| slope.is_finite())
}

/// `ln(cost / cost₀) / ln(users / users₀)`, from the roadmap's first stated cost to the present bill.
fn against_roadmap(context: &Context<'_>) -> Option<Elasticity> {
    let roadmap = &context.input.roadmap;
    let first = roadmap.costs.first()?;
    let (cost, users) = (cost::actual(context)?, load::assess(context).peak?);
    let stated = f64::midpoint(first.per_month.low(), first.per_month.high()?);
    let growth = (users / first.users as f64).ln();
    let value = (cost / stated).ln() / growth;
    // Fewer users than the roadmap begins with have not grown, and say nothing about how the cost grows.
    if !value.is_finite() || growth < APART.ln() {
        return None;
    }
    let how = format!(
        "{cost:.0} {currency} for {users:.0} {unit} against the roadmap's {stated:.0} for {from}",
        currency = roadmap.currency,
        unit = roadmap.load.unit,
        from = first.users
    );
    Some(Elasticity { value, how })
}
