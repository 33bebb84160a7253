//! vegeta, `report -type=json`. It sends at a rate, whatever comes back: there is no number of users.

use serde_json::Value;

use super::{
    LoadTest, LoadTestError, Run,
    input::{Input, count, number, whole},
    metric,
};

/// The tool's name.
pub(super) const TOOL: &str = "vegeta";

const NANOSECOND: f64 = 1e-9;

/// Whether it is a report.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.has(&["latencies", "requests", "success", "status_codes"])
}

/// Reads it. The code `0` stands for no answer.
pub(super) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = &input.json;
    let missing = || LoadTestError::Missing { tool: TOOL, what: "`requests`" };
    let requests = count(json, &["requests"]).ok_or_else(missing)?;
    let codes = &json["status_codes"];
    let unanswered = sum(codes, |code| code == 0);
    let failed = unanswered.saturating_add(sum(codes, |code| code >= 400)).min(requests);
    let mut run = Run { requests: Some(requests), failed: Some(failed), ..Run::default() };
    let time = number(json, &["duration"])
        .zip(number(json, &["wait"]))
        .map(|(sent, wait)| (sent + wait) * NANOSECOND);
    let answers = requests.saturating_sub(unanswered);
    run.throughput(time.filter(|seconds| *seconds > 0.0).map(|seconds| answers as f64 / seconds));
    for (theirs, ours) in [
        ("mean", metric::LATENCY_MEAN),
        ("50th", metric::LATENCY_P50),
        ("90th", metric::LATENCY_P90),
        ("95th", metric::LATENCY_P95),
        ("99th", metric::LATENCY_P99),
        ("max", metric::LATENCY_MAX),
    ] {
        run.latency(ours, number(json, &["latencies", theirs]), NANOSECOND);
    }
    LoadTest::of(TOOL, None, run)
}

fn sum(codes: &Value, wanted: impl Fn(u16) -> bool) -> u64 {
    let codes = codes.as_object().into_iter().flatten();
    let matching = codes.filter(|(code, _)| code.parse().is_ok_and(&wanted));
    matching.filter_map(|(_, value)| value.as_f64().and_then(whole)).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use crate::loadtest::{
        read,
        tests::{fixture, near},
    };

    #[test]
    fn nanoseconds_become_seconds() {
        let run = read(&fixture("vegeta_report.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(1000), Some(50), None));
        near(&run, "latency_p95", 0.12);
        near(&run, "throughput", 990.0 / 10.001);
        near(&run, "error_ratio", 0.05);
    }
}
