//! Connected clients against the slots for them.

use super::{Limit, missing};
use crate::{
    signal::Unit,
    source::{redis::info::Info, result_builder::SourceResultBuilder},
};

pub(super) fn measure(draft: &mut SourceResultBuilder, info: &Info, limit: &Limit) {
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
