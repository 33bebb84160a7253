//! CSV of anything else: a row for each run, a column for each metric with its unit at the end of the name.
//!
//! `run,p95_ms,throughput_rps,errors` is enough. A column keeps its name and unit. An empty field was not measured.

use super::{
    LoadTest, LoadTestError, Measure, MeasureUnit, Note, Run,
    direction::{direction, unit},
    input::{Input, whole},
    metric,
};
use crate::tabular::{DecimalSign, Rows, SignFinder, delimiter};

/// The name of the form.
pub(crate) const TOOL: &str = "CSV";

/// Columns that tell runs apart and measure nothing.
const LABELS: [&str; 21] = [
    BATCH,
    "run",
    "id",
    "name",
    "label",
    "build",
    "commit",
    "branch",
    "date",
    "time",
    "epoch",
    "version",
    "iteration",
    "attempt",
    "run_no",
    "run_number",
    "build_number",
    "started",
    "ended",
    "start_time",
    "end_time",
];
/// The column that says which runs were made together.
const BATCH: &str = "batch";
/// Columns that say how many users there were.
const USERS: [&str; 9] = [
    "concurrency",
    "users",
    "vus",
    "connections",
    "threads",
    "clients",
    "user_count",
    "virtual_users",
    "load",
];

/// Whether the first line can be names of columns.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    let separator = char::from(delimiter(&input.first_line));
    input.json.is_null() && input.first_line.split(separator).all(is_name)
}

fn is_name(field: &str) -> bool {
    let name = field.trim().trim_matches('"');
    let allowed = |sign: char| sign.is_alphanumeric() || "_-. /%()".contains(sign);
    name.len() <= 60 && name.starts_with(char::is_alphabetic) && name.chars().all(allowed)
}

/// Reads the rows.
pub(super) fn read(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let separator = delimiter(&input.first_line);
    let text = input.into_text()?;
    let text = text.trim_start();
    let rows = || Rows::new(text.as_bytes(), separator);
    if let Some(name) = rows()?.repeated_name() {
        let message = format!("the column `{name}` is there twice");
        return Err(LoadTestError::Broken { line: 1, message });
    }
    let (columns, sign) = measuring_columns(rows()?)?;
    if columns.is_empty() {
        return Err(LoadTestError::NoMetrics);
    }
    let mut rows = rows()?;
    let mut runs = Vec::new();
    while rows.advance()? {
        runs.push(run(&rows, &columns, sign)?);
    }
    if let Some(run) = runs.first_mut().filter(|_| rows.repeats() > 0) {
        run.notes.push(Note::RepeatedRows { rows: rows.repeats() });
    }
    let last_counts = columns.contains(&(rows.columns().len() - 1));
    if let Some(run) = runs.last_mut().filter(|_| last_counts && !rows.ends_with_line_break()) {
        run.notes.push(Note::UnterminatedRow);
    }
    Ok(LoadTest { tool: TOOL, version: None, runs, steps: Vec::new() })
}

/// The columns that measure something: those with a unit, and those with a number in any row; with the decimal sign of
/// all their numbers.
fn measuring_columns(mut rows: Rows<&[u8]>) -> Result<(Vec<usize>, DecimalSign), LoadTestError> {
    let names: Vec<String> = rows.columns().to_vec();
    let labels: Vec<bool> = names.iter().map(|name| is_label(name)).collect();
    let mut finder = SignFinder::default();
    let mut holds: Vec<bool> = names.iter().map(|name| unit(name) != MeasureUnit::Plain).collect();
    let mut any = false;
    while rows.advance()? {
        any = true;
        for (column, holds) in holds.iter_mut().enumerate().filter(|(column, _)| !labels[*column]) {
            let text = rows.text(Some(column));
            finder.see(rows.line(), &text);
            let number = |sign| matches!(rows.number(Some(column), sign), Ok(Some(_)));
            *holds |= number(DecimalSign::Point) || number(DecimalSign::Comma);
        }
    }
    let sign =
        finder.sign().map_err(|(line, error)| LoadTestError::Broken { line, message: error.to_string() })?;
    let found = (0..names.len()).filter(|&column| any && holds[column] && !labels[column]);
    Ok((found.collect(), sign))
}

/// `Run`, `started_at`, `timestamp_ms`, `trace-id`.
fn is_label(name: &str) -> bool {
    let name = name.to_lowercase().replace([' ', '-'], "_");
    let moment = name.starts_with("timestamp") || name.ends_with("_at");
    moment || name.ends_with("_id") || LABELS.contains(&name.as_str())
}

fn run(rows: &Rows<&[u8]>, columns: &[usize], sign: DecimalSign) -> Result<Run, LoadTestError> {
    let batch = rows.columns().iter().position(|name| name.eq_ignore_ascii_case(BATCH));
    let batch = Some(rows.text(batch).into_owned()).filter(|batch| !batch.is_empty());
    let mut run = Run { batch, ..Run::default() };
    for &column in columns {
        let Some(value) = rows.number(Some(column), sign)? else { continue };
        let name = &rows.columns()[column];
        match name.to_lowercase().as_str() {
            "requests" => run.requests = whole(value),
            "failed" | "errors" => {
                run.failed = whole(value);
                run.metrics.insert(name.clone(), Measure { value, unit: MeasureUnit::Plain });
            }
            users if USERS.contains(&users) => run.concurrency = Some(value),
            rate if metric::RATES.contains(&rate) && direction(rate).is_some() => {
                run.metrics.insert(name.clone(), Measure { value, unit: MeasureUnit::PerSecond });
            }
            _ => {
                run.metrics.insert(name.clone(), Measure { value, unit: unit(name) });
            }
        }
    }
    let all_failed = run.metrics.get(metric::ERROR_RATIO).is_some_and(|share| share.value >= 1.0);
    if all_failed {
        let message = "every request of this run failed".to_owned();
        return Err(LoadTestError::Broken { line: rows.line(), message });
    }
    run.checked()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        loadtest::tests::read_text,
        tabular::{NumberError, RowError},
    };

    #[test]
    fn columns_keep_their_names_and_units() {
        let test = read_text("run,p95_ms,throughput_rps,note\na,12.5,100,warm\nb,,101,cold\n").unwrap();
        assert_eq!((test.tool, test.runs.len()), ("CSV", 2));
        let first = &test.runs[0].metrics;
        assert_eq!(first["p95_ms"], Measure { value: 12.5, unit: MeasureUnit::Milliseconds });
        assert_eq!(first["throughput_rps"], Measure { value: 100.0, unit: MeasureUnit::PerSecond });
        assert_eq!(first.len(), 2, "labels measure nothing");
        let labels = read_text("Run No,started_at,timestamp_ms,trace-id,p95_ms\n1,2,3,4,5\n").unwrap();
        assert_eq!(labels.runs[0].metrics.keys().collect::<Vec<_>>(), ["p95_ms"]);
        assert!(!test.runs[1].metrics.contains_key("p95_ms"), "an empty field was not measured");
    }

    #[test]
    fn delimiters_and_decimal_commas_are_recognised() {
        let expected = Measure { value: 12.5, unit: MeasureUnit::Milliseconds };
        for text in
            ["p95_ms;x\n12,5;3\n", "p95_ms\tx\n12.5\t3\n", "p95_ms|x\n12.5|3\n", "p95_ms,x\n\"12,5\",3\n"]
        {
            assert_eq!(read_text(text).unwrap().runs[0].metrics["p95_ms"], expected, "{text}");
        }
        let ambiguous = read_text("p95_ms;x\n1,100;3\n").unwrap_err();
        assert!(ambiguous.to_string().contains("line 2: `1,100` may be"), "{ambiguous}");
        let surplus = read_text("p95_ms,x\n12,5,3\n").unwrap_err();
        assert!(surplus.to_string().contains("line 2: 3 fields"), "{surplus}");
    }

    #[test]
    fn text_among_numbers_is_named_by_line_and_column() {
        let error = |line, column: &str, text: &str| {
            let error = NumberError::NotANumber(text.to_owned());
            Err(LoadTestError::Row(RowError::Number { line, column: column.to_owned(), error }))
        };
        assert_eq!(read_text("p95_ms,x\n1,2\nfast,3\n"), error(3, "p95_ms", "fast"));
        assert_eq!(read_text("p95_ms\nNaN\n"), error(2, "p95_ms", "NaN"));
        assert_eq!(read_text("x,y\n1,2\n1,oops\n"), error(3, "y", "oops"));
    }

    #[test]
    fn rows_that_measured_nothing_are_refused() {
        assert_eq!(read_text("p95_ms,requests\n"), Err(LoadTestError::NoMetrics));
        assert_eq!(read_text("a,b\nx,y\n"), Err(LoadTestError::NoMetrics));
        assert_eq!(read_text("p95_ms,requests\n3,0\n"), Err(LoadTestError::NoRequests));
        let all_failed = LoadTestError::AllFailed { requests: 9, what: "requests" };
        assert_eq!(read_text("requests,errors,p95_ms\n9,9,1\n"), Err(all_failed));
        assert!(matches!(read_text("error_ratio\n1\n"), Err(LoadTestError::Broken { line: 2, .. })));
        assert!(matches!(read_text("a_ms,a_ms\n1,2\n"), Err(LoadTestError::Broken { line: 1, .. })));
        assert!(matches!(
            read_text("a_ms,b_ms\n1,2\n3\n"),
            Err(LoadTestError::Row(RowError::Fields { line: 3, .. }))
        ));
    }

    #[test]
    fn rows_that_repeat_and_ends_without_a_line_break_are_noted() {
        let notes = |text: &str| -> Vec<Note> {
            read_text(text).unwrap().runs.into_iter().flat_map(|run| run.notes).collect()
        };
        assert_eq!(notes("p95_ms,x\n1,2\n1,2\n"), [Note::RepeatedRows { rows: 1 }]);
        assert_eq!(notes("p95_ms,x\n1,2"), [Note::UnterminatedRow]);
        assert_eq!(notes("p95_ms,note\n1,a"), []);
    }
}
