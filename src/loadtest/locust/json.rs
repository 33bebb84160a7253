//! `--json`: an entry for each address, without totals and without percentiles. Both are made here, the percentiles
//! from the counts by rounded milliseconds.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{MILLISECOND, TOOL};
use crate::loadtest::{
    LoadTest, LoadTestError, Run,
    input::{Input, count, number, whole},
    metric,
};

/// Whether it is a list of such entries.
pub(in crate::loadtest) fn recognise(input: &Input<'_>) -> bool {
    let first = input.json.as_array().and_then(|entries| entries.first());
    first.is_some_and(|entry| entry.get("num_requests").is_some() && entry.get("response_times").is_some())
}

/// Adds up the entries.
pub(in crate::loadtest) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let entries: Vec<&Value> = input.json.as_array().into_iter().flatten().collect();
    let sum =
        |name: &str| entries.iter().filter_map(|entry| count(entry, &[name])).fold(0, u64::saturating_add);
    let every = |name: &str| entries.iter().filter_map(|entry| number(entry, &[name])).collect::<Vec<f64>>();
    let requests = sum("num_requests");
    let mut run = Run { requests: Some(requests), failed: Some(sum("num_failures")), ..Run::default() };
    let timed = requests.saturating_sub(sum("num_none_requests"));
    let total: f64 = every("total_response_time").iter().sum();
    run.latency(metric::LATENCY_MEAN, (timed > 0).then(|| total / timed as f64), MILLISECOND);
    let slowest = every("max_response_time").into_iter().reduce(f64::max);
    run.latency(metric::LATENCY_MAX, slowest.filter(|_| timed > 0), MILLISECOND);
    let times = times(&entries);
    for (level, name) in [
        (0.5, metric::LATENCY_P50),
        (0.9, metric::LATENCY_P90),
        (0.95, metric::LATENCY_P95),
        (0.99, metric::LATENCY_P99),
    ] {
        run.latency(name, percentile(&times, level), MILLISECOND);
    }
    let first = every("start_time").into_iter().reduce(f64::min);
    let last = every("last_request_timestamp").into_iter().reduce(f64::max);
    let seconds = last.zip(first).map(|(last, first)| last - first).filter(|seconds| *seconds > 0.0);
    run.throughput(seconds.map(|seconds| requests as f64 / seconds));
    LoadTest::of(TOOL, None, run)
}

/// How many answers took how many milliseconds.
fn times(entries: &[&Value]) -> BTreeMap<u64, u64> {
    let mut all = BTreeMap::new();
    for (time, answers) in entries.iter().filter_map(|entry| entry["response_times"].as_object()).flatten() {
        // Older versions write the keys as decimal fractions.
        let time = time.parse::<f64>().ok().and_then(|time| whole(time.round()));
        if let Some((time, answers)) = time.zip(answers.as_u64()) {
            let slot: &mut u64 = all.entry(time).or_default();
            *slot = slot.saturating_add(answers);
        }
    }
    all
}

/// The time of the answer of rank `⌈level n⌉`.
fn percentile(times: &BTreeMap<u64, u64>, level: f64) -> Option<f64> {
    let answers = times.values().fold(0, |sum: u64, count| sum.saturating_add(*count));
    let rank = whole((level * answers as f64 - 1e-9).ceil())?;
    let mut passed = 0_u64;
    times.iter().find_map(|(time, count)| {
        passed = passed.saturating_add(*count);
        (passed >= rank.max(1)).then_some(*time as f64)
    })
}
