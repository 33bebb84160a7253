//! Reasons in words: one file for each kind of result.

mod budget;
mod condition;
mod cost;
mod failure;
mod forecast;
pub(super) mod gate;
mod gate_metric;
pub(super) mod load_test;
mod plan;
mod report;
mod what_if;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    assess::{
        Assessment, BottleneckReason, Bucket, CacheReason, ComparedLimit, FindingReason, LimitOrigin,
        LimitReason, Measured, MissingReason, RankingReason, SilenceOutcome, SilenceState, State,
        UnjudgedReason,
    },
    roadmap::Silence,
    signal::{Direction, Quantity, ResourceId, SignalId, Unit, span_text},
};

pub(crate) use condition::condition;
pub(crate) use cost::{
    change_cost, contradiction, measured_basis, range, stated_basis, stated_change, user_cost,
};
use failure::Loss;
pub(crate) use failure::{failure, failure_details, failures_left_out, lost_parts};
pub(crate) use forecast::{
    demand_cap, event_ahead, event_shortage, events_left_out, forecast, load, saturation,
};
pub(crate) use plan::{
    architecture, capacities, cost, elasticity, item_price, kept_setting, phase, plan_item, purpose, saving,
    stated_cost, workers,
};
pub(crate) use report::{assumption, statements_missing};
pub(crate) use what_if::{limit_basis, limit_effect, replica_effect, unresolved_change};

/// "alert:queue-depth-critical until 24 Dec 2026: new workers ordered".
pub(crate) fn silence(outcome: &SilenceOutcome) -> String {
    let Silence { finding, instance, up_to: _, until, reason } = &outcome.silence;
    let finding = finding.as_deref().unwrap_or("everything");
    let named = format!("{finding}{}", of_instance(instance.as_deref()));
    let day = until.format("%-d %b %Y");
    match outcome.state {
        SilenceState::Used => format!("{named} is silenced until {day}: {reason}"),
        SilenceState::Expired => format!("{named} was silenced until {day} and counts again: {reason}"),
        SilenceState::Unused => format!("{named} until {day} silences nothing: {reason}"),
        SilenceState::Exceeded => format!("{named} is worse than its silence allows: {reason}"),
    }
}

/// Why a signal has no value.
pub(crate) fn missing(reason: &MissingReason) -> String {
    match reason {
        MissingReason::NotConfigured { signal } => {
            format!("{signal} is not measured: no configured source reads it")
        }
        MissingReason::Gap { signal, source, detail } => {
            format!("{signal} is not measured: {source}: {detail}")
        }
        MissingReason::NotComputed { signal } => match &signal.entry().computed {
            Some(needs) => format!("{signal} cannot be computed: it needs {needs}"),
            None => format!("{signal} cannot be computed"),
        },
        MissingReason::TooLarge { signal } => format!("{signal} is too large to calculate with"),
        MissingReason::OtherInstances { signal, instance, measured } => {
            format!("{signal} of {instance} is not measured, only of {}", measured.join(", "))
        }
    }
}

/// How a value compares with its limits.
pub(crate) fn limit(reason: &LimitReason) -> String {
    let LimitReason {
        measured,
        state,
        at_peak,
        samples,
        limit,
        unjudged,
        flat_seconds,
        cache,
        budget,
        notes,
    } = reason;
    let basis = match (*at_peak, *samples) {
        (true, _) => " at the peak hours",
        (false, 1) => " (one sample)",
        (false, _) => " now",
    };
    let entry = measured.signal.entry();
    let mut text =
        format!("{}{}: {}{basis}", entry.title, of_instance(measured.instance.as_deref()), amount(measured));
    if let Some(limit) = limit {
        text.push_str(", ");
        text.push_str(&compared(limit, *state, *at_peak, measured));
    }
    // Of a budget it is known what is spent, whether or not requests are still served.
    let flat = flat_seconds
        .filter(|_| budget.is_none())
        .map(|seconds| format!("at its limit for {}, so the real demand is higher", span_text(seconds)));
    let unjudged = unjudged.as_ref().map(unjudged_words);
    let parts = [Some(text), unjudged].into_iter().chain(notes.iter().cloned().map(Some));
    let budget = budget.as_deref().map(|budget| budget::words(budget, measured.value));
    joined(parts.chain([flat, cache.as_deref().map(cache_words), budget]).flatten())
}

/// "above the warning threshold of 80% for 20 min since 20 Nov 16:40 (alert cpu-warning of the roadmap)".
fn compared(limit: &ComparedLimit, state: State, at_peak: bool, measured: &Measured) -> String {
    let ComparedLimit { at, origin, sustained, past, bucket, .. } = limit;
    let origin = limit_origin(origin);
    let (within, outside) = match measured.signal.entry().direction {
        Direction::HigherIsWorse => ("below", "above"),
        Direction::LowerIsWorse => ("above", "below"),
    };
    let current = sustained.as_ref().filter(|sustained| sustained.current_seconds > 0.0);
    let lasted = current.map(|sustained| span_text(sustained.current_seconds));
    let required =
        sustained.as_ref().map(|sustained| sustained.required_seconds).filter(|seconds| *seconds > 0.0);
    match state {
        State::Unknown => match bucket {
            Some(bucket) => {
                format!("unknown at the limit of {at}: it lies {}", bucket_words(*bucket, at.unit()))
            }
            None => format!("limit {at} ({origin})"),
        },
        State::Ok => {
            let time = |time: DateTime<Utc>| time.format("%-d %b %H:%M").to_string();
            let event = past
                .as_ref()
                .map(|past| format!("; {outside} it from {} to {}", time(past.began), time(past.ended)));
            format!("{within} the limit of {at} ({origin}){}", event.unwrap_or_default())
        }
        State::Pending => {
            let required = required.map(|seconds| format!(" of {}", span_text(seconds))).unwrap_or_default();
            let lasted = lasted.map_or_else(String::new, |lasted| format!(" for {lasted}{required}"));
            format!("pending: {outside} the limit of {at}{lasted} ({origin})")
        }
        State::Warning | State::Critical | State::Saturated if at_peak => {
            format!("{outside} the limit of {at} on several days ({origin})")
        }
        State::Warning | State::Critical | State::Saturated => {
            let required = required.map(|seconds| format!(" for {}", span_text(seconds))).unwrap_or_default();
            let lasted = lasted.map_or_else(String::new, |lasted| format!(", {outside} it for {lasted}"));
            format!("limit {at}{required} ({origin}){lasted}")
        }
    }
}

/// "in a histogram bucket from 500 ms to 30 s".
fn bucket_words(bucket: Bucket, unit: Unit) -> String {
    let text = |value: f64| Quantity::new(value, unit).map_or_else(String::new, |value| value.to_string());
    match bucket.high {
        Some(high) => format!("in a histogram bucket from {} to {}", text(bucket.low), text(high)),
        None => format!("beyond the highest histogram bucket, {}", text(bucket.low)),
    }
}

fn unjudged_words(reason: &UnjudgedReason) -> String {
    match reason {
        UnjudgedReason::NotKnownToBeACache => {
            "not evaluated: neither an eviction policy nor evictions show that it is a cache".to_owned()
        }
        UnjudgedReason::SpendIncomplete { known_since, known_until } => {
            let day = |day: &NaiveDate| day.format("%-d %b %Y").to_string();
            let since = known_since.as_ref().map(|since| format!(" from {}", day(since)));
            let until = known_until.as_ref().map(|until| format!(" until {}", day(until)));
            let days = [since, until].into_iter().flatten().collect::<String>();
            format!("not evaluated: the spend since its last reset is known only{days}")
        }
        UnjudgedReason::TooLittleTraffic { of, counted, needed } => {
            format!("not evaluated: {:.0} of {needed:.0} needed ({})", counted.floor(), of.entry().title)
        }
    }
}

/// Who set a limit.
pub(crate) fn limit_origin(origin: &LimitOrigin) -> String {
    match origin {
        LimitOrigin::Default => "default limit".to_owned(),
        LimitOrigin::HardLimit => "hard limit".to_owned(),
        LimitOrigin::Alert { id } => format!("alert {id} of the roadmap"),
        LimitOrigin::Project => "the project's limit".to_owned(),
    }
}

fn cache_words(reason: &CacheReason) -> String {
    match reason {
        CacheReason::NotACache => "keys are kept (noeviction), so misses cost nothing".to_owned(),
        CacheReason::Evicts { policy, harmed, unknown } => {
            let policy = policy.as_ref().map(|policy| format!(" under {policy}")).unwrap_or_default();
            let effect = if !harmed.is_empty() {
                format!("with harmful effects: {}", joined(harmed.iter().map(limit)))
            } else if unknown.is_empty() {
                "which is by design; its effects are evaluated instead".to_owned()
            } else {
                let names: Vec<&str> = unknown.iter().map(|signal| signal.as_str()).collect();
                format!("but its effect is unknown: no {}", names.join(" and no "))
            };
            format!("it evicts{policy}, {effect}")
        }
    }
}

/// Why a finding has its verdict.
pub(crate) fn finding(reason: &FindingReason) -> String {
    match reason {
        FindingReason::Refused { source, message } => refused(source, message),
        FindingReason::Limit { evaluation } => limit(evaluation),
        FindingReason::Missing { missing: reason } => missing(reason),
        FindingReason::Condition { statement, underutilized, condition: reason } => {
            let start = statement.as_ref().map(|statement| format!("{statement}: ")).unwrap_or_default();
            let spare = if *underutilized { ", but underutilized" } else { "" };
            format!("{start}{}{spare}", condition(reason))
        }
        FindingReason::ActBy { start_by, reached, overdue } => {
            let around = reached.map_or_else(String::new, |reached| format!(" around {}", day(reached)));
            let act = if *overdue { "overdue; latest start was" } else { "start the remedy by" };
            format!("reaches its limit{around}; {act} {}", day(*start_by))
        }
        FindingReason::Lost { lost, found, worst, unknown, gone, without_label } => {
            let (found, worst) = (*found, worst.as_deref());
            format!("without {}", Loss { lost, found, worst, unknown, gone, without_label }.told(None))
        }
        FindingReason::Worded { text } => text.clone(),
    }
}

/// Why a resource stands where it does.
pub(crate) fn bottleneck(reason: &BottleneckReason) -> String {
    match reason {
        BottleneckReason::Refused { source, message } => refused(source, message),
        BottleneckReason::Limit { evaluation } => limit(evaluation),
        BottleneckReason::Unexplained { evaluation, ruled_out, unknown } => {
            let named = |word: &str, resources: &[ResourceId]| {
                (!resources.is_empty()).then(|| format!("{word}: {}", titles(resources)))
            };
            let parts = [Some(limit(evaluation)), named("ruled out", ruled_out), named("unknown", unknown)];
            joined(parts.into_iter().flatten())
        }
        BottleneckReason::Missing { missing: reason } => missing(reason),
        BottleneckReason::Worded { text } => text.clone(),
    }
}

/// Why the next bottleneck is that one, or why there is none.
pub(crate) fn next_bottleneck(assessment: &Assessment) -> String {
    let next = assessment.next_bottleneck.as_ref().map(|next| &next.reason);
    ranking(&assessment.next_bottleneck_reason, next)
}

fn ranking(reason: &RankingReason, next: Option<&BottleneckReason>) -> String {
    match reason {
        RankingReason::Bottleneck { .. } => next.map(bottleneck).unwrap_or_default(),
        RankingReason::Undecided { resource, reason } => {
            format!("{} may be near its limit: {}", resource.entry().title, bottleneck(reason))
        }
        RankingReason::NoneNear { closest, instance, headroom } => format!(
            "no measured resource has reached its warning limit; the closest is {} with {:.0}% headroom",
            closest.entry().of_instance(instance.as_deref()),
            headroom * 100.0
        ),
        RankingReason::NothingMeasured => "no resource was measured".to_owned(),
        RankingReason::Worded { text } => text.clone(),
    }
}

fn refused(source: &str, message: &str) -> String {
    format!("{source} rejected the connection, limit reached: {message}")
}

/// "92 of 97 connections (94.8%)", or the plain quantity where 100% is not known.
pub(crate) fn amount(measured: &Measured) -> String {
    let Measured { signal, value, capacity, .. } = measured;
    let Some(capacity) = *capacity else { return value.to_string() };
    let used = value.value() * capacity.value();
    // Things that are counted come in whole numbers.
    let whole = capacity.unit() == Unit::Count && capacity.value() >= 20.0;
    let Some(used) = Quantity::new(if whole { used.round() } else { used }, capacity.unit()) else {
        return value.to_string();
    };
    let of = counted(*signal).map(|of| format!(" {of}")).unwrap_or_default();
    format!("{used} of {capacity}{of} ({value})")
}

/// What a signal is a share of, where that is counted: "connections".
fn counted(signal: SignalId) -> Option<&'static str> {
    signal.entry().of.as_deref().filter(|of| *of != "bytes")
}

/// " of the intent queue", or nothing where there is one instance.
fn of_instance(instance: Option<&str>) -> String {
    instance.map(|instance| format!(" of {instance}")).unwrap_or_default()
}

fn titles(resources: &[ResourceId]) -> String {
    let titles: Vec<&str> = resources.iter().map(|resource| resource.entry().title.as_str()).collect();
    titles.join(", ")
}

/// " since 20 Nov 16:40".
fn since(began: Option<DateTime<Utc>>) -> String {
    began.map(|began| format!(" since {}", began.format("%d %b %H:%M"))).unwrap_or_default()
}

fn day(date: DateTime<Utc>) -> String {
    date.format("%-d %b %Y").to_string()
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join("; ")
}

/// "8.1%", without ".0", and zero without a sign.
fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    let text = text.strip_suffix(".0").unwrap_or(&text);
    format!("{}%", if text == "-0" { "0" } else { text })
}
