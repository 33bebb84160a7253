//! What load-test tools write: text in, runs out.
//!
//! The tool is told by the content, never by the name of a file. All latencies are in seconds, all rates per
//! second, and a request has failed when it got no answer or a status of 400 and above, whatever the tool calls
//! it. To add a tool: a file, and a line in `FORMATS`.

#![deny(clippy::disallowed_methods)]

mod artillery;
mod autocannon;
mod error;
mod input;
mod jmeter;
mod k6;
mod locust;
pub mod metric;
mod model;
mod oha;
mod rows;
mod samples;
mod seconds;
mod table;
mod vegeta;
mod wrk;

pub use error::LoadTestError;
pub use model::{LoadTest, Measure, MeasureUnit, Run, Step, Threshold};

use input::Input;

/// A form in which a tool writes.
struct Format {
    tool: &'static str,
    /// Whether a text has this form. The forms are asked in order.
    recognise: fn(&Input<'_>) -> bool,
    read: fn(&Input<'_>) -> Result<LoadTest, LoadTestError>,
}

/// Every form that is known. What only looks like a table comes last.
const FORMATS: &[Format] = &[
    Format { tool: k6::TOOL, recognise: k6::machine::recognise, read: k6::machine::read },
    Format { tool: k6::TOOL, recognise: k6::summary::recognise, read: k6::summary::read },
    Format { tool: k6::TOOL, recognise: k6::json_points::recognise, read: k6::json_points::read },
    Format { tool: k6::TOOL, recognise: k6::csv_points::recognise, read: k6::csv_points::read },
    Format { tool: artillery::TOOL, recognise: artillery::recognise, read: artillery::read },
    Format { tool: autocannon::TOOL, recognise: autocannon::recognise, read: autocannon::read },
    Format { tool: jmeter::TOOL, recognise: jmeter::recognise, read: jmeter::read },
    Format { tool: jmeter::TOOL, recognise: jmeter::recognise_other, read: jmeter::refuse },
    Format { tool: locust::TOOL, recognise: locust::stats::recognise, read: locust::stats::read },
    Format { tool: locust::TOOL, recognise: locust::history::recognise, read: locust::history::read },
    Format { tool: locust::TOOL, recognise: locust::json::recognise, read: locust::json::read },
    Format { tool: locust::TOOL, recognise: locust::stats::recognise_other, read: locust::stats::refuse },
    Format { tool: oha::TOOL, recognise: oha::recognise, read: oha::read },
    Format { tool: vegeta::TOOL, recognise: vegeta::recognise, read: vegeta::read },
    Format { tool: wrk::TOOL, recognise: wrk::recognise, read: wrk::read },
    Format { tool: table::TOOL, recognise: table::recognise, read: table::read },
];

/// Reads what a load test wrote.
///
/// # Errors
/// When no tool is known that writes this, something is cut off, or nothing was measured.
pub fn read(text: &str) -> Result<LoadTest, LoadTestError> {
    let input = Input::of(text)?;
    let format = FORMATS.iter().find(|format| (format.recognise)(&input)).ok_or(LoadTestError::Unknown)?;
    (format.read)(&input)
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
