//! Budgets that the settings state: what of each is spent since its last reset, from the spend that is measured.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Context, UnjudgedReason, llm_spend, outlook::Past};
use crate::{
    capacity::budget::Spend,
    roadmap::LlmBudget,
    signal::{Series, SignalId, Unit},
    snapshot::{Limit, Observation, Origin},
};

/// The source of what is computed.
const SOURCE: &str = "settings";
/// The attribute that says since when spend is known without a gap, where that is later than the last reset.
const KNOWN_SINCE: &str = "spend_known_since";
/// The attribute that says until when, where that is long ago.
const KNOWN_UNTIL: &str = "spend_known_until";
/// Spend that ends longer ago than this, or than three of its steps, is not that of now, and a gap that is as long hides spend.
const OLDEST_MS: i64 = 2 * 86_400_000;
const DAY_MS: f64 = 86_400_000.0;

/// A budget with how much of it is spent, step by step since its last reset.
pub(super) fn assess(context: &Context<'_>) -> Vec<Observation> {
    let pasts = pasts(context, Past::with_events);
    let budgets = context.input.declared.llm_budgets.iter();
    budgets.filter_map(|budget| observation(context, &pasts, budget)).collect()
}

/// What was spent on ordinary days, which tells the rate; nothing where no budget is stated.
pub(super) fn ordinary<'a>(context: &Context<'a>) -> Vec<SpendPast<'a>> {
    pasts(context, Past::for_instance)
}

/// The budget of the settings that an observation is of.
pub(super) fn declared<'a>(context: &Context<'a>, observation: &Observation) -> Option<&'a LlmBudget> {
    let is_of = |budget: &&LlmBudget| observation.instance.as_deref() == Some(&instance(budget));
    let is_own = observation.origin.source == SOURCE;
    context.input.declared.llm_budgets.iter().filter(|_| is_own).find(is_of)
}

/// What is spent of it, hour by hour, in former periods as well. Of a step that is not over only a part is known, which tells
/// no rate.
pub(super) fn spend(context: &Context<'_>, pasts: &[SpendPast<'_>], budget: &LlmBudget) -> Spend {
    let now_ms = context.snapshot.taken_at.timestamp_millis();
    let Amounts { step_ms, by_time } = amounts(pasts, budget).unwrap_or_default();
    let over = by_time.into_iter().filter(|(at, _)| at + step_ms <= now_ms);
    Spend::from_amounts(over, step_ms)
}

/// Until when what is spent in the present period is known, in Unix milliseconds; now at the latest.
pub(super) fn known_until_ms(context: &Context<'_>, budget: &LlmBudget, observation: &Observation) -> i64 {
    let now = context.snapshot.taken_at;
    let (begun, _) = budget.period(now);
    let (last, _) = observation.values.last();
    (last + observation.values.step_ms()).max(begun.timestamp_millis()).min(now.timestamp_millis())
}

/// Between which days alone the spend of the present period is known; `None` where it is known from its beginning until now.
pub(super) fn incomplete(observation: &Observation) -> Option<UnjudgedReason> {
    let day = |name: &str| observation.attributes.get(name).and_then(|day| day.parse().ok());
    let (known_since, known_until): (Option<NaiveDate>, Option<NaiveDate>) =
        (day(KNOWN_SINCE), day(KNOWN_UNTIL));
    let is_incomplete = known_since.is_some() || known_until.is_some();
    is_incomplete.then_some(UnjudgedReason::SpendIncomplete { known_since, known_until })
}

/// The team's own name would be taken for that of LiteLLM's budget.
fn instance(budget: &LlmBudget) -> String {
    format!("{} (settings)", budget.name())
}

fn observation(context: &Context<'_>, pasts: &[SpendPast<'_>], budget: &LlmBudget) -> Option<Observation> {
    let now = context.snapshot.taken_at;
    let Amounts { step_ms, by_time } = amounts(pasts, budget)?;
    let (first, last) = (*by_time.first_key_value()?.0, *by_time.last_key_value()?.0);
    let too_long = OLDEST_MS.max(3 * step_ms);
    let pairs = by_time.keys().zip(by_time.keys().skip(1));
    let after_gaps = pairs.filter(|(before, after)| **after - **before - step_ms > too_long);
    let known_since = after_gaps.map(|(_, after)| *after).max().unwrap_or(first);
    let (begun, _) = budget.period(now);
    let begun_ms = begun.timestamp_millis();
    let mut spent = 0.0;
    let (mut at_ms, mut shares) = (Vec::new(), Vec::new());
    for (at, amount) in by_time.range(begun_ms.min(last)..) {
        // A step that begins before the reset is of the period before.
        spent += if *at >= begun_ms { *amount } else { 0.0 };
        at_ms.push(*at);
        shares.push(spent / budget.amount);
    }
    let mut attributes = BTreeMap::new();
    let mut tell = |name: &str, at_ms: i64| {
        let day = DateTime::<Utc>::from_timestamp_millis(at_ms).unwrap_or(now).date_naive();
        attributes.insert(name.to_owned(), day.to_string());
    };
    if known_since > begun_ms + step_ms {
        tell(KNOWN_SINCE, known_since);
    }
    if now.timestamp_millis() - (last + step_ms) > too_long {
        tell(KNOWN_UNTIL, last + step_ms);
    }
    let values = Series::new(step_ms, at_ms, shares).ok()?;
    let origin = Origin { source: SOURCE.to_owned(), query: format!("[[llm.budgets]] {}", budget.name()) };
    Some(Observation {
        instance: Some(instance(budget)),
        limit: Limit::constant(budget.amount, Unit::Count),
        attributes,
        ..Observation::new(SignalId::find("llm.budget")?, values, origin)
    })
}

/// Spend of somebody on something, with its past.
pub(super) type SpendPast<'a> = (&'a Observation, Past);

fn pasts<'a>(
    context: &Context<'a>,
    past: impl Fn(&Context<'_>, SignalId, Option<&str>) -> Option<Past>,
) -> Vec<SpendPast<'a>> {
    let signal = SignalId::find(llm_spend::SPEND).filter(|_| !context.input.declared.llm_budgets.is_empty());
    let Some(signal) = signal else { return Vec::new() };
    let measured = llm_spend::observations(context, signal).into_iter();
    measured
        .filter_map(|observation| {
            Some((observation, past(context, signal, observation.instance.as_deref())?))
        })
        .collect()
}

/// Dollars by the time at which each step begins.
#[derive(Default)]
struct Amounts {
    step_ms: i64,
    by_time: BTreeMap<i64, f64>,
}

/// What the team of a budget spent on its model. A team that spent nothing has spent nothing since the spend of others is
/// known. `None` where no spend is measured.
fn amounts(pasts: &[SpendPast<'_>], budget: &LlmBudget) -> Option<Amounts> {
    let mut found = Amounts::default();
    for (observation, past) in pasts {
        found.step_ms = found.step_ms.max(past.step_ms);
        let counts = llm_spend::is_of(observation, budget.team.as_deref(), budget.model.as_deref());
        let a_step = past.step_ms as f64 / DAY_MS;
        for (at, rate) in past.samples() {
            *found.by_time.entry(at).or_default() += if counts { rate * a_step } else { 0.0 };
        }
    }
    (!found.by_time.is_empty()).then_some(found)
}
