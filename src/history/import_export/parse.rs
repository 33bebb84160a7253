//! From text to the contents of a history.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    AssessmentLine, COLUMNS, Contents, ImportError, Line,
    statements::{self, StatementLine},
};
use crate::{
    foreign::armed,
    history::{Resolution, Rollup, SeriesName, StoredAssessment, StoredSeries, series::parse_labels},
};

/// Parses what [`export`](super::export) wrote; the format is recognized by the text itself.
///
/// # Errors
/// When it is empty or of another kind; with the line, where something is neither a rollup nor an assessment,
/// contradicts itself, or does not begin with an hour or a day.
pub fn parse_export(text: &str) -> Result<Contents, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ImportError::Empty);
    }
    let mut parser = Parser::default();
    if text.trim_start().starts_with('{') {
        for (number, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
            parser.json_line(number, text)?;
        }
    } else {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().cloned().map_err(|error| at_line(1, error))?;
        let missing = |column: &&str| !header.iter().any(|name| name == *column);
        if COLUMNS.iter().filter(|column| **column != "labels").any(missing) {
            return Err(ImportError::NotAnExport);
        }
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| at_line(csv_line(&error), error))? {
            let number = record.position().map_or(0, csv::Position::line);
            let line: Line = record.deserialize(Some(&header)).map_err(|error| at_line(number, error))?;
            parser.rollup(number, line.with(armed))?;
        }
    }
    Ok(parser.contents)
}

fn csv_line(error: &csv::Error) -> u64 {
    error.position().map_or(0, csv::Position::line)
}

#[expect(clippy::needless_pass_by_value, reason = "it is used up")]
fn at_line(line: u64, error: impl ToString) -> ImportError {
    ImportError::Line { line, detail: error.to_string() }
}

/// What has been parsed so far.
#[derive(Default)]
struct Parser {
    contents: Contents,
    begun: bool,
}

impl Parser {
    fn json_line(&mut self, number: u64, text: &str) -> Result<(), ImportError> {
        let value: Value = serde_json::from_str(text).map_err(|error| at_line(number, error))?;
        if statements::KEYS.iter().any(|key| value.get(key).is_some()) {
            let line: StatementLine = serde_json::from_str(text).map_err(|error| at_line(number, error))?;
            self.require_same_kind(number, line.simulated.clone())?;
            return statements::add(line, &mut self.contents).map_err(|error| at_line(number, error));
        }
        if value.get("assessment").is_none() {
            let line = serde_json::from_str(text).map_err(|error| at_line(number, error))?;
            return self.rollup(number, line);
        }
        let line: AssessmentLine = serde_json::from_str(text).map_err(|error| at_line(number, error))?;
        self.require_same_kind(number, line.simulated)?;
        let json = line.assessment.get().to_owned();
        self.contents.assessments.push(StoredAssessment { at: line.at, json });
        Ok(())
    }

    fn rollup(&mut self, number: u64, line: Line) -> Result<(), ImportError> {
        self.require_same_kind(number, line.simulated.clone())?;
        let wrong = |detail: &str| at_line(number, detail);
        let found = Resolution::NAMES.iter().find(|(name, _)| *name == line.resolution);
        let (_, resolution) = *found.ok_or_else(|| wrong("the resolution is neither `hour` nor `day`"))?;
        let start: DateTime<Utc> = line.start.parse().map_err(|_| wrong("`start` is not a time"))?;
        let (start, length) = (start.timestamp_millis(), resolution.length_ms());
        if start.rem_euclid(length) != 0 {
            return Err(wrong("`start` is not the beginning of an hour or a day of UTC"));
        }
        let Line { signal, instance, source, query, unit, count, minutes, min, mean, p95, max, last, .. } =
            line;
        let instance = instance.filter(|instance| !instance.is_empty());
        let rollup = Rollup { period: start.div_euclid(length), count, minutes, min, mean, p95, max, last };
        if let Some(contradiction) = rollup.contradiction() {
            return Err(wrong(contradiction));
        }
        let labels = parse_labels(&line.labels.unwrap_or_default());
        let labels = labels.ok_or_else(|| wrong("`labels` is not a JSON object of texts"))?;
        let series = SeriesName { signal, instance, labels, source, query, unit };
        let all = match resolution {
            Resolution::Hour => &mut self.contents.hourly,
            Resolution::Day => &mut self.contents.daily,
        };
        match all.last_mut().filter(|stored| stored.series == series) {
            Some(stored) => stored.rollups.push(rollup),
            None => all.push(StoredSeries { series, rollups: vec![rollup] }),
        }
        Ok(())
    }

    fn require_same_kind(&mut self, number: u64, simulated: Option<String>) -> Result<(), ImportError> {
        let simulated = simulated.filter(|text| !text.is_empty());
        if !std::mem::replace(&mut self.begun, true) {
            self.contents.simulated = simulated;
        } else if self.contents.simulated != simulated {
            return Err(ImportError::Mixed(number));
        }
        Ok(())
    }
}
