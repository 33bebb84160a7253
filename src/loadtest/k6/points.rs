//! Points of `--out json`, a line each, and of `--out csv`, a row each.
//!
//! Files of points are large. Lines are recognised by their bytes where they look as k6 writes them, and parsed as JSON
//! where they do not.

use std::{borrow::Cow, collections::BTreeSet};

use chrono::{DateTime, NaiveDate};
use memchr::memmem;
use serde::Deserialize;

use super::{MILLISECOND, TOOL};
use crate::{
    loadtest::{
        LoadTest, LoadTestError, MeasureUnit, Note,
        error::shortened,
        input::{Input, Source, broken_json, digits, whole},
        metric,
        samples::{ProtocolSamples, Samples, second},
    },
    tabular::{DecimalSign, Rows, decimal},
};

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: Cow<'a, str>,
    metric: Cow<'a, str>,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    time: Option<Cow<'a, str>>,
    value: Option<f64>,
}

/// Whether a line is one of them.
pub(in crate::loadtest) fn is_point(line: &str) -> bool {
    line.starts_with('{') && line.contains("\"metric\"") && serde_json::from_str::<Line<'_>>(line).is_ok()
}

/// Whether the text starts with one.
pub(in crate::loadtest) fn is_json_points(input: &Input<'_>) -> bool {
    is_point(&input.first_line)
}

/// Reads all lines.
pub(in crate::loadtest) fn read_json_points(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut lines = input.into_lines();
    let mut points = Points::default();
    let mut dates = Dates::default();
    loop {
        let number = lines.line() + 1;
        if lines.next_line()?.is_none() {
            break;
        }
        let line = lines.current();
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        points.repeats += u64::from(lines.is_repeated());
        let Some((name, Some((time, value)))) = plain(line) else {
            parse(&mut points, line, number)?;
            continue;
        };
        let kind = kind(name);
        if kind == Kind::Other {
            continue;
        }
        let other = || std::str::from_utf8(value).ok()?.parse().ok().filter(|value: &f64| value.is_finite());
        match decimal(value).or_else(other) {
            Some(value) => points.add(kind, value, number, || dates.parse(time))?,
            None => parse(&mut points, line, number)?,
        }
    }
    points.load_test()
}

/// The text of a point's time and that of its value.
type TimeAndValue<'a> = (&'a [u8], &'a [u8]);

/// The name of a point's metric, and its time and value, as k6 writes them: in the order of today, or of before 0.38.
fn plain(line: &[u8]) -> Option<(&[u8], Option<TimeAndValue<'_>>)> {
    const TODAY: &[u8] = b"{\"metric\":\"";
    const DATA: &[u8] = b"\",\"type\":\"Point\",\"data\":{\"time\":\"";
    const EARLIER: &[u8] = b"{\"type\":\"Point\",\"data\":{\"time\":\"";
    if let Some(rest) = line.strip_prefix(TODAY) {
        let end = memchr::memchr(b'"', rest)?;
        let (name, rest) = rest.split_at(end);
        // A line that is cut off does not end with its three braces.
        let data = rest.strip_prefix(DATA).filter(|_| line.ends_with(b"}}}") || line.ends_with(b"null}}"));
        return Some((name, data.and_then(time_and_value)));
    }
    let rest = line.strip_prefix(EARLIER)?;
    let end = memmem::rfind(rest, b"}},\"metric\":\"")?;
    let name = rest[end + 13..].strip_suffix(b"\"}")?;
    Some((name, time_and_value(rest)))
}

/// `2026-11-20T16:38:54.5Z","value":8.58,` …
fn time_and_value(data: &[u8]) -> Option<TimeAndValue<'_>> {
    const VALUE: &[u8] = b"\",\"value\":";
    let end = memchr::memchr(b'"', data)?;
    let (time, rest) = data.split_at(end);
    let rest = rest.strip_prefix(VALUE)?;
    let end = memchr::memchr2(b',', b'}', rest)?;
    Some((time, &rest[..end]))
}

/// Takes a line of an unusual shape.
fn parse(points: &mut Points, text: &[u8], number: usize) -> Result<(), LoadTestError> {
    let at = |error: LoadTestError| match error {
        LoadTestError::Truncated { .. } => LoadTestError::Truncated { line: number },
        LoadTestError::Broken { message, .. } => LoadTestError::Broken { line: number, message },
        other => other,
    };
    let line: Line<'_> = serde_json::from_slice(text).map_err(|error| at(broken_json(&error)))?;
    if line.kind != "Point" {
        // k6 declares each metric once, before its first point.
        if line.kind == "Metric" && !points.declared.insert(line.metric.clone().into_owned()) {
            let message = format!(
                "the metric `{}` is declared a second time: the file holds several runs",
                shortened(&line.metric)
            );
            return Err(LoadTestError::Broken { line: number, message });
        }
        return Ok(());
    }
    let value = line.data.value.ok_or_else(|| no_point(number))?;
    let time = || DateTime::parse_from_rfc3339(line.data.time.as_deref()?).ok().map(|time| seconds(&time));
    points.add(kind(line.metric.as_bytes()), value, number, time)
}

fn no_point(line: usize) -> LoadTestError {
    LoadTestError::Broken { line, message: "a point without a time or a value".to_owned() }
}

/// What a point is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Requests,
    Duration,
    Failed,
    Users,
    WebSocketSessions,
    WebSocketMessages,
    WebSocketConnecting,
    WebSocketDuration,
    GrpcDuration,
    Iterations,
    Checks,
    Other,
}

fn kind(name: &[u8]) -> Kind {
    match name {
        b"http_reqs" => Kind::Requests,
        b"http_req_duration" => Kind::Duration,
        b"http_req_failed" => Kind::Failed,
        b"vus" => Kind::Users,
        b"ws_sessions" => Kind::WebSocketSessions,
        b"ws_msgs_received" => Kind::WebSocketMessages,
        b"ws_connecting" => Kind::WebSocketConnecting,
        b"ws_session_duration" => Kind::WebSocketDuration,
        b"grpc_req_duration" => Kind::GrpcDuration,
        b"iterations" => Kind::Iterations,
        b"checks" => Kind::Checks,
        _ => Kind::Other,
    }
}

/// What the points of a file contain, in one pass.
#[derive(Debug, Default)]
struct Points {
    samples: Samples,
    /// How many points say whether a request failed.
    outcomes: u64,
    websocket: ProtocolSamples,
    websocket_sessions: ProtocolSamples,
    messages: ProtocolSamples,
    grpc: ProtocolSamples,
    iterations: ProtocolSamples,
    checks: [u64; 2],
    repeats: u64,
    /// Metrics that were declared.
    declared: BTreeSet<String>,
    /// Times are whole seconds: too coarse to know when requests were in flight.
    coarse: bool,
}

impl Points {
    fn add(
        &mut self,
        kind: Kind,
        value: f64,
        line: usize,
        time: impl FnOnce() -> Option<f64>,
    ) -> Result<(), LoadTestError> {
        if matches!(kind, Kind::Other | Kind::Failed | Kind::Checks) {
            self.untimed(kind, value);
            return Ok(());
        }
        let time = time().ok_or_else(|| no_point(line))?;
        let took = value * MILLISECOND;
        match kind {
            Kind::Duration => {
                self.samples.durations.add(took);
                if !self.coarse {
                    self.samples.activity.add(time - took, time, line);
                }
            }
            Kind::Requests => {
                let count = whole(value).ok_or_else(|| no_point(line))?;
                self.samples.requests += count;
                self.samples.seconds.answers(second(time), count);
            }
            Kind::Users => self.samples.seconds.users(second(time), value),
            Kind::WebSocketConnecting => self.websocket.durations.add(took),
            Kind::WebSocketDuration => self.websocket_sessions.durations.add(took),
            Kind::WebSocketSessions => self.websocket.event(time, line),
            Kind::WebSocketMessages => self.messages.event(time, line),
            Kind::Iterations => self.iterations.event(time, line),
            Kind::GrpcDuration => {
                self.grpc.durations.add(took);
                self.grpc.event(time, line);
            }
            Kind::Other | Kind::Failed | Kind::Checks => {}
        }
        Ok(())
    }

    fn untimed(&mut self, kind: Kind, value: f64) {
        match kind {
            Kind::Failed => {
                self.outcomes += 1;
                self.samples.outcome(value > 0.0);
            }
            Kind::Checks => self.checks[usize::from(value > 0.0)] += 1,
            _ => {}
        }
    }

    fn load_test(mut self) -> Result<LoadTest, LoadTestError> {
        let requests = self.samples.requests;
        let notes = &mut self.samples.notes;
        if self.repeats > 0 {
            notes.push(Note::RepeatedRows { rows: self.repeats });
        }
        // A script that decides itself what is a failure may have no outcomes at all.
        let counts =
            [("http_req_duration", self.samples.durations.count()), ("http_req_failed", self.outcomes)];
        for (other, count) in
            counts.into_iter().filter(|(name, count)| *count > 0 || *name == "http_req_duration")
        {
            if count != requests {
                notes.push(Note::UnequalCounts { requests, other: other.to_owned(), count });
            }
        }
        let other = self.websocket.count > 0 || self.grpc.count > 0;
        if requests > 0 {
            if other {
                notes.push(Note::OtherProtocol { protocol: "WebSocket or gRPC".to_owned() });
            }
            return self.samples.load_test(TOOL);
        }
        match (other, self.iterations.count > 0) {
            (true, _) => self.without_http(),
            (false, true) => Err(LoadTestError::NoHttpRequests),
            (false, false) => Err(LoadTestError::NoRequests),
        }
    }

    /// A test of WebSockets or gRPC.
    fn without_http(mut self) -> Result<LoadTest, LoadTestError> {
        let mut run =
            crate::loadtest::Run { concurrency: self.samples.seconds.steady(), ..Default::default() };
        if self.repeats > 0 {
            run.notes.push(Note::RepeatedRows { rows: self.repeats });
        }
        self.websocket.report(&mut run, metric::WS_SESSION_RATE, metric::WS_CONNECT_DURATION);
        self.websocket_sessions.durations.report(&mut run, metric::WS_SESSION_DURATION);
        self.messages.report(&mut run, metric::WS_MESSAGE_RATE, "");
        self.grpc.report(&mut run, metric::GRPC_RATE, metric::GRPC_DURATION);
        let [failed, passed] = self.checks;
        if failed + passed > 0 {
            let ratio = failed as f64 / (failed + passed) as f64;
            run.add(metric::FAILED_CHECK_RATIO, Some(ratio), MeasureUnit::Ratio);
        }
        LoadTest::single(TOOL, None, run)
    }
}

/// Whether the first line names the columns of `--out csv`.
pub(in crate::loadtest) fn is_csv_points(input: &Input<'_>) -> bool {
    input.names(&["metric_name", "timestamp", "metric_value"])
}

/// Reads all rows. Times are whole seconds unless k6 is configured otherwise.
pub(in crate::loadtest) fn read_csv_points(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut rows = input.into_rows()?;
    let [name, time, value] = ["metric_name", "timestamp", "metric_value"].map(|name| rows.column(name));
    let mut points = Points::default();
    let mut headers = 0;
    while rows.advance()? {
        if rows.is_header() {
            headers += 1;
            continue;
        }
        let kind = kind(rows.bytes(name));
        if kind == Kind::Other {
            continue;
        }
        let value = rows.number(value, DecimalSign::Point)?.ok_or_else(|| no_point(rows.line()))?;
        let (time, coarse) = moment(&rows, time)?;
        points.coarse |= coarse;
        points.add(kind, value, rows.line(), || Some(time))?;
    }
    points.repeats = rows.repeats();
    if headers > 0 {
        points.samples.notes.push(Note::RepeatedHeader { times: headers });
    }
    // k6 ends every row.
    if !rows.ends_with_line_break() {
        points.samples.notes.push(Note::UnterminatedRow);
    }
    points.load_test()
}

/// A time in seconds, and whether it is no finer than a second.
fn moment(rows: &Rows<Source<'_>>, column: Option<usize>) -> Result<(f64, bool), LoadTestError> {
    let number = if let Some(number) = digits(rows.bytes(column)) {
        number
    } else {
        let text = rows.text(column);
        if let Ok(time) = DateTime::parse_from_rfc3339(&text) {
            return Ok((seconds(&time), time.timestamp_subsec_nanos() == 0));
        }
        let message = || format!("`{}` is no time", shortened(&text));
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| LoadTestError::Broken { line: rows.line(), message: message() })?
    };
    // Seconds, milliseconds, microseconds or nanoseconds since 1970, by their size.
    let scale = [(1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3)].into_iter().find(|(from, _)| number >= *from);
    Ok(scale.map_or((number, true), |(_, scale)| (number * scale, false)))
}

/// Seconds of Unix time.
pub(super) fn seconds<Z: chrono::TimeZone>(time: &DateTime<Z>) -> f64 {
    time.timestamp() as f64 + f64::from(time.timestamp_subsec_nanos()) * 1e-9
}

/// Parses times of which many lie within the same minute.
#[derive(Debug, Default)]
pub(super) struct Dates {
    /// The text up to the minute, and the seconds of that.
    minute: [u8; 16],
    seconds: f64,
}

impl Dates {
    /// `2026-11-20T16:38:54.502324997Z`; other zones take longer.
    pub(super) fn parse(&mut self, text: &[u8]) -> Option<f64> {
        let (minute, rest) = text.split_first_chunk::<16>()?;
        let Some(rest) = rest.strip_suffix(b"Z") else {
            let text = std::str::from_utf8(text).ok()?;
            return DateTime::parse_from_rfc3339(text).ok().map(|time| seconds(&time));
        };
        if *minute != self.minute {
            let text = std::str::from_utf8(minute).ok()?;
            let (date, clock) = text.split_once('T')?;
            let date: NaiveDate = date.parse().ok()?;
            let (hours, minutes) = clock.split_once(':')?;
            let midnight = date.signed_duration_since(NaiveDate::default()).num_seconds();
            let minutes = hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?;
            (self.minute, self.seconds) = (*minute, midnight as f64 + f64::from(minutes) * 60.0);
        }
        let (rest, decimals) = (rest.get(1..3)?, rest.get(3..)?);
        let whole = digits(rest)?;
        let fraction = match decimals.split_first() {
            None => 0.0,
            Some((b'.', decimals)) => digits(decimals)? / 10_f64.powi(i32::try_from(decimals.len()).ok()?),
            Some(_) => return None,
        };
        Some(self.seconds + whole + fraction)
    }
}
