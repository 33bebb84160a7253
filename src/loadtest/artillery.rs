//! Artillery, `--output`: version 2, its previews, and version 1.
//!
//! Counters that are zero are not written, and a 500 response fails no virtual user: failures are counted here, from
//! the status codes and from requests without an answer. What Artillery counts as errors holds those of the script as
//! well.

use serde_json::Value;

use super::{
    LoadTest, LoadTestError, MeasureUnit, Note, Run,
    input::{Input, count, is_failed_status, number, sum_counts},
    metric, samples,
};

/// The tool's name.
pub(super) const TOOL: &str = "Artillery";

const MILLISECOND: f64 = 1e-3;
/// What Artillery counts when a value could not be taken from an answer, or was not the expected one.
const CAPTURES: [&str; 2] = ["Failed capture or match", "Failed expectation"];
/// Beginnings of counters of protocols other than HTTP.
const OTHER_PROTOCOLS: [&str; 6] =
    ["websocket.", "engine.websocket.", "socketio.", "engine.socketio.", "engine.grpc.", "grpc."];

/// Whether it is a report of version 2.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.has(&["aggregate", "intermediate"])
        && !recognise_v1(input)
        && input.json["aggregate"].get("counters").is_some()
}

/// Whether it is a report of version 1, which has its counters as fields.
pub(super) fn recognise_v1(input: &Input<'_>) -> bool {
    let all = &input.json["aggregate"];
    input.has(&["aggregate", "intermediate"]) && all.get("requestsCompleted").is_some()
}

/// What to say of a report whose totals are not those of its periods.
const UNFINISHED: LoadTestError = LoadTestError::Unsupported(
    "its totals are less than its periods together: Artillery wrote them before the test was over, as its previews do; \
     run the test again with a released version",
);

/// Whether the periods hold more of what a path of keys counts than the totals do.
fn is_unfinished(json: &Value, path: &[&str]) -> bool {
    let periods = json["intermediate"].as_array().into_iter().flatten();
    let sum = periods.filter_map(|period| count(period, path)).fold(0, u64::saturating_add);
    sum > count(&json["aggregate"], path).unwrap_or(0)
}

/// Reads the whole test's figures.
pub(super) fn read(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = input.into_json();
    let all = &json["aggregate"];
    if ["http.requests", "engine.http.requests", "vusers.created"]
        .iter()
        .any(|name| is_unfinished(&json, &["counters", name]))
    {
        return Err(UNFINISHED);
    }
    let counters = &all["counters"];
    // Previews of version 2 have the engine in the names.
    let prefix = if counters.get("engine.http.requests").is_some() { "engine." } else { "" };
    let counter = |name: &str| count(counters, &[&format!("{prefix}{name}")]);
    let codes = format!("{prefix}http.codes.");
    let status = |wanted: &dyn Fn(&str) -> bool| {
        sum_counts(counters, |name| name.strip_prefix(codes.as_str()).is_some_and(wanted))
    };
    let answers = counter("http.responses").unwrap_or(0).max(status(&|_| true));
    let requests = counter("http.requests").unwrap_or(0).max(answers);
    let time = |name: &str| number(all, &[name]);
    let seconds =
        time("lastMetricAt").zip(time("firstMetricAt")).map(|(last, first)| (last - first) * MILLISECOND);
    let seconds = seconds.filter(|seconds| *seconds > 0.0);
    if requests == 0 {
        return sessions(all, seconds);
    }
    let (unsent, unsent_note) = samples::unsent(counters);
    let unanswered = (requests - answers).saturating_sub(unsent);
    let requests = answers + unanswered;
    let failed = status(&is_failed_status) + unanswered;
    let mut run = Run { requests: Some(requests), failed: Some(failed.min(requests)), ..Run::default() };
    run.notes.extend(unsent_note);
    run.throughput(seconds.map(|seconds| answers as f64 / seconds));
    let times = &all["summaries"][format!("{prefix}http.response_time").as_str()];
    durations(&mut run, "latency", times);
    late_answers(&mut run, counters, "errors.ETIMEDOUT", unanswered);
    script_errors(&mut run, counters, "errors.", unanswered + unsent);
    if counters.as_object().into_iter().flatten().any(|(name, _)| is_other_protocol(name)) {
        run.notes.push(Note::OtherProtocol { protocol: "WebSocket or Socket.IO".to_owned() });
    }
    LoadTest::single(TOOL, None, run)
}

/// Reads a report of version 1. Its rate is that of requests, of which not all were answered.
pub(super) fn read_v1(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = input.into_json();
    let all = &json["aggregate"];
    if is_unfinished(&json, &["requestsCompleted"]) {
        return Err(UNFINISHED);
    }
    // Messages of WebSockets count as requests with the status 0.
    let messages = sum_counts(&all["codes"], |code| code == "0");
    let answers = count(all, &["requestsCompleted"]).unwrap_or(0).saturating_sub(messages);
    let requests = count(all, &["rps", "count"]).unwrap_or(0).saturating_sub(messages).max(answers);
    if requests == 0 {
        return sessions_v1(all);
    }
    let (unsent, unsent_note) = samples::unsent(&all["errors"]);
    let unanswered = (requests - answers).saturating_sub(unsent);
    let requests = answers + unanswered;
    let failed = sum_counts(&all["codes"], is_failed_status) + unanswered;
    let mut run = Run { requests: Some(requests), failed: Some(failed.min(requests)), ..Run::default() };
    run.notes.extend(unsent_note);
    if messages > 0 {
        // Their times are in the same percentiles.
        run.notes.push(Note::OtherProtocol { protocol: "WebSocket or Socket.IO".to_owned() });
        run.notes.push(Note::NoLatency);
    } else {
        let rate = number(all, &["rps", "mean"]).filter(|_| count(all, &["rps", "count"]).is_some());
        run.throughput(rate.map(|rate| rate * answers as f64 / requests as f64));
        durations(&mut run, "latency", &all["latency"]);
    }
    late_answers(&mut run, &all["errors"], "ETIMEDOUT", unanswered);
    script_errors(&mut run, &all["errors"], "", unanswered + unsent);
    LoadTest::single(TOOL, None, run)
}

/// A test without HTTP: the sessions of its virtual users.
fn sessions(all: &Value, seconds: Option<f64>) -> Result<LoadTest, LoadTestError> {
    let counters = &all["counters"];
    let counter = |names: [&str; 2]| names.into_iter().find_map(|name| count(counters, &[name]));
    let created = counter(["vusers.created", "core.vusers.created.total"]);
    let only_failed = counter(["vusers.failed", "core.vusers.failed"]).filter(|_| created.is_none());
    let created = created.or(only_failed);
    let completed = counter(["vusers.completed", "core.vusers.completed"]).unwrap_or(0);
    let failed = counter(["vusers.failed", "core.vusers.failed"]);
    let mut run = session_run(created, completed, failed)?;
    run.add(metric::SESSION_RATE, seconds.map(|seconds| completed as f64 / seconds), MeasureUnit::PerSecond);
    let names = ["vusers.session_length", "core.vusers.session_length"];
    let lengths = names.into_iter().map(|name| &all["summaries"][name]).find(|lengths| lengths.is_object());
    durations(&mut run, metric::SESSION_DURATION, lengths.unwrap_or(&Value::Null));
    script_errors(&mut run, counters, "errors.", failed.unwrap_or(0));
    LoadTest::single(TOOL, None, run)
}

fn sessions_v1(all: &Value) -> Result<LoadTest, LoadTestError> {
    let completed = count(all, &["scenariosCompleted"]).unwrap_or(0);
    let mut run = session_run(count(all, &["scenariosCreated"]), completed, None)?;
    durations(&mut run, metric::SESSION_DURATION, &all["scenarioDuration"]);
    script_errors(&mut run, &all["errors"], "", 0);
    LoadTest::single(TOOL, None, run)
}

fn session_run(created: Option<u64>, completed: u64, failed: Option<u64>) -> Result<Run, LoadTestError> {
    let created = created.filter(|created| *created > 0).ok_or(LoadTestError::NoRequests)?;
    if completed == 0 {
        return Err(LoadTestError::AllFailed { requests: created, what: "sessions" });
    }
    let mut run = Run::default();
    let unfinished = created.saturating_sub(completed).saturating_sub(failed.unwrap_or(0));
    // Zero is not written, so that without a count of failures there are none if all have completed.
    let failed = failed.or((unfinished == 0).then_some(0));
    let ratio = failed.map(|failed| failed as f64 / created as f64);
    run.add(metric::FAILED_SESSION_RATIO, ratio, MeasureUnit::Ratio);
    if unfinished > 0 {
        run.notes.push(Note::UnfinishedSessions { sessions: unfinished });
    }
    Ok(run)
}

/// The statistics of a summary, in seconds.
fn durations(run: &mut Run, name: &str, summary: &Value) {
    for (theirs, ours) in [
        ("mean", "mean"),
        ("median", "p50"),
        ("p50", "p50"),
        ("p90", "p90"),
        ("p95", "p95"),
        ("p99", "p99"),
        ("max", "max"),
    ] {
        run.duration(&format!("{name}_{ours}"), number(summary, &[theirs]), MILLISECOND);
    }
}

/// Notes aborted requests: their times are in no percentile.
fn late_answers(run: &mut Run, counters: &Value, name: &str, unanswered: u64) {
    let answers = count(counters, &[name]).unwrap_or(0).min(unanswered);
    if answers > 0 {
        run.notes.push(Note::LateAnswers { answers });
    }
    if unanswered > answers {
        run.notes.push(Note::WithoutAnswer { requests: unanswered - answers });
    }
}

/// Notes errors that are no failed requests: `explained` of them are.
fn script_errors(run: &mut Run, counters: &Value, prefix: &str, explained: u64) {
    let named = |wanted: &dyn Fn(&str) -> bool| {
        sum_counts(counters, |name| name.strip_prefix(prefix).is_some_and(wanted))
    };
    let is_capture = |name: &str| CAPTURES.iter().any(|capture| name.contains(capture));
    let is_script = |name: &str| !is_capture(name) && !is_network(name);
    let captures = named(&is_capture);
    if captures > 0 {
        run.notes.push(Note::FailedCaptures { captures });
    }
    let script = named(&is_script);
    let network = named(&|name| is_network(name));
    // Errors of the network beyond the requests without an answer belong to no HTTP request.
    let errors = script + network.saturating_sub(explained);
    if errors > 0 {
        let names = counters.as_object().into_iter().flatten();
        let mut names = names.filter_map(|(name, _)| name.strip_prefix(prefix));
        let example = names.find(|name| is_script(name) || script == 0 && is_network(name));
        let example = super::error::shortened(example.unwrap_or_default());
        run.notes.push(Note::ScriptErrors { errors, example });
    }
}

/// `ECONNREFUSED`, `ETIMEDOUT`: what the operating system calls its errors.
fn is_network(name: &str) -> bool {
    name.starts_with('E')
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn is_other_protocol(name: &str) -> bool {
    OTHER_PROTOCOLS.iter().any(|protocol| name.starts_with(protocol))
}

#[cfg(test)]
mod tests {
    use crate::loadtest::{
        LoadTestError, Note,
        tests::{case, fixture, near, read_text},
    };

    #[test]
    fn answers_of_500_are_failures() {
        let run = read_text(&fixture("artillery_v2_output.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(120), Some(60)));
        near(&run, "error_ratio", 0.5);
        near(&run, "latency_p95", 0.0211);
        near(&run, "throughput", 120.0 / 11.865);
        assert_eq!(run.concurrency, None);
    }

    #[test]
    fn refused_connections_fail_all() {
        let refused = read_text(&fixture("artillery_v2_output_conn_refused.json"));
        assert_eq!(refused, Err(LoadTestError::AllFailed { requests: 10, what: "requests" }));
    }

    #[test]
    fn errors_of_the_script_are_no_failed_requests() {
        let run = case("artillery-errors-are-not-requests/art_script.json").unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(159), Some(0)));
        assert!(
            matches!(&run.notes[..], [Note::ScriptErrors { errors: 162, example }] if example.contains("addItem")),
            "{:?}",
            run.notes
        );
        let captures = fixture("artillery_v2_output.json")
            .replace("\"http.requests\": 120", "\"errors.Failed capture or match\": 7,\"http.requests\": 120")
            .replace("\"http.requests\":120", "\"errors.Failed capture or match\":7,\"http.requests\":120");
        let run = read_text(&captures).unwrap().runs.remove(0);
        assert_eq!(run.failed, Some(60));
        assert!(run.notes.contains(&Note::FailedCaptures { captures: 7 }), "{:?}", run.notes);
    }

    #[test]
    fn older_versions_are_read() {
        let run = case("artillery-older-forms-made-no-request/art_v1.json").unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(3884), Some(2899)));
        near(&run, "latency_p50", 0.779);
        near(&run, "throughput", 61.2 * 985.0 / 3884.0);
        assert!(!run.metrics.contains_key("latency_mean"), "it has none");
        let run = case("artillery-older-forms-made-no-request/art_200dev.json").unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(18119), Some(13224)));
        near(&run, "throughput", 4895.0 / 60.0);
        near(&run, "latency_p95", 7.0);
    }

    #[test]
    fn sessions_are_counted_where_there_is_no_http() {
        let run = case("no-http-is-not-no-request/art_ws.json").unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (None, None));
        near(&run, "sessions_per_second", 100.0 / 60.0);
        near(&run, "session_duration_p95", 0.009);
        near(&run, "failed_session_ratio", 0.0);
    }
}
