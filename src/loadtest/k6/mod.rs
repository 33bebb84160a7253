//! k6: three forms of its summary, and points as JSON lines and as CSV.

pub(super) mod csv_points;
pub(super) mod json_points;
pub(super) mod machine;
pub(super) mod summary;

/// The tool's name.
pub(super) const TOOL: &str = "k6";

/// k6 counts time in milliseconds.
const MILLISECOND: f64 = 1e-3;

pub(super) use json_points::is_points;

#[cfg(test)]
mod tests;
