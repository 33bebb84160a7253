//! Lines of a text, found at the speed of memory, and rows that occur in it twice, next to each other or not.

use std::{
    collections::HashSet,
    hash::{BuildHasher, BuildHasherDefault, Hasher},
    io::{ErrorKind, Read},
    ops::Range,
};

use foldhash::quality::FixedState;
use memchr::memchr2;

use super::LoadTestError;

const BUFFER: usize = 256 << 10;
/// No tool writes longer lines; a text without line ends would fill the memory.
const LONGEST_LINE: usize = 64 << 20;

/// A reader of lines. They end with `\n`, `\r\n` or `\r`.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    line: usize,
    /// The places of the current line and of the last non-empty line before it.
    current: Range<usize>,
    before: Range<usize>,
    done: bool,
    after_return: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        let buffer = vec![0; BUFFER];
        let (current, before) = (0..0, 0..0);
        Self { reader, buffer, start: 0, end: 0, line: 0, current, before, done: false, after_return: false }
    }

    /// The next line without its end; nothing behind the last.
    pub(super) fn next_line(&mut self) -> Result<Option<&[u8]>, LoadTestError> {
        let current = std::mem::replace(&mut self.current, 0..0);
        if !current.is_empty() {
            self.before = current;
        }
        let mut searched = self.start;
        loop {
            if self.after_return && self.start < self.end {
                // The second half of `\r\n`.
                if self.buffer[self.start] == b'\n' {
                    self.start += 1;
                    searched = searched.max(self.start);
                }
                self.after_return = false;
            }
            if let Some(found) = memchr2(b'\n', b'\r', &self.buffer[searched..self.end]) {
                let (begin, end) = (self.start, searched + found);
                self.start = end + 1;
                self.after_return = self.buffer[end] == b'\r';
                self.line += 1;
                self.current = begin..end;
                return Ok(Some(&self.buffer[begin..end]));
            }
            if self.done {
                let begin = std::mem::replace(&mut self.start, self.end);
                self.line += usize::from(begin < self.end);
                self.current = begin..self.end;
                return Ok((begin < self.end).then(|| &self.buffer[begin..self.end]));
            }
            let kept = self.end - self.start;
            self.fill()?;
            searched = self.start + kept;
        }
    }

    /// The number of the line that was returned last, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The current line.
    pub(super) fn current(&self) -> &[u8] {
        &self.buffer[self.current.clone()]
    }

    /// Whether the current line equals the last non-empty line before it.
    pub(super) fn is_repeated(&self) -> bool {
        self.buffer[self.current.clone()] == self.buffer[self.before.clone()]
    }

    /// Reads more into the buffer, which keeps the previous line and the unread part.
    fn fill(&mut self) -> Result<(), LoadTestError> {
        let kept = self.before.len();
        if self.start > kept {
            // Blank lines in between are not kept, however many there are.
            self.buffer.copy_within(self.before.clone(), 0);
            self.buffer.copy_within(self.start..self.end, kept);
            self.before = 0..kept;
            (self.start, self.end) = (kept, kept + self.end - self.start);
        }
        if self.end == self.buffer.len() {
            if self.end - self.start >= LONGEST_LINE {
                return Err(LoadTestError::Broken {
                    line: self.line + 1,
                    message: "the line is longer than 64 MiB".to_owned(),
                });
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.done = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(LoadTestError::unreadable(&error)),
            }
            return Ok(());
        }
    }
}

/// How many of the last rows are remembered, by their hash, which takes 18 MiB. A row that repeats one from further
/// back is not found.
const MAX_ROWS: usize = 1 << 20;
/// Rows are looked up in batches, so that cache misses overlap.
const AT_A_TIME: usize = 256;

/// Counts rows that say the same as an earlier one.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    seen: Hashes,
    /// Those before, of which there are as many.
    before: Hashes,
    /// Hashes of rows that are not looked up yet.
    waiting: Vec<u64>,
    rows: u64,
}

type Hashes = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// Uses hashes as their own hash.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = FixedState::default().hash_one(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Repeats {
    /// Reads the next row.
    pub(super) fn see(&mut self, row: &[u8]) {
        self.waiting.push(FixedState::default().hash_one(row));
        if self.waiting.len() == AT_A_TIME {
            self.look_up();
        }
    }

    fn look_up(&mut self) {
        for hash in self.waiting.drain(..) {
            self.rows += u64::from(self.before.contains(&hash) || !self.seen.insert(hash));
            if self.seen.len() >= MAX_ROWS / 2 {
                self.before = std::mem::take(&mut self.seen);
            }
        }
    }

    /// How many rows repeat an earlier one.
    pub(super) fn rows(&mut self) -> u64 {
        self.look_up();
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_line_ends_are_understood() {
        let text = "a\nb\r\nc\rd\n\ne";
        let mut lines = Lines::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            found.push(String::from_utf8(line.to_vec()).unwrap());
        }
        assert_eq!(found, ["a", "b", "c", "d", "", "e"]);
        assert_eq!(lines.line(), 6);
    }

    #[test]
    fn lines_that_repeat_are_known_across_reads() {
        let long = "x".repeat(BUFFER / 3);
        let text = format!("{long}\n{long}\n\n{long}\ny\n{long}\n");
        let mut lines = Lines::new(text.as_bytes());
        let mut repeated = Vec::new();
        while lines.next_line().unwrap().is_some() {
            repeated.push(lines.is_repeated());
        }
        assert_eq!(repeated, [false, true, false, true, false, false]);
    }

    #[test]
    fn blank_lines_take_no_memory() {
        let text = format!("a\n{}a\nb", "\n".repeat(4 * BUFFER));
        let mut lines = Lines::new(text.as_bytes());
        let mut repeated = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            if !line.is_empty() {
                repeated.push(lines.is_repeated());
            }
        }
        assert_eq!(repeated, [false, true, false]);
        assert_eq!((lines.line(), lines.buffer.len()), (4 * BUFFER + 3, BUFFER));
    }

    #[test]
    fn lines_longer_than_the_buffer_are_whole() {
        let long = "x".repeat(3 * BUFFER);
        let text = format!("{long}\r\n{long}");
        let mut lines = Lines::new(text.as_bytes());
        for _ in 0..2 {
            assert_eq!(lines.next_line().unwrap().unwrap().len(), long.len());
        }
        assert!(lines.next_line().unwrap().is_none());
    }

    #[test]
    fn rows_that_repeat_are_counted_wherever_they_stand() {
        let mut repeats = Repeats::default();
        for row in ["a", "b", "a", "c", "b"] {
            repeats.see(row.as_bytes());
        }
        assert_eq!(repeats.rows(), 2);
    }

    #[test]
    fn old_rows_are_forgotten() {
        let mut repeats = Repeats::default();
        for row in 0..MAX_ROWS + MAX_ROWS / 2 {
            repeats.see(&row.to_le_bytes());
        }
        assert_eq!(repeats.rows(), 0);
        assert!(repeats.seen.len() + repeats.before.len() <= MAX_ROWS);
        repeats.see(&(MAX_ROWS + 1).to_le_bytes());
        assert_eq!(repeats.rows(), 1);
    }
}
