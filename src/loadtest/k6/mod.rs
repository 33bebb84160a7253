//! k6.

/// Whether a line is one of `--out json`.
pub(super) fn is_points(line: &str) -> bool {
    line.starts_with('{') && line.contains("\"metric\":") && line.contains("\"data\":") && line.ends_with('}')
}
