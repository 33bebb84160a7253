//! A text looked at once, for all formats that may know it.

use std::io::Read;

use serde_json::Value;

use super::{LoadTestError, error::shortened, lines::Lines};
use crate::tabular::{Rows, Stream, delimiter};

/// The largest document that is read as a whole. Formats with a line for each answer have no limit.
const LARGEST: u64 = 256 << 20;

/// A text of unknown origin.
pub(super) struct Input<'a> {
    stream: Stream<'a>,
    /// The first line that is not blank.
    pub first_line: String,
    /// What it says, where it is one JSON document.
    pub json: Value,
}

/// Everything that a reader of lines or rows reads from.
pub(super) type Source<'a> = Box<dyn Read + 'a>;

impl<'a> Input<'a> {
    /// The document.
    pub(super) fn into_json(self) -> Value {
        self.json
    }

    /// Reads a text. A JSON document is read as a whole; lines and rows are not read here.
    pub(super) fn new(raw: impl Read + 'a) -> Result<Self, LoadTestError> {
        let mut stream = Stream::new(raw).map_err(|error| LoadTestError::unreadable(&error))?;
        let first_line = first_line(stream.head())?;
        let mut json = Value::Null;
        let points = super::k6::is_point(&first_line) || super::vegeta::is_result(&first_line);
        if first_line.starts_with(['{', '[']) && !points {
            let text = whole_text(stream)?;
            json = serde_json::from_slice(&text).map_err(|error| broken_json(&error))?;
            stream = Stream::new(std::io::empty()).map_err(|error| LoadTestError::unreadable(&error))?;
        }
        Ok(Self { stream, first_line, json })
    }

    /// The beginning of the text.
    pub(super) fn head(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.stream.head())
    }

    /// Whether it is a JSON object with all of these keys.
    pub(super) fn has(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.json.get(key).is_some())
    }

    /// Whether the first line names all of these columns.
    pub(super) fn names(&self, columns: &[&str]) -> bool {
        let separator = char::from(delimiter(&self.first_line));
        let names: Vec<&str> =
            self.first_line.split(separator).map(|name| name.trim_matches([' ', '"'])).collect();
        columns.iter().all(|column| names.contains(column))
    }

    /// The text as a whole, if it is not too large.
    pub(super) fn into_text(self) -> Result<String, LoadTestError> {
        let text = whole_text(self.stream)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The text from its beginning.
    pub(super) fn into_source(self) -> Source<'a> {
        Box::new(self.stream.into_reader())
    }

    /// The text line by line.
    pub(super) fn into_lines(self) -> Lines<Source<'a>> {
        Lines::new(self.into_source())
    }

    /// The rows below the names in the first line.
    pub(super) fn into_rows(self) -> Result<Rows<Source<'a>>, LoadTestError> {
        let delimiter = delimiter(&self.first_line);
        Ok(Rows::new(self.into_source(), delimiter)?)
    }
}

fn whole_text(stream: Stream<'_>) -> Result<Vec<u8>, LoadTestError> {
    let mut text = Vec::new();
    let read = stream.into_reader().take(LARGEST + 1).read_to_end(&mut text);
    let count = read.map_err(|error| LoadTestError::unreadable(&error))?;
    if count as u64 > LARGEST { Err(LoadTestError::TooLarge) } else { Ok(text) }
}

/// The first line that is not blank, or as much of it as was looked at.
fn first_line(head: &[u8]) -> Result<String, LoadTestError> {
    let lines = head.split(|byte| matches!(byte, b'\n' | b'\r'));
    let line = lines.map(<[u8]>::trim_ascii).find(|line| !line.is_empty()).ok_or(LoadTestError::Empty)?;
    if line.contains(&0) {
        return Err(if line.iter().skip(1).step_by(2).all(|byte| *byte == 0) {
            LoadTestError::Unsupported("it is UTF-16 without a byte order mark; save it as UTF-8")
        } else {
            super::vegeta::binary(head).unwrap_or(LoadTestError::Unknown)
        });
    }
    Ok(String::from_utf8_lossy(line).into_owned())
}

/// A JSON error with its line.
pub(super) fn broken_json(error: &serde_json::Error) -> LoadTestError {
    if error.is_eof() {
        return LoadTestError::Truncated { line: error.line() };
    }
    let message = error.to_string();
    let message = if message.len() > 80 { shortened(&message) } else { message };
    LoadTestError::Broken { line: error.line(), message: format!("not JSON: {message}") }
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

/// The sum of the counts in an object of which the keys are wanted.
pub(super) fn sum_counts(counts: &Value, wanted: impl Fn(&str) -> bool) -> u64 {
    let counts = counts.as_object().into_iter().flatten().filter(|(name, _)| wanted(name));
    counts.filter_map(|(_, value)| value.as_f64().and_then(whole)).fold(0, u64::saturating_add)
}

/// Whether a key is a status code of a failed request.
pub(super) fn is_failed_status(code: &str) -> bool {
    code.parse().is_ok_and(|code: u16| code >= 400)
}

/// A number of up to fifteen digits and nothing else.
pub(super) fn digits(bytes: &[u8]) -> Option<f64> {
    if bytes.is_empty() || bytes.len() > 15 {
        return None;
    }
    let mut number = 0_u64;
    for byte in bytes {
        number = number * 10 + u64::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
    }
    Some(number as f64)
}
