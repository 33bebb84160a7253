//! What sources that are files have in common.

use std::io;

use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;

use super::{Answer, Request, Source, unavailable};
use crate::snapshot::{Reason, SourceResult, Unavailable};

/// Reads a file aside: a disk that does not answer must not hold up the other sources.
pub(super) fn read_aside<'a, S: Source + Clone + 'static>(
    settings: &'a S,
    request: &'a Request,
    read: fn(&S, DateTime<Utc>) -> Result<SourceResult, Unavailable>,
) -> Answer<'a> {
    Box::pin(async move {
        let (own, now) = (settings.clone(), request.now);
        let result = match spawn_blocking(move || read(&own, now)).await {
            Ok(result) => result,
            Err(error) => {
                let message = format!("internal error (bug): {error}");
                Err(Unavailable::new(Reason::UnexpectedReply, message))
            }
        };
        result.unwrap_or_else(|why| unavailable(settings, why))
    })
}

/// Why a file could not be opened or decoded.
pub(super) fn not_readable(error: &io::Error) -> Unavailable {
    let reason = match error.kind() {
        io::ErrorKind::PermissionDenied => Reason::NotPermitted,
        io::ErrorKind::InvalidData => Reason::UnexpectedReply,
        _ => Reason::NotConfigured,
    };
    Unavailable::new(reason, format!("the file cannot be read: {error}"))
}
