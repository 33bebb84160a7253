//! One line of a file of dates and values.

use chrono::{DateTime, NaiveDate};

/// The value of a day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Where it stands, counted from 1.
    pub line: usize,
    pub day: NaiveDate,
    /// Finite.
    pub value: f64,
}

/// Reads a line; nothing where a day has no value.
///
/// # Errors
/// When it is not a day and a number, with what is wrong.
pub(super) fn read_row(line: usize, text: &str) -> Result<Option<Row>, String> {
    let fields = fields(text)?;
    let [day, value] = fields.as_slice() else {
        let count = fields.len();
        return Err(format!(
            "two fields are expected and {count} found; numbers hold no thousands separators"
        ));
    };
    let day = read_day(day)?;
    if value.is_empty() {
        return Ok(None);
    }
    Ok(Some(Row { line, day, value: read_value(value)? }))
}

/// The fields of a line, each trimmed. A field in quotation marks may hold commas (RFC 4180).
pub(super) fn fields(text: &str) -> Result<Vec<String>, String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for sign in text.chars() {
        match (sign, quoted) {
            ('"', _) => quoted = !quoted,
            (',', false) => fields.push(String::new()),
            _ => fields.iter_mut().next_back().into_iter().for_each(|field| field.push(sign)),
        }
    }
    if quoted {
        return Err("a quotation mark is not closed on the same line".to_owned());
    }
    Ok(fields.iter().map(|field| field.trim().to_owned()).collect())
}

/// A date, or the day in UTC of an instant.
fn read_day(text: &str) -> Result<NaiveDate, String> {
    let is_date = text.len() == "2026-11-20".len();
    let day = if is_date { text.parse().ok() } else { instant(text).map(|at| at.date_naive()) };
    day.ok_or_else(|| format!("`{}` is not a date; write it like 2026-11-20", shortened(text)))
}

fn instant(text: &str) -> Option<DateTime<chrono::Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// A plain number. What a spreadsheet adds for people is refused: 1.234 may be one or a thousand.
fn read_value(text: &str) -> Result<f64, String> {
    let plain = text.chars().all(|sign| matches!(sign, '0'..='9' | '.' | '-'));
    let number = text.parse().ok().filter(|value: &f64| plain && value.is_finite());
    number.ok_or_else(|| {
        let shown = shortened(text);
        let digits = text.chars().any(|sign| sign.is_ascii_digit());
        let separated =
            text.chars().all(|sign| !sign.is_alphabetic() && !matches!(sign, '%' | '$' | '€' | '£'));
        match (digits, separated) {
            (true, true) => format!("`{shown}` has separators; write a plain number such as 1234.5"),
            (true, false) => format!("`{shown}` has a unit; write a plain number such as 1234.5"),
            (false, _) => format!("`{shown}` is not a number"),
        }
    })
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
