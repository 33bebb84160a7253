//! oha, `--output-format json`, formerly `--json`. Its success rate counts any answer, so that failures are
//! counted here. What was under way when the time was over is no failure. It does not write its connections.

use serde_json::Value;

use super::{
    LoadTest, LoadTestError, Run,
    input::{Input, number, whole},
    metric,
};

/// The tool's name.
pub(super) const TOOL: &str = "oha";

/// What it calls a request that it gave up because the test was over.
const OVER: &str = "aborted due to deadline";

/// Whether it is a result.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.has(&["summary", "latencyPercentiles", "statusCodeDistribution", "errorDistribution"])
}

/// Reads it.
pub(super) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = &input.json;
    let codes = &json["statusCodeDistribution"];
    let answers = sum(codes, |_| true);
    let bad = sum(codes, |code| code.parse().is_ok_and(|code: u16| code >= 400));
    let errors = sum(&json["errorDistribution"], |error| error != OVER);
    let requests = answers.saturating_add(errors);
    let mut run =
        Run { requests: Some(requests), failed: Some(bad.saturating_add(errors)), ..Run::default() };
    let seconds = number(json, &["summary", "total"]).filter(|seconds| *seconds > 0.0);
    run.throughput(seconds.map(|seconds| answers as f64 / seconds));
    run.latency(metric::LATENCY_MEAN, number(json, &["summary", "average"]), 1.0);
    run.latency(metric::LATENCY_MAX, number(json, &["summary", "slowest"]), 1.0);
    for (theirs, ours) in [
        ("p50", metric::LATENCY_P50),
        ("p90", metric::LATENCY_P90),
        ("p95", metric::LATENCY_P95),
        ("p99", metric::LATENCY_P99),
    ] {
        run.latency(ours, number(json, &["latencyPercentiles", theirs]), 1.0);
    }
    LoadTest::of(TOOL, None, run)
}

fn sum(counts: &Value, wanted: impl Fn(&str) -> bool) -> u64 {
    let counts = counts.as_object().into_iter().flatten().filter(|(name, _)| wanted(name));
    counts.filter_map(|(_, value)| value.as_f64().and_then(whole)).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use crate::loadtest::{
        LoadTestError, read,
        tests::{fixture, near},
    };

    #[test]
    fn its_success_rate_is_not_believed() {
        let run = read(&fixture("oha_mixed.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(401), Some(80)), "72 answers of 503, 8 cut connections");
        near(&run, "latency_p95", 0.001_891_085);
        near(&run, "throughput", 393.0 / 2.002_886_21);
    }

    #[test]
    fn refused_connections_alone_are_no_test() {
        assert_eq!(read(&fixture("oha_refused.json")), Err(LoadTestError::AllFailed { requests: 20 }));
    }

    #[test]
    fn a_test_without_answers_has_no_latency() {
        let text = r#"{"summary":{"successRate":null,"total":1.0,"average":null},"latencyPercentiles":{"p50":null},
            "statusCodeDistribution":{},"errorDistribution":{"aborted due to deadline":5}}"#;
        assert_eq!(read(text), Err(LoadTestError::NoRequests));
    }
}
