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
        .hint("use a shorter --window, a longer --step, or fewer series in the query")
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

/// An answer from which data are missing, where it has to be whole.
pub(super) fn partial(missing: &str) -> Unavailable {
    Unavailable::new(Reason::Partial, format!("the answer is partial: {missing}"))
        .hint("a store behind the server does not respond, or its retention is too short")
}

/// An answer without the number of samples, which a budget needs.
pub(super) fn without_statistics() -> Unavailable {
    Unavailable::new(
        Reason::UnexpectedReply,
        "the server does not say how many samples it reads, so --max-samples cannot be enforced",
    )
    .hint("leave out --max-samples, or max_samples under [fleet]; Prometheus, Mimir and Thanos send these statistics")
}
