//! What failures mean for the questions that are asked of Prometheus.

use super::decode::{DecodeError, FaultKind};
use crate::{snapshot::Reason, source::http::Failure};

impl Failure {
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
