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

/// Which way a figure gets worse, going by the words of its name: `p95_ms`, `checkout_latency`, `throughput_rps`.
/// Nothing where the name does not tell.
pub fn worse(name: &str) -> Option<Worse> {
    let name = name.to_ascii_lowercase();
    let says =
        |words: &[&str]| name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| words.contains(&part));
    let percentile = name.split(|c: char| !c.is_ascii_alphanumeric()).any(is_percentile);
    if says(&["error", "errors", "failed", "failure", "failures"]) {
        Some(Worse::WhenHigher)
    } else if says(&["throughput", "rps", "qps", "tps"]) {
        Some(Worse::WhenLower)
    } else if percentile || says(&["latency", "duration"]) {
        Some(Worse::WhenHigher)
    } else {
        None
    }
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
        for name in
            [LATENCY_P95, LATENCY_MAX, ERROR_RATIO, "p95_ms", "errors", "checkout_p999_s", "error_rps"]
        {
            assert_eq!(worse(name), Some(Worse::WhenHigher), "{name}");
        }
        for name in [THROUGHPUT, "throughput_rps", "RPS"] {
            assert_eq!(worse(name), Some(Worse::WhenLower), "{name}");
        }
        for name in ["score", "heap_bytes", "p", "p1", "power", "pages_p", "terrors"] {
            assert_eq!(worse(name), None, "{name}");
        }
    }
}
