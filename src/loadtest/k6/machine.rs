//! The summary of `--new-machine-readable-summary`: counters without rates, trends without `p(99)`, no limits.

use serde_json::Value;

use super::{MILLISECOND, TOOL, summary::TREND};
use crate::loadtest::{
    LoadTest, LoadTestError, Run,
    input::{Input, count, number},
};

/// Whether it is this form.
pub(in crate::loadtest) fn recognise(input: &Input<'_>) -> bool {
    input.has(&["version", "metadata", "results"]) && input.json["metadata"].get("k6Version").is_some()
}

/// Reads it. The rate is the count over the configured duration.
pub(in crate::loadtest) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let metrics = input.json["results"]["metrics"].as_array();
    let metrics = metrics.ok_or(LoadTestError::Missing { tool: TOOL, what: "`results.metrics`" })?;
    let values = |name: &str| {
        metrics.iter().find(|metric| metric["name"] == name).map_or(&Value::Null, |metric| &metric["values"])
    };
    let requests = count(values("http_reqs"), &["count"]).ok_or(LoadTestError::NoRequests)?;
    let failed = count(values("http_req_failed"), &["matches"]);
    let mut run = Run { requests: Some(requests), failed, ..Run::default() };
    let seconds = number(&input.json, &["config", "duration"]).filter(|seconds| *seconds > 0.0);
    run.throughput(seconds.map(|seconds| requests as f64 / seconds));
    for (theirs, ours) in TREND {
        run.latency(ours, number(values("http_req_duration"), &[theirs]), MILLISECOND);
    }
    let users = values("vus");
    if let (Some(low), Some(high)) = (number(users, &["min"]), number(users, &["max"])) {
        run.concurrency = (low.to_bits() == high.to_bits()).then_some(high);
    }
    let version = input.json["metadata"]["k6Version"].as_str().map(str::to_owned);
    LoadTest::of(TOOL, version, run)
}
