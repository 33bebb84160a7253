//! Rows below a line of names, one at a time.

use std::{borrow::Cow, io::Read};

use super::{DecimalSign, NumberError, number::decimal, parse_number, records::Records, shortened};

/// The rows of a text.
pub struct Rows<R> {
    records: Records<R>,
    columns: Vec<String>,
    delimiter: u8,
    has_begun: bool,
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
        let mut records = Records::new(reader, delimiter)?;
        records.advance()?;
        let name =
            |index| String::from_utf8_lossy(records.field(index).unwrap_or_default()).trim().to_owned();
        let columns = (0..records.len()).map(name).collect();
        Ok(Self { records, columns, delimiter, has_begun: false, repeats: 0 })
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
        if !self.records.advance()? {
            return Ok(false);
        }
        if self.records.len() != self.columns.len() {
            return Err(self.wrong_length());
        }
        // The first row is preceded by the header.
        self.repeats += u64::from(self.has_begun && self.records.is_repeated());
        self.has_begun = true;
        Ok(true)
    }

    fn wrong_length(&mut self) -> RowError {
        let (line, found, expected) = (self.line(), self.records.len(), self.columns.len());
        let last = !self.records.advance().unwrap_or(true);
        if last && found < expected && !self.ends_with_line_break() {
            return RowError::CutOff { line };
        }
        RowError::Fields { line, found, expected, delimiter: self.delimiter }
    }

    /// The row's fields, separated by the delimiter, without quotes.
    pub fn raw(&self) -> &[u8] {
        self.records.joined()
    }

    /// How many rows were the same as the row before.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// Whether the row says the same as the first line.
    pub fn is_header(&self) -> bool {
        let says = |(index, name): (usize, &String)| self.bytes(Some(index)) == name.as_bytes();
        self.columns.iter().enumerate().all(says)
    }

    /// A field of the row without blanks around it; empty for a column that is not there.
    pub fn bytes(&self, column: Option<usize>) -> &[u8] {
        column.and_then(|column| self.records.field(column)).unwrap_or_default().trim_ascii()
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
        let bytes = self.bytes(column);
        if bytes.is_empty() {
            return Ok(None);
        }
        if let Some(number) = decimal(bytes).filter(|_| sign == DecimalSign::Point) {
            return Ok(Some(number));
        }
        let text = String::from_utf8_lossy(bytes);
        parse_number(&text, sign).map(Some).map_err(|error| RowError::Number {
            line: self.line(),
            column: shortened(column.and_then(|column| self.columns.get(column)).map_or("", String::as_str)),
            error,
        })
    }

    /// The line the row starts in, from 1.
    pub fn line(&self) -> usize {
        self.records.line()
    }

    /// Whether what has been read so far ends with the end of a line. Of interest behind the last row.
    pub fn ends_with_line_break(&self) -> bool {
        self.records.ends_with_line_break()
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
