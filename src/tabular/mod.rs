//! Delimited text: one reader for every file of rows, whoever wrote it.
//!
//! The delimiter is taken from the first line, the decimal sign from the numbers. A row with more or fewer fields than
//! the first line has names is an error with its line: a decimal comma in a file of commas would otherwise shift every
//! value.

#![deny(clippy::disallowed_methods)]

pub mod daily;
mod number;
mod records;
mod rows;
mod stream;

pub use number::{DecimalSign, NumberError, SignFinder, decimal, parse_number};
pub use rows::{RowError, Rows};
pub use stream::{Stream, decoded_text};

/// Signs that separate fields.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The sign that separates the fields of a first line: tab or `|` where there are any; else `;` where there are at least
/// as many of them as commas, which are decimal commas then; else the comma.
pub fn delimiter(first_line: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [0_usize; DELIMITERS.len()];
    for byte in first_line.bytes() {
        quoted ^= byte == b'"';
        if let Some(index) = DELIMITERS.iter().position(|delimiter| !quoted && *delimiter == byte) {
            counts[index] += 1;
        }
    }
    let [commas, semicolons, tabs, bars] = counts;
    if tabs > 0 {
        b'\t'
    } else if semicolons > 0 && semicolons >= commas {
        b';'
    } else if bars > commas {
        b'|'
    } else {
        b','
    }
}

/// The first characters of a text, for a message.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_taken_from_the_first_line() {
        for (line, expected) in [
            ("date,value", b','),
            ("date;value", b';'),
            ("2026-08-20;100,5", b';'),
            ("a\tb", b'\t'),
            ("timeStamp|elapsed", b'|'),
            ("p95_ms", b','),
            ("\"a;b\",c", b','),
        ] {
            assert_eq!(delimiter(line), expected, "{line}");
        }
    }
}
