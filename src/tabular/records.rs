//! Records of delimited text, split in place.
//!
//! A record without quotes is a line: it is found by `memchr` and split eight bytes at a time. Records with quotes are parsed
//! byte by byte. Both follow the rules of the `csv` crate: quotes are special at the beginning of a field, two quotes
//! within quotes are one, records end with `\n`, `\r\n` or `\r`, and blank lines are skipped.

use std::{
    io::{ErrorKind, Read},
    ops::Range,
};

use memchr::memchr3;

use super::RowError;

const BUFFER: usize = 256 << 10;
/// No tool writes longer records; a text without line ends would fill the memory.
const LONGEST_RECORD: usize = 64 << 20;
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// A reader of records.
pub(super) struct Records<R> {
    reader: R,
    delimiter: u8,
    buffer: Vec<u8>,
    /// The unread part of the buffer.
    rest: Range<usize>,
    done: bool,
    /// The last byte of the text so far.
    last: u8,
    /// Lines that have ended.
    lines: usize,
    current: Record,
    before: Record,
}

/// Where a record is.
#[derive(Debug, Default)]
struct Record {
    /// Its place in the buffer, if it has no quotes.
    place: Range<usize>,
    /// Its fields without quotes, separated by the delimiter, if it has quotes.
    unquoted: Vec<u8>,
    is_unquoted: bool,
    /// Where each of its fields ends, counted from its beginning.
    ends: Vec<usize>,
    line: usize,
}

impl Record {
    fn bytes<'a>(&'a self, buffer: &'a [u8]) -> &'a [u8] {
        if self.is_unquoted { &self.unquoted } else { &buffer[self.place.clone()] }
    }
}

impl<R: Read> Records<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Result<Self, RowError> {
        let mut records = Self {
            reader,
            delimiter,
            buffer: vec![0; BUFFER],
            rest: 0..0,
            done: false,
            last: b'\n',
            lines: 0,
            current: Record::default(),
            before: Record::default(),
        };
        while records.rest.len() < UTF8_MARK.len() && !records.done {
            records.fill()?;
        }
        if records.buffer[records.rest.clone()].starts_with(UTF8_MARK) {
            records.rest.start += UTF8_MARK.len();
        }
        Ok(records)
    }

    /// Goes to the next record; `false` behind the last.
    pub(super) fn advance(&mut self) -> Result<bool, RowError> {
        std::mem::swap(&mut self.current, &mut self.before);
        self.current.is_unquoted = false;
        self.current.ends.clear();
        self.current.place = 0..0;
        if !self.skip_line_ends()? {
            return Ok(false);
        }
        self.current.line = self.lines + 1;
        let mut searched = 0;
        loop {
            let unread = &self.buffer[self.rest.clone()];
            match memchr3(b'\n', b'\r', b'"', &unread[searched..]) {
                Some(found) if unread[searched + found] == b'"' => {
                    self.unquote()?;
                    return Ok(true);
                }
                Some(found) => {
                    self.take(searched + found);
                    return Ok(true);
                }
                None if self.done => {
                    self.take(unread.len());
                    return Ok(true);
                }
                None => {
                    searched = unread.len();
                    self.fill()?;
                }
            }
        }
    }

    /// Goes to the first byte of the next record; `false` where there is none.
    fn skip_line_ends(&mut self) -> Result<bool, RowError> {
        loop {
            while let Some(byte) = self.buffer[self.rest.clone()].first() {
                match byte {
                    b'\n' => self.lines += 1,
                    b'\r' => {
                        // `\r\n` counts as one line end.
                        if self.rest.len() == 1 && !self.done {
                            self.fill()?;
                        }
                        let is_alone = self.buffer[self.rest.clone()].get(1) != Some(&b'\n');
                        self.lines += usize::from(is_alone);
                    }
                    _ => return Ok(true),
                }
                self.rest.start += 1;
            }
            if self.done {
                return Ok(false);
            }
            self.fill()?;
        }
    }

    /// Takes the next bytes as a record without quotes. Its line end is skipped by the next call of `advance`.
    fn take(&mut self, length: usize) {
        let place = self.rest.start..self.rest.start + length;
        split(&self.buffer[place.clone()], self.delimiter, &mut self.current.ends);
        self.rest.start = place.end;
        self.current.place = place;
    }

    /// Parses the next record byte by byte.
    fn unquote(&mut self) -> Result<(), RowError> {
        let mut state = State::FieldStart;
        let mut at = 0;
        self.current.is_unquoted = true;
        self.current.unquoted.clear();
        loop {
            while at == self.rest.len() {
                if self.done {
                    self.current.ends.push(self.current.unquoted.len());
                    self.rest.start = self.rest.end;
                    return Ok(());
                }
                self.fill()?;
            }
            let byte = self.buffer[self.rest.start + at];
            let record = &mut self.current;
            let is_content = match (state, byte) {
                (State::Quoted, b'"') => {
                    state = State::QuoteInQuoted;
                    false
                }
                (State::Quoted, _) => {
                    self.lines += usize::from(byte == b'\n');
                    true
                }
                (State::FieldStart, b'"') => {
                    state = State::Quoted;
                    false
                }
                (State::QuoteInQuoted, b'"') => {
                    state = State::Quoted;
                    true
                }
                (_, b'\n' | b'\r') => {
                    record.ends.push(record.unquoted.len());
                    self.rest.start += at;
                    return Ok(());
                }
                (_, byte) if byte == self.delimiter => {
                    record.ends.push(record.unquoted.len());
                    state = State::FieldStart;
                    true
                }
                _ => {
                    state = State::Field;
                    true
                }
            };
            if is_content {
                record.unquoted.push(byte);
            }
            at += 1;
        }
    }

    /// Reads more into the buffer, which keeps the previous record and the unread part.
    fn fill(&mut self) -> Result<(), RowError> {
        // The place of a record with quotes is empty: its text is elsewhere.
        let kept = self.before.place.len();
        if self.rest.start > kept {
            // Blank lines in between are not kept, however many there are.
            self.buffer.copy_within(self.before.place.clone(), 0);
            self.buffer.copy_within(self.rest.clone(), kept);
            self.before.place = 0..kept;
            self.rest = kept..kept + self.rest.len();
        }
        if self.rest.end == self.buffer.len() {
            if self.buffer.len() >= LONGEST_RECORD {
                return Err(self.unreadable("the row is longer than 64 MiB"));
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.rest.end..]) {
                Ok(0) => self.done = true,
                Ok(count) => {
                    self.rest.end += count;
                    self.last = self.buffer[self.rest.end - 1];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.unreadable(&error.to_string())),
            }
            break;
        }
        Ok(())
    }

    fn unreadable(&self, message: &str) -> RowError {
        RowError::Unreadable { line: self.lines + 1, message: message.to_owned() }
    }

    /// How many fields the record has.
    pub(super) fn len(&self) -> usize {
        self.current.ends.len()
    }

    /// A field; `None` for one that is not there.
    pub(super) fn field(&self, index: usize) -> Option<&[u8]> {
        let end = *self.current.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.current.ends[before] + 1);
        Some(&self.current.bytes(&self.buffer)[start..end])
    }

    /// All fields, separated by the delimiter, without quotes.
    pub(super) fn joined(&self) -> &[u8] {
        self.current.bytes(&self.buffer)
    }

    /// Whether all fields equal those of the previous record.
    pub(super) fn is_repeated(&self) -> bool {
        let bytes = self.joined();
        bytes == self.before.bytes(&self.buffer) && self.current.ends == self.before.ends
    }

    /// The line the record begins in, from 1.
    pub(super) fn line(&self) -> usize {
        self.current.line
    }

    /// Whether what has been read so far ends with the end of a line. Of interest behind the last record.
    pub(super) fn ends_with_line_break(&self) -> bool {
        matches!(self.last, b'\n' | b'\r')
    }
}

/// Where a byte is within a record.
#[derive(Debug, Clone, Copy)]
enum State {
    FieldStart,
    Field,
    Quoted,
    /// After a quote within quotes: either the end or the first of two quotes.
    QuoteInQuoted,
}

/// Finds the ends of the fields of a record without quotes, eight bytes at a time. The highest bit of each byte of `marks` is
/// set if that byte is the delimiter (H. Warren, *Hacker's Delight*, 6-1).
fn split(record: &[u8], delimiter: u8, ends: &mut Vec<usize>) {
    const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let wanted = u64::from_ne_bytes([delimiter; 8]);
    let (words, rest) = record.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let differing = u64::from_le_bytes(*word) ^ wanted;
        let mut marks = !(((differing & LOW_BITS) + LOW_BITS) | differing | LOW_BITS);
        while marks != 0 {
            ends.push(number * 8 + marks.trailing_zeros() as usize / 8);
            marks &= marks - 1;
        }
    }
    let from = words.len() * 8;
    ends.extend(rest.iter().enumerate().filter(|(_, byte)| **byte == delimiter).map(|(at, _)| from + at));
    ends.push(record.len());
}

#[cfg(test)]
mod tests {
    use csv::{ByteRecord, ReaderBuilder};
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    /// A reader that gives a few bytes at a time.
    struct Slowly<'a>(&'a [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let most = self.1.min(buffer.len());
            self.0.read(&mut buffer[..most])
        }
    }

    fn ours(text: &[u8], delimiter: u8, step: usize) -> Vec<(Vec<Vec<u8>>, bool)> {
        let mut records = Records::new(Slowly(text, step), delimiter).unwrap();
        let mut found = Vec::new();
        while records.advance().unwrap() {
            let fields = (0..records.len()).map(|index| records.field(index).unwrap().to_vec());
            found.push((fields.collect(), records.is_repeated()));
        }
        found
    }

    fn of_csv(text: &[u8], delimiter: u8) -> Vec<(Vec<Vec<u8>>, bool)> {
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text);
        let (mut record, mut before) = (ByteRecord::new(), ByteRecord::new());
        let mut found = Vec::new();
        while reader.read_byte_record(&mut record).unwrap() {
            let is_repeated = !found.is_empty() && record == before;
            found.push((record.iter().map(<[u8]>::to_vec).collect(), is_repeated));
            record.clone_into(&mut before);
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn records_are_those_of_the_csv_crate(
            pieces in vec(
                select(vec!["a", "12", "é", "a longer text", ",", ",", ";", "\"", "\"\"", "\"x,y\"", "\n", "\r\n", "\r", " "]),
                0..60,
            ),
            again in 1..3_usize,
            delimiter in select(vec![b',', b';']),
            step in select(vec![1, 2, 3, 7, 64, 4096]),
        ) {
            let text = pieces.concat().repeat(again);
            prop_assert_eq!(ours(text.as_bytes(), delimiter, step), of_csv(text.as_bytes(), delimiter), "{:?}", text);
        }
    }

    #[test]
    fn records_begin_in_the_lines_that_they_stand_in() {
        let text = "a,b\r\n\r\n1,\"x\ny\"\r\n2,z\r3,\n\n4,q";
        let mut records = Records::new(text.as_bytes(), b',').unwrap();
        let mut lines = Vec::new();
        while records.advance().unwrap() {
            lines.push(records.line());
        }
        assert_eq!(lines, [1, 3, 5, 6, 8]);
    }

    #[test]
    fn blank_lines_take_no_memory() {
        let text = format!("a,b\n{}a,b\n1,2\n", "\n".repeat(4 * BUFFER));
        let mut records = Records::new(text.as_bytes(), b',').unwrap();
        let mut repeated = Vec::new();
        while records.advance().unwrap() {
            repeated.push(records.is_repeated());
        }
        assert_eq!(repeated, [false, true, false]);
        assert_eq!(records.buffer.len(), BUFFER);
    }

    #[test]
    fn records_longer_than_the_buffer_are_whole() {
        let long = "x".repeat(3 * BUFFER);
        for text in [format!("{long},1\n{long},1\n"), format!("\"{long}\",1\n{long},1\n")] {
            let mut records = Records::new(text.as_bytes(), b',').unwrap();
            assert!(records.advance().unwrap() && records.field(0).unwrap().len() == long.len());
            assert!(records.advance().unwrap() && records.field(0).unwrap().len() == long.len());
            assert!(records.is_repeated() && !records.advance().unwrap());
        }
    }
}
