//! k6: three forms of its summary, and points as JSON lines and as CSV.

mod points;
mod summary;

pub(super) use points::{is_csv_points, is_json_points, is_point, read_csv_points, read_json_points};
pub(super) use summary::{is_machine_summary, is_summary, read_machine_summary, read_summary};

use super::{LoadTest, LoadTestError, input::Input};

/// The tool's name.
pub(super) const TOOL: &str = "k6";

/// k6 counts time in milliseconds.
const MILLISECOND: f64 = 1e-3;

/// Whether it is the summary that k6 shows in a terminal.
pub(super) fn is_other(input: &Input<'_>) -> bool {
    let head = input.head();
    head.contains("http_req_duration..") || head.contains("iteration_duration..")
}

/// Says which form is read.
pub(super) fn refuse_other(_: Input<'_>) -> Result<LoadTest, LoadTestError> {
    Err(LoadTestError::Unsupported(
        "it is the summary that k6 shows in a terminal; run k6 with `--summary-export FILE` or `--out json=FILE`",
    ))
}

#[cfg(test)]
mod tests;
