//! k6: three forms of its summary (`--summary-export`, the data of `handleSummary`, and the machine-readable one), and
//! points as JSON lines and as CSV.
//!
//! The first two differ where it hurts. In the export the figures are in the metric itself, and a limit that was *kept*
//! is `false`; in the data they are below `values`, and a limit that was kept is `{"ok": true}`. In both, the `passes`
//! of `http_req_failed` are the requests that failed. The machine-readable summary has counters without rates, trends
//! without `p(99)`, and no limits.

mod points;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{
    LoadTest, LoadTestError, MeasureUnit, Note, Run, Threshold,
    input::{Input, count, number},
    metric,
};
pub(super) use points::{is_csv_points, is_json_points, is_point, read_csv_points, read_json_points};

/// The tool's name.
pub(super) const TOOL: &str = "k6";

/// k6 counts time in milliseconds.
const MILLISECOND: f64 = 1e-3;

/// Whether it is the summary that k6 shows in a terminal.
pub(super) fn is_other(input: &Input<'_>) -> bool {
    let head = input.head();
    head.contains("http_req_duration..") || head.contains("iteration_duration..")
}

/// Says which form is read.
pub(super) fn refuse_other(_: Input<'_>) -> Result<LoadTest, LoadTestError> {
    Err(LoadTestError::Unsupported(
        "it is the summary that k6 shows in a terminal; run k6 with `--summary-export FILE` or `--out json=FILE`",
    ))
}

/// The figures of a trend and what they are called here.
const TREND: [(&str, &str); 6] =
    [("avg", "mean"), ("med", "p50"), ("p(90)", "p90"), ("p(95)", "p95"), ("p(99)", "p99"), ("max", "max")];

/// Whether it is a summary of the first two forms.
pub(in crate::loadtest) fn is_summary(input: &Input<'_>) -> bool {
    let known = ["http_reqs", "iterations", "vus", "data_sent", "http_req_duration", "ws_sessions"];
    let metrics = input.json.get("metrics").and_then(Value::as_object);
    metrics.is_some_and(|metrics| known.iter().any(|name| metrics.contains_key(*name)))
}

/// Reads either form.
pub(in crate::loadtest) fn read_summary(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = input.into_json();
    let metrics = &json["metrics"];
    let values = |name: &str| {
        let metric = metrics.get(name).unwrap_or(&Value::Null);
        metric.get("values").unwrap_or(metric)
    };
    let rate = |name: &str| number(values(name), &["rate"]);
    let mut run = Run::default();
    if values("http_reqs").is_object() {
        let missing = LoadTestError::Missing { tool: TOOL, what: "`count` of `http_reqs`" };
        run.requests = Some(count(values("http_reqs"), &["count"]).ok_or(missing)?);
        run.throughput(rate("http_reqs"));
        run.failed = count(values("http_req_failed"), &["passes"]);
    }
    run.thresholds = thresholds(metrics);
    finish(run, &values, &rate, None)
}

/// Whether it is the machine-readable summary.
pub(in crate::loadtest) fn is_machine_summary(input: &Input<'_>) -> bool {
    input.has(&["version", "metadata", "results"]) && input.json["metadata"].get("k6Version").is_some()
}

/// Reads it. A rate is the count over the configured duration.
pub(in crate::loadtest) fn read_machine_summary(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = input.into_json();
    let metrics = json["results"]["metrics"].as_array();
    let metrics = metrics.ok_or(LoadTestError::Missing { tool: TOOL, what: "`results.metrics`" })?;
    let values = |name: &str| {
        metrics.iter().find(|metric| metric["name"] == name).map_or(&Value::Null, |metric| &metric["values"])
    };
    let seconds = number(&json, &["config", "duration"]).filter(|seconds| *seconds > 0.0);
    let rate = |name: &str| {
        count(values(name), &["count"]).zip(seconds).map(|(count, seconds)| count as f64 / seconds)
    };
    let mut run = Run::default();
    if let Some(requests) = count(values("http_reqs"), &["count"]) {
        (run.requests, run.failed) = (Some(requests), count(values("http_req_failed"), &["matches"]));
        run.throughput(rate("http_reqs"));
    }
    let version = json["metadata"]["k6Version"].as_str().map(str::to_owned);
    finish(run, &values, &rate, version)
}

/// What all forms have in common: durations, users, and protocols other than HTTP.
fn finish<'a>(
    mut run: Run,
    values: &dyn Fn(&str) -> &'a Value,
    rate: &dyn Fn(&str) -> Option<f64>,
    version: Option<String>,
) -> Result<LoadTest, LoadTestError> {
    trend(&mut run, "latency", values("http_req_duration"));
    let other = other_protocols(&mut run, values, rate);
    if run.requests.unwrap_or(0) == 0 {
        let ran = number(values("iterations"), &["count"]).is_some_and(|count| count > 0.0);
        match (other, ran) {
            (true, _) => run.requests = None,
            (false, true) => return Err(LoadTestError::NoHttpRequests),
            (false, false) => return Err(LoadTestError::NoRequests),
        }
        checks(&mut run, values("checks"));
    }
    let users = values("vus");
    match (number(users, &["min"]), number(users, &["max"])) {
        (Some(low), Some(high)) if low.to_bits() == high.to_bits() => run.concurrency = Some(high),
        (Some(low), Some(high)) => run.notes.push(Note::LoadVaried { low, high }),
        _ => {}
    }
    LoadTest::single(TOOL, version, run)
}

/// Figures of WebSocket and gRPC; whether there are any.
fn other_protocols<'a>(
    run: &mut Run,
    values: &dyn Fn(&str) -> &'a Value,
    rate: &dyn Fn(&str) -> Option<f64>,
) -> bool {
    let websocket = count(values("ws_sessions"), &["count"]).is_some_and(|count| count > 0);
    if websocket {
        run.add(metric::WS_SESSION_RATE, rate("ws_sessions"), MeasureUnit::PerSecond);
        run.add(metric::WS_MESSAGE_RATE, rate("ws_msgs_received"), MeasureUnit::PerSecond);
        trend(run, metric::WS_CONNECT_DURATION, values("ws_connecting"));
        trend(run, metric::WS_SESSION_DURATION, values("ws_session_duration"));
    }
    let grpc = number(values("grpc_req_duration"), &["avg"]).is_some();
    if grpc {
        trend(run, metric::GRPC_DURATION, values("grpc_req_duration"));
        // k6 does not count gRPC requests; an iteration makes the same number of them every time.
        run.add(metric::ITERATION_RATE, rate("iterations"), MeasureUnit::PerSecond);
    }
    websocket || grpc
}

fn trend(run: &mut Run, name: &str, values: &Value) {
    for (theirs, ours) in TREND {
        run.duration(&format!("{name}_{ours}"), number(values, &[theirs]), MILLISECOND);
    }
}

/// The share of checks that failed: the errors of a test whose protocol k6 counts no errors of.
fn checks(run: &mut Run, values: &Value) {
    let [passes, fails] = [["passes", "matches"], ["fails", "nonMatches"]]
        .map(|names| names.into_iter().find_map(|name| count(values, &[name])));
    let total = count(values, &["total"]);
    let fails = fails.or_else(|| total.zip(passes).map(|(total, passes)| total.saturating_sub(passes)));
    if let Some((passes, fails)) = passes.zip(fails).filter(|(passes, fails)| passes + fails > 0) {
        let ratio = fails as f64 / (passes + fails) as f64;
        run.add(metric::FAILED_CHECK_RATIO, Some(ratio), MeasureUnit::Ratio);
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
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}
