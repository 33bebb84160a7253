//! What load-test tools write: bytes in, runs out.
//!
//! The tool is recognised by the content, never by the name of a file. All latencies are in seconds, all rates per
//! second, and a request has failed when it got no answer or a status of 400 and above, whatever the tool calls it.
//! Whatever is left out, added up or reset is a [`Note`]; a figure that the file lacks is not there. Files with a line
//! for each answer are read in constant memory. To add a tool: a file, and a line in `FORMATS`.

#![deny(clippy::disallowed_methods)]

mod activity;
mod artillery;
mod autocannon;
mod direction;
mod durations;
mod error;
mod input;
mod jmeter;
mod k6;
mod lines;
mod locust;
pub mod metric;
mod model;
mod note;
mod oha;
mod repeats;
mod samples;
mod seconds;
mod sender;
mod table;
mod vegeta;
mod wrk;

use std::io::{Cursor, Read};

pub use direction::{Direction, Worse, direction, unit};
pub use error::LoadTestError;
pub use model::{LoadTest, Measure, MeasureUnit, Run, Step, Threshold};
pub use note::Note;
pub(crate) use table::TOOL as TABLE;

use crate::tabular::Stream;
use input::Input;

/// A form in which a tool writes.
struct Format {
    tool: &'static str,
    /// Whether a text has this form. The forms are asked in order.
    recognise: fn(&Input<'_>) -> bool,
    read: fn(Input<'_>) -> Result<LoadTest, LoadTestError>,
}

/// Every form that is known. What only looks like a table comes last.
const FORMATS: &[Format] = &[
    Format { tool: k6::TOOL, recognise: k6::is_machine_summary, read: k6::read_machine_summary },
    Format { tool: k6::TOOL, recognise: k6::is_summary, read: k6::read_summary },
    Format { tool: k6::TOOL, recognise: k6::is_json_points, read: k6::read_json_points },
    Format { tool: k6::TOOL, recognise: k6::is_csv_points, read: k6::read_csv_points },
    Format { tool: k6::TOOL, recognise: k6::is_other, read: k6::refuse_other },
    Format { tool: artillery::TOOL, recognise: artillery::recognise, read: artillery::read },
    Format { tool: artillery::TOOL, recognise: artillery::recognise_v1, read: artillery::read_v1 },
    Format { tool: autocannon::TOOL, recognise: autocannon::recognise, read: autocannon::read },
    Format { tool: jmeter::TOOL, recognise: jmeter::recognise, read: jmeter::read },
    Format { tool: jmeter::TOOL, recognise: jmeter::recognise_other, read: jmeter::refuse_other },
    Format { tool: locust::TOOL, recognise: locust::is_statistics, read: locust::read_statistics },
    Format { tool: locust::TOOL, recognise: locust::is_history, read: locust::read_history },
    Format { tool: locust::TOOL, recognise: locust::is_json, read: locust::read_json },
    Format { tool: locust::TOOL, recognise: locust::is_other, read: locust::refuse_other },
    Format { tool: oha::TOOL, recognise: oha::recognise, read: oha::read },
    Format { tool: oha::TOOL, recognise: oha::is_csv, read: oha::refuse_csv },
    Format { tool: oha::TOOL, recognise: oha::is_page, read: oha::refuse_page },
    Format { tool: vegeta::TOOL, recognise: vegeta::is_report, read: vegeta::read_report },
    Format { tool: vegeta::TOOL, recognise: vegeta::is_json_results, read: vegeta::read_json_results },
    Format { tool: vegeta::TOOL, recognise: vegeta::is_csv_results, read: vegeta::read_csv_results },
    Format { tool: vegeta::TOOL, recognise: vegeta::is_other, read: vegeta::refuse_other },
    Format { tool: wrk::TOOL, recognise: wrk::recognise, read: wrk::read },
    Format { tool: table::TOOL, recognise: table::recognise, read: table::read },
];

/// Reads what a load test wrote, gzip and UTF-16 included.
///
/// # Errors
/// When no tool is known that writes this, something is cut off, or nothing was measured.
pub fn read(raw: impl Read) -> Result<LoadTest, LoadTestError> {
    let input = Input::new(raw)?;
    let format = FORMATS.iter().find(|format| (format.recognise)(&input)).ok_or(LoadTestError::Unknown)?;
    (format.read)(input)
}

/// The decoded beginning of a file, and a reader that still has all of it.
///
/// # Errors
/// When it cannot be read or unpacked.
pub fn decoded<'a>(raw: impl Read + 'a) -> Result<(Vec<u8>, impl Read + 'a), LoadTestError> {
    let stream = Stream::new(raw).map_err(|error| LoadTestError::unreadable(&error))?;
    let head = stream.head().to_vec();
    let text = stream.into_reader();
    let text: std::io::Chain<Cursor<Vec<u8>>, Box<dyn Read + 'a>> = text;
    Ok((head, text))
}

/// The known tools, for messages.
fn tools() -> String {
    let mut tools: Vec<&str> = FORMATS.iter().map(|format| format.tool).collect();
    tools.dedup();
    tools.retain(|tool| *tool != table::TOOL);
    tools.join(", ")
}

#[cfg(test)]
mod tests;
