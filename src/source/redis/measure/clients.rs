//! Connected clients against the slots for them.

use super::missing;
use crate::snapshot::Unavailable;
use crate::{
    signal::Unit,
    source::{redis::info::Info, result_builder::SourceResultBuilder},
};

/// How many clients the server lets in at once, or why that is not known.
pub(in super::super) type ClientLimit = Result<u64, Unavailable>;

pub(super) fn measure(draft: &mut SourceResultBuilder, info: &Info, limit: &ClientLimit) {
    match info.number("blocked_clients") {
        Some(blocked) => {
            draft.observe("redis.blocked_clients", blocked, "INFO: blocked_clients");
        }
        None => missing(draft, info, "redis.blocked_clients", "blocked_clients"),
    }
    let Some(connected) = info.number("connected_clients") else {
        return missing(draft, info, "redis.clients", "connected_clients");
    };
    match limit {
        Ok(limit) => {
            let limit = *limit as f64;
            draft
                .observe("redis.clients", connected / limit, "INFO: connected_clients / maxclients")
                .capacity(limit, Unit::Count);
        }
        Err(failure) => {
            draft.gap("redis.clients", failure.reason, failure.detail.clone(), failure.hint.as_deref());
        }
    }
}
