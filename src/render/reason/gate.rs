//! The reasons of a comparison between two builds in words.

use chrono::{DateTime, Utc};

pub(in crate::render) use super::gate_metric::{
    allowed, creep, median_texts, metric, probability, signed_amount, value_text,
};
use super::gate_metric::{counted, share};
use crate::gate::{
    Acknowledged, AcknowledgementState, Consequence, ConsequenceReason, ConsequenceUnknown, GateReport,
    LimitReason, Method, Missing, MissingReason, NoBaseline, NotEvaluated, NotEvaluatedReason,
    ObjectiveVerdict, OutcomeReason,
};

/// Why the whole comparison came out as it did.
pub(in crate::render) fn outcome(report: &GateReport) -> String {
    match &report.reason {
        OutcomeReason::Failed { ids } => format!("{} failed: {}", findings(ids.len()), ids.join(", ")),
        OutcomeReason::StaleAcknowledgements { ids } => {
            format!("expired or unused acknowledgements: {}", ids.join(", "))
        }
        OutcomeReason::NoBaseline { limits: 0, .. } => {
            "there are no absolute limits to check either".to_owned()
        }
        OutcomeReason::NoBaseline { inconclusive: 0, .. } => "all absolute limits are met".to_owned(),
        OutcomeReason::NoBaseline { limits, inconclusive } => {
            format!("{inconclusive} of {limits} absolute limits are inconclusive")
        }
        OutcomeReason::Missing { what, cause } => format!("{what}: {}", missing_cause(cause)),
        OutcomeReason::Inconclusive { ids } => {
            format!("{} inconclusive: {}", findings(ids.len()), ids.join(", "))
        }
        OutcomeReason::NothingCompared => "nothing was compared with the baseline".to_owned(),
        OutcomeReason::Passed { evaluated, accepted } => {
            let accepted =
                if *accepted > 0 { format!(", {accepted} accepted for now") } else { String::new() };
            format!("{} evaluated, none beyond what is allowed{accepted}", findings(*evaluated))
        }
    }
}

fn findings(count: usize) -> String {
    counted(count, "finding")
}

/// "http.latency (p95) below 200 ms is broken in 2 of 5 runs: 212 ms, 208 ms".
pub(in crate::render) fn limit(verdict: &ObjectiveVerdict) -> String {
    let (runs, broken) = (verdict.runs, verdict.broken);
    match &verdict.reason {
        LimitReason::Condition { condition, values } => {
            let of_run = |values: &Vec<crate::gate::Value>| {
                let values = values.iter().map(|value| value_text(value.value, &value.unit));
                values.collect::<Vec<_>>().join(" and ")
            };
            let shown: Vec<String> = values.iter().map(of_run).collect();
            let (what, count) = if broken > 0 { ("broken in", broken) } else { ("kept in", runs) };
            let more = if count > shown.len() { ", …" } else { "" };
            format!("{condition} {what} {count} of {}: {}{more}", counted(runs, "run"), shown.join(", "))
        }
        LimitReason::MetricMissing { condition, runs: lacking, example } => format!(
            "{condition}: metric missing or unit unknown in {lacking} of {}, such as {example}",
            counted(runs, "run")
        ),
        LimitReason::ToolThreshold { name, example: Some(example) } => format!(
            "threshold `{name}` of the load test broken in {broken} of {}, such as {example}",
            counted(runs, "run")
        ),
        LimitReason::ToolThreshold { name, example: None } => {
            format!("threshold `{name}` of the load test kept in {}", counted(runs, "run"))
        }
        LimitReason::Finding { finding: reason } => super::finding(reason),
    }
}

/// "users at saturation fall from 1,310 to 1,120; the date moves from 12 Mar 2027 to 9 Jan 2027".
pub(in crate::render) fn consequence(consequence: &Consequence) -> String {
    let load = |value: f64| value_text(value.round(), "");
    let mut text = match (consequence.baseline.load, consequence.candidate.load) {
        (Some(before), Some(after)) => {
            let change = match after.mid.round() - before.mid.round() {
                change if change < 0.0 => format!("fall from {} to {}", load(before.mid), load(after.mid)),
                change if change > 0.0 => format!("rise from {} to {}", load(before.mid), load(after.mid)),
                _ => format!("stay at {}", load(after.mid)),
            };
            format!("{} at saturation {change} ({}–{})", consequence.unit, load(after.low), load(after.high))
        }
        _ => "the load at saturation is unknown".to_owned(),
    };
    let moved = match (consequence.baseline.on, consequence.candidate.on) {
        (Some(before), Some(after)) if day(before) != day(after) => {
            format!("; the date moves from {} to {}", day(before), day(after))
        }
        (Some(before), None) => format!("; the date was {}, and is unknown now", day(before)),
        _ => String::new(),
    };
    text.push_str(&moved);
    text.push_str(match consequence.method {
        Method::SteppedTests => ", by the scalability curves of both builds",
        Method::Assessments => ", by the assessments of both builds",
        Method::Throughput => ", if all resources follow throughput",
    });
    if let Some(why) = consequence_verdict(consequence) {
        text.extend(["; ", &why]);
    }
    text
}

fn consequence_verdict(consequence: &Consequence) -> Option<String> {
    let lost = consequence.loss.map_or_else(|| "some load".to_owned(), share);
    match consequence.reason {
        ConsequenceReason::Enough => None,
        ConsequenceReason::HeadroomBelow { minimum } => {
            let left = consequence.headroom.map_or_else(|| "unknown".to_owned(), share);
            Some(format!("headroom is {left}, below the minimum of {}", share(minimum)))
        }
        ConsequenceReason::RemedyTooLate { lead_seconds, begin_by } => Some(format!(
            "the fix takes {}, so the latest start was {}",
            value_text(lead_seconds, "seconds"),
            day(begin_by)
        )),
        ConsequenceReason::LossBeyondMargin { allowed } => {
            Some(format!("{lost} lost, more than the {} allowed", share(allowed)))
        }
        ConsequenceReason::IntervalsOverlap => {
            Some(format!("{lost} lost, but the intervals of both builds overlap"))
        }
    }
}

/// Why the consequence is unknown; empty where it is known.
pub(in crate::render) fn consequence_unknown(report: &GateReport) -> String {
    report.consequence_unknown.as_ref().map_or_else(String::new, unknown_cause)
}

fn unknown_cause(unknown: &ConsequenceUnknown) -> String {
    match unknown {
        ConsequenceUnknown::NoEvidence => {
            "there is no stepped test, assessment or throughput of both builds".to_owned()
        }
        ConsequenceUnknown::SaturationUnknown => {
            "the current load at saturation is unknown; pass an assessment of the system with `--assessment`"
                .to_owned()
        }
        ConsequenceUnknown::StillRising { side, largest_load } => format!(
            "the steps of the {} do not reach the peak: throughput still rises at the largest load tested, {}",
            side.name(),
            value_text(*largest_load, "")
        ),
        ConsequenceUnknown::NoCurve { side, detail } => {
            format!("the steps of the {} do not show where throughput peaks: {detail}", side.name())
        }
    }
}

/// What became of an acknowledgement.
pub(in crate::render) fn acknowledgement(entry: &Acknowledged) -> String {
    match (entry.state, entry.failed) {
        (AcknowledgementState::Used, _) => format!("accepted until {}", entry.until),
        (AcknowledgementState::Expired, true) => {
            format!("expired on {}; the failure counts again", entry.until)
        }
        (AcknowledgementState::Expired, false) => {
            format!("expired on {}; remove it from the config", entry.until)
        }
        (AcknowledgementState::Unused, _) => {
            "nothing with this id has failed; remove it from the config".to_owned()
        }
    }
}

/// Why a metric was not evaluated, and what to do about it.
pub(in crate::render) fn not_evaluated(entry: &NotEvaluated) -> String {
    let metric = &entry.metric;
    match &entry.reason {
        NotEvaluatedReason::InFavourOf { metric } => format!(
            "skipped in favour of {metric}, because every further metric needs more runs; `--direction NAME=lower` \
             includes one"
        ),
        NotEvaluatedReason::Ignored => "ignored as configured".to_owned(),
        NotEvaluatedReason::SetByTest => "set by the load test, not by the system".to_owned(),
        NotEvaluatedReason::Unchanged => "unchanged".to_owned(),
        NotEvaluatedReason::DirectionUnknown => format!(
            "direction unknown, not evaluated; add `--direction {metric}=lower` or `=higher`, or a line in \
             [gate.directions]; `--ignore {metric}` excludes it"
        ),
    }
}

/// Where something is missing, and why.
pub(in crate::render) fn missing(entry: &Missing) -> String {
    missing_cause(&entry.reason)
}

fn missing_cause(reason: &MissingReason) -> String {
    match reason {
        MissingReason::Configured => "configured, but no run has it".to_owned(),
        MissingReason::LackedByRuns { side, lacking, runs, examples } => format!(
            "missing in {lacking} of {} of the {}: {}",
            counted(*runs, "run"),
            side.name(),
            examples.join(", ")
        ),
        MissingReason::Baseline { cause } => no_baseline(cause),
        MissingReason::LoadUnknown => "the current load is unknown".to_owned(),
        MissingReason::ConsequenceUnknown { cause } => unknown_cause(cause),
        MissingReason::SignalUnknown { run } => format!("required, but unknown in {run}"),
    }
}

fn no_baseline(cause: &NoBaseline) -> String {
    match cause {
        NoBaseline::NotNamed => {
            "none given; use `--baseline`, or save one with `gate baseline save`".to_owned()
        }
        NoBaseline::NoFile { name } => format!("no such file: {name}"),
        NoBaseline::NotStored { name, directory } => format!(
            "no file or stored baseline `{name}` (searched {directory}); save one with `gate baseline \
             save {name} FILES`"
        ),
    }
}

fn day(date: DateTime<Utc>) -> String {
    date.format("%-d %b %Y").to_string()
}
