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
/// The attribute that says since when spend is known, where that is later than the last reset.
const KNOWN_SINCE: &str = "spend_known_since";
/// The attribute that says until when, where that is long ago.
const KNOWN_UNTIL: &str = "spend_known_until";
/// Spend that ends longer ago than this, or than three of its steps, is not that of now.
const OLDEST_MS: i64 = 2 * 86_400_000;
const DAY_MS: f64 = 86_400_000.0;

/// A budget with how much of it is spent, step by step since its last reset.
pub(super) fn assess(context: &Context<'_>) -> Vec<Observation> {
    let budgets = context.input.declared.llm_budgets.iter();
    budgets.filter_map(|budget| observation(context, budget)).collect()
}

/// The budget of the settings that an observation is of.
pub(super) fn declared<'a>(context: &Context<'a>, observation: &Observation) -> Option<&'a LlmBudget> {
    let is_of = |budget: &&LlmBudget| observation.instance.as_deref() == Some(&instance(budget));
    let own = observation.origin.source == SOURCE;
    context.input.declared.llm_budgets.iter().find(is_of).filter(|_| own)
}

/// What is spent of it, hour by hour, in former periods as well.
pub(super) fn spend(context: &Context<'_>, budget: &LlmBudget) -> Spend {
    let Amounts { step_ms, by_time } = amounts(context, budget).unwrap_or_default();
    Spend::from_amounts(by_time.into_iter(), step_ms)
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

fn observation(context: &Context<'_>, budget: &LlmBudget) -> Option<Observation> {
    let now = context.snapshot.taken_at;
    let Amounts { step_ms, by_time } = amounts(context, budget)?;
    let (first, last) = (*by_time.first_key_value()?.0, *by_time.last_key_value()?.0);
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
    if first > begun_ms + step_ms {
        tell(KNOWN_SINCE, first);
    }
    if now.timestamp_millis() - (last + step_ms) > OLDEST_MS.max(3 * step_ms) {
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

/// Dollars by the time at which each step begins.
#[derive(Default)]
struct Amounts {
    step_ms: i64,
    by_time: BTreeMap<i64, f64>,
}

/// What the team of a budget spent on its model. A team that spent nothing has spent nothing since the spend of others is
/// known. `None` where no spend is measured.
fn amounts(context: &Context<'_>, budget: &LlmBudget) -> Option<Amounts> {
    let signal = SignalId::find(llm_spend::SPEND)?;
    let mut found = Amounts::default();
    for observation in llm_spend::observations(context, signal) {
        let Some(past) = Past::for_instance(context, signal, observation.instance.as_deref()) else {
            continue;
        };
        found.step_ms = found.step_ms.max(past.step_ms);
        let counts = llm_spend::is_of(observation, budget.team.as_deref(), budget.model.as_deref());
        let a_step = past.step_ms as f64 / DAY_MS;
        for (at, rate) in past.samples() {
            *found.by_time.entry(at).or_default() += if counts { rate * a_step } else { 0.0 };
        }
    }
    (!found.by_time.is_empty()).then_some(found)
}
