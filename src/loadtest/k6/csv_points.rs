//! Points of `--out csv`. Times are whole seconds unless k6 was told otherwise.

use chrono::DateTime;

use super::{MILLISECOND, TOOL};
use crate::loadtest::{
    LoadTest, LoadTestError,
    error::cut,
    input::{Input, whole},
    rows::Rows,
    samples::{Samples, second},
};

/// Whether the first line names k6's columns.
pub(in crate::loadtest) fn recognise(input: &Input<'_>) -> bool {
    input.names(&["metric_name", "timestamp", "metric_value"])
}

/// Reads all rows.
pub(in crate::loadtest) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut rows = Rows::written_by_tool(input.text)?;
    let (name, time, value) =
        (rows.column("metric_name"), rows.column("timestamp"), rows.column("metric_value"));
    let mut samples = Samples::default();
    while rows.advance()? {
        let Some(value) = rows.number(value)? else { continue };
        match rows.text(name) {
            "http_req_duration" => samples.latencies.push(value * MILLISECOND),
            "http_req_failed" => samples.failed += u64::from(value > 0.0),
            "http_reqs" => {
                let (time, fine) = moment(&rows, time)?;
                let count = whole(value).unwrap_or(0);
                samples.requests += count;
                samples.seconds.answers(second(time), count);
                if fine {
                    samples.moment(time);
                }
            }
            "vus" => samples.seconds.users(second(moment(&rows, time)?.0), value),
            _ => {}
        }
    }
    samples.load_test(TOOL)
}

/// A time in seconds, and whether it is finer than a second.
fn moment(rows: &Rows<'_>, column: Option<usize>) -> Result<(f64, bool), LoadTestError> {
    let text = rows.text(column);
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok((time.timestamp() as f64, false));
    }
    let missing =
        || LoadTestError::Broken { line: rows.line(), message: format!("`{}` is no time", cut(text)) };
    let number = rows.number(column)?.ok_or_else(missing)?;
    // Seconds, milliseconds, microseconds or nanoseconds since 1970: told apart by their size.
    let scale = [(1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3)].into_iter().find(|(from, _)| number >= *from);
    Ok(scale.map_or((number, false), |(_, scale)| (number * scale, true)))
}
