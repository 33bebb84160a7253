//! What load-test tools write: text in, runs out.
//!
//! The tool is told by the content, never by the name of a file. All latencies are in seconds, all rates per
//! second, and a request has failed when it got no answer or a status of 400 and above, whatever the tool calls
//! it. To add a tool: a file, and a line in [`FORMATS`].

#![deny(clippy::disallowed_methods)]

mod error;
mod input;
mod k6;
pub mod metric;
mod model;
mod rows;
mod table;

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
