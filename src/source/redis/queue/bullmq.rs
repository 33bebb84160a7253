//! BullMQ (1 to 6) and Bull (3, 4): the keys of one queue.
//!
//! What differs between versions, and why one reading fits them all:
//!
//! | | Bull 3–4, BullMQ 1–3 | BullMQ 4 | BullMQ 5 | BullMQ 6 |
//! |---|---|---|---|---|
//! | jobs with a priority | in `wait` (`priority` is an index) | `prioritized` | `prioritized` | `prioritized` |
//! | jobs of a paused queue | `paused` | `paused` | `paused` | stay in `wait` |
//! | markers `0:0` and `0:<ms>` in `wait` | BullMQ 3 | yes | no | no |
//!
//! A key that a version does not have is empty, so the depth is always `wait` + `paused` + `prioritized`
//! less the markers.

use crate::snapshot::Unavailable;
use std::sync::Arc;

use super::{
    Queue,
    job::{self, Times},
    look::{Found, Look, Period},
    scan,
};
use crate::source::redis::connection::Connection;

/// How many finished jobs are looked at for the time they took.
const FINISHED: u32 = 50;

/// How many of the oldest jobs are searched for markers, which go behind them only where a job jumps the queue.
const SEARCHED: &str = "-50";

/// In `prioritized` a job's score is its priority times this, plus a counter.
const PRIORITY_STEP: f64 = 4_294_967_296.0;

/// How a job records since when it has waited.
const AGE: &str = "timestamp + opts.delay of the jobs at the ends of the queue";

/// The keys of one queue.
struct Keys<'a> {
    connection: &'a Connection,
    base: String,
}

impl Keys<'_> {
    fn key(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.base)
    }

    async fn count(&self, command: &str, suffix: &str) -> Result<u64, Unavailable> {
        self.connection.count(command, &self.key(suffix)).await
    }

    async fn ids(
        &self,
        command: &str,
        suffix: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<String>, Unavailable> {
        self.connection.range(command, &self.key(suffix), from, to).await
    }

    /// The times of jobs; the key of a job is its whole id, which may hold colons.
    async fn times(&self, ids: &[String]) -> Result<Vec<Times>, Unavailable> {
        let keys: Vec<_> = ids.iter().map(|id| self.key(id)).collect();
        job::times(self.connection, &keys).await
    }
}

/// Reads every queue that is named, or whose keys a bounded search meets.
pub(super) async fn read(look: Arc<Look>) -> Result<Found, Unavailable> {
    let (names, notes) = match &look.named {
        Some(names) => (names.clone(), Vec::new()),
        None => scan::queues(&look.connection, &look.prefix, look.keys).await?,
    };
    let mut found = look.each(names, read_queue).await;
    found.notes.extend(notes);
    Ok(found)
}

/// Reads one queue; `None` when none of its keys exists.
async fn read_queue(look: Arc<Look>, name: String) -> Result<Option<Queue>, Unavailable> {
    let keys = Keys { connection: &look.connection, base: format!("{}:{name}:", look.prefix) };
    let period = look.period;
    let (id, meta, old_pause, about) = tokio::try_join!(
        keys.count("EXISTS", "id"),
        keys.count("EXISTS", "meta"),
        keys.count("EXISTS", "meta-paused"),
        about(&keys),
    )?;
    let (wait, paused, prioritized, active, delayed, failed) = tokio::try_join!(
        keys.count("LLEN", "wait"),
        keys.count("LLEN", "paused"),
        keys.count("ZCARD", "prioritized"),
        keys.count("LLEN", "active"),
        keys.count("ZCARD", "delayed"),
        keys.count("ZCARD", "failed"),
    )?;
    if [id, meta, wait, paused, prioritized, active, delayed, failed].iter().all(|count| *count == 0) {
        return Ok(None);
    }
    let (ends, durations) = tokio::try_join!(ends(&keys), durations(&keys, period))?;
    // A server may answer any number.
    let waiting = wait.saturating_add(paused).saturating_add(prioritized).saturating_sub(ends.markers);
    let oldest = oldest(&keys, &ends.ids, period).await?;
    let base = &keys.base;
    Ok(Some(Queue {
        name,
        system: system(about.version),
        query: format!("LLEN {base}wait + LLEN {base}paused + ZCARD {base}prioritized"),
        waiting,
        active: Some(active),
        delayed: Some(delayed),
        failed: Some(failed),
        paused: about.paused || old_pause > 0,
        oldest: if waiting == 0 { Some(0.0) } else { oldest }.map(|age| (age, AGE)),
        durations,
        finished: Some("finishedOn - processedOn of the jobs completed last"),
        note: None,
    }))
}

struct About {
    version: Option<String>,
    paused: bool,
}

async fn about(keys: &Keys<'_>) -> Result<About, Unavailable> {
    let fields: [Option<String>; 2] =
        keys.connection.ask(&["HMGET", &keys.key("meta"), "version", "paused"]).await?;
    let [version, paused] = fields;
    Ok(About { version, paused: paused.is_some() })
}

/// `bullmq:5.81.5` as people write it. Only Bull and the first BullMQ do not record their version.
fn system(version: Option<String>) -> String {
    match version {
        Some(version) => format!("BullMQ {}", version.strip_prefix("bullmq:").unwrap_or(&version)),
        None => "Bull or BullMQ 1".to_owned(),
    }
}

/// Jobs among which the oldest is sought.
struct Ends {
    ids: Vec<String>,
    markers: u64,
}

/// Both ends of the lists and of the priorities.
///
/// Jobs enter a list at its head and leave it at its tail, so the tail is the oldest, unless jobs were added
/// last-in-first-out or with a priority: then it can be the head. Among the prioritised, the first of the
/// highest and of the lowest priority have waited longest.
async fn ends(keys: &Keys<'_>) -> Result<Ends, Unavailable> {
    let (heads, tail, paused_head, paused_tail, first, last) = tokio::try_join!(
        keys.ids("LRANGE", "wait", "0", "0"),
        keys.ids("LRANGE", "wait", SEARCHED, "-1"),
        keys.ids("LRANGE", "paused", "0", "0"),
        keys.ids("LRANGE", "paused", SEARCHED, "-1"),
        keys.ids("ZRANGE", "prioritized", "0", "0"),
        lowest_priority(keys),
    )?;
    let markers = tail.iter().chain(&paused_tail).filter(|id| is_marker(id)).count() as u64;
    let oldest = |list: Vec<String>| list.into_iter().rev().filter(|id| !is_marker(id)).take(2).collect();
    let mut ids: Vec<String> = [heads, oldest(tail), paused_head, oldest(paused_tail), first, last].concat();
    ids.retain(|id| !is_marker(id));
    ids.sort();
    ids.dedup();
    Ok(Ends { ids, markers })
}

/// `0:0` says that there are prioritised jobs, `0:<ms>` when the next delayed one is due. Neither is a job.
fn is_marker(id: &str) -> bool {
    id.strip_prefix("0:")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The job of the lowest priority that was added first.
async fn lowest_priority(keys: &Keys<'_>) -> Result<Vec<String>, Unavailable> {
    let key = keys.key("prioritized");
    let last: Vec<String> = keys.connection.ask(&["ZRANGE", &key, "-1", "-1", "WITHSCORES"]).await?;
    let Some(score) = last.get(1).and_then(|score| score.parse::<f64>().ok()) else { return Ok(Vec::new()) };
    let from = (score / PRIORITY_STEP).floor() * PRIORITY_STEP;
    keys.connection.ask(&["ZRANGEBYSCORE", &key, &format!("{from}"), "+inf", "LIMIT", "0", "1"]).await
}

async fn oldest(keys: &Keys<'_>, ids: &[String], period: Period) -> Result<Option<f64>, Unavailable> {
    let now = period.now.timestamp_millis() as f64;
    let times = keys.times(ids).await?;
    Ok(times.iter().filter_map(|job| job.waited(now)).reduce(f64::max))
}

/// How long the jobs took that were finished last within the period and are kept.
async fn durations(keys: &Keys<'_>, period: Period) -> Result<Vec<f64>, Unavailable> {
    let from = period.from.timestamp_millis() as f64;
    let ids = keys.ids("ZRANGE", "completed", &format!("-{FINISHED}"), "-1").await?;
    Ok(keys.times(&ids).await?.iter().filter_map(|job| job.took(from)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_no_jobs() {
        for (id, expected) in
            [("0:0", true), ("0:1795192734000", true), ("0:", false), ("0:cart", false), ("10:0", false)]
        {
            assert_eq!(is_marker(id), expected, "{id}");
        }
    }

    #[test]
    fn versions_are_written_as_people_do() {
        assert_eq!(system(Some("bullmq:5.81.5".to_owned())), "BullMQ 5.81.5");
        assert_eq!(system(Some("bullmq-pro:7".to_owned())), "BullMQ bullmq-pro:7");
        assert_eq!(system(None), "Bull or BullMQ 1");
    }
}
