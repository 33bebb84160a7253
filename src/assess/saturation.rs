//! When each resource saturates: at which load, on which date, and by when to act.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    ActBy, Bottleneck, Context, Expectation, Finding, FindingReason, ForecastReason, Grade, Interval, Kind,
    Outlook, Reached, ResourceOutlook, SaturationDate, SaturationReason, State, Verdict,
};
use crate::{
    roadmap::{Action, Roadmap},
    signal::{Quantity, ResourceId, Unit},
};

/// How many twentieths of the possible futures; for ranking, because smaller differences are chance.
#[expect(clippy::cast_possible_truncation, reason = "a probability is at most 1")]
fn twentieths(probability: f64) -> i64 {
    (probability * 20.0).round() as i64
}

/// What ranks bottlenecks among those that nothing more urgent sets apart: the most probable first, then the earliest
/// to act on.
pub(super) fn rank(outlook: &Outlook, bottleneck: &Bottleneck) -> (Reverse<i64>, DateTime<Utc>) {
    let date = bottleneck.act_by.as_ref().and_then(|act_by| act_by.date);
    let date = date.or(bottleneck.saturates_on.as_ref().map(|on| on.low));
    let date = date.or_else(|| not_before(outlook, bottleneck));
    let probable = bottleneck.probability_first.map_or(0, twentieths);
    (Reverse(probable), date.unwrap_or(DateTime::<Utc>::MAX_UTC))
}

/// The last day that is known of what the load leads to its limit, where it is open which ends first: right after that
/// day it may, and so it does not rank behind a later date of what is known for longer.
fn not_before(outlook: &Outlook, bottleneck: &Bottleneck) -> Option<DateTime<Utc>> {
    let found = outlook.find(bottleneck.signal?, bottleneck.instance.as_deref())?;
    let open = bottleneck.probability_first.is_none() && found.saturates_at_load.is_some();
    found.reached.as_ref().filter(|_| open).map(|reached| reached.horizon)
}

/// Whether a resource is known to end at some load or date, so that it may be named as the next.
pub(super) fn is_foreseen(bottleneck: &Bottleneck) -> bool {
    let well_founded = matches!(bottleneck.grade, Grade::A | Grade::B);
    bottleneck.saturates_on.is_some() || bottleneck.saturates_at_load.is_some() && well_founded
}

/// Adds to a bottleneck what the outlook knows of the instance that decided.
pub(super) fn forecast(context: &Context<'_>, outlook: &Outlook, bottleneck: Bottleneck) -> Bottleneck {
    let Some(signal) = bottleneck.signal else { return bottleneck };
    let Some(found) = outlook.find(signal, bottleneck.instance.as_deref()) else { return bottleneck };
    let saturates_on = found.reached.as_ref().and_then(Reached::date);
    let act_by = act_by(context, outlook, found, saturates_on.as_ref(), bottleneck.roadmap.as_ref());
    Bottleneck {
        saturates_at_load: found.saturates_at_load,
        saturates_on,
        probability_first: found.probability_first,
        saturation_reason: reason(context, outlook, found, bottleneck.roadmap.as_ref()),
        act_by: act_by.or(bottleneck.act_by),
        grade: found.grade,
        ..bottleneck
    }
}

/// The date is the middle one less the lead time; the load is what is expected on that day. Without a date, as large a
/// share of the load as the roadmap leaves for its own milestone.
fn act_by(
    context: &Context<'_>,
    outlook: &Outlook,
    found: &ResourceOutlook,
    on: Option<&SaturationDate>,
    roadmap: Option<&Expectation>,
) -> Option<ActBy> {
    let lead_time = lead_time(&context.input.roadmap, found.resource).unwrap_or(ASSUMED_LEAD_TIME);
    let date = on.and_then(|on| on.mid).and_then(|mid| mid.checked_sub_signed(lead_time));
    let expected = date.and_then(|date| {
        let future = outlook.load.future.as_ref()?;
        let days = (date.date_naive() - future.first).num_days().max(0);
        future.median(usize::try_from(days).ok()?)
    });
    let shared = || {
        let (roadmap, mid) = (roadmap?, found.saturates_at_load.as_ref()?.mid);
        Some(mid * roadmap.act_by_users? as f64 / roadmap.users as f64)
    };
    let load = expected.or_else(shared).map(f64::round);
    (date.is_some() || load.is_some()).then_some(ActBy { load, date })
}

/// How long a remedy is assumed to take by default.
const ASSUMED_LEAD_TIME: TimeDelta = TimeDelta::days(14);

/// How long the remedy takes as far as the roadmap says: of the roadmap's milestone, else of the action that takes longest in the first phase that
/// relieves the resource. What is defined with a lead time of its own has that otherwise.
pub fn lead_time(roadmap: &Roadmap, resource: ResourceId) -> Option<TimeDelta> {
    let milestone = roadmap.milestone_of(resource);
    let stated = milestone.map(|milestone| {
        let longest = || milestone.effort.high().unwrap_or(milestone.effort.low());
        milestone.lead_time.unwrap_or_else(longest)
    });
    let relieving = |action: &&Action| action.relieves.contains(&resource);
    let longest = |actions: &[Action]| {
        let durations = actions.iter().filter(relieving).filter_map(Action::duration);
        durations
            .map(|range| range.high().unwrap_or(range.low()))
            .max_by(|a, b| a.value().total_cmp(&b.value()))
    };
    let quantity = stated.or_else(|| roadmap.phases.iter().find_map(|phase| longest(&phase.actions)));
    let defined = || Quantity::new(resource.entry().lead_time_seconds?, Unit::Seconds);
    span(quantity.or_else(defined)?)
}

/// A duration as calendar time.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of too large a number saturates, and then is refused"
)]
pub(super) fn span(quantity: Quantity) -> Option<TimeDelta> {
    TimeDelta::try_seconds(quantity.value().round() as i64)
}

impl SaturationReason {
    /// A reason that nothing adds to.
    pub(crate) fn without_forecast(forecast: ForecastReason) -> Self {
        Self {
            forecast,
            first_undecided: false,
            limit_changed: None,
            roadmap_expects: None,
            not_before: None,
            load: None,
            assumed_lead_time_days: None,
        }
    }
}

/// What the numbers rest on, what contradicts them, and what is missing.
fn reason(
    context: &Context<'_>,
    outlook: &Outlook,
    found: &ResourceOutlook,
    roadmap: Option<&Expectation>,
) -> SaturationReason {
    let mut reason = SaturationReason {
        first_undecided: found.first_undecided,
        limit_changed: found.limit_changed,
        roadmap_expects: roadmap.and_then(|roadmap| differing(roadmap, found.saturates_at_load.as_ref()?)),
        ..SaturationReason::without_forecast(found.reason.clone())
    };
    let load = || Some(Box::new(outlook.load.reason.clone()));
    match &found.reached {
        // It lasts until its reset, and begins anew.
        Some(Reached { low: None, .. }) if is_reset(&found.reason) => {}
        Some(Reached { low: None, horizon, .. }) => {
            reason.not_before = Some(*horizon);
            reason.load = if found.future.is_none() { load() } else { None };
        }
        None if found.saturates_at_load.is_some() => reason.load = load(),
        Some(Reached { mid: Some(_), .. }) if lead_time(&context.input.roadmap, found.resource).is_none() => {
            reason.assumed_lead_time_days = Some(ASSUMED_LEAD_TIME.num_days());
        }
        _ => {}
    }
    reason
}

/// Whether it is known when what is used up counts as unused again.
fn is_reset(reason: &ForecastReason) -> bool {
    matches!(reason, ForecastReason::Spend { budget, .. } if budget.resets_at.is_some())
}

/// The roadmap's number of users, where the measured one differs by more than a quarter.
fn differing(roadmap: &Expectation, measured: &Interval<f64>) -> Option<u64> {
    const MUCH: f64 = 0.25;
    let expected = roadmap.users as f64;
    ((measured.mid - expected).abs() / expected > MUCH).then_some(roadmap.users)
}

/// Whether the date to act by has come, on good evidence.
pub(super) fn is_overdue(bottleneck: &Bottleneck, now: DateTime<Utc>) -> bool {
    let date = bottleneck.act_by.as_ref().and_then(|act_by| act_by.date);
    let well_founded = matches!(bottleneck.grade, Grade::A | Grade::B);
    well_founded && bottleneck.saturates_on.is_some() && date.is_some_and(|date| date <= now)
}

/// The finding that it is time to begin: the date to act by has come, and the evidence is good enough to say so.
pub(super) fn finding(bottleneck: &Bottleneck, now: DateTime<Utc>) -> Option<Finding> {
    let on = bottleneck.saturates_on.as_ref()?;
    let date = bottleneck.act_by.as_ref()?.date?;
    let verdict = if is_overdue(bottleneck, now) { Verdict::Warning } else { Verdict::Ok };
    Some(Finding {
        id: format!("forecast:{}", bottleneck.resource),
        kind: Kind::Forecast,
        severity: Verdict::Warning,
        verdict,
        state: if verdict == Verdict::Warning { State::Warning } else { State::Ok },
        signal: bottleneck.signal,
        instance: bottleneck.instance.clone(),
        resource: Some(bottleneck.resource),
        value: bottleneck.now,
        limit: bottleneck.limit,
        aggregate: None,
        sustained: None,
        origin: None,
        samples: 0,
        reason: FindingReason::ActBy { start_by: date, reached: on.mid, overdue: date <= now },
    })
}
