//! Why a text tells of no load test.

/// Why a text holds no usable run. Texts from the file are cut short; whoever shows them makes them harmless.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadTestError {
    /// There is nothing in it.
    #[error("it is empty: the load test wrote nothing")]
    Empty,
    /// No known tool writes this.
    #[error(
        "no known load-test tool writes this; known are {}, and CSV with a row for each run and a column for each metric",
        super::tools()
    )]
    Unknown,
    /// A known tool writes this, in a form that is not read.
    #[error("{0}")]
    Unsupported(&'static str),
    /// It stops in the middle.
    #[error(
        "it ends in the middle (line {line}): the file is cut off; write it again, and run the test again if need be"
    )]
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
    /// A number was expected.
    #[error("line {line}, column `{column}`: `{text}` is not a finite number")]
    NotANumber {
        /// Which line, from 1.
        line: usize,
        /// The name in the first line.
        column: String,
        /// What stands there, cut to a few characters.
        text: String,
    },
    /// Something that the tool always writes is not there.
    #[error("it looks like the output of {tool}, but {what} is missing")]
    Missing {
        /// The tool.
        tool: &'static str,
        /// What is not there.
        what: &'static str,
    },
    /// The test ran, and made no request.
    #[error("the load test made no request, so that it says nothing")]
    NoRequests,
    /// Not one request succeeded, so that no figure is about the system at work.
    #[error(
        "all {requests} requests of the load test failed; its latencies and rates say nothing about the system at work"
    )]
    AllFailed {
        /// How many there were.
        requests: u64,
    },
    /// There are columns, and none with numbers.
    #[error("no column holds a number")]
    NoMetrics,
}

/// The first characters of a text, for a message.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(20).collect()
}
