//! CSV of anything else: a row a run, a column a metric with its unit at the end of the name.
//!
//! `run,p95_ms,throughput_rps,errors` is enough. A column keeps its name and unit. An empty field was not measured.

use super::{
    LoadTest, LoadTestError, Measure, MeasureUnit, Run,
    input::{Input, whole},
    metric,
    rows::Rows,
};

/// The name of the form.
pub(super) const TOOL: &str = "CSV";

/// Columns that tell runs apart and measure nothing.
const LABELS: [&str; 20] = [
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
/// Columns that tell how many users there were.
const USERS: [&str; 5] = ["concurrency", "users", "vus", "connections", "threads"];
const SUFFIXES: [(&str, MeasureUnit); 13] = [
    ("_ms", MeasureUnit::Milliseconds),
    ("_us", MeasureUnit::Microseconds),
    ("_s", MeasureUnit::Seconds),
    ("_seconds", MeasureUnit::Seconds),
    ("_rps", MeasureUnit::PerSecond),
    ("_qps", MeasureUnit::PerSecond),
    ("_tps", MeasureUnit::PerSecond),
    ("_per_second", MeasureUnit::PerSecond),
    ("_ratio", MeasureUnit::Ratio),
    ("_percent", MeasureUnit::Percent),
    ("_pct", MeasureUnit::Percent),
    ("_bytes", MeasureUnit::Bytes),
    ("_count", MeasureUnit::Plain),
];

/// Whether the first line can be names of columns.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.json.is_null() && input.first_line.split(',').all(is_name)
}

fn is_name(field: &str) -> bool {
    let name = field.trim().trim_matches('"');
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-. /%()".contains(c);
    name.len() <= 60 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(allowed)
}

/// Reads the rows.
pub(super) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let names: Vec<String> = Rows::of(input.text)?.columns().iter().map(str::to_owned).collect();
    twice(&names)?;
    let columns = numeric(input.text, &names)?;
    if columns.is_empty() {
        return Err(LoadTestError::NoMetrics);
    }
    let mut rows = Rows::of(input.text)?;
    let mut runs = Vec::new();
    while rows.advance()? {
        runs.push(run(&rows, &names, &columns)?);
    }
    Ok(LoadTest { tool: TOOL, version: None, runs, steps: Vec::new() })
}

/// Two columns of one name would hide each other.
fn twice(names: &[String]) -> Result<(), LoadTestError> {
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            return Err(LoadTestError::Broken {
                line: 1,
                message: format!("the column `{name}` is there twice"),
            });
        }
    }
    Ok(())
}

/// The columns that measure something: those with a unit, and those with a number in any row.
fn numeric(text: &str, names: &[String]) -> Result<Vec<usize>, LoadTestError> {
    let mut holds: Vec<bool> = names.iter().map(|name| unit(name) != MeasureUnit::Plain).collect();
    let (mut rows, mut any) = (Rows::of(text)?, false);
    while rows.advance()? {
        any = true;
        for (column, holds) in holds.iter_mut().enumerate() {
            *holds |= matches!(rows.number(Some(column)), Ok(Some(_)));
        }
    }
    let found = (0..names.len()).filter(|&column| any && holds[column] && !is_label(&names[column]));
    Ok(found.collect())
}

/// `Run`, `started_at`, `timestamp_ms`, `trace-id`.
fn is_label(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace([' ', '-'], "_");
    let moment = name.starts_with("timestamp") || name.ends_with("_at");
    moment || name.ends_with("_id") || LABELS.contains(&name.as_str())
}

fn run(rows: &Rows<'_>, names: &[String], columns: &[usize]) -> Result<Run, LoadTestError> {
    let mut run = Run::default();
    for &column in columns {
        let Some(value) = rows.number(Some(column))? else { continue };
        let name = &names[column];
        match name.to_ascii_lowercase().as_str() {
            "requests" => run.requests = whole(value),
            "failed" | "errors" => {
                run.failed = whole(value);
                run.metrics.insert(name.clone(), Measure { value, unit: MeasureUnit::Plain });
            }
            users if USERS.contains(&users) => run.concurrency = Some(value),
            _ => {
                run.metrics.insert(name.clone(), Measure { value, unit: unit(name) });
            }
        }
    }
    let all_failed = run.metrics.get(metric::ERROR_RATIO).is_some_and(|share| share.value >= 1.0);
    if all_failed {
        return Err(LoadTestError::Broken {
            line: rows.line(),
            message: "every request of this run failed".into(),
        });
    }
    run.checked()
}

/// The unit at the end of a column's name.
fn unit(name: &str) -> MeasureUnit {
    let name = name.to_ascii_lowercase();
    if ["throughput", "rps", "qps", "tps"].contains(&name.as_str()) {
        return MeasureUnit::PerSecond;
    }
    SUFFIXES.iter().find(|(suffix, _)| name.ends_with(suffix)).map_or(MeasureUnit::Plain, |(_, unit)| *unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loadtest::read;

    #[test]
    fn columns_keep_their_names_and_units() {
        let test = read("run,p95_ms,throughput_rps,note\na,12.5,100,warm\nb,,101,cold\n").unwrap();
        assert_eq!((test.tool, test.runs.len()), ("CSV", 2));
        let first = &test.runs[0].metrics;
        assert_eq!(first["p95_ms"], Measure { value: 12.5, unit: MeasureUnit::Milliseconds });
        assert_eq!(first["throughput_rps"], Measure { value: 100.0, unit: MeasureUnit::PerSecond });
        assert_eq!(first.len(), 2, "labels measure nothing");
        let labels = read("Run No,started_at,timestamp_ms,trace-id,p95_ms\n1,2,3,4,5\n").unwrap();
        assert_eq!(labels.runs[0].metrics.keys().collect::<Vec<_>>(), ["p95_ms"]);
        assert!(!test.runs[1].metrics.contains_key("p95_ms"), "an empty field was not measured");
    }

    #[test]
    fn text_among_numbers_is_told_by_line_and_column() {
        let error = |line, column: &str, text: &str| {
            Err(LoadTestError::NotANumber { line, column: column.into(), text: text.into() })
        };
        assert_eq!(read("p95_ms,x\n1,2\nfast,3\n"), error(3, "p95_ms", "fast"));
        assert_eq!(read("p95_ms\nNaN\n"), error(2, "p95_ms", "NaN"));
        assert_eq!(read("x,y\n1,2\n1,oops\n"), error(3, "y", "oops"));
    }

    #[test]
    fn rows_that_measured_nothing_are_refused() {
        assert_eq!(read("p95_ms,requests\n"), Err(LoadTestError::NoMetrics));
        assert_eq!(read("a,b\nx,y\n"), Err(LoadTestError::NoMetrics));
        assert_eq!(read("p95_ms,requests\n3,0\n"), Err(LoadTestError::NoRequests));
        assert_eq!(read("requests,errors,p95_ms\n9,9,1\n"), Err(LoadTestError::AllFailed { requests: 9 }));
        assert!(matches!(read("error_ratio\n1\n"), Err(LoadTestError::Broken { line: 2, .. })));
        assert!(matches!(read("a_ms,a_ms\n1,2\n"), Err(LoadTestError::Broken { line: 1, .. })));
        assert!(matches!(read("a_ms,b_ms\n1,2\n3\n"), Err(LoadTestError::Broken { line: 3, .. })));
    }
}
