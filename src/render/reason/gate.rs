//! The reasons of a comparison between two builds in words.

use chrono::{DateTime, Utc};

use crate::{
    gate::{
        Acknowledged, AcknowledgementState, BaselineKind, Better, Consequence, ConsequenceReason,
        ConsequenceUnknown, GateReport, LimitReason, Method, MetricReason, MetricVerdict, Missing,
        MissingReason, NoBaseline, NotEvaluated, NotEvaluatedReason, ObjectiveVerdict, OutcomeReason, Shift,
        metric_title, value_quantity,
    },
    signal::{Quantity, Unit},
};

/// Decimals that are added at most to tell two values apart.
const MAX_DECIMALS: usize = 9;

/// Why the whole comparison came out as it did.
pub(in crate::render) fn outcome(report: &GateReport) -> String {
    match &report.reason {
        OutcomeReason::Failed { ids } => format!("{} failed: {}", findings(ids.len()), ids.join(", ")),
        OutcomeReason::StaleAcknowledgements { ids } => {
            format!("expired or unused acknowledgements: {}", ids.join(", "))
        }
        OutcomeReason::NoBaseline { limits: 0, .. } => "no baseline to compare with".to_owned(),
        OutcomeReason::NoBaseline { inconclusive: 0, .. } => {
            "no baseline to compare with; all absolute limits are met".to_owned()
        }
        OutcomeReason::NoBaseline { limits, inconclusive } => {
            format!(
                "no baseline to compare with; {inconclusive} of {limits} absolute limits are inconclusive"
            )
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

/// "1 run", "5 runs".
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// "p95 latency rose by 18% (12 to 24%), more than the 5% allowed: 205 ms → 242 ms, 5 runs each, p = 0.004".
pub(in crate::render) fn metric(report: &GateReport, verdict: &MetricVerdict) -> String {
    let title = metric_title(&verdict.metric);
    let runs = (verdict.baseline.n, verdict.candidate.n);
    let untested = match verdict.reason {
        MetricReason::TooFewRuns { minimum } => format!(
            "{} against {} runs are too few to compare (at least {minimum} per side); only absolute limits apply",
            runs.0, runs.1
        ),
        MetricReason::ShortHistory { minimum, since_change } => {
            let since = if since_change { " since the last change of level" } else { "" };
            format!("{}{since}, {minimum} are needed", counted(runs.0, "earlier run"))
        }
        MetricReason::NotComparable => "not comparable".to_owned(),
        MetricReason::LossBeyondMargin
        | MetricReason::WithinMargin
        | MetricReason::Gain
        | MetricReason::NoLossBeyondMargin
        | MetricReason::Undecided { .. } => {
            let judgement = judgement(verdict);
            let change = verdict.shift.map_or_else(String::new, |shift| change(verdict, shift));
            let history = report.baseline.kind == BaselineKind::History;
            let evidence = evidence(verdict, history);
            let next = next_step(verdict, history);
            return format!("{title} {change}, {judgement}: {}{evidence}{next}", medians(verdict));
        }
    };
    format!("{title}: {}{untested}", medians(verdict))
}

fn judgement(verdict: &MetricVerdict) -> String {
    let by_floor =
        verdict.baseline.median.is_none_or(|median| verdict.allowed > verdict.margin * median.abs());
    let allowed =
        if by_floor { value_text(verdict.allowed, &verdict.unit) } else { amount(verdict, verdict.allowed) };
    match verdict.reason {
        MetricReason::LossBeyondMargin => format!("more than the {allowed} allowed"),
        MetricReason::WithinMargin => format!("within the {allowed} allowed"),
        MetricReason::Gain => match verdict.direction {
            Better::Lower => "a gain (lower is better)".to_owned(),
            Better::Higher => "a gain (higher is better)".to_owned(),
        },
        MetricReason::NoLossBeyondMargin => format!("no loss beyond the {allowed} allowed"),
        _ => format!("inconclusive ({allowed} allowed)"),
    }
}

fn change(verdict: &MetricVerdict, shift: Shift) -> String {
    let ends = match (shift.low, shift.high) {
        (Some(low), Some(high)) if shift.mid < 0.0 => {
            format!(" ({} to {})", amount(verdict, -high), amount(verdict, -low))
        }
        (Some(low), Some(high)) => format!(" ({} to {})", amount(verdict, low), amount(verdict, high)),
        _ => String::new(),
    };
    if shift.mid > 0.0 {
        format!("rose by {}{ends}", amount(verdict, shift.mid))
    } else if shift.mid < 0.0 {
        format!("fell by {}{ends}", amount(verdict, -shift.mid))
    } else {
        format!("stayed the same{ends}")
    }
}

/// A difference as a share of the baseline, else in the metric's unit.
fn amount(verdict: &MetricVerdict, difference: f64) -> String {
    match verdict.baseline.median.filter(|median| *median != 0.0) {
        Some(median) => share(difference / median.abs()),
        None => value_text(difference, &verdict.unit),
    }
}

/// Both medians, with as many digits as tell them apart.
fn medians(verdict: &MetricVerdict) -> String {
    let unit = verdict.unit.as_str();
    match (verdict.baseline.median, verdict.candidate.median) {
        (Some(before), Some(after)) => {
            let [before, after] = distinct_texts([before, after], unit);
            format!("{before} → {after}, ")
        }
        (None, Some(after)) => format!("{} now, ", value_text(after, unit)),
        (Some(before), None) => format!("{} before, ", value_text(before, unit)),
        (None, None) => String::new(),
    }
}

fn evidence(verdict: &MetricVerdict, history: bool) -> String {
    let (before, after) = (verdict.baseline.n, verdict.candidate.n);
    let runs = if history {
        format!("{} against {}", counted(after, "run"), counted(before, "earlier run"))
    } else if before == after {
        format!("{} each", counted(before, "run"))
    } else {
        format!("{before} against {}", counted(after, "run"))
    };
    let p = verdict.p_holm.map(|p| format!(", p = {}", probability(p))).unwrap_or_default();
    let together = if verdict.tests > 1 { format!(" over {} metrics", verdict.tests) } else { String::new() };
    format!("{runs}{p}{together}")
}

fn next_step(verdict: &MetricVerdict, history: bool) -> String {
    let MetricReason::Undecided { enough_runs } = verdict.reason else { return String::new() };
    let reach = if enough_runs {
        String::new()
    } else {
        format!("; so few runs cannot show a loss in {}", counted(verdict.tests, "metric"))
    };
    match verdict.runs_needed {
        Some(runs) => {
            let side = if history { "" } else { " per side" };
            format!("{reach}; about {}{side} would decide it", counted(runs, "more run"))
        }
        None => format!("{reach}; even 100 runs per side may be inconclusive"),
    }
}

/// A probability with two digits, never a zero.
fn probability(p: f64) -> String {
    match p {
        p if p < 0.0001 => "below 0.0001".to_owned(),
        p if p < 0.1 => format!("{p:.4}").trim_end_matches('0').to_owned(),
        p => format!("{p:.2}"),
    }
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
        LimitReason::Finding { message } => message.clone(),
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
            "the present load at saturation is unknown; pass an assessment of the system with `--assessment`"
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
        MissingReason::Configured => "named in the config, but no run has it".to_owned(),
        MissingReason::LackedByRuns { side, lacking, runs, examples } => format!(
            "missing in {lacking} of {} of the {}: {}",
            counted(*runs, "run"),
            side.name(),
            examples.join(", ")
        ),
        MissingReason::Baseline { cause } => no_baseline(cause),
        MissingReason::LoadUnknown => "the present load is unknown".to_owned(),
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

/// A number with its unit: `205 ms`, `1,310 users`, `12%`.
pub(in crate::render) fn value_text(value: f64, unit: &str) -> String {
    precise_text(value, unit, 0)
}

/// Two values with as many digits as tell them apart.
fn distinct_texts(values: [f64; 2], unit: &str) -> [String; 2] {
    let texts = |more: usize| values.map(|value| precise_text(value, unit, more));
    let differ = |texts: &[String; 2]| texts[0] != texts[1];
    (0..=MAX_DECIMALS).map(texts).find(differ).unwrap_or_else(|| texts(0))
}

fn precise_text(value: f64, unit: &str, more: usize) -> String {
    if let Some(quantity) = value_quantity(value, unit) {
        return format!("{quantity:.more$}");
    }
    let number =
        Quantity::new(value, Unit::Count).map_or_else(|| "?".to_owned(), |number| format!("{number:.more$}"));
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

fn share(value: f64) -> String {
    value_text(value, "ratio")
}

fn day(date: DateTime<Utc>) -> String {
    date.format("%-d %b %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{Baseline, Comparison, GateConfig, Run, Value, evaluate};

    #[test]
    fn units_read_as_people_write_them() {
        assert_eq!(value_text(205.0, "ms"), "205 ms");
        assert_eq!(value_text(0.205, "seconds"), "205 ms");
        assert_eq!(value_text(12.0, "%"), "12%");
        assert_eq!(value_text(1310.0, "1/s"), "1,310/s");
        assert_eq!(value_text(1310.0, "rps"), "1,310/s");
        assert_eq!(value_text(1310.0, "users"), "1,310 users");
        assert_eq!(value_text(3.5, ""), "3.5");
    }

    #[test]
    fn values_that_differ_look_different() {
        let [before, after] = distinct_texts([100.0, 100.5], "1/s");
        assert_eq!((before.as_str(), after.as_str()), ("100/s", "100.5/s"));
        let [before, after] = distinct_texts([7.0, 7.0], "ms");
        assert_eq!((before.as_str(), after.as_str()), ("7 ms", "7 ms"));
    }

    fn report(before: [f64; 5], after: [f64; 5]) -> GateReport {
        let side = |values: [f64; 5]| -> Vec<Run> {
            let run = |value: f64| Run {
                values: [("latency_p95".to_owned(), Value { value, unit: "ms".to_owned() })].into(),
                ..Run::default()
            };
            values.into_iter().map(run).collect()
        };
        let comparison = Comparison {
            now: DateTime::UNIX_EPOCH,
            baseline: Baseline::Paired(side(before)),
            stored: None,
            candidate: side(after),
            objectives: Vec::new(),
            required: Vec::new(),
            required_signals: Vec::new(),
            current: None,
            profile: None,
        };
        evaluate(&comparison, &GateConfig::default()).unwrap()
    }

    #[test]
    fn a_metric_says_how_much_it_changed_and_how_sure_that_is() {
        const BASE: [f64; 5] = [200.0, 205.0, 203.0, 208.0, 206.0];
        const SLOWER: [f64; 5] = [240.0, 242.0, 239.0, 246.0, 244.0];
        let text = |before, after| {
            let report = report(before, after);
            metric(&report, &report.metrics[0])
        };
        assert_eq!(
            text(BASE, SLOWER),
            "p95 latency rose by 18.5% (16.6% to 20%), more than the 5% allowed: 205 ms → 242 ms, 5 runs each, \
             p = 0.004"
        );
        let gain = text(SLOWER, BASE);
        assert!(
            gain.starts_with("p95 latency fell by ") && gain.contains("a gain (lower is better):"),
            "{gain}"
        );
        let noisy = text([180.0, 220.0, 200.0, 240.0, 170.0], [190.0, 230.0, 205.0, 250.0, 168.0]);
        assert!(noisy.ends_with("; even 100 runs per side may be inconclusive"), "{noisy}");
        let near = text(BASE, [207.0, 214.0, 210.0, 216.0, 211.0]);
        assert!(near.ends_with(" more runs per side would decide it"), "{near}");
    }
}
