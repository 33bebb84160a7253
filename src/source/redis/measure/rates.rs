//! What happens per second, from the difference of two answers.

use super::missing;
use crate::{
    signal::duration_text,
    snapshot::Reason,
    source::{redis::info::Info, result_builder::SourceResultBuilder},
};

/// With fewer lookups than this, a share of them is noise.
const ENOUGH_LOOKUPS: u64 = 100;

/// Two answers of the same server and the time between them.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Interval<'a> {
    before: &'a Info,
    after: &'a Info,
    seconds: f64,
}

impl<'a> Interval<'a> {
    /// The interval between two answers, unless the server was restarted or its counters were reset.
    pub(in super::super) fn new(before: &'a Info, after: &'a Info, seconds: f64) -> Result<Self, String> {
        let restarted = before.text("run_id") != after.text("run_id")
            || after.count("uptime_in_seconds") < before.count("uptime_in_seconds");
        if restarted {
            return Err("the server was restarted between the two samples".to_owned());
        }
        if seconds <= 0.0 {
            return Err("no time passed between the two samples".to_owned());
        }
        Ok(Self { before, after, seconds })
    }

    /// By how much a counter grew.
    fn growth(&self, field: &str) -> Result<u64, Lack> {
        let (Some(before), Some(after)) = (self.before.count(field), self.after.count(field)) else {
            return Err(Lack::NoField);
        };
        after.checked_sub(before).ok_or(Lack::Reset)
    }
}

enum Lack {
    NoField,
    Reset,
}

pub(super) fn measure(draft: &mut SourceResultBuilder, info: &Info, interval: Result<Interval<'_>, String>) {
    const RATES: [(&str, &str); 3] = [
        ("redis.ops", "total_commands_processed"),
        ("redis.evictions", "evicted_keys"),
        ("redis.rejected_connections", "rejected_connections"),
    ];
    for (signal, field) in RATES {
        match &interval {
            Ok(interval) => rate(draft, interval, signal, field),
            Err(why) => too_few(draft, signal, why),
        }
    }
    hit_ratio(draft, info, interval.ok());
}

fn rate(draft: &mut SourceResultBuilder, interval: &Interval<'_>, signal: &str, field: &str) {
    match interval.growth(field) {
        Ok(growth) => {
            let query = format!("INFO: {field} over {:.1} s", interval.seconds);
            draft.observe(signal, growth as f64 / interval.seconds, query);
        }
        Err(Lack::Reset) => too_few(draft, signal, &format!("{field} was reset between the two samples")),
        Err(Lack::NoField) => missing(draft, interval.after, signal, field),
    }
}

fn too_few(draft: &mut SourceResultBuilder, signal: &str, why: &str) {
    draft.gap(signal, Reason::TooFewSamples, why, Some("run it again"));
}

/// Hits among lookups over the interval if there were enough, else since the counters began.
fn hit_ratio(draft: &mut SourceResultBuilder, info: &Info, interval: Option<Interval<'_>>) {
    const SIGNAL: &str = "redis.hit_ratio";
    if let Some(interval) = interval
        && let (Ok(hits), Ok(misses)) = (interval.growth("keyspace_hits"), interval.growth("keyspace_misses"))
        && let Some(share) = share(hits, misses)
    {
        let query =
            format!("INFO: keyspace_hits / (keyspace_hits + keyspace_misses) over {:.1} s", interval.seconds);
        draft.observe(SIGNAL, share, query).note(format!("{} look-ups", hits.saturating_add(misses)));
        return;
    }
    let (Some(hits), Some(misses)) = (info.count("keyspace_hits"), info.count("keyspace_misses")) else {
        return missing(draft, info, SIGNAL, "keyspace_hits");
    };
    match share(hits, misses) {
        Some(share) => {
            draft
                .observe(SIGNAL, share, "INFO: keyspace_hits / (keyspace_hits + keyspace_misses), cumulative")
                .note(since(info));
        }
        None => draft.gap(
            SIGNAL,
            Reason::Empty,
            format!("only {} look-ups so far; {ENOUGH_LOOKUPS} are needed", hits.saturating_add(misses)),
            Some("run it while the system is in use"),
        ),
    }
}

fn share(hits: u64, misses: u64) -> Option<f64> {
    let lookups = hits.saturating_add(misses);
    (lookups >= ENOUGH_LOOKUPS).then(|| hits as f64 / lookups as f64)
}

fn since(info: &Info) -> String {
    let up = info.count("uptime_in_seconds").map(|up| duration_text(std::time::Duration::from_secs(up)));
    let up = up.unwrap_or_else(|| "an unknown time".to_owned());
    format!(
        "the interval had fewer than {ENOUGH_LOOKUPS} look-ups: this is the share since the counters began, at most {up} ago"
    )
}
