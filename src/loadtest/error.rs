//! Why a text holds no load test.

use std::io::{self, ErrorKind};

use crate::tabular::RowError;

/// Why a text holds no usable run. Texts from the file are cut short; whoever shows them sanitizes them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadTestError {
    /// It is empty.
    #[error("the file is empty: the load test wrote nothing")]
    Empty,
    /// No known tool writes this.
    #[error(
        "unknown format; known are {}, and CSV with a row for each run and a column for each metric",
        super::tools()
    )]
    Unknown,
    /// A known tool writes this, in a form that is not read.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A single document is too large.
    #[error("the document is larger than 256 MiB")]
    TooLarge,
    /// It stops in the middle.
    #[error("it ends in the middle (line {line}): the file is cut off; write it again, or repeat the test")]
    Truncated {
        /// The last line, from 1.
        line: usize,
    },
    /// It is not what it looks like.
    #[error("line {line}: {message}")]
    Broken {
        /// Which line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// A row does not fit the first line.
    #[error(transparent)]
    Row(RowError),
    /// The file cannot be read or unpacked.
    #[error("cannot read it: {0}")]
    Unreadable(String),
    /// Something that the tool always writes is not there.
    #[error("it looks like the output of {tool}, but {what} is missing")]
    Missing {
        /// The tool.
        tool: &'static str,
        /// What is not there.
        what: &'static str,
    },
    /// The file holds several runs.
    #[error(
        "it seems to hold several runs: no request was in flight for {} min before line {line}; {tool} may have \
         appended to an earlier file, so delete it before each run, or split it there",
        .seconds / 60
    )]
    SeveralRuns {
        /// The tool.
        tool: &'static str,
        /// Where the second begins.
        line: usize,
        /// How long it was idle.
        seconds: u64,
    },
    /// The header line is repeated in the file.
    #[error(
        "line {line} is the same as the first: the file seems to hold several runs; {tool} may have appended to an \
         earlier file, so delete it before each run, or split it there"
    )]
    HeaderAgain {
        /// The tool.
        tool: &'static str,
        /// Where it is repeated.
        line: usize,
    },
    /// The test ran, and made no request.
    #[error("the load test made no request")]
    NoRequests,
    /// The test ran, and what it did is not read.
    #[error(
        "the load test made no HTTP request; of other protocols, WebSocket and gRPC tests of k6 and the sessions of \
         Artillery are read"
    )]
    NoHttpRequests,
    /// Not one request succeeded, so that no figure is about the system at work.
    #[error("{}; its latencies and rates say nothing about the system", all_failed(*.requests, .what))]
    AllFailed {
        /// How many there were.
        requests: u64,
        /// What they are: requests, sessions.
        what: &'static str,
    },
    /// There are columns, and none with numbers.
    #[error("no column holds a number")]
    NoMetrics,
}

fn all_failed(requests: u64, what: &str) -> String {
    match requests {
        1 => format!("the only one of the {what} of the load test failed"),
        more => format!("all {more} {what} of the load test failed"),
    }
}

impl LoadTestError {
    /// The message of the system; an end in the middle of a packed stream is one like any other.
    pub(super) fn unreadable(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::Unreadable(
                "it ends in the middle: the compressed or encoded file is cut off".to_owned(),
            ),
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

impl From<RowError> for LoadTestError {
    fn from(error: RowError) -> Self {
        match error {
            RowError::CutOff { line } => Self::Truncated { line },
            other => Self::Row(other),
        }
    }
}

/// The first characters of a text, for a message.
pub(super) fn shortened(text: &str) -> String {
    crate::tabular::shortened(text)
}
