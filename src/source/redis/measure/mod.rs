//! From the fields of `INFO` to signals.

mod memory;
mod rates;

use super::info::Info;
use crate::{
    signal::Unit,
    snapshot::{Reason, Unavailable},
    source::result_builder::SourceResultBuilder,
};
pub(super) use rates::Interval;

/// A limit of the server, or why it is not known.
pub(super) type Limit = Result<u64, Unavailable>;

/// What the server's figures are compared with.
pub(super) struct Limits {
    /// How many clients are let in at once.
    pub(super) clients: Limit,
    /// How many bytes the data may take; 0 is no limit.
    pub(super) memory: Limit,
}

/// Measures everything that `INFO` reports.
pub(super) fn all(
    draft: &mut SourceResultBuilder,
    info: &Info,
    limits: &Limits,
    interval: Result<Interval<'_>, String>,
) {
    memory::measure(draft, info, &limits.memory);
    clients(draft, info, &limits.clients);
    rates::measure(draft, info, interval);
}

/// The gap of a signal whose field this server does not have, or gives in a form of its own.
fn missing(draft: &mut SourceResultBuilder, info: &Info, signal: &str, field: &str) {
    if let Some(text) = info.text(field) {
        let text: String = text.chars().take(60).collect();
        let detail = format!("{} gives {field} as `{text}` in INFO, which is not a number", info.product());
        return draft.gap(signal, Reason::UnexpectedReply, detail, None);
    }
    draft.gap(signal, Reason::NotApplicable, format!("{} has no {field} in INFO", info.product()), None);
}

fn clients(draft: &mut SourceResultBuilder, info: &Info, limit: &Limit) {
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        snapshot::{Observation, SourceReport, SourceResult},
        source::redis::{NAME, info::tests::RECORDED},
    };

    fn reading(before: &Info, after: &Info, seconds: f64) -> SourceResult {
        let mut draft = SourceResultBuilder::new(NAME, DateTime::UNIX_EPOCH);
        let told = |field| after.count(field).ok_or_else(|| crate::source::redis::unexpected_reply("none"));
        let limits = Limits { clients: told("maxclients"), memory: told("maxmemory") };
        all(&mut draft, after, &limits, Interval::new(before, after, seconds));
        let report = SourceReport::answered(NAME, "");
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
    fn numbers_of_another_country_are_told_and_not_guessed() {
        let reading = measured("used_memory:100000000\nmaxmemory:200000000\nmem_fragmentation_ratio:1,40");
        let gap = reading.gaps.iter().find(|gap| gap.signal.as_str() == "redis.fragmentation").unwrap();
        assert!(gap.detail.contains("`1,40`"), "{}", gap.detail);
        let reading = measured("used_memory:1.054.058\nmaxmemory:200000000");
        assert!(reading.gaps.iter().any(|gap| gap.signal.as_str() == "redis.memory"));
    }

    #[test]
    fn clients_are_a_share_of_their_slots() {
        let reading = measured("connected_clients:30\nmaxclients:40\nblocked_clients:2");
        assert_eq!(observed(&reading, "redis.clients").values.values(), [0.75]);
        assert_eq!(gap(&measured("connected_clients:30"), "redis.clients"), Reason::UnexpectedReply);
    }
}
