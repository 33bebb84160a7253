//! Histories as text: CSV for spreadsheets, JSON lines for everything else.

mod parse;
mod statements;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Resolution, Rollup, SeriesName, StoredAssessment, StoredSeries, series::labels_text};
use crate::{
    foreign::disarmed,
    statements::{StatementSnapshot, Statements},
};

pub use parse::parse_export;

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A header and a line for each rollup; it has no place for anything else.
    Csv,
    /// A JSON object on each line: a rollup, an assessment, or what a statement did.
    JsonLines,
}

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    /// Hourly rollups, by series.
    pub hourly: Vec<StoredSeries>,
    /// Daily rollups, by series.
    pub daily: Vec<StoredSeries>,
    /// What statements did.
    pub statements: Statements,
    /// The newest sample of the statements of each server.
    pub statement_samples: Vec<StatementSnapshot>,
    /// Assessments.
    pub assessments: Vec<StoredAssessment>,
    /// Where the values come from when the system is not real.
    pub simulated: Option<String>,
}

/// Why a text cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line cannot be read.
    #[error("line {line}: {detail}")]
    Line {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// It is empty.
    #[error("empty file; `history export` writes a header even without data")]
    Empty,
    /// Its first line is of another kind of text.
    #[error(
        "not a history export: neither JSON lines, nor CSV whose first line is {}",
        COLUMNS.join(",")
    )]
    NotAnExport,
    /// Some lines are of a simulated system and others are not, or of another.
    #[error("line {0}: simulated and real values must not be mixed")]
    Mixed(u64),
}

/// The first line of CSV: the fields of a [`Line`].
const COLUMNS: [&str; 16] = [
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
    "labels",
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
    /// JSON; exports from before labels were kept lack it.
    #[serde(default)]
    labels: Option<String>,
}

impl Line {
    /// The same with every text changed.
    fn with(mut self, change: fn(String) -> String) -> Self {
        for text in [&mut self.signal, &mut self.source, &mut self.query, &mut self.unit] {
            *text = change(std::mem::take(text));
        }
        self.instance = self.instance.map(change);
        self.simulated = self.simulated.map(change);
        self.labels = self.labels.map(change);
        self
    }
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
pub fn export(format: Format, contents: &Contents) -> Result<String, ImportError> {
    let failed = |error: &dyn std::fmt::Display| ImportError::Line { line: 0, detail: error.to_string() };
    // The header is written here, because a serializer writes it with the first line, and there may be none.
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    csv.write_record(COLUMNS).map_err(|error| failed(&error))?;
    let mut json = String::new();
    for line in lines(contents) {
        match format {
            Format::Csv => csv.serialize(line.with(disarmed)).map_err(|error| failed(&error))?,
            Format::JsonLines => {
                json.push_str(&serde_json::to_string(&line).map_err(|error| failed(&error))?);
                json.push('\n');
            }
        }
    }
    if format == Format::Csv {
        let bytes = csv.into_inner().map_err(|error| failed(&error))?;
        return String::from_utf8(bytes).map_err(|error| failed(&error));
    }
    for line in statements::lines(contents) {
        json.push_str(&serde_json::to_string(&line).map_err(|error| failed(&error))?);
        json.push('\n');
    }
    for stored in &contents.assessments {
        let assessment = RawValue::from_string(stored.json.clone()).map_err(|error| failed(&error))?;
        let line = AssessmentLine { at: stored.at, assessment, simulated: contents.simulated.clone() };
        json.push_str(&serde_json::to_string(&line).map_err(|error| failed(&error))?);
        json.push('\n');
    }
    Ok(json)
}

fn lines(contents: &Contents) -> impl Iterator<Item = Line> + '_ {
    let hourly = contents.hourly.iter().map(|stored| (Resolution::Hour, stored));
    let daily = contents.daily.iter().map(|stored| (Resolution::Day, stored));
    hourly.chain(daily).flat_map(|(resolution, stored)| {
        let simulated = contents.simulated.as_deref();
        stored.rollups.iter().map(move |rollup| line(resolution, &stored.series, rollup, simulated))
    })
}

fn line(resolution: Resolution, series: &SeriesName, rollup: &Rollup, simulated: Option<&str>) -> Line {
    let SeriesName { signal, instance, labels, source, query, unit } = series.clone();
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
        labels: Some(labels_text(&labels)).filter(|labels| !labels.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Labels;

    fn contents() -> Contents {
        let series = SeriesName {
            signal: "queue.depth".to_owned(),
            instance: Some("say \"hi\", \nplease".to_owned()),
            labels: [("cluster".to_owned(), "a,\"b".to_owned())].into(),
            source: "prometheus".to_owned(),
            query: "sum by (queue) (x{a=\"b\"})".to_owned(),
            unit: "count".to_owned(),
        };
        let rollup = |period, values: &[f64]| Rollup::from_samples(period, values, 60_000).unwrap();
        let hours = vec![rollup(490_000, &[0.1, 0.2, 1e-9]), rollup(490_001, &[7.0])];
        let day = Rollup::from_hours(20_416, &hours, None).unwrap();
        let other = SeriesName { instance: None, labels: Labels::new(), ..series.clone() };
        Contents {
            hourly: vec![
                StoredSeries { series: series.clone(), rollups: hours },
                StoredSeries { series: other, rollups: vec![rollup(-1, &[1.0])] },
            ],
            daily: vec![StoredSeries { series, rollups: vec![day] }],
            simulated: None,
            ..Contents::default()
        }
    }

    #[test]
    fn both_formats_round_trip() {
        let at = DateTime::from_timestamp_millis(1_764_000_000_123).unwrap();
        let assessed = StoredAssessment { at, json: "{\"b\": 1.50,\"a\":[]}".to_owned() };
        let whole = Contents { assessments: vec![assessed], ..contents() };
        let json = export(Format::JsonLines, &whole).unwrap();
        assert_eq!(parse_export(&json).unwrap(), whole);
        let csv = export(Format::Csv, &whole).unwrap();
        assert_eq!(parse_export(&csv).unwrap(), contents());
        assert!(
            csv.starts_with("signal,instance,source,query,unit,resolution,start,count,minutes,min,mean,p95,")
        );
        let header = export(Format::Csv, &Contents::default()).unwrap();
        assert_eq!((header.lines().count(), parse_export(&header).unwrap()), (1, Contents::default()));
    }

    #[test]
    fn other_texts_are_rejected() {
        for empty in ["", "\n \n", "\u{feff}"] {
            assert!(matches!(parse_export(empty), Err(ImportError::Empty)), "{empty:?}");
        }
        for other in ["foo,bar\n", "foo,bar\n1,2\n", "signal,instance\nx,y\n", "hello"] {
            let message = parse_export(other).unwrap_err().to_string();
            assert!(message.contains("signal,instance,source,query"), "{message}");
        }
    }

    #[test]
    fn simulated_values_stay_marked() {
        let simulated = Contents { simulated: Some("a test".to_owned()), ..contents() };
        for format in [Format::Csv, Format::JsonLines] {
            assert_eq!(parse_export(&export(format, &simulated).unwrap()).unwrap(), simulated);
        }
        let mixed = [contents(), simulated].map(|all| export(Format::JsonLines, &all).unwrap()).concat();
        assert!(matches!(parse_export(&mixed), Err(ImportError::Mixed(5))));
    }

    #[track_caller]
    fn rejected(from: &str, to: &str, words: &str) {
        let text = export(Format::JsonLines, &contents()).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let message = parse_export(&changed).unwrap_err().to_string();
        assert!(message.contains(words) && message.starts_with("line 1: "), "{message}");
    }

    #[test]
    fn errors_name_the_line() {
        rejected("\"hour\"", "\"week\"", "neither `hour` nor `day`");
        rejected(":00:00Z", ":30:00Z", "beginning of an hour");
        rejected("2025-", "someday ", "not a time");
        rejected("\"count\":3", "\"count\":0", "no samples");
        rejected("\"max\":0.2", "\"max\":0.01", "between");
        rejected("\"signal\"", "\"sginal\"", "sginal");
        let header = export(Format::Csv, &Contents::default()).unwrap();
        let message = parse_export(&format!("{header}x,y\n")).unwrap_err().to_string();
        assert!(message.starts_with("line 2: "), "{message}");
    }
}
