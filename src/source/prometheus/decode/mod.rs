//! Decodes answers to `query` and `query_range` while they arrive.
//!
//! The text is not kept: samples go straight into columns, 16 bytes each, and between two chunks only the bytes of one
//! unfinished token are carried over. Nearly every byte belongs to points of one plain shape, which `point` reads
//! without looking at single bytes; everything else goes through a small tokenizer.

mod build;
mod number;
mod series;
mod token;

#[cfg(test)]
mod tests;

use build::Builder;
pub use series::{Answer, RawSeries, Samples};
pub(super) use series::{is_remark, missing};
use token::Tokens;

/// What an answer may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The size of the text, uncompressed.
    pub bytes: u64,
    /// The number of series.
    pub series: usize,
    /// Samples that each series will probably have; memory for so many is allocated at once.
    pub points: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 256 * 1024 * 1024, series: 10_000, points: 0 }
    }
}

/// Why a text could not be decoded, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {kind}")]
pub struct DecodeError {
    /// Bytes before the place, from the beginning of the answer.
    pub offset: u64,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// What can be wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Not JSON.
    #[error("this is not JSON; expected {expected}")]
    Syntax {
        /// What JSON allows there.
        expected: &'static str,
    },
    /// JSON, but not what a Prometheus-compatible server sends.
    #[error("expected {expected}")]
    Shape {
        /// What such a server sends there.
        expected: &'static str,
    },
    /// The text ends in the middle.
    #[error("the response is truncated")]
    Truncated,
    /// More bytes than the limit.
    #[error("the response is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// More series than the limit.
    #[error("the response has more than {limit} series")]
    TooManySeries {
        /// The limit.
        limit: usize,
    },
    /// Brackets inside brackets beyond any need.
    #[error("brackets are nested too deeply")]
    TooDeep,
    /// A single string or number beyond any need.
    #[error("a single value is too long")]
    TooLong,
}

/// Takes an answer in chunks of any size.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    tokens: Tokens,
    builder: Builder,
    /// The beginning of a token whose end has not arrived.
    carried: Vec<u8>,
    /// Bytes read, less those carried.
    consumed: u64,
}

impl Decoder {
    /// A decoder at the beginning of an answer.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            tokens: Tokens::new(),
            builder: Builder::new(limits),
            carried: Vec::new(),
            consumed: 0,
        }
    }

    /// Decodes the next bytes.
    ///
    /// # Errors
    /// When the text is not an answer or exceeds a limit. The decoder is of no use afterwards.
    pub fn feed(&mut self, mut chunk: &[u8]) -> Result<(), DecodeError> {
        let length = self.consumed + (self.carried.len() + chunk.len()) as u64;
        if length > self.limits.bytes {
            let kind = FaultKind::TooLarge { limit: self.limits.bytes };
            return Err(DecodeError { offset: self.limits.bytes, kind });
        }
        let mut more = 256;
        while !self.carried.is_empty() && !chunk.is_empty() {
            let (head, rest) = chunk.split_at(chunk.len().min(more));
            let before = self.carried.len();
            let mut joined = std::mem::take(&mut self.carried);
            joined.extend_from_slice(head);
            let used = self.advance(&joined)?;
            if used > before {
                chunk = &chunk[used - before..]; // from here on the chunk is read where it lies
            } else {
                joined.drain(..used);
                self.carried = joined;
                chunk = rest;
                more *= 2;
            }
        }
        let used = self.advance(chunk)?;
        self.carried.extend_from_slice(&chunk[used..]);
        Ok(())
    }

    /// The answer, when all of it was fed.
    ///
    /// # Errors
    /// When the text breaks off.
    pub fn finish(self) -> Result<Answer, DecodeError> {
        let offset = self.consumed + self.carried.len() as u64;
        if !self.tokens.complete() {
            return Err(DecodeError { offset, kind: FaultKind::Truncated });
        }
        self.builder.finish().map_err(|kind| DecodeError { offset, kind })
    }

    /// Reads whole tokens and says how many bytes they took.
    fn advance(&mut self, input: &[u8]) -> Result<usize, DecodeError> {
        let mut at = 0;
        let outcome = self.read_tokens(input, &mut at);
        outcome.map_err(|kind| DecodeError { offset: self.consumed + at as u64, kind })?;
        self.consumed += at as u64;
        Ok(at)
    }

    fn read_tokens(&mut self, input: &[u8], at: &mut usize) -> Result<(), FaultKind> {
        loop {
            if self.tokens.before_element()
                && let Some(series) = self.builder.points()
            {
                let read = series::read_points(&input[*at..], &mut series.samples);
                if read.bytes > 0 {
                    *at += read.bytes;
                    self.tokens.elements_were_read(read.expects_point);
                }
            }
            match self.tokens.next(input, at)? {
                Some(token) => self.builder.token(token).inspect_err(|_| *at = self.tokens.start())?,
                None => return Ok(()),
            }
        }
    }
}
