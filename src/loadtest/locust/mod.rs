//! Locust: statistics and their history as CSV, and `--json`.
//!
//! With `--reset-stats` all counters begin anew when the last user has started.

mod totals;

use std::collections::BTreeMap;

use serde_json::Value;

use self::totals::Totals;
use super::{
    LoadTest, LoadTestError, Note, Run,
    input::{Input, Source, count, number, whole},
    metric,
    samples::second,
    seconds::{SHORTEST_STEP, Seconds},
};
use crate::tabular::{DecimalSign, Rows};

/// The tool's name.
pub(super) const TOOL: &str = "Locust";

/// Locust counts time in milliseconds.
const MILLISECOND: f64 = 1e-3;
/// The name of the row of all requests; it was another one before version 1.
const TOTALS: [&str; 2] = ["Aggregated", "Total"];

/// Whether the first line names the columns of `_stats.csv`.
pub(super) fn is_statistics(input: &Input<'_>) -> bool {
    input.names(&["Type", "Name", "Request Count", "Failure Count"])
}

/// Reads the row of all requests. Locust writes it now and then, not at the end: the last second may be missing.
pub(super) fn read_statistics(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut rows = input.into_rows()?;
    let (kind, name) = (rows.column("Type"), rows.column("Name"));
    let mut found: Option<Run> = None;
    let mut repeats = 0;
    while rows.advance()? {
        if !rows.bytes(kind).is_empty() || !TOTALS.contains(&rows.text(name).as_ref()) {
            continue;
        }
        let totals = totals(&rows)?;
        match &found {
            Some(before) if *before == totals => repeats += 1,
            Some(_) => {
                let message = "a second row of all requests: the file holds several runs".to_owned();
                return Err(LoadTestError::Broken { line: rows.line(), message });
            }
            None => found = Some(totals),
        }
    }
    let mut run = found.ok_or(LoadTestError::Missing { tool: TOOL, what: "the row `Aggregated`" })?;
    if repeats > 0 {
        run.notes.push(Note::RepeatedRows { rows: repeats });
    }
    if !rows.ends_with_line_break() {
        run.notes.push(Note::UnterminatedRow);
    }
    LoadTest::single(TOOL, None, run)
}

fn totals(rows: &Rows<Source<'_>>) -> Result<Run, LoadTestError> {
    // Before version 1 the names had a `#`, and the rates none of their own.
    let figure = |names: [&str; 2]| {
        let column = names.into_iter().find_map(|name| rows.column(name));
        if rows.bytes(column) == b"N/A" { Ok(None) } else { rows.number(column, DecimalSign::Point) }
    };
    let requests = figure(["Request Count", "# requests"])?.and_then(whole);
    let failed = figure(["Failure Count", "# failures"])?.and_then(whole);
    if requests.is_none() || failed.is_none() {
        return Err(LoadTestError::Missing { tool: TOOL, what: "a count of requests or failures" });
    }
    let mut run = Run { requests, failed, ..Run::default() };
    run.throughput(figure(["Requests/s", "Requests/s"])?);
    for (theirs, ours) in [
        ("Average Response Time", "mean"),
        ("50%", "p50"),
        ("90%", "p90"),
        ("95%", "p95"),
        ("99%", "p99"),
        ("Max Response Time", "max"),
    ] {
        run.duration(&metric::latency(ours), figure([theirs, theirs])?, MILLISECOND);
    }
    Ok(run)
}

/// Whether the first line names the columns of `_stats_history.csv`.
pub(super) fn is_history(input: &Input<'_>) -> bool {
    input.names(&["Timestamp", "User Count", "Total Request Count"])
}

/// Reads the rows of all requests: the totals second by second, with the number of users. The rates of the file are
/// means over the last ten seconds, which smear one load into the next; the differences of the totals do not.
pub(super) fn read_history(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut rows = input.into_rows()?;
    let [name, time, users, total, failures, mean, shortest, longest] = [
        "Name",
        "Timestamp",
        "User Count",
        "Total Request Count",
        "Total Failure Count",
        "Total Average Response Time",
        "Total Min Response Time",
        "Total Max Response Time",
    ]
    .map(|name| rows.column(name));
    let (mut seconds, mut run) = (Seconds::default(), Run { requests: Some(0), ..Run::default() });
    let mut history = Totals::default();
    while rows.advance()? {
        if !TOTALS.contains(&rows.text(name).as_ref()) {
            continue;
        }
        let figure = |column| rows.number(column, DecimalSign::Point);
        let missing =
            || LoadTestError::Broken { line: rows.line(), message: "no time or no total".to_owned() };
        let (at, all) = figure(time)?.zip(figure(total)?.and_then(whole)).ok_or_else(missing)?;
        let at = second(at);
        if let Some(message) = history.disorder(at) {
            return Err(LoadTestError::Broken { line: rows.line(), message: message.to_owned() });
        }
        let times = if all > 0 { figure(shortest)?.zip(figure(longest)?) } else { None };
        if history.is_reset(all, times) {
            seconds = Seconds::default();
        }
        seconds.answers(at, history.answers(at, all));
        if let Some(users) = figure(users)? {
            seconds.users(at, users);
        }
        run.requests = Some(all);
        run.failed = figure(failures)?.and_then(whole);
        run.duration(metric::LATENCY_MEAN, figure(mean)?, MILLISECOND);
    }
    if history.resets > 0 {
        run.notes.push(Note::StatisticsReset { times: history.resets, requests: history.left_out });
    }
    if rows.repeats() > 0 {
        run.notes.push(Note::RepeatedRows { rows: rows.repeats() });
    }
    if !rows.ends_with_line_break() {
        run.notes.push(Note::UnterminatedRow);
    }
    let batches = history.batches();
    if let Some(batches) = batches {
        run.notes.push(Note::CountedInBatches { seconds: batches.seconds });
    }
    let throughput = batches.map_or_else(|| seconds.throughput(), |batches| batches.per_second);
    if throughput.is_none() {
        run.notes.push(Note::CoarseTimes);
    }
    run.throughput(throughput);
    run.concurrency = seconds.steady();
    let mut steps = Vec::new();
    if run.concurrency.is_none() && batches.is_none() {
        let (held, dropped) = seconds.steps();
        steps = held;
        if dropped > 0 {
            run.notes.push(Note::ShortSteps { loads: dropped, minimum_seconds: SHORTEST_STEP });
        }
    }
    let mut test = LoadTest::single(TOOL, None, run)?;
    test.steps = steps;
    Ok(test)
}

/// Whether it is the list that `--json` writes: an entry for each address.
pub(super) fn is_json(input: &Input<'_>) -> bool {
    let first = input.json.as_array().and_then(|entries| entries.first());
    first.is_some_and(|entry| entry.get("num_requests").is_some() && entry.get("response_times").is_some())
}

/// Adds up the entries, which have no totals and no percentiles. Both are made here, the percentiles from the counts by
/// rounded milliseconds.
pub(super) fn read_json(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let json = input.into_json();
    let entries: Vec<&Value> = json.as_array().into_iter().flatten().collect();
    let sum =
        |name: &str| entries.iter().filter_map(|entry| count(entry, &[name])).fold(0, u64::saturating_add);
    let every = |name: &str| entries.iter().filter_map(|entry| number(entry, &[name])).collect::<Vec<f64>>();
    let requests = sum("num_requests");
    let mut run = Run { requests: Some(requests), failed: Some(sum("num_failures")), ..Run::default() };
    let timed = requests.saturating_sub(sum("num_none_requests"));
    let total: f64 = every("total_response_time").iter().sum();
    run.duration(metric::LATENCY_MEAN, (timed > 0).then(|| total / timed as f64), MILLISECOND);
    let slowest = every("max_response_time").into_iter().reduce(f64::max);
    run.duration(metric::LATENCY_MAX, slowest.filter(|_| timed > 0), MILLISECOND);
    let times = times(&entries);
    for (level, statistic) in [(0.5, "p50"), (0.9, "p90"), (0.95, "p95"), (0.99, "p99")] {
        run.duration(&metric::latency(statistic), percentile(&times, level), MILLISECOND);
    }
    let first = every("start_time").into_iter().reduce(f64::min);
    let last = every("last_request_timestamp").into_iter().reduce(f64::max);
    let seconds = last.zip(first).map(|(last, first)| last - first).filter(|seconds| *seconds > 0.0);
    run.throughput(seconds.map(|seconds| requests as f64 / seconds));
    repeated_entries(&entries, &mut run);
    LoadTest::single(TOOL, None, run)
}

/// Notes entries of one address that are there twice.
fn repeated_entries(entries: &[&Value], run: &mut Run) {
    let name = |entry: &Value| (entry["method"].to_string(), entry["name"].to_string());
    let mut names: Vec<_> = entries.iter().map(|entry| name(entry)).collect();
    names.sort();
    let before = names.len();
    names.dedup();
    if names.len() < before {
        run.notes.push(Note::RepeatedRows { rows: (before - names.len()) as u64 });
    }
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

/// Whether it is one of the other files that Locust writes beside.
pub(super) fn is_other(input: &Input<'_>) -> bool {
    input.names(&["Error", "Occurrences"]) || input.names(&["Count", "Message", "Traceback"])
}

/// Says which file is read.
pub(super) fn refuse_other(_: Input<'_>) -> Result<LoadTest, LoadTestError> {
    Err(LoadTestError::Unsupported(
        "it is Locust's list of failures or exceptions; the results are in _stats.csv next to it",
    ))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::loadtest::{
        Step,
        tests::{fixture, near, read_text},
    };

    #[test]
    fn statistics_are_the_row_of_all() {
        let run = read_text(&fixture("locust_2.47_stats.csv")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(441), Some(91), None));
        near(&run, "latency_p95", 0.021);
        near(&run, "latency_mean", 0.012_798_441_224_486_085);
        near(&run, "throughput", 62.967_909_239_838_61);
        let text = fixture("locust_2.47_stats.csv");
        let cut = &text[..text.find(",Aggregated").unwrap()];
        assert!(matches!(read_text(cut), Err(LoadTestError::Missing { .. })), "the row of all is missing");
        let unterminated = read_text(text.trim_end()).unwrap();
        assert!(unterminated.runs[0].notes.contains(&Note::UnterminatedRow), "the last figure may be cut");
        let null =
            text.replace(",12,15,18,19,21,21,23,24,92,92,92", ",N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A");
        assert!(!read_text(&null).unwrap().runs[0].metrics.contains_key("latency_p95"));
    }

    #[test]
    fn entries_are_added_up() {
        let run = read_text(&fixture("locust_2.47_stats.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(481), Some(100)));
        near(&run, "latency_mean", (4_792.123_482_000_534 + 1_300.069_024_999_629_6) / 481.0 / 1e3);
        near(&run, "latency_max", 0.092_248_033_000_032_59);
        near(&run, "latency_p50", 0.012);
        near(&run, "latency_p95", 0.021);
        assert_eq!(read_text("[]"), Err(LoadTestError::Unknown));
    }

    /// A history with so many requests in each second.
    fn history(seconds: impl IntoIterator<Item = (u32, u32)>) -> String {
        let mut text = fixture("locust_2.47_stats_history.csv").lines().next().unwrap().to_owned();
        for (second, (users, total)) in seconds.into_iter().enumerate() {
            let _ =
                write!(text, "\n{second},{users},,Aggregated,0,0,1,1,1,1,1,1,1,1,1,1,1,{total},0,1,1,1,1,1");
        }
        text + "\n"
    }

    #[test]
    fn the_history_has_each_load() {
        let run = read_text(&fixture("locust_2.47_stats_history.csv")).unwrap();
        assert_eq!((run.runs[0].concurrency, run.steps.len()), (Some(4.0), 0), "a load that did not change");
        let mut total = 0;
        let rising = (0..12).map(|second| {
            let users = 2 * (1 + second / 4);
            total += 10 * users;
            (users, total)
        });
        let test = read_text(&history(rising)).unwrap();
        let step = |concurrency: f64, seconds| Step { concurrency, throughput: concurrency * 10.0, seconds };
        assert_eq!(test.steps, [step(2.0, 3), step(4.0, 4), step(6.0, 3)]);
        assert_eq!(test.runs[0].concurrency, None);
    }

    #[test]
    fn statistics_that_are_reset_begin_anew() {
        let before = (1..=3).map(|second| (second, second * 7));
        let after = (1..=10).map(|second| (4, second * 20));
        let run = read_text(&history(before.chain(after))).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.concurrency), (Some(200), Some(4.0)));
        near(&run, "throughput", 20.0);
        assert!(run.notes.contains(&Note::StatisticsReset { times: 1, requests: 21 }), "{:?}", run.notes);
    }

    #[test]
    fn a_reset_is_seen_even_where_the_totals_have_passed_the_old_ones() {
        let mut text = history([(4, 30), (4, 60), (4, 90), (4, 120), (4, 150), (4, 180)]);
        // The slowest answer so far took 9 ms; after the reset none took longer than 1.
        for total in ["30", "60"] {
            text = text.replace(&format!(",{total},0,1,1,1,1,1\n"), &format!(",{total},0,1,1,1,9,1\n"));
        }
        let run = read_text(&text).unwrap().runs.remove(0);
        assert!(run.notes.contains(&Note::StatisticsReset { times: 1, requests: 60 }), "{:?}", run.notes);
    }

    #[test]
    fn lists_of_failures_are_no_result() {
        assert!(matches!(
            read_text(&fixture("locust_2.47_failures.csv")),
            Err(LoadTestError::Unsupported(_))
        ));
    }
}
