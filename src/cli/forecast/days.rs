//! Daily values from CSV.

use chrono::NaiveDate;

/// The value of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Day {
    pub date: NaiveDate,
    pub value: f64,
}

/// Why a text holds no daily values, with the line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DaysError {
    /// A line has too few fields.
    #[error("line {0}: too few fields; expected a date and a value")]
    TooShort(usize),
    /// A field is not a date.
    #[error("line {line}: `{text}` is not a date; expected a date such as 2026-11-20")]
    NotADate {
        /// Which line, from 1.
        line: usize,
        /// What stands there, cut to a few characters.
        text: String,
    },
    /// A field is not a number.
    #[error("line {line}: `{text}` is not a number")]
    NotANumber {
        /// Which line, from 1.
        line: usize,
        /// What stands there, cut to a few characters.
        text: String,
    },
    /// A day that was there before.
    #[error("line {line}: duplicate value for {date}")]
    Twice {
        /// Which line, from 1.
        line: usize,
        /// The day.
        date: NaiveDate,
    },
}

/// Reads `date,value` in ascending order of dates.
///
/// The first line may name the columns; those called `date` and `value` are taken, else the first two. Blank lines and
/// days with an empty value are left out: nothing is known about them.
///
/// # Errors
/// With the line, where something is not a date or a number, or a day comes twice.
pub(super) fn read(text: &str) -> Result<Vec<Day>, DaysError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).peekable();
    let mut columns = [0, 1];
    if let Some((_, names)) = lines.next_if(|(_, line)| is_header(line)) {
        columns = named(names).unwrap_or(columns);
    }
    let mut days = Vec::new();
    for (line, row) in lines {
        let fields: Vec<&str> = row.split(',').map(str::trim).collect();
        let [date, value] =
            columns.map(|column| fields.get(column).copied().ok_or(DaysError::TooShort(line)));
        if let Some(day) = day(date?, value?, line)? {
            days.push((line, day));
        }
    }
    days.sort_by_key(|(_, day)| day.date);
    match days.windows(2).find(|pair| pair[0].1.date == pair[1].1.date) {
        Some(pair) => Err(DaysError::Twice { line: pair[1].0, date: pair[1].1.date }),
        None => Ok(days.into_iter().map(|(_, day)| day).collect()),
    }
}

/// A first line without any digit names columns.
fn is_header(line: &str) -> bool {
    !line.contains(|letter: char| letter.is_ascii_digit())
}

fn named(names: &str) -> Option<[usize; 2]> {
    let place = |name| names.split(',').position(|field| field.trim().eq_ignore_ascii_case(name));
    Some([place("date")?, place("value")?])
}

/// The day of a line; nothing where it has no value.
fn day(date: &str, value: &str, line: usize) -> Result<Option<Day>, DaysError> {
    let cut = |text: &str| text.chars().take(20).collect();
    // What follows the day, such as a time, does not matter to daily values.
    let parsed = date.get(..10).and_then(|day| day.parse().ok());
    let date = parsed.ok_or_else(|| DaysError::NotADate { line, text: cut(date) })?;
    if value.is_empty() {
        return Ok(None);
    }
    let number: Option<f64> = value.parse().ok().filter(|number: &f64| number.is_finite());
    let value = number.ok_or_else(|| DaysError::NotANumber { line, text: cut(value) })?;
    Ok(Some(Day { date, value }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(text: &str) -> Vec<(String, f64)> {
        read(text).unwrap().into_iter().map(|day| (day.date.to_string(), day.value)).collect()
    }

    #[test]
    fn columns_go_by_name_and_days_by_date() {
        let expected = vec![("2026-01-01".to_owned(), 1.5), ("2026-01-02".to_owned(), 2.0)];
        assert_eq!(dates("note,Value,date\nx,2,2026-01-02\n\ny,1.5,2026-01-01\r\nz,,2026-01-03\n"), expected);
        assert_eq!(dates("\u{feff}2026-01-01T00:00:00Z,1.5\n2026-01-02, 2\n"), expected);
        assert_eq!(dates("day,users\n2026-01-01,1.5\n2026-01-02,2\n"), expected);
        assert!(dates("").is_empty());
    }

    #[test]
    fn mistakes_are_told_by_line() {
        let wrong = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(
            wrong("date,value\n20 May,3\n"),
            "line 2: `20 May` is not a date; expected a date such as 2026-11-20"
        );
        assert_eq!(wrong("2026-01-01,many\n"), "line 1: `many` is not a number");
        assert_eq!(wrong("2026-01-01,NaN\n"), "line 1: `NaN` is not a number");
        assert_eq!(read("2026-01-01\n"), Err(DaysError::TooShort(1)));
        assert_eq!(
            wrong("2026-01-01,1\n2026-01-02,1\n2026-01-01,2\n"),
            "line 3: duplicate value for 2026-01-01"
        );
    }
}
