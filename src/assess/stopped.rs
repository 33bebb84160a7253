//! Instances that stopped reporting while at a limit: that nobody hears of them any more makes nothing better.

use chrono::DateTime;

use super::{
    Bottleneck, BottleneckReason, Context, Finding, FindingReason, Kind, Measured, MissingReason, State,
    Verdict,
    limits::{self, Limits},
    ranking::without_evaluation,
    state,
};
use crate::{
    signal::{Quantity, Role},
    snapshot::Observation,
};

/// An instance that was at a limit when it stopped reporting.
struct Stopped<'a> {
    observation: &'a Observation,
    /// Its state at its last sample.
    state: State,
    /// Its last value.
    value: Quantity,
    /// The threshold that this is beyond.
    limit: Quantity,
    /// Why nothing is known of it now.
    reason: MissingReason,
}

/// What is unknown about each of them.
pub(super) fn findings(context: &Context<'_>) -> Vec<Finding> {
    let finding = |Stopped { observation, state, value, limit, reason }: Stopped<'_>| Finding {
        id: format!("threshold:{}", observation.signal),
        kind: Kind::Threshold,
        severity: if state >= State::Critical { Verdict::Critical } else { Verdict::Warning },
        verdict: Verdict::Unknown,
        state: State::Unknown,
        signal: Some(observation.signal),
        instance: observation.instance.clone(),
        resource: observation.signal.entry().resource,
        value: Some(value),
        limit: Some(limit),
        aggregate: None,
        sustained: None,
        origin: Some(observation.origin.clone()),
        samples: observation.values.len(),
        reason: FindingReason::Missing { missing: reason },
    };
    at_limit(context).into_iter().map(finding).collect()
}

/// A row for each of them, without a value.
pub(super) fn rows(context: &Context<'_>) -> Vec<Bottleneck> {
    let row = |Stopped { observation, reason, .. }: Stopped<'_>| {
        let resource = observation.signal.entry().resource?;
        let reason = BottleneckReason::Missing { missing: reason };
        Some(Bottleneck {
            signal: Some(observation.signal),
            instance: observation.instance.clone(),
            ..without_evaluation(context, resource, reason)
        })
    };
    at_limit(context).into_iter().filter_map(row).collect()
}

/// The instances of resources that were at a limit when they stopped, and that no other source shows.
fn at_limit<'a>(context: &Context<'a>) -> Vec<Stopped<'a>> {
    let is_shown = |stopped: &Observation| {
        context.all(stopped.signal).any(|observation| observation.instance == stopped.instance)
    };
    let stopped = context.snapshot.stopped.iter();
    let judged = stopped.filter(|stopped| {
        stopped.signal.entry().role == Role::Resource
            && !context.is_absent(stopped.signal)
            && !is_shown(stopped)
    });
    judged.filter_map(|stopped| at_its_end(stopped, &limits::limits(context, stopped.signal))).collect()
}

/// An observation that was beyond a threshold at its own end. What swings from sample to sample must have been so for
/// long enough.
fn at_its_end<'a>(observation: &'a Observation, limits: &Limits) -> Option<Stopped<'a>> {
    let entry = observation.signal.entry();
    let (last_ms, last) = observation.values.last();
    let check =
        |limit: &Option<limits::Limit>| limit.clone().map(|limit| state::check(observation, limit, last_ms));
    let (state, deciding) = state::state(check(&limits.critical), check(&limits.warning));
    let least = if entry.fluctuates { State::Warning } else { State::Pending };
    let limit = deciding.filter(|_| state >= least)?.limit.at;
    let value = Quantity::new(last, entry.unit)?;
    let at = DateTime::from_timestamp_millis(last_ms)?;
    let reason = MissingReason::Stopped { last: Measured::new(observation, value), at, limit };
    Some(Stopped { observation, state, value, limit, reason })
}
