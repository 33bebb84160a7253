//! From the fields of `INFO` to signals.

mod clients;
mod memory;
mod rates;

use super::info::Info;
use crate::{snapshot::Reason, source::result_builder::SourceResultBuilder};

pub(super) use clients::ClientLimit;
pub(super) use rates::Interval;

/// Measures everything that `INFO` tells.
pub(super) fn all(
    draft: &mut SourceResultBuilder,
    info: &Info,
    limit: &ClientLimit,
    interval: Result<Interval<'_>, String>,
) {
    memory::measure(draft, info);
    clients::measure(draft, info, limit);
    rates::measure(draft, info, interval);
}

/// The gap of a signal whose field this server does not have.
fn missing(draft: &mut SourceResultBuilder, info: &Info, signal: &str, field: &str) {
    draft.gap(signal, Reason::NotApplicable, format!("{} has no {field} in INFO", info.product()), None);
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        snapshot::{Observation, SourceReport, SourceResult, Status},
        source::redis::{NAME, info::tests::RECORDED},
    };

    fn reading(before: &Info, after: &Info, seconds: f64) -> SourceResult {
        let mut draft = SourceResultBuilder::new(NAME, DateTime::UNIX_EPOCH);
        let limit = after.count("maxclients").ok_or_else(|| crate::source::redis::unexpected_reply("none"));
        all(&mut draft, after, &limit, Interval::new(before, after, seconds));
        let report = SourceReport {
            source: NAME.to_owned(),
            address: String::new(),
            status: Status::Answered,
            version: None,
            notes: Vec::new(),
            hint: None,
        };
        draft.finish(report)
    }

    fn info(fields: &str) -> Info {
        Info::parse(&format!("redis_version:7.0\n{fields}")).unwrap()
    }

    /// What a server gives whose answer is the same twice.
    pub(super) fn measured(fields: &str) -> SourceResult {
        reading(&info(fields), &info(fields), 1.0)
    }

    #[track_caller]
    pub(super) fn observed<'a>(reading: &'a SourceResult, signal: &str) -> &'a Observation {
        reading.observations.iter().find(|observation| observation.signal.as_str() == signal).unwrap()
    }

    #[track_caller]
    fn gap(reading: &SourceResult, signal: &str) -> Reason {
        reading.gaps.iter().find(|gap| gap.signal.as_str() == signal).unwrap().reason
    }

    #[test]
    fn every_recorded_version_gives_every_signal_or_says_why_not() {
        for (product, text) in RECORDED {
            let info = Info::parse(text).unwrap();
            let reading = reading(&info, &info, 1.0);
            for signal in ["redis.memory", "redis.ops", "redis.evictions", "redis.blocked_clients"] {
                observed(&reading, signal);
            }
            assert_eq!(observed(&reading, "redis.memory").attributes["maxmemory_policy"], "noeviction");
            assert_eq!(gap(&reading, "redis.hit_ratio"), Reason::Empty, "{product}");
            assert_eq!(gap(&reading, "redis.fragmentation"), Reason::NotApplicable, "{product}");
        }
    }

    #[test]
    fn rates_are_the_difference_over_time() {
        let before = info(
            "run_id:a\nuptime_in_seconds:9\nevicted_keys:100\ntotal_commands_processed:7\nkeyspace_hits:10\nkeyspace_misses:5",
        );
        let after = info(
            "run_id:a\nuptime_in_seconds:11\nevicted_keys:150\ntotal_commands_processed:9\nkeyspace_hits:70\nkeyspace_misses:45",
        );
        let reading = reading(&before, &after, 2.0);
        assert_eq!(observed(&reading, "redis.evictions").values.values(), [25.0]);
        assert_eq!(observed(&reading, "redis.hit_ratio").values.values(), [0.6]);
        assert_eq!(gap(&reading, "redis.rejected_connections"), Reason::NotApplicable);
    }

    #[test]
    fn few_lookups_are_told_as_cumulative() {
        let reading = measured("uptime_in_seconds:600\nkeyspace_hits:900\nkeyspace_misses:100");
        let ratio = observed(&reading, "redis.hit_ratio");
        assert_eq!(ratio.values.values(), [0.9]);
        assert!(ratio.notes[0].contains("10 min"), "{:?}", ratio.notes);
    }

    #[test]
    fn a_restart_or_a_reset_gives_no_rate() {
        let first = info("run_id:a\nuptime_in_seconds:100\nevicted_keys:5");
        for after in [
            "run_id:b\nuptime_in_seconds:101\nevicted_keys:9",
            "run_id:a\nuptime_in_seconds:101\nevicted_keys:4",
        ] {
            assert_eq!(gap(&reading(&first, &info(after), 1.0), "redis.evictions"), Reason::TooFewSamples);
        }
    }

    #[test]
    fn clients_are_a_share_of_their_slots() {
        let reading = measured("connected_clients:30\nmaxclients:40\nblocked_clients:2");
        assert_eq!(observed(&reading, "redis.clients").values.values(), [0.75]);
        assert_eq!(gap(&measured("connected_clients:30"), "redis.clients"), Reason::UnexpectedReply);
    }
}
