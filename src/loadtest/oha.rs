//! oha, `--output-format json`, formerly `--json`. Its success rate counts any answer, so that failures are
//! counted here. What was under way when the time was over is no failure. It does not write its connections.

use super::{
    LoadTest, LoadTestError, Note, Run,
    input::{Input, is_failed_status, number, sum_counts},
    metric, samples,
};

/// The tool's name.
pub(super) const TOOL: &str = "oha";

/// What it calls a request that it gave up because the test was over.
const OVER: &str = "aborted due to deadline";

/// What it calls a request that took longer than `-t`.
const TIMEOUT: &str = "timeout";
/// The first columns of `--output-format csv`.
const CSV_COLUMNS: [&str; 3] = ["request-start", "request-duration", "status"];

/// Whether it is a result.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.has(&["summary", "latencyPercentiles", "statusCodeDistribution", "errorDistribution"])
}

/// Reads it.
pub(super) fn read(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = &input.into_json();
    let codes = &json["statusCodeDistribution"];
    let answers = sum_counts(codes, |_| true);
    let bad = sum_counts(codes, is_failed_status);
    let (_, unsent) = samples::unsent(&json["errorDistribution"]);
    let errors = sum_counts(&json["errorDistribution"], |error| error != OVER && !samples::is_unsent(error));
    let in_flight = sum_counts(&json["errorDistribution"], |error| error == OVER);
    let requests = answers.saturating_add(errors);
    let mut run =
        Run { requests: Some(requests), failed: Some(bad.saturating_add(errors)), ..Run::default() };
    let seconds = number(json, &["summary", "total"]).filter(|seconds| *seconds > 0.0);
    run.throughput(seconds.map(|seconds| answers as f64 / seconds));
    run.duration(metric::LATENCY_MEAN, number(json, &["summary", "average"]), 1.0);
    run.duration(metric::LATENCY_MAX, number(json, &["summary", "slowest"]), 1.0);
    for statistic in ["p50", "p90", "p95", "p99"] {
        let value = number(json, &["latencyPercentiles", statistic]);
        run.duration(&metric::latency(statistic), value, 1.0);
    }
    let late = sum_counts(&json["errorDistribution"], |error| error == TIMEOUT);
    if late > 0 {
        run.notes.push(Note::LateAnswers { answers: late });
    }
    if errors > late {
        run.notes.push(Note::WithoutAnswer { requests: errors - late });
    }
    run.notes.extend(unsent);
    if in_flight > 0 {
        run.notes.push(Note::InFlightAtEnd { requests: in_flight });
    }
    LoadTest::single(TOOL, None, run)
}

/// Whether it is a row for each answer.
pub(super) fn is_csv(input: &Input<'_>) -> bool {
    input.names(&CSV_COLUMNS)
}

/// Says which form is read.
pub(super) fn refuse_csv(_: Input<'_>) -> Result<LoadTest, LoadTestError> {
    Err(LoadTestError::Unsupported(
        "it is oha's CSV, which leaves out every request without an answer; run oha with `--output-format json`",
    ))
}

/// Whether it is its page for people.
pub(super) fn is_page(input: &Input<'_>) -> bool {
    let head = input.head();
    head.contains("Response time histogram:") && head.contains("Success rate:")
}

/// Says which form is read.
pub(super) fn refuse_page(_: Input<'_>) -> Result<LoadTest, LoadTestError> {
    Err(LoadTestError::Unsupported("it is oha's page for people; run oha with `--output-format json`"))
}

#[cfg(test)]
mod tests {
    use crate::loadtest::{
        LoadTestError, Note,
        tests::{fixture, near, read_text},
    };

    #[test]
    fn its_success_rate_is_not_believed() {
        let run = read_text(&fixture("oha_mixed.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(401), Some(80)), "72 answers of 503, 8 cut connections");
        near(&run, "latency_p95", 0.001_891_085);
        near(&run, "throughput", 393.0 / 2.002_886_21);
    }

    #[test]
    fn refused_connections_alone_are_no_test() {
        let refused = read_text(&fixture("oha_refused.json"));
        assert_eq!(refused, Err(LoadTestError::AllFailed { requests: 20, what: "requests" }));
    }

    #[test]
    fn a_test_without_answers_has_no_latency() {
        let text = r#"{"summary":{"successRate":null,"total":1.0,"average":null},"latencyPercentiles":{"p50":null},
            "statusCodeDistribution":{},"errorDistribution":{"aborted due to deadline":5}}"#;
        assert_eq!(read_text(text), Err(LoadTestError::NoRequests));
        let some = text.replace("Distribution\":{}", "Distribution\":{\"200\":3}");
        assert_eq!(read_text(&some).unwrap().runs[0].notes, [Note::InFlightAtEnd { requests: 5 },],);
    }
}
