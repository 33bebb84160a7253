//! The summary: `--summary-export`, and the data of `handleSummary`.
//!
//! They differ where it hurts. In the export the figures stand in the metric itself, and a limit that was *kept* is
//! `false`; in the data they stand below `values`, and a limit that was kept is `{"ok": true}`. In both, the
//! `passes` of `http_req_failed` are the requests that failed.

use serde_json::Value;

use super::{MILLISECOND, TOOL};
use crate::loadtest::{
    LoadTest, LoadTestError, Run, Threshold,
    input::{Input, count, number},
    metric,
};

/// The figures of a trend and what they are called here.
pub(super) const TREND: [(&str, &str); 6] = [
    ("avg", metric::LATENCY_MEAN),
    ("med", metric::LATENCY_P50),
    ("p(90)", metric::LATENCY_P90),
    ("p(95)", metric::LATENCY_P95),
    ("p(99)", metric::LATENCY_P99),
    ("max", metric::LATENCY_MAX),
];

/// Whether it is a summary of either form.
pub(in crate::loadtest) fn recognise(input: &Input<'_>) -> bool {
    let known = ["http_reqs", "iterations", "vus", "data_sent", "http_req_duration"];
    let metrics = input.json.get("metrics").and_then(Value::as_object);
    metrics.is_some_and(|metrics| known.iter().any(|name| metrics.contains_key(*name)))
}

/// Reads either form.
pub(in crate::loadtest) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let metrics = &input.json["metrics"];
    let figures = |name: &str| metrics.get(name).map(|metric| metric.get("values").unwrap_or(metric));
    let requests = figures("http_reqs").ok_or(LoadTestError::NoRequests)?;
    let mut run = Run { requests: count(requests, &["count"]), ..Run::default() };
    if run.requests.is_none() {
        return Err(LoadTestError::Missing { tool: TOOL, what: "`count` of `http_reqs`" });
    }
    run.throughput(number(requests, &["rate"]));
    run.failed = figures("http_req_failed").and_then(|failed| count(failed, &["passes"]));
    if let Some(duration) = figures("http_req_duration") {
        for (theirs, ours) in TREND {
            run.latency(ours, number(duration, &[theirs]), MILLISECOND);
        }
    }
    if let Some(users) = figures("vus") {
        hold_users(&mut run, users);
    }
    run.thresholds = thresholds(metrics);
    LoadTest::of(TOOL, None, run)
}

fn hold_users(run: &mut Run, users: &Value) {
    match (number(users, &["min"]), number(users, &["max"])) {
        (Some(low), Some(high)) if low.to_bits() == high.to_bits() => run.concurrency = Some(high),
        (Some(low), Some(high)) => run.notes.push(format!(
            "virtual users went from {low} to {high}; only `--out json` or `--out csv` tells what each load gave"
        )),
        _ => {}
    }
}

fn thresholds(metrics: &Value) -> Vec<Threshold> {
    let mut found = Vec::new();
    for (name, metric) in metrics.as_object().into_iter().flatten() {
        for (limit, outcome) in metric.get("thresholds").and_then(Value::as_object).into_iter().flatten() {
            let passed = match outcome {
                // The export says whether the limit was crossed.
                Value::Bool(crossed) => Some(!crossed),
                other => other.get("ok").and_then(Value::as_bool),
            };
            found.extend(passed.map(|passed| Threshold { name: format!("{name}: {limit}"), passed }));
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}
