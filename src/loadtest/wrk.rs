//! wrk's page. Each figure has a unit of its own; percentiles are there with `--latency` only.

use super::{
    LoadTest, LoadTestError, Run,
    input::{Input, whole},
    metric,
};

/// The tool's name.
pub(super) const TOOL: &str = "wrk";

/// Whether it is the page, or its complaint.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.first_line.starts_with("Running ") && input.first_line.contains(" test @ ")
}

/// Reads the page.
pub(super) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut run = Run::default();
    let (mut answers, mut bad, mut lost, mut whole_page) = (None, 0, 0, false);
    for line in input.text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, "threads", "and", connections, "connections"] => run.concurrency = connections.parse().ok(),
            ["Latency", mean, _, max, ..] if mean.contains(|c: char| c.is_ascii_digit()) => {
                run.latency(metric::LATENCY_MEAN, seconds(mean), 1.0);
                run.latency(metric::LATENCY_MAX, seconds(max), 1.0);
            }
            [level, time] if level.ends_with('%') => percentile(&mut run, level, time),
            [count, "requests", "in", ..] => answers = count.parse().ok(),
            ["Socket", "errors:", rest @ ..] => lost = rest.iter().filter_map(|word| counted(word)).sum(),
            ["Non-2xx", "or", "3xx", "responses:", count] => bad = counted(count).unwrap_or(0),
            ["Requests/sec:", rate] => run.throughput(rate.parse().ok()),
            ["Transfer/sec:", ..] => whole_page = true,
            _ => {}
        }
    }
    if !whole_page {
        return Err(LoadTestError::Truncated { line: input.text.lines().count() });
    }
    let answers: u64 =
        answers.ok_or(LoadTestError::Missing { tool: TOOL, what: "the number of requests" })?;
    run.requests = Some(answers.saturating_add(lost));
    run.failed = Some(bad.saturating_add(lost));
    LoadTest::of(TOOL, None, run)
}

fn percentile(run: &mut Run, level: &str, time: &str) {
    let name = match level.trim_end_matches('%').parse::<f64>().ok().and_then(|level| whole(level * 1e3)) {
        Some(50_000) => metric::LATENCY_P50,
        Some(90_000) => metric::LATENCY_P90,
        Some(95_000) => metric::LATENCY_P95,
        Some(99_000) => metric::LATENCY_P99,
        _ => return,
    };
    run.latency(name, seconds(time), 1.0);
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
    use crate::loadtest::{
        read,
        tests::{fixture, near},
    };

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
        let run = read(&fixture("wrk_mixed.txt")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(3056), Some(597), Some(8.0)));
        near(&run, "latency_mean", 0.005_23);
        near(&run, "latency_max", 0.0103);
        near(&run, "latency_p99", 0.008_09);
        near(&run, "throughput", 1526.29);
        assert!(!run.metrics.contains_key("latency_p95"));
    }

    #[test]
    fn failures_are_told() {
        assert_eq!(read(&fixture("wrk_bad.txt")), Err(LoadTestError::AllFailed { requests: 770 }));
        let lost = fixture("wrk_ok.txt")
            .replace("Requests/sec", "  Socket errors: connect 1, read 2, write 3, timeout 4\nRequests/sec");
        assert_eq!(read(&lost).unwrap().runs[0].failed, Some(10));
    }

    #[test]
    fn half_a_page_is_told() {
        let text = fixture("wrk_ok.txt");
        let half = &text[..text.find("Requests/sec").unwrap() + 18];
        assert!(matches!(read(half), Err(LoadTestError::Truncated { .. })));
    }
}
