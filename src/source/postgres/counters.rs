//! Counters of the whole server: cache hits, deadlocks and temporary files between two samples.

use serde::Deserialize;

use super::answers::{Answers, Observed, shown};
use crate::{signal::Unit, snapshot::Reason};

/// One sample. After a crash `stats_reset` of the databases may stay empty while counters start at zero; that
/// of the background writer changes, so both are markers.
pub(super) const QUERY: &str = "\
SELECT extract(epoch FROM clock_timestamp())::float8 AS at,
  sum(blks_hit)::float8 AS hits, sum(blks_read)::float8 AS reads, sum(deadlocks)::float8 AS deadlocks,
  sum(temp_bytes)::float8 AS temp_bytes, max(stats_reset)::text AS databases_reset,
  (SELECT stats_reset::text FROM pg_stat_bgwriter) AS server_reset,
  pg_postmaster_start_time()::text AS started
FROM pg_stat_database";

/// What the query gives.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Sample {
    at: f64,
    hits: f64,
    reads: f64,
    deadlocks: f64,
    temp_bytes: f64,
    databases_reset: Option<String>,
    server_reset: Option<String>,
    started: String,
}

/// The signals of this topic.
pub(super) const SIGNALS: [&str; 3] = ["postgres.cache_hit", "postgres.deadlocks", "postgres.temp_bytes"];

/// Fewer block accesses than this say nothing about a ratio.
const ENOUGH_BLOCKS: f64 = 1000.0;

/// A rate over less than this is mostly the jitter of the two readings, in seconds.
const SHORTEST: f64 = 0.2;

const VIEW: &str = "pg_stat_database";

impl Sample {
    /// Seconds from this sample to a later one.
    fn seconds_until(&self, later: &Self) -> f64 {
        later.at - self.at
    }

    /// Why the two samples cannot be compared: the counters were reset in between.
    fn broken_by(&self, later: &Self) -> Option<&'static str> {
        if self.started != later.started || self.server_reset != later.server_reset {
            return Some("the server restarted or its statistics were reset between the two samples");
        }
        let backwards =
            later.hits < self.hits || later.reads < self.reads || later.deadlocks < self.deadlocks;
        let backwards = backwards || later.temp_bytes < self.temp_bytes;
        (self.databases_reset != later.databases_reset || backwards)
            .then_some("the statistics of a database were reset between the two samples")
    }

    fn since(&self) -> String {
        match &self.databases_reset {
            // Sessions run in UTC; parts of a second only matter for telling two resets apart.
            Some(reset) => {
                let second: String = reset.chars().take(19).collect();
                format!("since the statistics were reset at {second} UTC")
            }
            None => "since the statistics began".to_owned(),
        }
    }
}

/// Whether something happened between the samples whose rate in a short time says little about any other.
pub(super) fn has_rare_events(first: &Sample, second: &Sample) -> bool {
    second.deadlocks > first.deadlocks || second.temp_bytes > first.temp_bytes
}

/// Hit ratio and rates between the samples; the ratio of all time where too little was read in between.
pub(super) fn interpret(first: &Sample, second: &Sample, answers: &mut Answers) {
    if let Some(cause) = first.broken_by(second) {
        return answers.gap(&SIGNALS, Reason::TooFewSamples, cause, Some("run this again"));
    }
    let seconds = first.seconds_until(second);
    if seconds < SHORTEST {
        let detail = "the two samples are too close to each other";
        return answers.gap(&SIGNALS, Reason::TooFewSamples, detail, Some("raise --sample"));
    }
    cache_hit(first, second, answers);
    let origin = format!("{VIEW}, difference over {}", shown(seconds, Unit::Seconds));
    let total = format!("{} {}", shown(second.deadlocks, Unit::Count), second.since());
    answers.add(
        Observed::new(SIGNALS[1], (second.deadlocks - first.deadlocks) / seconds, origin.clone()).note(total),
    );
    let written = format!("{} {}", shown(second.temp_bytes, Unit::Bytes), second.since());
    answers.add(
        Observed::new(SIGNALS[2], (second.temp_bytes - first.temp_bytes) / seconds, origin).note(written),
    );
}

fn cache_hit(first: &Sample, second: &Sample, answers: &mut Answers) {
    let (hits, reads) = (second.hits - first.hits, second.reads - first.reads);
    if hits + reads >= ENOUGH_BLOCKS {
        let note = format!("of {} block accesses between the two samples", shown(hits + reads, Unit::Count));
        return answers.add(Observed::new(SIGNALS[0], hits / (hits + reads), VIEW).note(note));
    }
    let all = second.hits + second.reads;
    if all < ENOUGH_BLOCKS {
        let detail = format!("only {all} block accesses so far");
        return answers.gap(&SIGNALS[..1], Reason::Empty, detail, Some("run this under load"));
    }
    let note = format!(
        "{}, because the samples are only {} block accesses apart",
        second.since(),
        shown(hits + reads, Unit::Count)
    );
    answers.add(Observed::new(SIGNALS[0], second.hits / all, VIEW).note(note));
}

#[cfg(test)]
mod tests {
    use super::super::testing::answers;
    use super::*;

    /// PostgreSQL 15.18, two samples five seconds apart under pgbench.
    fn samples() -> (Sample, Sample) {
        let first = r#"{"at":1795197600.5,"hits":41250,"reads":1830,"deadlocks":2,"temp_bytes":0,
            "databases_reset":null,"server_reset":"2026-11-20 16:41:02+00","started":"2026-11-20 16:41:01+00"}"#;
        let first: Sample = serde_json::from_str(first).unwrap();
        let second = Sample {
            at: first.at + 5.0,
            hits: first.hits + 9000.0,
            reads: first.reads + 1000.0,
            deadlocks: 3.0,
            temp_bytes: 5_000_000.0,
            ..first.clone()
        };
        (first, second)
    }

    fn read(first: &Sample, second: &Sample) -> Answers {
        let mut found = answers();
        interpret(first, second, &mut found);
        found
    }

    #[test]
    fn differences_become_ratio_and_rates() {
        let (first, second) = samples();
        let values: Vec<f64> =
            read(&first, &second).observations.iter().map(|found| found.values.last().1).collect();
        assert_eq!(values, [0.9, 0.2, 1_000_000.0]);
    }

    #[test]
    fn a_quiet_server_is_judged_by_its_past() {
        let (first, second) = samples();
        let second = Sample { hits: first.hits + 10.0, reads: first.reads, ..second };
        let found = read(&first, &second);
        let ratio = found.observations[0].values.last().1;
        assert!((ratio - 41_260.0 / 43_090.0).abs() < 1e-12, "{ratio}");
        assert!(found.observations[0].notes[0].contains("since the statistics began"));
    }

    #[test]
    fn an_unused_server_has_no_ratio() {
        let (first, second) = samples();
        let first = Sample { hits: 10.0, reads: 0.0, ..first };
        let second = Sample { hits: 20.0, reads: 0.0, ..second };
        let found = read(&first, &second);
        assert_eq!(found.gaps[0].reason, Reason::Empty);
        assert_eq!(found.observations.len(), 2);
    }

    #[test]
    fn counters_that_began_anew_are_a_gap() {
        let (first, second) = samples();
        let restarted = Sample { started: "2026-11-20 17:00:00+00".to_owned(), ..second.clone() };
        let crashed = Sample { server_reset: Some("2026-11-20 17:00:00+00".to_owned()), ..second.clone() };
        let reset = Sample { databases_reset: Some("2026-11-20 17:00:00+00".to_owned()), ..second.clone() };
        let backwards = Sample { deadlocks: 0.0, ..second };
        for later in [restarted, crashed, reset, backwards] {
            let found = read(&first, &later);
            assert!(found.observations.is_empty());
            assert_eq!(found.gaps.len(), 3);
            assert_eq!(found.gaps[0].reason, Reason::TooFewSamples);
        }
    }

    #[test]
    fn samples_at_the_same_instant_have_no_rate() {
        let (first, _) = samples();
        assert_eq!(read(&first, &first).gaps[0].reason, Reason::TooFewSamples);
    }
}
