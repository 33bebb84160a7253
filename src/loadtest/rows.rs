//! Rows of CSV files, one at a time.

use csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord};

use super::{LoadTestError, error::cut};

/// The rows of a text below its first line.
pub(super) struct Rows<'a> {
    reader: Reader<&'a [u8]>,
    columns: StringRecord,
    row: StringRecord,
}

impl<'a> Rows<'a> {
    /// Reads the first line.
    pub(super) fn of(text: &'a str) -> Result<Self, LoadTestError> {
        let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let columns = reader.headers().map_err(|error| broken(&error))?.clone();
        Ok(Self { reader, columns, row: StringRecord::new() })
    }

    /// The same, of a file that a tool wrote: its last line has an end, or something is missing.
    pub(super) fn written_by_tool(text: &'a str) -> Result<Self, LoadTestError> {
        if text.ends_with('\n') {
            Self::of(text)
        } else {
            Err(LoadTestError::Truncated { line: text.lines().count() })
        }
    }

    /// The names in the first line.
    pub(super) fn columns(&self) -> &StringRecord {
        &self.columns
    }

    /// Where a column stands.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Goes to the next row; `false` behind the last.
    pub(super) fn advance(&mut self) -> Result<bool, LoadTestError> {
        self.reader.read_record(&mut self.row).map_err(|error| broken(&error))
    }

    /// A field of the row; empty for a column that is not there.
    pub(super) fn text(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.row.get(column)).unwrap_or_default()
    }

    /// A number of the row. Nothing where the field is empty.
    pub(super) fn number(&self, column: Option<usize>) -> Result<Option<f64>, LoadTestError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.map(Some).ok_or_else(|| LoadTestError::NotANumber {
            line: self.line(),
            column: cut(column.and_then(|column| self.columns.get(column)).unwrap_or_default()),
            text: cut(text),
        })
    }

    /// The line the row starts in, from 1.
    pub(super) fn line(&self) -> usize {
        line(self.row.position())
    }
}

fn line(position: Option<&Position>) -> usize {
    position.and_then(|position| usize::try_from(position.line()).ok()).unwrap_or(1)
}

fn broken(error: &csv::Error) -> LoadTestError {
    let message = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields stand where the first line names {expected_len} columns")
        }
        _ => "not CSV".to_owned(),
    };
    LoadTestError::Broken { line: line(error.position()), message }
}
