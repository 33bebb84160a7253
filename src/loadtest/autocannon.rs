//! autocannon, `--json`. It has no `p95`. Requests without an answer are not in its total.

use super::{
    LoadTest, LoadTestError, Run,
    input::{Input, count, number},
    metric,
};

/// The tool's name.
pub(super) const TOOL: &str = "autocannon";

/// Whether it is a result.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.has(&["latency", "requests", "non2xx", "errors"])
}

/// Reads it.
pub(super) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = &input.json;
    let missing = || LoadTestError::Missing { tool: TOOL, what: "`requests.total`" };
    let answers = count(json, &["requests", "total"]).ok_or_else(missing)?;
    let of = |name: &str| count(json, &[name]).unwrap_or(0);
    let requests = answers.saturating_add(of("errors"));
    let failed =
        of("4xx").saturating_add(of("5xx")).saturating_add(of("errors")).saturating_add(of("mismatches"));
    let mut run = Run { requests: Some(requests), failed: Some(failed.min(requests)), ..Run::default() };
    let seconds = number(json, &["duration"]).filter(|seconds| *seconds > 0.0);
    run.throughput(seconds.map(|seconds| answers as f64 / seconds));
    for (theirs, ours) in [
        ("mean", metric::LATENCY_MEAN),
        ("p50", metric::LATENCY_P50),
        ("p90", metric::LATENCY_P90),
        ("p99", metric::LATENCY_P99),
        ("max", metric::LATENCY_MAX),
    ] {
        run.latency(ours, number(json, &["latency", theirs]).filter(|_| answers > 0), 1e-3);
    }
    run.concurrency = number(json, &["connections"]).filter(|connections| *connections > 0.0);
    LoadTest::of(TOOL, None, run)
}

#[cfg(test)]
mod tests {
    use crate::loadtest::{
        LoadTestError, read,
        tests::{fixture, near},
    };

    #[test]
    fn figures_are_in_seconds() {
        let run = read(&fixture("autocannon_mixed.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(1442), Some(310), Some(4.0)));
        near(&run, "latency_p99", 0.008);
        near(&run, "throughput", 1442.0 / 2.01);
        near(&run, "error_ratio", 310.0 / 1442.0);
        assert!(!run.metrics.contains_key("latency_p95"), "it does not write one");
    }

    #[test]
    fn tests_without_one_good_answer_say_nothing() {
        assert_eq!(read(&fixture("autocannon_bad.json")), Err(LoadTestError::AllFailed { requests: 1450 }));
        assert_eq!(
            read(&fixture("autocannon_refused.json")),
            Err(LoadTestError::AllFailed { requests: 26284 })
        );
    }
}
