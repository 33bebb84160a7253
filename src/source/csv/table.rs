//! A whole file of dates and values.

use super::row::{Row, fields, read_row};

/// Of a file's mistakes so many are told.
const MOST_MISTAKES: usize = 5;

/// Reads a file: the header `date,value`, then a row for each day, in any order. Empty lines are passed over.
///
/// # Errors
/// With every mistake, or the first of them, each with its line.
pub(super) fn read_table(text: &str) -> Result<Vec<Row>, String> {
    // Spreadsheets put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let Some((first, header)) = lines.next() else { return Err("the file is empty".to_owned()) };
    is_header(header).map_err(|mistake| format!("line {first}: {mistake}"))?;
    let mut rows: Vec<Row> = Vec::new();
    let mut mistakes = Vec::new();
    for (number, line) in lines {
        match read_row(number, line) {
            Ok(row) => rows.extend(row),
            Err(mistake) => mistakes.push((number, mistake)),
        }
    }
    rows.sort_by_key(|row| (row.day, row.line));
    let twice = rows.windows(2).filter(|pair| pair[0].day == pair[1].day);
    mistakes.extend(
        twice.map(|pair| (pair[1].line, format!("{} stands in line {}, too", pair[1].day, pair[0].line))),
    );
    mistakes.sort();
    if mistakes.is_empty() { Ok(rows) } else { Err(told(&mistakes)) }
}

fn is_header(line: &str) -> Result<(), String> {
    let names = fields(line)?;
    let expected = ["date", "value"];
    let right =
        names.len() == 2 && names.iter().zip(expected).all(|(name, one)| name.eq_ignore_ascii_case(one));
    match right {
        true => Ok(()),
        false if line.contains([';', '\t']) => {
            Err("the header is `date,value`, with a comma between".to_owned())
        }
        false => Err("the header is `date,value`".to_owned()),
    }
}

fn told(mistakes: &[(usize, String)]) -> String {
    let shown = mistakes.iter().take(MOST_MISTAKES).map(|(line, mistake)| format!("line {line}: {mistake}"));
    let text = shown.collect::<Vec<_>>().join("; ");
    match mistakes.len().saturating_sub(MOST_MISTAKES) {
        0 => text,
        more => format!("{text}; and {more} more"),
    }
}
