//! What a failure means for the queries to Prometheus.

use super::decode::{DecodeError, FaultKind};
use crate::snapshot::{Reason, Unavailable};

/// True when every other query would fail in the same way, because the server was not even reached.
pub(super) fn fails_every_query(failure: &Unavailable) -> bool {
    matches!(
        failure.reason,
        Reason::Unreachable | Reason::TimedOut | Reason::SignInRefused | Reason::NotConfigured
    )
}

/// More bytes than are read.
pub(super) fn too_large(limit: u64) -> Unavailable {
    exceeds_limit(&FaultKind::TooLarge { limit })
}

fn exceeds_limit(kind: &FaultKind) -> Unavailable {
    Unavailable::new(Reason::TooLarge, kind.to_string())
        .hint("ask for a shorter --window or a longer --step, or for fewer series in the query")
}

impl From<DecodeError> for Unavailable {
    fn from(error: DecodeError) -> Self {
        match error.kind {
            FaultKind::TooLarge { .. } | FaultKind::TooManySeries { .. } => exceeds_limit(&error.kind),
            FaultKind::Truncated => Self::new(Reason::Unreachable, error.to_string()),
            _ => Self::new(Reason::UnexpectedReply, format!("not an answer of the Prometheus API: {error}")),
        }
    }
}
