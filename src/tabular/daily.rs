//! A value for each day: what `forecast --csv` and business figures are read from.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::{DecimalSign, RowError, Rows, SignFinder, delimiter, parse_number, shortened};

/// Problems of one file that are listed.
const MAX_PROBLEMS: usize = 5;
/// Nothing that is counted is larger, and squares of larger numbers are no numbers any more.
const LARGEST: f64 = 1e30;
/// How the two columns are called.
const NAMES: [&str; 2] = ["date", "value"];

/// The value of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DailyValue {
    /// Its line, from 1.
    pub line: usize,
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Finite.
    pub value: f64,
}

/// Reads days and their values, by ascending day.
///
/// The first line may name the columns; of more than two, those called `date` and `value` are taken. Days with an empty
/// value are left out: nothing is known about them.
///
/// # Errors
/// With the lines, where something is not a day or a number, or a day comes twice.
pub fn read_daily(text: &str) -> Result<Vec<DailyValue>, String> {
    let text = &text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let lines_before = text.lines().take_while(|line| line.trim().is_empty()).count();
    let first = text.lines().nth(lines_before).ok_or("the file is empty")?;
    let named = !first.contains(|sign: char| sign.is_ascii_digit());
    // Rows without names get some, so that all rows are read alike.
    let delimiter = delimiter(first);
    let start: usize = text.split_inclusive('\n').take(lines_before).map(str::len).sum();
    let source = if named { text[start..].to_owned() } else { numbered(&text[start..], delimiter)? };
    let mut rows = Rows::new(source.as_bytes(), delimiter).map_err(|error| error.to_string())?;
    let columns = columns(&rows)?;
    let shift = |line: usize| line + lines_before - usize::from(!named);
    let (fields, mut problems) = fields(&mut rows, columns, &shift);
    let sign = decimal_sign(&fields).unwrap_or_else(|(line, problem)| {
        problems.push((line, problem));
        DecimalSign::Point
    });
    let mut days = Vec::new();
    for (line, date, value) in &fields {
        match day(*line, date, value, sign) {
            Ok(found) => days.extend(found),
            Err(problem) => problems.push((*line, problem)),
        }
    }
    days.sort_by_key(|day| (day.day, day.line));
    let repeated = days.windows(2).filter(|pair| pair[0].day == pair[1].day);
    problems.extend(
        repeated.map(|pair| {
            (pair[1].line, format!("{} has a value in line {} already", pair[1].day, pair[0].line))
        }),
    );
    if problems.is_empty() { Ok(days) } else { Err(listed(problems)) }
}

/// Rows below the numbers of their columns in the place of names.
fn numbered(text: &str, delimiter: u8) -> Result<String, String> {
    let first = Rows::new(text.as_bytes(), delimiter).map_err(|error| error.to_string())?;
    let names: Vec<String> = (1..=first.columns().len()).map(|column| column.to_string()).collect();
    Ok(names.join(&char::from(delimiter).to_string()) + "\n" + text)
}

/// The columns of the day and the value.
fn columns(rows: &Rows<&[u8]>) -> Result<[usize; 2], String> {
    let place = |name: &str| rows.columns().iter().position(|column| column.eq_ignore_ascii_case(name));
    match (place(NAMES[0]), place(NAMES[1]), rows.columns().len()) {
        (Some(date), Some(value), _) => Ok([date, value]),
        (_, _, 2) => Ok([0, 1]),
        (_, _, 1) => Err("line 1: there is one column; each line has a date and a value".to_owned()),
        (_, _, count) => Err(format!("line 1 has {count} columns, none named date and value")),
    }
}

type Field = (usize, String, String);

/// The two fields of each row, and the rows that are none.
fn fields(
    rows: &mut Rows<&[u8]>,
    [date, value]: [usize; 2],
    shift: &dyn Fn(usize) -> usize,
) -> (Vec<Field>, Vec<(usize, String)>) {
    let (mut fields, mut problems) = (Vec::new(), Vec::new());
    loop {
        match rows.advance() {
            Ok(false) => return (fields, problems),
            Ok(true) => {
                let text = |column| rows.text(Some(column)).into_owned();
                fields.push((shift(rows.line()), text(date), text(value)));
            }
            Err(error) => {
                let (line, problem) = problem(&error);
                problems.push((shift(line), problem));
                if matches!(error, RowError::CutOff { .. } | RowError::Unreadable { .. }) {
                    return (fields, problems);
                }
            }
        }
    }
}

fn problem(error: &RowError) -> (usize, String) {
    let text = error.to_string();
    let text = text.split_once(": ").map_or(text.as_str(), |(_, rest)| rest).to_owned();
    match error {
        RowError::Fields { line, .. }
        | RowError::CutOff { line }
        | RowError::Number { line, .. }
        | RowError::Unreadable { line, .. } => (*line, text),
    }
}

fn decimal_sign(fields: &[Field]) -> Result<DecimalSign, (usize, String)> {
    let mut finder = SignFinder::default();
    for (line, _, value) in fields {
        finder.see(*line, value);
    }
    finder.sign().map_err(|(line, error)| (line, error.to_string()))
}

/// The value of a day; `None` where there is none.
fn day(line: usize, date: &str, value: &str, sign: DecimalSign) -> Result<Option<DailyValue>, String> {
    let day = parse_day(date)
        .ok_or_else(|| format!("`{}` is not a date; write it like 2026-11-20", shortened(date)))?;
    if value.is_empty() {
        return Ok(None);
    }
    let number = parse_number(value, sign).map_err(|error| error.to_string())?;
    if number.abs() > LARGEST {
        return Err(format!("`{}` is too large", shortened(value)));
    }
    Ok(Some(DailyValue { line, day, value: number }))
}

/// A date, or the day of an instant in UTC. A time without a zone counts for its day.
fn parse_day(text: &str) -> Option<NaiveDate> {
    let (date, rest) = text.split_at_checked("2026-11-20".len())?;
    if !rest.is_empty() {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(instant.with_timezone(&Utc).date_naive());
        }
        if !rest.strip_prefix(['T', ' ']).is_some_and(is_time) {
            return None;
        }
    }
    date.parse().ok()
}

/// Whether a text is a time of day, with seconds, fractions and a zone or without: `10:30`, `10:30:00.5Z`, `10:30 UTC`.
fn is_time(text: &str) -> bool {
    let of_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let (time, zone) = text.split_at(text.find(|c| !of_time(c)).unwrap_or(text.len()));
    let zone = zone.trim_start();
    let offset = zone.strip_prefix(['+', '-']).is_some_and(|digits| {
        matches!(digits.len(), 2..=5) && digits.chars().all(|c| c.is_ascii_digit() || c == ':')
    });
    let parsed = ["%H:%M", "%H:%M:%S%.f"].iter().any(|form| NaiveTime::parse_from_str(time, form).is_ok());
    parsed && (matches!(zone, "" | "Z" | "UTC" | "GMT") || offset)
}

fn listed(mut problems: Vec<(usize, String)>) -> String {
    problems.sort();
    problems.dedup();
    let shown = problems.iter().take(MAX_PROBLEMS).map(|(line, problem)| format!("line {line}: {problem}"));
    let text = shown.collect::<Vec<_>>().join("; ");
    match problems.len().saturating_sub(MAX_PROBLEMS) {
        0 => text,
        more => format!("{text}; and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> Vec<(String, f64)> {
        read_daily(text).unwrap().into_iter().map(|day| (day.day.to_string(), day.value)).collect()
    }

    #[test]
    fn columns_go_by_name_and_days_by_date() {
        let expected = vec![("2026-01-01".to_owned(), 1.5), ("2026-01-02".to_owned(), 2.0)];
        assert_eq!(days("note,Value,date\nx,2,2026-01-02\n\ny,1.5,2026-01-01\r\nz,,2026-01-03\n"), expected);
        assert_eq!(days("\u{feff}2026-01-01T00:00:00Z,1.5\n2026-01-02, 2\n"), expected);
        assert_eq!(days("day,users\n2026-01-01,1.5\n2026-01-02,2"), expected);
        assert_eq!(days("date;value\n2026-01-01;1,5\n2026-01-02;2\n"), expected);
        assert_eq!(days("2026-01-01\t1.5\n2026-01-02\t2\n"), expected);
        assert_eq!(days("date,value\n2026-01-01T23:30:00-02:00,2\n2026-01-01 07:00,1.5\n"), expected);
    }

    #[test]
    fn every_problem_has_its_line() {
        let wrong = |text: &str| read_daily(text).unwrap_err();
        assert_eq!(
            wrong("date,value\n20 May,3\n"),
            "line 2: `20 May` is not a date; write it like 2026-11-20"
        );
        assert_eq!(wrong("2026-01-01,many\n"), "line 1: `many` is not a finite number");
        assert_eq!(wrong("2026-01-01,1\n2026-01-02,NaN\n"), "line 2: `NaN` is not a finite number");
        assert!(
            wrong("date,value\n2026-08-20,100,5\n").starts_with("line 2: 3 fields, but the first line has 2")
        );
        assert!(wrong("date;value\n2026-08-20;1,100\n").contains("may be a decimal or a thousand"));
        assert!(wrong("date,value\n2026-08-20,\"1,100\"\n").contains("may be a decimal or a thousand"));
        assert!(wrong("2026-01-01\n").contains("there is one column"));
        assert!(wrong("2026-01-01,1,2\n").contains("line 1 has 3 columns"));
        assert!(wrong("day,users,cost\n2026-01-01,1,2\n").contains("none named date and value"));
        assert_eq!(
            wrong("2026-01-01,1\n2026-01-02,1\n2026-01-01,2\n"),
            "line 3: 2026-01-01 has a value in line 1 already"
        );
        assert!(wrong(&format!("date,value\n{}", "x,1\n".repeat(8))).ends_with("; and 3 more"));
        assert_eq!(wrong(" \n"), "the file is empty");
    }
}
