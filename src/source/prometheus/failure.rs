//! Why a question to the server has no answer.

use std::error::Error;

use super::decode::{DecodeError, FaultKind};
use crate::snapshot::Reason;

/// Of a server's own words so much is passed on.
const LONGEST_EXCERPT: usize = 400;

/// A question without an answer: what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) reason: Reason,
    pub(super) detail: String,
    pub(super) hint: Option<String>,
}

impl Failure {
    pub(super) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// True when other questions would fail in the same way, because the server was not even reached.
    pub(super) fn concerns_every_question(&self) -> bool {
        matches!(
            self.reason,
            Reason::Unreachable | Reason::TimedOut | Reason::SignInRefused | Reason::NotConfigured
        )
    }

    /// More bytes than are taken.
    pub(super) fn too_large(limit: u64) -> Self {
        Self::of_size(FaultKind::TooLarge { limit })
    }

    fn of_size(kind: FaultKind) -> Self {
        Self::new(Reason::TooLarge, kind.to_string())
            .hint("ask for a shorter --window or a longer --step, or for fewer series in the query")
    }

    /// The connection could not be made or broke.
    pub(super) fn of_transport(error: reqwest::Error) -> Self {
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

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        match error.kind {
            FaultKind::TooLarge { .. } | FaultKind::TooManySeries { .. } => Self::of_size(error.kind),
            FaultKind::Truncated => Self::new(Reason::Unreachable, error.to_string()),
            _ => Self::new(Reason::ForeignAnswer, format!("not an answer of the Prometheus API: {error}")),
        }
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
pub(super) fn excerpt(text: &str) -> String {
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
