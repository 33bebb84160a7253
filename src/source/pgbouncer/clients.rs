//! Client connections against the most that are let in.

use super::table::Table;
use crate::{signal::Unit, snapshot::Reason, source::result_builder::SourceResultBuilder};

pub(super) const SIGNAL: &str = "pgbouncer.clients";

/// Clients of every kind, this program among them. The console admits its own users when everybody else is refused, so
/// the share can pass 100 %.
pub(super) fn measure(draft: &mut SourceResultBuilder, lists: &Table, config: &Table) {
    let used = lists.find("list", "used_clients").and_then(|row| row.number("items"));
    let most = config.find("key", "max_client_conn").and_then(|row| row.number("value"));
    match (used, most) {
        (Some(used), Some(most)) if most > 0.0 => {
            let query = "SHOW LISTS: used_clients / SHOW CONFIG: max_client_conn";
            draft.observe(SIGNAL, used / most, query).capacity(most, Unit::Count);
        }
        _ => draft.gap(
            SIGNAL,
            Reason::UnexpectedReply,
            "SHOW LISTS has no used_clients, or SHOW CONFIG no max_client_conn",
            None,
        ),
    }
}
