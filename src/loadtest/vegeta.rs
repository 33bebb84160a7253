//! vegeta: `report -type=json`, and the results of `encode` as JSON lines and CSV. It sends at a rate, whatever comes
//! back: there is no number of users.

use std::borrow::Cow;

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;

use super::{
    LoadTest, LoadTestError, Note, Run,
    error::shortened,
    input::{Input, Source, broken_json, count, number, sum_counts},
    lines::Repeats,
    metric,
    samples::{self, Samples, second},
};
use crate::tabular::{DecimalSign, Rows};

/// The tool's name.
pub(super) const TOOL: &str = "vegeta";

const NANOSECOND: f64 = 1e-9;
/// The names of the columns of `encode -to csv`, which writes none: time, status, latency, bytes out and in, error, body,
/// attack, sequence, method, address, headers.
const CSV_COLUMNS: [&str; 12] = [
    "timestamp",
    "code",
    "latency",
    "bytes_out",
    "bytes_in",
    "error",
    "body",
    "attack",
    "seq",
    "method",
    "url",
    "headers",
];

/// Whether it is a report.
pub(super) fn is_report(input: &Input<'_>) -> bool {
    input.has(&["latencies", "requests", "success", "status_codes"])
}

/// Reads it. Code `0` means no answer. Errors have no counts: where each of them says that vegeta ran out of something,
/// no request without an answer was sent, and the times are not those of answers.
pub(super) fn read_report(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = &input.into_json();
    let missing = || LoadTestError::Missing { tool: TOOL, what: "`requests`" };
    let requests = count(json, &["requests"]).ok_or_else(missing)?;
    let codes = &json["status_codes"];
    let unanswered = sum_counts(codes, |code| code == "0");
    let errors: Vec<&str> =
        json["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let unsent = errors.first().filter(|_| errors.iter().all(|error| samples::is_unsent(error)));
    let (requests, unanswered) = match unsent {
        Some(_) => (requests.saturating_sub(unanswered), 0),
        None => (requests, unanswered),
    };
    let failed = unanswered.saturating_add(sum_counts(codes, super::input::is_failed_status)).min(requests);
    let mut run = Run { requests: Some(requests), failed: Some(failed), ..Run::default() };
    if !is_computed(json) {
        run.notes.push(Note::NotComputed);
        return LoadTest::single(TOOL, None, run);
    }
    let time = number(json, &["duration"])
        .zip(number(json, &["wait"]))
        .map(|(sent, wait)| (sent + wait) * NANOSECOND);
    let answers = requests.saturating_sub(unanswered);
    run.throughput(time.filter(|seconds| *seconds > 0.0).map(|seconds| answers as f64 / seconds));
    if let Some(error) = unsent {
        let requests = sum_counts(codes, |code| code == "0");
        run.notes.push(Note::Unsent { requests, example: shortened(error) });
        return LoadTest::single(TOOL, None, run);
    }
    for (theirs, ours) in
        [("mean", "mean"), ("50th", "p50"), ("90th", "p90"), ("95th", "p95"), ("99th", "p99"), ("max", "max")]
    {
        run.duration(&metric::latency(ours), number(json, &["latencies", theirs]), NANOSECOND);
    }
    LoadTest::single(TOOL, None, run)
}

/// Whether the figures were computed. Programs that use vegeta as a library may write a report without doing so: its
/// counts and extremes are right, and everything else is zero.
fn is_computed(report: &Value) -> bool {
    number(report, &["latencies", "mean"]) > Some(0.0) || number(report, &["latencies", "max"]) <= Some(0.0)
}

#[derive(Deserialize)]
struct Answer<'a> {
    code: u16,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    /// Nanoseconds.
    latency: f64,
    #[serde(borrow)]
    error: Cow<'a, str>,
}

/// Whether a line is a result of `encode`.
pub(super) fn is_result(line: &str) -> bool {
    line.starts_with('{') && line.contains("\"latency\"") && serde_json::from_str::<Answer<'_>>(line).is_ok()
}

/// Whether the text is results as JSON lines.
pub(super) fn is_json_results(input: &Input<'_>) -> bool {
    is_result(&input.first_line)
}

/// Reads all lines.
pub(super) fn read_json_results(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut lines = input.into_lines();
    let mut samples = Samples::default();
    let mut repeats = Repeats::default();
    loop {
        let number = lines.line() + 1;
        let Some(line) = lines.next_line()? else { break };
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        repeats.see(line);
        let answer: Answer<'_> = serde_json::from_slice(line).map_err(|error| match broken_json(&error) {
            LoadTestError::Truncated { .. } => LoadTestError::Truncated { line: number },
            LoadTestError::Broken { message, .. } => LoadTestError::Broken { line: number, message },
            other => other,
        })?;
        let no_time = || LoadTestError::Broken { line: number, message: "no time".to_owned() };
        let time = DateTime::parse_from_rfc3339(&answer.timestamp).map_err(|_| no_time())?;
        let start = time.timestamp() as f64 + f64::from(time.timestamp_subsec_nanos()) * NANOSECOND;
        if samples.was_unsent(&answer.error) {
            continue;
        }
        take(&mut samples, start, answer.latency * NANOSECOND, answer.code, !answer.error.is_empty(), number);
    }
    if repeats.rows() > 0 {
        samples.notes.push(Note::RepeatedRows { rows: repeats.rows() });
    }
    samples.load_test(TOOL)
}

fn take(samples: &mut Samples, start: f64, latency: f64, code: u16, error: bool, line: usize) {
    samples.requests += 1;
    // An error with a good status is a body that was not read to its end.
    samples.outcome(code == 0 || code >= 400 || error);
    samples.durations.add(latency);
    samples.activity.add(start, start + latency, line);
    samples.seconds.answers(second(start + latency), 1);
}

/// Whether the text is results as CSV: a time in nanoseconds, a status and a latency come first.
pub(super) fn is_csv_results(input: &Input<'_>) -> bool {
    let fields: Vec<&str> = input.first_line.split(',').collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    fields.len() >= CSV_COLUMNS.len() - 3
        && fields.first().is_some_and(|time| time.len() == 19 && digits(time))
        && fields[1..5].iter().all(|field| digits(field))
        && fields[1].parse().is_ok_and(|code: u16| code < 600)
}

/// Reads all rows, by their places: there are no names.
pub(super) fn read_csv_results(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let fields = Rows::new(input.first_line.as_bytes(), b',')?.columns().len();
    let names = CSV_COLUMNS.iter().take(fields).copied().collect::<Vec<_>>().join(",") + "\n";
    let source: Source<'_> = Box::new(std::io::Read::chain(names.as_bytes(), input.into_source()));
    let mut rows = Rows::new(source, b',')?;
    let (mut samples, mut repeats) = (Samples::default(), Repeats::default());
    while rows.advance()? {
        repeats.see(rows.raw());
        let line = rows.line().saturating_sub(1);
        let missing =
            || LoadTestError::Broken { line, message: "no time, no status or no latency".to_owned() };
        let figure = |column| rows.number(Some(column), DecimalSign::Point);
        let start = figure(0)?.ok_or_else(missing)? * NANOSECOND;
        let code = rows.text(Some(1)).parse().map_err(|_| missing())?;
        let latency = figure(2)?.ok_or_else(missing)? * NANOSECOND;
        if samples.was_unsent(&rows.text(Some(5))) {
            continue;
        }
        take(&mut samples, start, latency, code, !rows.bytes(Some(5)).is_empty(), line);
    }
    if repeats.rows() > 0 {
        samples.notes.push(Note::RepeatedRows { rows: repeats.rows() });
    }
    samples.load_test(TOOL)
}

/// What is wrong with the binary results of `attack`, if it is these.
pub(super) fn binary(head: &[u8]) -> Option<LoadTestError> {
    let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
    let results = has(b"Result") && has(b"Attack") && has(b"Latency");
    results.then_some(LoadTestError::Unsupported(
        "these are vegeta's binary results; run `vegeta encode` or `vegeta report -type=json` on them",
    ))
}

/// Whether it is a report for people.
pub(super) fn is_other(input: &Input<'_>) -> bool {
    input.first_line.starts_with("Requests ") && input.first_line.contains("[total, rate")
}

/// Says which form is read.
pub(super) fn refuse_other(_: Input<'_>) -> Result<LoadTest, LoadTestError> {
    Err(LoadTestError::Unsupported("it is vegeta's report for people; run `vegeta report -type=json`"))
}

#[cfg(test)]
mod tests {
    use crate::loadtest::{
        LoadTestError,
        tests::{fixture, near, read_text},
    };

    #[test]
    fn nanoseconds_become_seconds() {
        let run = read_text(&fixture("vegeta_report.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(1000), Some(50), None));
        near(&run, "latency_p95", 0.12);
        near(&run, "throughput", 990.0 / 10.001);
        near(&run, "error_ratio", 0.05);
    }

    #[test]
    fn forms_for_people_and_machines_are_named() {
        let page = "Requests      [total, rate, throughput]         500, 100.20, 100.12\n";
        assert!(matches!(read_text(page), Err(LoadTestError::Unsupported(_))));
    }
}
