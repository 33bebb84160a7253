//! Why a question to a server has no answer.

use std::error::Error;

use crate::snapshot::Reason;

/// Of a server's own words so much is passed on.
const LONGEST_EXCERPT: usize = 400;

/// A question without an answer: what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Failure {
    pub(in crate::source) reason: Reason,
    pub(in crate::source) detail: String,
    pub(in crate::source) hint: Option<String>,
}

impl Failure {
    pub(in crate::source) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), hint: None }
    }

    pub(in crate::source) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The connection could not be made or broke.
    pub(in crate::source) fn of_transport(error: reqwest::Error) -> Self {
        let connecting = error.is_connect();
        let cause = root_cause(&error.without_url());
        if !connecting {
            return Self::new(Reason::Unreachable, format!("the connection broke: {cause}"));
        }
        let failure = Self::new(Reason::Unreachable, format!("no connection: {cause}"));
        if cause.contains("certificate") {
            return failure.hint("name the authority that signed the server's certificate with `ca_file`");
        }
        failure.hint("check the address, and that the server runs and can be reached from here")
    }
}

/// The innermost cause, which is the one that names what is wrong.
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// A server's own words on one line, cut where they get long.
pub(in crate::source) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(excerpt("a\n  b"), "a b");
        assert_eq!(excerpt(&"é".repeat(500)).chars().count(), LONGEST_EXCERPT + 1);
    }
}
