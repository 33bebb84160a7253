//! Histories as text: CSV for spreadsheets, JSON lines for everything else.

mod read;
mod statements;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Resolution, Rollup, SeriesName, StoredAssessment, StoredSeries};
use crate::statements::{StatementSnapshot, Statements};

pub use read::read;

/// How a history is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A header and a line for each rollup; nothing else has a place in it.
    Csv,
    /// A JSON object on each line: a rollup, an assessment, or what a statement did.
    JsonLines,
}

/// What stands in such a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    /// Hourly rollups, by series.
    pub hourly: Vec<StoredSeries>,
    /// Daily rollups, by series.
    pub daily: Vec<StoredSeries>,
    /// What statements did.
    pub statements: Statements,
    /// The newest look at the counters of each server.
    pub looks: Vec<StatementSnapshot>,
    /// Assessments.
    pub assessments: Vec<StoredAssessment>,
    /// Where the values come from when the system is not real.
    pub simulated: Option<String>,
}

/// Why a text is no history.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// A line cannot be read.
    #[error("line {line}: {detail}")]
    Line {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// Nothing stands in it.
    #[error("it is empty; `history export` writes a header even where there is nothing to export")]
    Empty,
    /// Its first line is of another kind of text.
    #[error(
        "it is nothing that `history export` writes: neither JSON lines, nor CSV whose first line is {}",
        COLUMNS.join(",")
    )]
    Foreign,
    /// Some lines are of a simulated system and others are not, or of another.
    #[error("line {0}: simulated and real values cannot be mixed")]
    Mixed(u64),
}

/// The first line of CSV: the fields of a [`Line`].
const COLUMNS: [&str; 15] = [
    "signal",
    "instance",
    "source",
    "query",
    "unit",
    "resolution",
    "start",
    "count",
    "minutes",
    "min",
    "mean",
    "p95",
    "max",
    "last",
    "simulated",
];

/// A rollup on a line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    signal: String,
    instance: Option<String>,
    source: String,
    query: String,
    unit: String,
    resolution: String,
    start: String,
    count: u32,
    minutes: u16,
    min: f64,
    mean: f64,
    p95: Option<f64>,
    max: f64,
    last: f64,
    simulated: Option<String>,
}

/// An assessment on a line; its JSON stays as it is, byte for byte.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssessmentLine {
    at: DateTime<Utc>,
    assessment: Box<RawValue>,
    simulated: Option<String>,
}

/// Contents as text.
///
/// # Errors
/// Never, unless an assessment is not JSON.
pub fn write(form: Form, contents: &Contents) -> Result<String, ExchangeError> {
    let failed = |error: &dyn std::fmt::Display| ExchangeError::Line { line: 0, detail: error.to_string() };
    // The header is written here, because a serializer writes it with the first line, and there may be none.
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    csv.write_record(COLUMNS).map_err(|error| failed(&error))?;
    let mut json = String::new();
    for line in lines(contents) {
        match form {
            Form::Csv => csv.serialize(&line).map_err(|error| failed(&error))?,
            Form::JsonLines => {
                json.push_str(&serde_json::to_string(&line).map_err(|error| failed(&error))?);
                json.push('\n');
            }
        }
    }
    if form == Form::Csv {
        let bytes = csv.into_inner().map_err(|error| failed(&error))?;
        return String::from_utf8(bytes).map_err(|error| failed(&error));
    }
    for line in statements::lines(contents) {
        json.push_str(&serde_json::to_string(&line).map_err(|error| failed(&error))?);
        json.push('\n');
    }
    for one in &contents.assessments {
        let assessment = RawValue::from_string(one.json.clone()).map_err(|error| failed(&error))?;
        let line = AssessmentLine { at: one.at, assessment, simulated: contents.simulated.clone() };
        json.push_str(&serde_json::to_string(&line).map_err(|error| failed(&error))?);
        json.push('\n');
    }
    Ok(json)
}

fn lines(contents: &Contents) -> impl Iterator<Item = Line> {
    let of = |resolution, kept: &'_ [StoredSeries]| {
        kept.iter()
            .flat_map(move |kept| kept.rollups.iter().map(move |rollup| (resolution, &kept.series, rollup)))
            .map(|(resolution, series, rollup)| {
                line(resolution, series, rollup, contents.simulated.as_deref())
            })
            .collect::<Vec<_>>()
    };
    of(Resolution::Hour, &contents.hourly).into_iter().chain(of(Resolution::Day, &contents.daily))
}

fn line(resolution: Resolution, series: &SeriesName, rollup: &Rollup, simulated: Option<&str>) -> Line {
    let SeriesName { signal, instance, source, query, unit } = series.clone();
    let Rollup { period, count, minutes, min, mean, p95, max, last } = *rollup;
    let start = DateTime::from_timestamp_millis(period.saturating_mul(resolution.length_ms()));
    Line {
        signal,
        instance,
        source,
        query,
        unit,
        resolution: resolution.name().to_owned(),
        start: start.unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true),
        count,
        minutes,
        min,
        mean,
        p95,
        max,
        last,
        simulated: simulated.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> Contents {
        let series = SeriesName {
            signal: "queue.depth".to_owned(),
            instance: Some("say \"hi\", \nplease".to_owned()),
            source: "prometheus".to_owned(),
            query: "sum by (queue) (x{a=\"b\"})".to_owned(),
            unit: "count".to_owned(),
        };
        let of = |period, values: &[f64]| Rollup::of(period, values, 60_000).unwrap();
        let hours = vec![of(490_000, &[0.1, 0.2, 1e-9]), of(490_001, &[7.0])];
        let day = Rollup::of_hours(20_416, &hours, None).unwrap();
        let other = SeriesName { instance: None, ..series.clone() };
        Contents {
            hourly: vec![
                StoredSeries { series: series.clone(), rollups: hours },
                StoredSeries { series: other, rollups: vec![of(-1, &[1.0])] },
            ],
            daily: vec![StoredSeries { series, rollups: vec![day] }],
            simulated: None,
            ..Contents::default()
        }
    }

    #[test]
    fn both_forms_come_back() {
        let at = DateTime::from_timestamp_millis(1_764_000_000_123).unwrap();
        let assessed = StoredAssessment { at, json: "{\"b\": 1.50,\"a\":[]}".to_owned() };
        let whole = Contents { assessments: vec![assessed], ..contents() };
        let json = write(Form::JsonLines, &whole).unwrap();
        assert_eq!(read(&json).unwrap(), whole);
        let csv = write(Form::Csv, &whole).unwrap();
        assert_eq!(read(&csv).unwrap(), contents());
        assert!(
            csv.starts_with("signal,instance,source,query,unit,resolution,start,count,minutes,min,mean,p95,")
        );
        let header = write(Form::Csv, &Contents::default()).unwrap();
        assert_eq!((header.lines().count(), read(&header).unwrap()), (1, Contents::default()));
    }

    #[test]
    fn what_is_no_export_is_refused() {
        for empty in ["", "\n \n", "\u{feff}"] {
            assert!(matches!(read(empty), Err(ExchangeError::Empty)), "{empty:?}");
        }
        for foreign in ["foo,bar\n", "foo,bar\n1,2\n", "signal,instance\nx,y\n", "hello"] {
            let told = read(foreign).unwrap_err().to_string();
            assert!(told.contains("signal,instance,source,query"), "{told}");
        }
    }

    #[test]
    fn a_simulation_stays_one() {
        let simulated = Contents { simulated: Some("a test".to_owned()), ..contents() };
        for form in [Form::Csv, Form::JsonLines] {
            assert_eq!(read(&write(form, &simulated).unwrap()).unwrap(), simulated);
        }
        let mixed = [contents(), simulated].map(|all| write(Form::JsonLines, &all).unwrap()).concat();
        assert!(matches!(read(&mixed), Err(ExchangeError::Mixed(5))));
    }

    #[track_caller]
    fn refused(from: &str, to: &str, words: &str) {
        let text = write(Form::JsonLines, &contents()).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let told = read(&changed).unwrap_err().to_string();
        assert!(told.contains(words) && told.starts_with("line 1: "), "{told}");
    }

    #[test]
    fn mistakes_are_told_by_line() {
        refused("\"hour\"", "\"week\"", "neither `hour` nor `day`");
        refused(":00:00Z", ":30:00Z", "beginning of an hour");
        refused("2025-", "someday ", "no time");
        refused("\"count\":3", "\"count\":0", "no samples");
        refused("\"max\":0.2", "\"max\":0.01", "between");
        refused("\"signal\"", "\"sginal\"", "sginal");
        let header = write(Form::Csv, &Contents::default()).unwrap();
        let told = read(&format!("{header}x,y\n")).unwrap_err().to_string();
        assert!(told.starts_with("line 2: "), "{told}");
    }
}
