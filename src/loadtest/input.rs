//! A text looked at once, for all who may know it.

use serde_json::Value;

use super::{LoadTestError, error::cut};

/// A text of unknown origin.
#[derive(Debug)]
pub(super) struct Input<'a> {
    /// All of it, without a byte order mark.
    pub text: &'a str,
    /// The first line that is not blank.
    pub first_line: &'a str,
    /// What it says, where it is one JSON document.
    pub json: Value,
}

impl<'a> Input<'a> {
    /// Looks at a text. Lines of JSON are not parsed here, for there may be millions.
    pub(super) fn of(text: &'a str) -> Result<Self, LoadTestError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first_line =
            text.lines().find(|line| !line.trim().is_empty()).ok_or(LoadTestError::Empty)?.trim();
        let mut input = Self { text, first_line, json: Value::Null };
        if first_line.starts_with(['{', '[']) && !super::k6::is_points(first_line) {
            input.json = serde_json::from_str(text).map_err(|error| broken(&error))?;
        }
        Ok(input)
    }

    /// Whether it is a JSON object with all of these keys.
    pub(super) fn has(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.json.get(key).is_some())
    }

    /// Whether the first line names all of these columns.
    pub(super) fn names(&self, columns: &[&str]) -> bool {
        let names: Vec<&str> = self.first_line.split(',').map(|name| name.trim_matches([' ', '"'])).collect();
        columns.iter().all(|column| names.contains(column))
    }
}

/// A JSON mistake with its line.
pub(super) fn broken(error: &serde_json::Error) -> LoadTestError {
    if error.is_eof() {
        return LoadTestError::Truncated { line: error.line() };
    }
    LoadTestError::Broken { line: error.line(), message: format!("not JSON: {}", cut_message(error)) }
}

fn cut_message(error: &serde_json::Error) -> String {
    let message = error.to_string();
    if message.len() > 80 { cut(&message) } else { message }
}

/// The finite number at a path of keys.
pub(super) fn number(json: &Value, path: &[&str]) -> Option<f64> {
    let found = path.iter().try_fold(json, |value, key| value.get(key))?;
    found.as_f64().filter(|number| number.is_finite())
}

/// The count at a path of keys.
pub(super) fn count(json: &Value, path: &[&str]) -> Option<u64> {
    number(json, path).and_then(whole)
}

/// A number as a count, when it is one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and 2^53")]
pub(super) fn whole(number: f64) -> Option<u64> {
    (0.0..=9_007_199_254_740_992.0).contains(&number).then_some(number as u64)
}
