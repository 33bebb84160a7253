//! The names of figures, and which way each gets worse.

/// Mean time to an answer.
pub const LATENCY_MEAN: &str = "latency_mean";
/// Median time to an answer.
pub const LATENCY_P50: &str = "latency_p50";
/// The time that nine of ten answers keep.
pub const LATENCY_P90: &str = "latency_p90";
/// The time that 19 of 20 answers keep.
pub const LATENCY_P95: &str = "latency_p95";
/// The time that 99 of 100 answers keep.
pub const LATENCY_P99: &str = "latency_p99";
/// The slowest answer.
pub const LATENCY_MAX: &str = "latency_max";
/// Answers per second, whatever they say.
pub const THROUGHPUT: &str = "throughput";
/// The share of requests that failed.
pub const ERROR_RATIO: &str = "error_ratio";

/// Which change of a figure is a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worse {
    /// More is worse, as for latencies and errors.
    WhenHigher,
    /// Less is worse, as for throughput.
    WhenLower,
}

/// Words for what went wrong.
const FAILURES: [&str; 8] =
    ["error", "errors", "failed", "failure", "failures", "timeouts", "rejected", "dropped"];
/// Words for work done in a second.
const RATES: [&str; 5] = ["throughput", "rps", "qps", "tps", "ops"];
/// Words for work, of which more in a second is better.
const WORK: [&str; 6] = ["requests", "reqs", "req", "queries", "transactions", "operations"];
/// Words for times that somebody waits.
const TIMES: [&str; 5] = ["latency", "latencies", "duration", "elapsed", "responsetime"];
/// Units of time at the end of a name.
const TIME_UNITS: [&str; 8] = ["ns", "us", "ms", "milliseconds", "microseconds", "sec", "secs", "seconds"];
/// Words for times of which more is not worse.
const GOOD_TIMES: [&str; 2] = ["uptime", "idle"];

/// Which way a figure gets worse, going by the words of its name: `p95_ms`, `checkout_latency`, `throughput_rps`.
/// Nothing where the name does not tell.
pub fn worse(name: &str) -> Option<Worse> {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let says = |known: &[&str]| words.iter().any(|word| known.contains(word));
    if says(&FAILURES) {
        Some(Worse::WhenHigher)
    } else if says(&RATES) || is_rate(&words) {
        Some(Worse::WhenLower)
    } else if words.iter().any(|word| is_percentile(word)) || says(&TIMES) || is_time(&words) {
        Some(Worse::WhenHigher)
    } else {
        None
    }
}

/// `requests_per_second`, `req/s`.
fn is_rate(words: &[&str]) -> bool {
    words.windows(2).any(|pair| WORK.contains(&pair[0]) && ["per", "s", "sec"].contains(&pair[1]))
}

/// `response_time`, `checkout_ms`; a time of which more is welcome is none, nor is what happens per second.
fn is_time(words: &[&str]) -> bool {
    let measured = match words {
        [.., before, unit] => TIME_UNITS.contains(unit) && *before != "per",
        _ => false,
    };
    let welcome = words.iter().any(|word| GOOD_TIMES.contains(word));
    measured && !welcome || words.windows(2).any(|pair| pair == ["response", "time"])
}

/// `p50`, `p99`, `p999`.
fn is_percentile(word: &str) -> bool {
    word.strip_prefix('p')
        .is_some_and(|rest| (2..=5).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_worse_goes_by_the_name() {
        let higher = "latency_p95 latency_max error_ratio p95_ms P95(ms) errors checkout_p999_s error_rps error_rate \
                      response_time responseTime duration checkout_ms gc_pause_seconds failed_requests_per_second";
        for name in higher.split(' ') {
            assert_eq!(worse(name), Some(Worse::WhenHigher), "{name}");
        }
        let lower = "throughput throughput_rps RPS qps ops requests_per_second req/s queries_per_sec rps_p50";
        for name in lower.split(' ') {
            assert_eq!(worse(name), Some(Worse::WhenLower), "{name}");
        }
        let unknown = "score heap_bytes p p1 power pages_p terrors ms uptime_seconds orders_per_sec requests";
        for name in unknown.split(' ') {
            assert_eq!(worse(name), None, "{name}");
        }
    }
}
