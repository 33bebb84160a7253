//! Artillery 2, `--output`. Counters that are zero are not written, and an answer of 500 fails nobody: failures
//! are counted here, from the status codes and the errors.

use serde_json::Value;

use super::{
    LoadTest, LoadTestError, Run,
    input::{Input, count, number, whole},
    metric,
};

/// The tool's name.
pub(super) const TOOL: &str = "Artillery";

/// Whether it is a report.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.has(&["aggregate", "intermediate"]) && input.json["aggregate"].get("counters").is_some()
}

/// Reads the whole test's figures.
pub(super) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let all = &input.json["aggregate"];
    let counters = &all["counters"];
    let answers = sum(counters, "http.codes.", |_| true);
    let bad = sum(counters, "http.codes.", |code| code.parse().is_ok_and(|code: u16| code >= 400));
    let errors = sum(counters, "errors.", |_| true);
    let requests = count(counters, &["http.requests"]).unwrap_or(0).max(answers);
    let mut run =
        Run { requests: Some(requests), failed: Some((bad + errors).min(requests)), ..Run::default() };
    let time = |name: &str| number(all, &[name]);
    let seconds = time("lastMetricAt").zip(time("firstMetricAt")).map(|(last, first)| (last - first) * 1e-3);
    run.throughput(seconds.filter(|seconds| *seconds > 0.0).map(|seconds| answers as f64 / seconds));
    for (theirs, ours) in [
        ("mean", metric::LATENCY_MEAN),
        ("p50", metric::LATENCY_P50),
        ("p90", metric::LATENCY_P90),
        ("p95", metric::LATENCY_P95),
        ("p99", metric::LATENCY_P99),
        ("max", metric::LATENCY_MAX),
    ] {
        run.latency(ours, number(all, &["summaries", "http.response_time", theirs]), 1e-3);
    }
    LoadTest::of(TOOL, None, run)
}

/// The counters below a name, such as those of each status code.
fn sum(counters: &Value, prefix: &str, wanted: impl Fn(&str) -> bool) -> u64 {
    let counters = counters.as_object().into_iter().flatten();
    let matching = counters.filter(|(name, _)| name.strip_prefix(prefix).is_some_and(&wanted));
    matching.filter_map(|(_, value)| value.as_f64().and_then(whole)).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use crate::loadtest::{
        LoadTestError, read,
        tests::{fixture, near},
    };

    #[test]
    fn answers_of_500_are_failures() {
        let run = read(&fixture("artillery_v2_output.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(120), Some(60)));
        near(&run, "error_ratio", 0.5);
        near(&run, "latency_p95", 0.0211);
        near(&run, "throughput", 120.0 / 11.865);
        assert_eq!(run.concurrency, None);
    }

    #[test]
    fn refused_connections_are_told() {
        let refused = read(&fixture("artillery_v2_output_conn_refused.json"));
        assert_eq!(refused, Err(LoadTestError::AllFailed { requests: 10 }));
    }
}
