//! RQ 1 and 2: a list of job ids for each queue, and a registry for each state.
//!
//! Jobs enter at the tail and leave at the head, the other way round than with the other systems. Jobs may also be put
//! in front, so that the oldest is behind them.

use crate::snapshot::Unavailable;
use std::sync::Arc;

use chrono::DateTime;

use super::{
    Queue,
    look::{Found, Look, Period},
    scan,
};

/// How many jobs at the head are looked at for the time they have waited.
const HEAD: &str = "19";

/// How many finished jobs are looked at for the time they took.
const FINISHED: u32 = 50;

/// The prefix of a queue's name in its key and in the list of queues.
const QUEUE: &str = "rq:queue:";

/// Reads every queue that RQ has registered.
pub(super) async fn read(look: Arc<Look>) -> Result<Found, Unavailable> {
    let known = scan::members(&look.connection, "rq:queues").await?;
    let names = known.iter().filter_map(|key| key.strip_prefix(QUEUE)).map(str::to_owned).collect();
    Ok(look.each(look.chosen(names), read_queue).await)
}

async fn read_queue(look: Arc<Look>, name: String) -> Result<Option<Queue>, Unavailable> {
    let connection = &look.connection;
    let list = format!("{QUEUE}{name}");
    let registry = |state: &str| format!("rq:{state}:{name}");
    let (wip, failed, scheduled, finished) =
        (registry("wip"), registry("failed"), registry("scheduled"), registry("finished"));
    let newest = format!("-{FINISHED}");
    let (waiting, active, failed, delayed, suspended) = tokio::try_join!(
        connection.count("LLEN", &list),
        connection.count("ZCARD", &wip),
        connection.count("ZCARD", &failed),
        connection.count("ZCARD", &scheduled),
        connection.count("EXISTS", "rq:suspended"),
    )?;
    let (head, done) = tokio::try_join!(
        connection.range("LRANGE", &list, "0", HEAD),
        connection.range("ZRANGE", &finished, &newest, "-1"),
    )?;
    let head = times(&look, &head, ["enqueued_at", "created_at"]).await?;
    let oldest = head.iter().filter_map(|job| waited(job, look.period)).reduce(f64::max);
    let done = times(&look, &done, ["started_at", "ended_at"]).await?;
    Ok(Some(Queue {
        query: format!("LLEN {list}"),
        oldest: if waiting == 0 { Some(0.0) } else { oldest }
            .map(|age| (age, "enqueued_at of the jobs at the head of the queue")),
        durations: done.iter().filter_map(|job| took(job, look.period)).collect(),
        finished: Some("ended_at - started_at of the jobs completed last"),
        system: "RQ".to_owned(),
        active: Some(active),
        delayed: Some(delayed),
        failed: Some(failed),
        paused: suspended > 0,
        note: None,
        waiting,
        name,
    }))
}

/// Two instants of a job, in Unix seconds.
type Times = [Option<f64>; 2];

/// Reads two fields of jobs; a job that is gone meanwhile is skipped. Its data is never read.
async fn times(look: &Look, ids: &[String], fields: [&str; 2]) -> Result<Vec<Times>, Unavailable> {
    let keys: Vec<String> = ids.iter().map(|id| format!("rq:job:{id}")).collect();
    let commands: Vec<_> = keys.iter().map(|key| vec!["HMGET", key, fields[0], fields[1]]).collect();
    let answers: Vec<[Option<String>; 2]> = look.connection.ask_each(&commands).await?;
    Ok(answers.into_iter().map(|job| job.map(|text| instant(&text?))).collect())
}

/// RQ writes its instants in UTC; before version 1 without saying so.
fn instant(text: &str) -> Option<f64> {
    let at =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")));
    at.ok().map(|at| at.timestamp_micros() as f64 / 1e6)
}

fn waited([enqueued, created]: &Times, period: Period) -> Option<f64> {
    let now = period.now.timestamp_micros() as f64 / 1e6;
    // Clocks of producers differ a little from ours: a negative wait counts as zero.
    Some((now - enqueued.or(*created)?).max(0.0))
}

fn took([started, ended]: &Times, period: Period) -> Option<f64> {
    let (started, ended) = ((*started)?, (*ended)?);
    let from = period.from.timestamp() as f64;
    (ended >= from && ended >= started).then_some(ended - started)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_in_utc() {
        let expected = 1_795_192_800.25;
        for text in
            ["2026-11-20T16:40:00.250000Z", "2026-11-20T16:40:00.250000", "2026-11-20T18:40:00.25+02:00"]
        {
            assert!((instant(text).unwrap() - expected).abs() < 1e-6, "{text}");
        }
        assert_eq!(instant("soon"), None);
    }

    #[test]
    fn only_jobs_of_the_period_took_time() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let period = Period { from: at(100), now: at(200) };
        assert_eq!(took(&[Some(150.0), Some(152.5)], period), Some(2.5));
        assert_eq!(took(&[Some(50.0), Some(60.0)], period), None);
        assert_eq!(took(&[Some(150.0), None], period), None);
        assert_eq!(waited(&[None, Some(140.0)], period), Some(60.0));
        assert_eq!(waited(&[Some(230.0), None], period), Some(0.0));
    }
}
