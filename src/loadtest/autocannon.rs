//! autocannon, `--json`. It has no `p95`. Requests without an answer are not in its total.

use serde_json::Value;

use super::{
    LoadTest, LoadTestError, Note, Run,
    input::{Input, count, number},
};

/// The tool's name.
pub(super) const TOOL: &str = "autocannon";

/// Whether it is a result.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.has(&["latency", "requests", "non2xx", "errors"])
}

/// Reads it. Timeouts are among the errors; resets are answers that were cut and tried again.
pub(super) fn read(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = &input.into_json();
    let missing = || LoadTestError::Missing { tool: TOOL, what: "`requests.total`" };
    let answers = count(json, &["requests", "total"]).ok_or_else(missing)?;
    let counter = |name: &str| count(json, &[name]);
    let errors = counter("errors").unwrap_or(0);
    let requests = answers.saturating_add(errors);
    // Before it counted each class of codes, it counted everything that is not 2xx.
    let bad = counter("4xx").zip(counter("5xx")).map(|(client, server)| client.saturating_add(server));
    let bad = bad.or(counter("non2xx")).unwrap_or(0);
    let failed = bad.saturating_add(errors).saturating_add(counter("mismatches").unwrap_or(0));
    let mut run = Run { requests: Some(requests), failed: Some(failed.min(requests)), ..Run::default() };
    let seconds = number(json, &["duration"]).filter(|seconds| *seconds > 0.0);
    run.throughput(seconds.map(|seconds| answers as f64 / seconds));
    for (theirs, ours) in [
        ("average", "mean"),
        ("mean", "mean"),
        ("p50", "p50"),
        ("p90", "p90"),
        ("p99", "p99"),
        ("max", "max"),
    ] {
        let value = number(json, &["latency", theirs]).filter(|_| answers > 0);
        run.duration(&super::metric::latency(ours), value, 1e-3);
    }
    let late = counter("timeouts").unwrap_or(0).min(errors);
    if late > 0 {
        run.notes.push(Note::LateAnswers { answers: late });
    }
    if errors > late {
        run.notes.push(Note::WithoutAnswer { requests: errors - late });
    }
    run.concurrency = number(json, &["connections"]).filter(|connections| *connections > 0.0);
    lost(&mut run, json, requests);
    LoadTest::single(TOOL, None, run)
}

/// Requests that it sent and says nothing of: it sends again what a closed connection cut, counts neither, and starts the
/// clock of the answer when the first was sent. With `--overallRate` it adds latencies of requests that it should have
/// sent, and the count of those sent means nothing.
fn lost(run: &mut Run, json: &Value, requests: u64) {
    let answers = count(json, &["requests", "total"]).unwrap_or(0);
    if count(json, &["latency", "totalCount"]).is_some_and(|timed| timed > answers) {
        run.notes.push(Note::CorrectedLatencies);
        return;
    }
    let Some(sent) = count(json, &["requests", "sent"]) else { return };
    let in_flight = [["connections"], ["pipelining"]].map(|path| count(json, &path).unwrap_or(1).max(1));
    if sent.saturating_sub(requests) > in_flight[0].saturating_mul(in_flight[1]) {
        run.notes.push(Note::UnequalCounts { requests, other: "requests.sent".to_owned(), count: sent });
        run.failed = None;
        run.metrics.retain(|name, _| !name.starts_with("latency"));
    }
}

#[cfg(test)]
mod tests {
    use crate::loadtest::{
        LoadTestError,
        tests::{fixture, near, read_text},
    };

    #[test]
    fn figures_are_in_seconds() {
        let run = read_text(&fixture("autocannon_mixed.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(1442), Some(310), Some(4.0)));
        near(&run, "latency_p99", 0.008);
        near(&run, "throughput", 1442.0 / 2.01);
        near(&run, "error_ratio", 310.0 / 1442.0);
        assert!(!run.metrics.contains_key("latency_p95"), "it does not write one");
    }

    #[test]
    fn tests_without_one_good_answer_say_nothing() {
        let all_failed = |requests| Err(LoadTestError::AllFailed { requests, what: "requests" });
        assert_eq!(read_text(&fixture("autocannon_bad.json")), all_failed(1450));
        assert_eq!(read_text(&fixture("autocannon_refused.json")), all_failed(26284));
    }
}
