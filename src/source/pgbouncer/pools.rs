//! Client connections against the most that are let in, and each pool: the connections of one user to one database.

use super::{Row, Table};
use crate::{
    signal::{Unit, span_text},
    snapshot::Reason,
    source::result_builder::SourceResultBuilder,
};

/// Who waits, and how long.
pub(super) const WAITS: [&str; 2] = ["pgbouncer.waiting", "pgbouncer.max_wait"];
/// How much of a pool is in use.
pub(super) const SIZE: &str = "pgbouncer.pool";

const NOBODY: &str = "there are no pools yet: no client has connected";

/// Clients that wait for a connection. Their waits add up in `SHOW STATS` only when they end, so the longest
/// present wait is taken from the pools themselves.
pub(super) fn waits(draft: &mut SourceResultBuilder, pools: &Table, stats: &Table) {
    let mut empty = true;
    for pool in pools.of_databases("database") {
        empty = false;
        let name = name(pool);
        let seconds = pool.number("maxwait").zip(pool.number("maxwait_us"));
        match (pool.number("cl_waiting"), seconds) {
            (Some(waiting), Some((whole, millionths))) => {
                let note = average_wait(stats, pool.text("database"));
                draft.observe(WAITS[0], waiting, "SHOW POOLS: cl_waiting").instance(name.as_str()).note(note);
                let query = "SHOW POOLS: maxwait + maxwait_us";
                draft.observe(WAITS[1], whole + millionths / 1e6, query).instance(name.as_str());
            }
            _ => {
                for signal in WAITS {
                    draft.gap(
                        signal,
                        Reason::UnexpectedReply,
                        "SHOW POOLS has no cl_waiting, maxwait or maxwait_us",
                        None,
                    );
                }
            }
        }
    }
    if empty {
        for signal in WAITS {
            draft.gap(signal, Reason::NotApplicable, NOBODY, None);
        }
    }
}

/// What the waits of the last minute came to, for a reader.
fn average_wait(stats: &Table, database: &str) -> Option<String> {
    let microseconds = stats.find("database", database)?.number("avg_wait_time")?;
    let wait = span_text(microseconds / 1e6);
    Some(format!(
        "a query waited {wait} on average, of those that found a connection (SHOW STATS: avg_wait_time)"
    ))
}

/// Server connections that clients hold, against the pool's size.
pub(super) fn sizes(draft: &mut SourceResultBuilder, pools: &Table, databases: &Table) {
    let mut why = (Reason::NotApplicable, NOBODY);
    let mut measured = false;
    for pool in pools.of_databases("database") {
        let size = databases.find("name", pool.text("database")).and_then(|row| row.number("pool_size"));
        match (pool.number("sv_active"), size) {
            (Some(active), Some(size)) if size > 0.0 => {
                measured = true;
                draft
                    .observe(SIZE, active / size, "SHOW POOLS: sv_active / SHOW DATABASES: pool_size")
                    .instance(name(pool).as_str())
                    .capacity(size, Unit::Count);
            }
            (Some(_), Some(_)) => why = (Reason::NotApplicable, "the pools have no limit"),
            _ => {
                why =
                    (Reason::UnexpectedReply, "SHOW POOLS has no sv_active, or SHOW DATABASES no pool_size");
            }
        }
    }
    if !measured {
        draft.gap(SIZE, why.0, why.1, None);
    }
}

fn name(pool: &Row) -> String {
    format!("{}/{}", pool.text("database"), pool.text("user"))
}

pub(super) const CLIENTS: &str = "pgbouncer.clients";

/// Clients of every kind, this program among them. The console admits its own users when everybody else is refused, so
/// the share can pass 100 %.
pub(super) fn clients(draft: &mut SourceResultBuilder, lists: &Table, config: &Table) {
    let used = lists.find("list", "used_clients").and_then(|row| row.number("items"));
    let most = config.find("key", "max_client_conn").and_then(|row| row.number("value"));
    match (used, most) {
        (Some(used), Some(most)) if most > 0.0 => {
            let query = "SHOW LISTS: used_clients / SHOW CONFIG: max_client_conn";
            draft.observe(CLIENTS, used / most, query).capacity(most, Unit::Count);
        }
        _ => draft.gap(
            CLIENTS,
            Reason::UnexpectedReply,
            "SHOW LISTS has no used_clients, or SHOW CONFIG no max_client_conn",
            None,
        ),
    }
}
