//! The timestamps of a BullMQ or Bull job. Its data is never read.

use crate::snapshot::Unavailable;
use serde::Deserialize;

use crate::source::redis::connection::Connection;

/// The timestamps of a job in milliseconds since 1970, as far as it has them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Times {
    created: Option<f64>,
    delay: f64,
    processed: Option<f64>,
    finished: Option<f64>,
}

#[derive(Deserialize)]
struct Options {
    delay: Option<f64>,
}

/// The fields that are asked for, in this order.
const FIELDS: [&str; 4] = ["timestamp", "opts", "processedOn", "finishedOn"];

impl Times {
    fn of(fields: &[Option<String>]) -> Self {
        let text = |index: usize| fields.get(index).and_then(Option::as_deref);
        let instant = |index| text(index)?.parse().ok().filter(|ms: &f64| ms.is_finite() && *ms > 0.0);
        let options = text(1).and_then(|json| serde_json::from_str::<Options>(json).ok());
        Self {
            created: instant(0),
            delay: options.and_then(|options| options.delay).filter(|ms| *ms > 0.0).unwrap_or(0.0),
            processed: instant(2),
            finished: instant(3),
        }
    }

    /// Since when the job could have been worked on.
    ///
    /// `timestamp` is when it was created and stays when its delay is over, so the delay it was created with
    /// is added; a job that is tried again has waited since its last try at the longest.
    fn ready(&self) -> Option<f64> {
        let ready = self.created? + self.delay;
        Some(self.processed.map_or(ready, |tried| tried.max(ready)))
    }

    /// Seconds since the job became ready; `None` when it does not record that.
    pub(super) fn waited(&self, now_ms: f64) -> Option<f64> {
        // Clocks of producers differ a little from ours: a negative wait counts as zero.
        Some(((now_ms - self.ready()?) / 1000.0).max(0.0))
    }

    /// Seconds that the last try took, if it ended at or after `from_ms`.
    pub(super) fn took(&self, from_ms: f64) -> Option<f64> {
        let (processed, finished) = (self.processed?, self.finished?);
        (finished >= from_ms && finished >= processed).then(|| (finished - processed) / 1000.0)
    }
}

/// Reads the times of jobs by their keys; a job that is gone meanwhile is skipped.
pub(super) async fn times(connection: &Connection, keys: &[String]) -> Result<Vec<Times>, Unavailable> {
    let [timestamp, opts, processed, finished] = FIELDS;
    let commands: Vec<_> =
        keys.iter().map(|key| vec!["HMGET", key, timestamp, opts, processed, finished]).collect();
    let answers: Vec<Vec<Option<String>>> = connection.ask_each(&commands).await?;
    Ok(answers.iter().map(|fields| Times::of(fields)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(fields: [Option<&str>; 4]) -> Times {
        Times::of(&fields.map(|field| field.map(str::to_owned)))
    }

    #[test]
    fn a_delay_is_not_waiting() {
        let job = times([Some("1000"), Some(r#"{"delay":5000,"attempts":0}"#), None, None]);
        assert_eq!(job.ready(), Some(6000.0));
    }

    #[test]
    fn a_second_try_waits_since_the_first() {
        let job = times([Some("1000"), Some("{}"), Some("9000"), None]);
        assert_eq!(job.ready(), Some(9000.0));
    }

    #[test]
    fn only_jobs_of_the_period_took_time() {
        let job = times([Some("1000"), None, Some("2000"), Some("4500")]);
        assert_eq!((job.took(4000.0), job.took(5000.0)), (Some(2.5), None));
        assert_eq!((job.waited(4000.0), job.waited(1000.0)), (Some(2.0), Some(0.0)));
    }

    #[test]
    fn a_job_that_is_gone_or_damaged_tells_nothing() {
        assert_eq!(times([None; 4]).ready(), None);
        assert_eq!(times([Some("soon"), Some("{"), Some("-1"), None]).ready(), None);
        assert_eq!(times([Some("1000"), Some(r#"{"delay":"x"}"#), None, None]).ready(), Some(1000.0));
    }
}
