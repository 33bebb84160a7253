//! Rows below a line of names, one at a time.

use std::{borrow::Cow, io::Read};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{DecimalSign, NumberError, parse_number, shortened};

/// The rows of a text.
pub struct Rows<R> {
    reader: Reader<Tail<R>>,
    columns: Vec<String>,
    row: ByteRecord,
    before: ByteRecord,
    delimiter: u8,
    repeats: u64,
}

/// Why a row cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// A row has more or fewer fields than the first line names.
    #[error("line {line}: {found} fields, but the first line has {expected}{}", surplus_hint(*.found, *.expected, *.delimiter))]
    Fields {
        /// Which line, from 1.
        line: usize,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
        /// What separates them.
        delimiter: u8,
    },
    /// The last row ends in the middle.
    #[error("line {line}: the file ends in the middle of a row")]
    CutOff {
        /// Which line, from 1.
        line: usize,
    },
    /// A field is not a number.
    #[error("line {line}, column `{column}`: {error}")]
    Number {
        /// Which line, from 1.
        line: usize,
        /// The name of its column.
        column: String,
        /// What is wrong.
        error: NumberError,
    },
    /// The text cannot be read any further.
    #[error("line {line}: {message}")]
    Unreadable {
        /// Which line, from 1.
        line: usize,
        /// The message of the system.
        message: String,
    },
}

fn surplus_hint(found: usize, expected: usize, delimiter: u8) -> &'static str {
    if found > expected && delimiter == b',' {
        "; separate the fields with `;` if numbers have decimal commas, and leave out separators of thousands"
    } else {
        ""
    }
}

impl<R: Read> Rows<R> {
    /// Reads the first line, which names the columns.
    ///
    /// # Errors
    /// When the text cannot be read.
    pub fn new(reader: R, delimiter: u8) -> Result<Self, RowError> {
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(Tail { inner: reader, last: b'\n' });
        let headers = reader.byte_headers().map_err(|error| unreadable(&error))?;
        let columns = headers
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().trim_start_matches('\u{feff}').to_owned());
        let columns = columns.collect();
        let (row, before) = (ByteRecord::new(), ByteRecord::new());
        Ok(Self { reader, columns, row, before, delimiter, repeats: 0 })
    }

    /// The names in the first line.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Where the column of a name is.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Whether two columns have the same name.
    pub fn repeated_name(&self) -> Option<&str> {
        let names = self.columns.iter().enumerate();
        let mut repeated = names.filter(|(index, name)| self.columns[..*index].contains(name));
        repeated.next().map(|(_, name)| name.as_str())
    }

    /// Goes to the next row; `false` behind the last.
    ///
    /// # Errors
    /// With the line, when the row has too many or too few fields.
    pub fn advance(&mut self) -> Result<bool, RowError> {
        std::mem::swap(&mut self.row, &mut self.before);
        if !self.reader.read_byte_record(&mut self.row).map_err(|error| unreadable(&error))? {
            return Ok(false);
        }
        if self.row.len() != self.columns.len() {
            return Err(self.wrong_length());
        }
        if self.row.as_slice() == self.before.as_slice() && self.row == self.before {
            self.repeats += 1;
        }
        Ok(true)
    }

    fn wrong_length(&mut self) -> RowError {
        let (line, found, expected) = (self.line(), self.row.len(), self.columns.len());
        let last = !self.reader.read_byte_record(&mut self.before).unwrap_or(true);
        if last && found < expected && !self.ends_with_line_break() {
            return RowError::CutOff { line };
        }
        RowError::Fields { line, found, expected, delimiter: self.delimiter }
    }

    /// The row's fields one after the other, without what separates them.
    pub fn raw(&self) -> &[u8] {
        self.row.as_slice()
    }

    /// How many rows were the same as the row before.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// Whether the row says the same as the first line.
    pub fn is_header(&self) -> bool {
        self.row.iter().zip(&self.columns).all(|(field, name)| field.trim_ascii() == name.as_bytes())
    }

    /// A field of the row without blanks around it; empty for a column that is not there.
    pub fn bytes(&self, column: Option<usize>) -> &[u8] {
        column.and_then(|column| self.row.get(column)).unwrap_or_default().trim_ascii()
    }

    /// The same as text.
    pub fn text(&self, column: Option<usize>) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(column))
    }

    /// A number of the row. `None` where the field is empty.
    ///
    /// # Errors
    /// With the line and the column, when it is no finite number.
    pub fn number(&self, column: Option<usize>, sign: DecimalSign) -> Result<Option<f64>, RowError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        parse_number(&text, sign).map(Some).map_err(|error| RowError::Number {
            line: self.line(),
            column: shortened(column.and_then(|column| self.columns.get(column)).map_or("", String::as_str)),
            error,
        })
    }

    /// The line the row starts in, from 1.
    pub fn line(&self) -> usize {
        self.row.position().and_then(|position| usize::try_from(position.line()).ok()).unwrap_or(1)
    }

    /// Whether what has been read so far ends with the end of a line. Of interest behind the last row.
    pub fn ends_with_line_break(&self) -> bool {
        matches!(self.reader.get_ref().last, b'\n' | b'\r')
    }
}

fn unreadable(error: &csv::Error) -> RowError {
    let line = error.position().and_then(|position| usize::try_from(position.line()).ok()).unwrap_or(1);
    let message = match error.kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => "not delimited text".to_owned(),
    };
    RowError::Unreadable { line, message }
}

/// A reader that remembers its last byte.
struct Tail<R> {
    inner: R,
    last: u8,
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if let Some(last) = count.checked_sub(1).and_then(|index| buffer.get(index)) {
            self.last = *last;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Rows<&[u8]> {
        Rows::new(text.as_bytes(), super::super::delimiter(text.lines().next().unwrap_or_default())).unwrap()
    }

    #[test]
    fn rows_are_read_by_the_names_of_their_columns() {
        let mut rows = rows("a; b\r\n1;\"x;y\"\r\n2;z");
        let (a, b) = (rows.column("a"), rows.column("b"));
        assert!(rows.advance().unwrap());
        assert_eq!((rows.number(a, DecimalSign::Point), rows.text(b).as_ref()), (Ok(Some(1.0)), "x;y"));
        assert!(rows.advance().unwrap() && !rows.advance().unwrap());
        assert!(!rows.ends_with_line_break());
    }

    #[test]
    fn rows_of_other_lengths_are_errors() {
        let error = |text: &str| {
            let mut rows = rows(text);
            loop {
                match rows.advance() {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(error) => return Some(error),
                }
            }
        };
        let fields = |line, found| Some(RowError::Fields { line, found, expected: 2, delimiter: b',' });
        assert_eq!(error("a,b\n1,2\n1,2,3\n"), fields(3, 3));
        assert_eq!(error("a,b\n1\n1,2\n"), fields(2, 1));
        assert_eq!(error("a,b\n1,2\n1\n"), fields(3, 1));
        assert_eq!(error("a,b\n1,2\n1"), Some(RowError::CutOff { line: 3 }));
    }

    #[test]
    fn rows_that_repeat_are_counted() {
        let mut rows = rows("a,b\n1,2\n1,2\n12,\n1,2\n");
        while rows.advance().unwrap() {}
        assert_eq!(rows.repeats(), 1);
    }
}
