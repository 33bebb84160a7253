//! How long anybody waits for this server.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, timeout_at};

use super::error::failed;
use crate::{
    signal::duration_text,
    snapshot::{Reason, Unavailable},
};

/// The instant at which waiting ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    end: Instant,
    allowed: Duration,
}

impl Deadline {
    /// A deadline that long from now.
    pub(super) fn after(allowed: Duration) -> Self {
        Self { end: Instant::now() + allowed, allowed }
    }

    /// What is left of it.
    pub(super) fn left(self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// Waits for something no longer than this.
    pub(super) async fn wait<T>(
        self,
        what: &str,
        future: impl Future<Output = Result<T, Unavailable>>,
    ) -> Result<T, Unavailable> {
        timeout_at(self.end, future).await.unwrap_or_else(|_| {
            let detail = format!("{what} within {}", duration_text(self.allowed));
            Err(failed(Reason::TimedOut, detail, "see whether the server is overloaded; raise --timeout"))
        })
    }
}
