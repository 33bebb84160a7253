//! Points of `--out json`: a line each, read one after the other.

use std::borrow::Cow;

use chrono::DateTime;
use serde::Deserialize;

use super::{MILLISECOND, TOOL};
use crate::loadtest::{
    LoadTest, LoadTestError,
    input::{Input, broken, whole},
    samples::{Samples, second},
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
pub(in crate::loadtest) fn is_points(line: &str) -> bool {
    line.contains("\"metric\"") && serde_json::from_str::<Line<'_>>(line).is_ok()
}

/// Whether the text starts with one.
pub(in crate::loadtest) fn recognise(input: &Input<'_>) -> bool {
    is_points(input.first_line)
}

/// Reads all lines.
pub(in crate::loadtest) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut samples = Samples::default();
    for (number, text) in (1..).zip(input.text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let line: Line<'_> = serde_json::from_str(text).map_err(|error| at(number, broken(&error)))?;
        if line.kind == "Point" {
            point(&mut samples, &line).ok_or_else(|| at(number, no_point()))?;
        }
    }
    samples.load_test(TOOL)
}

/// Takes one point; nothing when its time or value is missing.
fn point(samples: &mut Samples, line: &Line<'_>) -> Option<()> {
    let value = line.data.value?;
    match &*line.metric {
        "http_req_duration" => samples.latencies.push(value * MILLISECOND),
        "http_req_failed" => samples.failed += u64::from(value > 0.0),
        "http_reqs" => {
            let (time, count) = (time(line)?, whole(value)?);
            samples.requests += count;
            samples.moment(time);
            samples.seconds.answers(second(time), count);
        }
        "vus" => samples.seconds.users(second(time(line)?), value),
        _ => {}
    }
    Some(())
}

fn time(line: &Line<'_>) -> Option<f64> {
    let time = DateTime::parse_from_rfc3339(line.data.time.as_deref()?).ok()?;
    Some(time.timestamp() as f64 + f64::from(time.timestamp_subsec_nanos()) * 1e-9)
}

fn no_point() -> LoadTestError {
    LoadTestError::Broken { line: 1, message: "a point without a time or a value".to_owned() }
}

/// The line within the file instead of the line within the line.
fn at(number: usize, error: LoadTestError) -> LoadTestError {
    match error {
        LoadTestError::Truncated { .. } => LoadTestError::Truncated { line: number },
        LoadTestError::Broken { message, .. } => LoadTestError::Broken { line: number, message },
        other => other,
    }
}
