//! wrk's page. Each figure has a unit of its own; percentiles are there with `--latency` only.
//!
//! An answer that takes longer than `--timeout` is among the requests and the timeouts, and not among the latencies.

use super::{
    LoadTest, LoadTestError, Note, Run,
    input::{Input, whole},
    metric,
};

/// The tool's name.
pub(super) const TOOL: &str = "wrk";

/// Whether it is the page, or its complaint.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.first_line.starts_with("Running ") && input.first_line.contains(" test @ ")
}

/// What the page counts beside its latencies.
#[derive(Debug, Default)]
struct Counts {
    answers: Option<u64>,
    /// Connections that were refused or cut, each with a request.
    lost: u64,
    timeouts: u64,
    bad: u64,
    complete: bool,
}

/// Reads the page.
pub(super) fn read(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let text = input.into_text()?;
    let (mut run, mut counts) = (Run::default(), Counts::default());
    for line in text.lines() {
        read_line(&mut run, &mut counts, line);
    }
    if !counts.complete {
        return Err(LoadTestError::Truncated { line: text.lines().count() });
    }
    let missing = LoadTestError::Missing { tool: TOOL, what: "the number of requests" };
    let requests = counts.answers.ok_or(missing)?.saturating_add(counts.lost);
    let late = counts.timeouts.min(counts.answers.unwrap_or(0));
    let most = counts.bad.saturating_add(counts.lost).saturating_add(late).min(requests);
    if late > 0 && counts.bad > 0 {
        run.notes.push(Note::Overlapping { fewest: counts.bad.max(late) + counts.lost, most });
    }
    if late > 0 {
        run.notes.push(Note::LateAnswers { answers: late });
    }
    if counts.lost > 0 {
        run.notes.push(Note::WithoutAnswer { requests: counts.lost });
    }
    if run.metrics.keys().all(|name| !name.starts_with("latency")) {
        run.notes.push(Note::NoLatency);
    }
    (run.requests, run.failed) = (Some(requests), Some(most));
    LoadTest::single(TOOL, None, run)
}

fn read_line(run: &mut Run, counts: &mut Counts, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [_, "threads", "and", connections, "connections"] => run.concurrency = connections.parse().ok(),
        // Without a latency its spread is nan, and its mean a zero that was never measured.
        ["Latency", .., spread] if spread.contains("nan") => {}
        ["Latency", mean, _, max, ..] if mean.contains(|sign: char| sign.is_ascii_digit()) => {
            run.duration(metric::LATENCY_MEAN, seconds(mean), 1.0);
            run.duration(metric::LATENCY_MAX, seconds(max), 1.0);
        }
        [level, time] if level.ends_with('%') => percentile(run, level, time),
        [count, "requests", "in", ..] => counts.answers = count.parse().ok(),
        ["Socket", "errors:", kinds @ ..] => socket_errors(counts, kinds),
        ["Non-2xx", "or", "3xx", "responses:", count] => counts.bad = counted(count).unwrap_or(0),
        ["Requests/sec:", rate] => run.throughput(rate.parse().ok()),
        ["Transfer/sec:", ..] => counts.complete = true,
        _ => {}
    }
}

/// `connect 0, read 8, write 0, timeout 3`.
fn socket_errors(counts: &mut Counts, kinds: &[&str]) {
    (counts.lost, counts.timeouts) = (0, 0);
    for pair in kinds.chunks(2) {
        if let [kind, count] = pair {
            let count = counted(count).unwrap_or(0);
            let counter = if *kind == "timeout" { &mut counts.timeouts } else { &mut counts.lost };
            *counter = counter.saturating_add(count);
        }
    }
}

fn percentile(run: &mut Run, level: &str, time: &str) {
    let level = level.trim_end_matches('%').parse::<f64>().ok().and_then(|level| whole(level * 1e3));
    let statistic = match level {
        Some(50_000) => "p50",
        Some(90_000) => "p90",
        Some(95_000) => "p95",
        Some(99_000) => "p99",
        _ => return,
    };
    // Without a latency all percentiles are zero.
    run.duration(&metric::latency(statistic), seconds(time).filter(|seconds| *seconds > 0.0), 1.0);
}

fn counted(word: &str) -> Option<u64> {
    word.trim_end_matches(',').parse().ok()
}

/// `635.91us`, `5.19ms`, `1.02s`, `1.50m`, `0.50h`.
fn seconds(text: &str) -> Option<f64> {
    let units = [("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    units.iter().find_map(|(unit, scale)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loadtest::tests::{case, fixture, near, read_text};

    #[test]
    fn units_are_read() {
        for (text, expected) in [("635.91us", 635.91e-6), ("5.00ms", 5e-3), ("1.02s", 1.02), ("1.50m", 90.0)]
        {
            assert!((seconds(text).unwrap() - expected).abs() < 1e-12, "{text}");
        }
        assert_eq!((seconds("fast"), seconds("12")), (None, None));
    }

    #[test]
    fn the_page_is_read() {
        let run = read_text(&fixture("wrk_mixed.txt")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(3056), Some(597), Some(8.0)));
        near(&run, "latency_mean", 0.005_23);
        near(&run, "latency_max", 0.0103);
        near(&run, "latency_p99", 0.008_09);
        near(&run, "throughput", 1526.29);
        assert!(!run.metrics.contains_key("latency_p95"));
    }

    #[test]
    fn failures_are_counted() {
        let all_failed = LoadTestError::AllFailed { requests: 770, what: "requests" };
        assert_eq!(read_text(&fixture("wrk_bad.txt")), Err(all_failed));
        let page = fixture("wrk_ok.txt");
        let before = read_text(&page).unwrap().runs.remove(0);
        let errors = "  Socket errors: connect 1, read 2, write 3, timeout 4\nRequests/sec";
        let run = read_text(&page.replace("Requests/sec", errors)).unwrap().runs.remove(0);
        assert_eq!((run.failed, run.requests), (Some(10), before.requests.map(|requests| requests + 6)));
        assert!(run.notes.contains(&Note::LateAnswers { answers: 4 }), "{:?}", run.notes);
        assert!(run.notes.contains(&Note::WithoutAnswer { requests: 6 }), "{:?}", run.notes);
        let in_latencies = |note: &Note| matches!(note, Note::FailedInLatencies { .. });
        assert!(!run.notes.iter().any(in_latencies), "{:?}", run.notes);
    }

    #[test]
    fn late_answers_have_no_latency_and_are_no_further_requests() {
        let late = case("wrk-timeouts/cand0.txt");
        assert_eq!(late, Err(LoadTestError::AllFailed { requests: 8, what: "requests" }));
        let page = fixture("wrk_ok.txt");
        let page = page
            .replace("Requests/sec", "  Socket errors: connect 0, read 0, write 0, timeout 4\nRequests/sec");
        let line = page.lines().find(|line| line.trim_start().starts_with("Latency ")).unwrap().to_owned();
        let run =
            read_text(&page.replace(&line, "    Latency     0.00us    0.00us   0.00us     nan%")).unwrap();
        assert!(!run.runs[0].metrics.contains_key("latency_mean"), "{:?}", run.runs[0]);
        near(&case("wrk-timeouts/base0.txt").unwrap().runs[0], "latency_mean", 0.35);
    }

    #[test]
    fn half_a_page_is_noticed() {
        let text = fixture("wrk_ok.txt");
        let half = &text[..text.find("Requests/sec").unwrap() + 18];
        assert!(matches!(read_text(half), Err(LoadTestError::Truncated { .. })));
    }
}
