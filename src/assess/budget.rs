//! A budget that is reset before it is spent does not run out.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    BudgetReason, Context, Grade, Interval, LimitEvaluation, LimitOrigin, Reached, State,
    limits::Limit,
    outlook::Past,
    own_budget::{self, SpendPast},
    parallel, state,
};
use crate::{
    capacity::{
        budget::{self, Runway, Spend},
        first_passage::Arrivals,
        quantile::interpolated,
    },
    signal::{Series, SignalId},
    snapshot::Observation,
};

/// Budgets, and in how many seconds each is reset.
const BUDGETS: [(&str, &str); 1] = [("llm.budget", "llm.budget_reset")];

/// From this probability on that it is spent before its reset, a budget is a warning.
const LIKELY: f64 = 0.5;
/// Days beyond which nothing is continued.
const FARTHEST: i64 = 180;
/// The days that are looked at where no reset is known and the history is shorter.
const NEAREST: i64 = 7;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Budgets that a thread takes at a time.
const AT_A_TIME: usize = 16;
/// Two readings of the same reset differ by less than so many milliseconds.
const SAME_RESET_MS: i64 = 60_000;
/// Days of spend that make a date well founded, and passable.
const WELL_FOUNDED: usize = 14;
const PASSABLE: usize = 7;

/// What becomes of one budget.
#[derive(Debug, Clone)]
pub(super) struct Outlook {
    pub(super) reason: BudgetReason,
    /// When it is spent; nothing where that is not known, or it is reset before.
    pub(super) reached: Option<Reached>,
    /// The same for the race against other resources.
    pub(super) arrivals: Option<Arrivals>,
    pub(super) grade: Grade,
}

/// Judges every budget by whether it is spent before it is reset. Where no reset or no rate is known, it stays judged by what is
/// spent.
pub(super) fn evaluate_by_runway(context: &Context<'_>, evaluations: &mut [LimitEvaluation<'_>]) {
    let pasts = own_budget::ordinary(context);
    for (budget, reset) in BUDGETS {
        let (Some(budget), Some(reset)) = (SignalId::find(budget), SignalId::find(reset)) else { continue };
        let resets = Resets::new(context.evaluated(reset));
        let is_budget =
            |(_, evaluation): &(usize, &LimitEvaluation<'_>)| evaluation.observation.signal == budget;
        let places: Vec<usize> =
            evaluations.iter().enumerate().filter(is_budget).map(|(place, _)| place).collect();
        let outlooks = parallel::filter_map(&places, AT_A_TIME, |place| {
            let evaluation = evaluations.get(*place)?;
            Some((*place, outlook(context, evaluation, &resets, &pasts)?))
        });
        for (place, outlook) in outlooks {
            if let Some(evaluation) = evaluations.get_mut(place) {
                judge(context, evaluation, outlook);
            }
        }
    }
}

/// Budgets that are judged by their reset and not by what is spent, of which something is left.
pub(super) fn judged_by_reset(evaluations: &[LimitEvaluation<'_>]) -> BTreeSet<(SignalId, Option<String>)> {
    let by_reset = |evaluation: &&LimitEvaluation<'_>| {
        let reason = evaluation.budget.as_deref().map(|outlook| &outlook.reason);
        let is_known = reason.is_some_and(|reason| reason.resets_at.is_some() && reason.per_day.is_some());
        is_known && evaluation.state < State::Critical
    };
    evaluations
        .iter()
        .filter(by_reset)
        .map(|evaluation| (evaluation.observation.signal, evaluation.observation.instance.clone()))
        .collect()
}

impl Outlook {
    /// The same of a budget of which nothing is left: no date is to come.
    fn of_spent(self) -> Self {
        let reason = BudgetReason { spent_on: None, ..self.reason };
        Self { reason, reached: None, arrivals: None, ..self }
    }
}

fn judge(context: &Context<'_>, evaluation: &mut LimitEvaluation<'_>, outlook: Outlook) {
    let full = evaluation.limits.full.clone().filter(|_| evaluation.limits.is_ceiling);
    let is_spent = full.as_ref().is_some_and(|full| evaluation.now.value() >= full.at.value());
    let likely = outlook.reason.probability.is_some_and(|probability| probability >= LIKELY);
    let by_runway = outlook.reason.resets_at.is_some() && outlook.reason.per_day.is_some();
    if is_spent || by_runway && !is_limited_by_others(evaluation) {
        evaluation.state = match (is_spent, likely) {
            (true, _) => State::Saturated,
            (false, true) => State::Warning,
            (false, false) => State::Ok,
        };
        let against = |full: Limit| state::check(evaluation.observation, full, context.window_end_ms());
        evaluation.deciding = full.map(against).or(evaluation.deciding.take());
        evaluation.at_peak = false;
        // What is left of a budget is no wall, however long nothing is spent.
        evaluation.flat_seconds = evaluation.flat_seconds.filter(|_| is_spent);
    } else if evaluation.state == State::Saturated {
        // The last per cent of a budget can still be spent.
        evaluation.state = State::Critical;
    }
    if !is_spent && let Some(incomplete) = own_budget::incomplete(evaluation.observation) {
        // More is spent than what is known.
        evaluation.state = State::Unknown;
        evaluation.unjudged = Some(incomplete);
    }
    evaluation.budget = Some(Box::new(if is_spent { outlook.of_spent() } else { outlook }));
}

/// Whether somebody's own threshold is exceeded, which counts whenever the budget is reset.
fn is_limited_by_others(evaluation: &LimitEvaluation<'_>) -> bool {
    let others = |limit: &&Limit| matches!(limit.origin, LimitOrigin::Project | LimitOrigin::Alert { .. });
    let limits = [&evaluation.limits.warning, &evaluation.limits.critical];
    limits
        .into_iter()
        .flatten()
        .filter(others)
        .any(|limit| limit.is_exceeded(evaluation.entry.direction, evaluation.now))
}

/// `None` where the amount of the budget is not known.
fn outlook(
    context: &Context<'_>,
    evaluation: &LimitEvaluation<'_>,
    resets: &Resets<'_>,
    pasts: &[SpendPast<'_>],
) -> Option<Outlook> {
    let observation = evaluation.observation;
    let amount = observation.capacity()?.value();
    let now = context.snapshot.taken_at;
    let now_ms = now.timestamp_millis();
    let declared = own_budget::declared(context, observation);
    let spend = match declared {
        Some(budget) => own_budget::spend(context, pasts, budget),
        None => spend_of_past(context, observation, amount),
    };
    let known_days = spend.days();
    let resets_at = match declared {
        Some(budget) => Some(budget.period(now).1),
        None => resets.find(observation),
    };
    let resets_at = resets_at.filter(|at| *at > now);
    let left = (1.0 - evaluation.now.value()) * amount;
    let horizon = match resets_at {
        Some(at) => (at.timestamp_millis() - now_ms).min(FARTHEST * DAY_MS),
        None => known_days.clamp(NEAREST, FARTHEST) * DAY_MS,
    };
    let ends_at_reset = resets_at.is_some_and(|at| at.timestamp_millis() - now_ms <= horizon);
    // A file may end before now: what is left of it went on being spent.
    let known_until_ms =
        declared.map_or(now_ms, |budget| own_budget::known_until_ms(context, budget, observation));
    let hours_since = usize::try_from((now_ms - known_until_ms) / HOUR_MS).unwrap_or(0);
    let found = budget::runway(&spend, left, known_until_ms, now_ms + horizon)
        .map(|runway| runway.seen_after(hours_since));
    // Who resets it without saying when may do so before it is spent.
    let dated = found.as_ref().filter(|_| resets_at.is_some() || spend.resets == 0);
    let end = now + TimeDelta::milliseconds(horizon);
    let reached = dated.map(|runway| reached(runway, now, end));
    let interval = |[low, mid, high]: [f64; 3]| Interval { low, mid, high };
    let spent = evaluation.now.value();
    let reason = BudgetReason {
        resets_at,
        was_reset: spend.resets > 0,
        per_day: found.as_ref().map(|runway| interval(runway.per_day)),
        days: found.as_ref().map_or(0, |runway| runway.days),
        at_reset: found
            .as_ref()
            .filter(|_| ends_at_reset)
            .map(|runway| interval(runway.until_end.map(|more| spent + more / amount))),
        probability: dated.map(Runway::probability),
        spent_on: reached.and_then(|reached| reached.date()).filter(|date| date.mid.is_some()),
    };
    let arrivals = dated.map(|runway| arrivals(runway, now, horizon));
    let grade = match found.as_ref().map(|runway| runway.days) {
        Some(WELL_FOUNDED..) => Grade::A,
        Some(PASSABLE..) => Grade::B,
        Some(_) => Grade::C,
        None => Grade::Insufficient,
    };
    Some(Outlook { reason, reached, arrivals, grade })
}

/// What was spent hour by hour, as its used share rose.
fn spend_of_past(context: &Context<'_>, observation: &Observation, amount: f64) -> Spend {
    let past = Past::for_instance(context, observation.signal, observation.instance.as_deref());
    past.map_or_else(Spend::default, |past| {
        // The mean of an hour is that of its middle.
        let middle = past.step_ms / 2;
        Spend::from_totals(past.samples().map(|(at, share)| (at + middle, share * amount)), past.step_ms)
    })
}

fn reached(runway: &Runway, now: DateTime<Utc>, end: DateTime<Utc>) -> Reached {
    // What is left at the end is spent at no known time, after all others.
    let hours = runway.exhausted.iter().map(|hours| hours.map_or(f64::INFINITY, |hours| hours as f64));
    let mut hours: Vec<f64> = hours.collect();
    let mut at = |level: f64| {
        let hours = interpolated(&mut hours, level).filter(|hours| hours.is_finite())?;
        let time = Duration::try_from_secs_f64((hours * 60.0).round() * 60.0).ok()?;
        now.checked_add_signed(TimeDelta::from_std(time).ok()?)
    };
    Reached { probability: runway.probability(), low: at(0.05), mid: at(0.5), high: at(0.95), horizon: end }
}

/// The days, counted from today, on which futures spend it.
fn arrivals(runway: &Runway, now: DateTime<Utc>, horizon: i64) -> Arrivals {
    let today_ms = now.timestamp_millis().rem_euclid(DAY_MS);
    let day = |hours: usize| {
        let ms = today_ms + i64::try_from(hours).unwrap_or(0) * HOUR_MS;
        usize::try_from(ms / DAY_MS).unwrap_or(0)
    };
    let first_days = runway.exhausted.iter().map(|hours| hours.map(day)).collect();
    Arrivals { first_days, days: usize::try_from((today_ms + horizon) / DAY_MS).unwrap_or(0) + 1 }
}

/// What says when budgets are reset, found by their labels, or by their names where one of both has no labels.
struct Resets<'a> {
    by_labels: BTreeMap<&'a BTreeMap<String, String>, &'a Observation>,
    by_name: BTreeMap<Option<&'a str>, &'a Observation>,
}

impl<'a> Resets<'a> {
    fn new(known: &[&'a Observation]) -> Self {
        let mut resets = Self { by_labels: BTreeMap::new(), by_name: BTreeMap::new() };
        for known in known.iter().copied() {
            resets.by_labels.entry(&known.labels).or_insert(known);
            resets.by_name.entry(known.instance.as_deref()).or_insert(known);
        }
        resets
    }

    /// When a budget is reset next, as far as something says that of the same budget.
    fn find(&self, budget: &Observation) -> Option<DateTime<Utc>> {
        let has_labels = !budget.labels.is_empty();
        let by_labels = self.by_labels.get(&budget.labels).filter(|_| has_labels);
        let by_name = || {
            let known = self.by_name.get(&budget.instance.as_deref())?;
            (!has_labels || known.labels.is_empty()).then_some(known)
        };
        let known = by_labels.or_else(by_name)?;
        DateTime::from_timestamp_millis(next_reset_ms(&known.values))
    }
}

/// The newest reset that a series of remaining seconds tells of. Exporters set them when something is spent, so that they stand
/// still in between: the earliest time that they gave counts, until they rose by a reset.
fn next_reset_ms(remaining: &Series) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a cast of too large a number saturates")]
    let ms = |seconds: f64| (seconds * 1000.0) as i64;
    let mut newest = i64::MAX;
    let mut after = f64::NEG_INFINITY;
    for (at, seconds) in remaining.at_ms().iter().zip(remaining.values()).rev() {
        let rose = after > f64::NEG_INFINITY && ms(after - seconds) > SAME_RESET_MS;
        if rose {
            break;
        }
        newest = newest.min(at.saturating_add(ms(*seconds)));
        after = *seconds;
    }
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_time_since_the_last_reset_counts() {
        let hours = |hours: &[f64]| {
            let at = (0..hours.len()).map(|hour| i64::try_from(hour).unwrap() * 3_600_000).collect();
            let seconds = hours.iter().map(|hours| hours * 3600.0).collect();
            next_reset_ms(&Series::new(3_600_000, at, seconds).unwrap()) / 3_600_000
        };
        assert_eq!(hours(&[9.0, 8.0, 7.0, 6.0]), 9);
        assert_eq!(hours(&[9.0, 9.0, 9.0, 6.0]), 9, "it stands still while nothing is spent");
        assert_eq!(hours(&[2.0, 1.0, 24.0, 24.0, 22.0]), 26, "it was reset in between");
        assert_eq!(hours(&[5.0]), 5);
    }
}
