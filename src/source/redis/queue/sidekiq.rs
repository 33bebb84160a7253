//! Sidekiq 5 to 8: a list of jobs as JSON for each queue.
//!
//! Jobs that wait for another try, for their time, or that are dead lie in sorted sets which all queues share, so they
//! are reported once and not by queue.

use crate::snapshot::Unavailable;
use std::sync::Arc;

use serde::Deserialize;

use super::{
    Queue,
    look::{Found, Look, Period},
    scan,
};

/// Instants above this are milliseconds, as Sidekiq writes them since version 8; below, seconds.
const SMALLEST_MILLISECONDS: f64 = 1e11;

/// The times of a job. Its arguments are passed over.
#[derive(Deserialize)]
struct Job {
    enqueued_at: Option<f64>,
    created_at: Option<f64>,
}

/// Reads every queue that Sidekiq has registered.
pub(super) async fn read(look: Arc<Look>) -> Result<Found, Unavailable> {
    let names = look.chosen(scan::members(&look.connection, "queues").await?);
    if names.is_empty() {
        return Ok(Found::default());
    }
    let mut found = look.each(names, read_queue).await;
    let processed = look.connection.count("EXISTS", "stat:processed").await?;
    if processed == 0 && found.failure.is_none() && found.queues.iter().all(|queue| queue.waiting == 0) {
        // Nothing but a set of this name points to Sidekiq, and many programs may have one.
        return Ok(Found::default());
    }
    found.notes.extend(elsewhere(&look).await);
    Ok(found)
}

async fn read_queue(look: Arc<Look>, name: String) -> Result<Option<Queue>, Unavailable> {
    let list = format!("queue:{name}");
    let waiting = look.connection.count("LLEN", &list).await?;
    let tail: Vec<Vec<u8>> = look.connection.ask(&["LRANGE", &list, "-1", "-1"]).await?;
    let oldest = tail.first().and_then(|job| waited(job, look.period));
    Ok(Some(Queue {
        query: format!("LLEN {list}"),
        oldest: if waiting == 0 { Some(0.0) } else { oldest }
            .map(|age| (age, "enqueued_at of the job at the end of the queue")),
        system: "Sidekiq".to_owned(),
        waiting,
        name,
        ..Queue::default()
    }))
}

/// Jobs that wait in no queue, as a note.
async fn elsewhere(look: &Look) -> Option<String> {
    let count = async |key| look.connection.count("ZCARD", key).await;
    let (retry, schedule, dead) = match tokio::try_join!(count("retry"), count("schedule"), count("dead")) {
        Ok(counts) => counts,
        Err(failure) => {
            let what = "the number of retry, scheduled and dead jobs in Sidekiq is unknown";
            return Some(format!("{what}: {}", failure.detail));
        }
    };
    (retry + schedule + dead > 0)
        .then(|| format!("Sidekiq also has {retry} jobs to retry, {schedule} scheduled and {dead} dead"))
}

fn waited(job: &[u8], period: Period) -> Option<f64> {
    let job: Job = serde_json::from_slice(job).ok()?;
    let at = job.enqueued_at.or(job.created_at)?;
    let seconds = if at > SMALLEST_MILLISECONDS { at / 1000.0 } else { at };
    let now = period.now.timestamp_micros() as f64 / 1e6;
    // Clocks of producers differ a little from ours: a negative wait counts as zero.
    Some((now - seconds).max(0.0))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn seconds_and_milliseconds_are_told_apart() {
        let now = DateTime::from_timestamp(1_795_192_800, 0).unwrap();
        let waited = |job: &str| waited(job.as_bytes(), Period { from: now, now });
        let old = waited(r#"{"args":[],"created_at":1.0,"enqueued_at":1795192790.5}"#).unwrap();
        assert!((old - 9.5).abs() < 1e-5);
        assert_eq!(waited(r#"{"enqueued_at":1795192790000}"#), Some(10.0));
        assert_eq!(waited(r#"{"created_at":1795192900}"#), Some(0.0));
        assert_eq!(waited("{}"), None);
        assert_eq!(waited("not JSON"), None);
    }
}
