//! Locust: statistics and their history as CSV, and `--json`.

pub(super) mod history;
pub(super) mod json;
pub(super) mod stats;

/// The tool's name.
pub(super) const TOOL: &str = "Locust";

/// Locust counts time in milliseconds.
const MILLISECOND: f64 = 1e-3;

#[cfg(test)]
mod tests {
    use crate::loadtest::{
        LoadTestError, Step, read,
        tests::{fixture, near},
    };

    #[test]
    fn statistics_are_the_row_of_all() {
        let run = read(&fixture("locust_2.47_stats.csv")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(441), Some(91), None));
        near(&run, "latency_p95", 0.021);
        near(&run, "latency_mean", 0.012_798_441_224_486_085);
        near(&run, "throughput", 62.967_909_239_838_61);
        let text = fixture("locust_2.47_stats.csv");
        let cut = &text[..text.find(",Aggregated").unwrap()];
        assert!(matches!(read(cut), Err(LoadTestError::Missing { .. })), "the row of all is missing");
        assert!(matches!(read(text.trim_end()), Err(LoadTestError::Truncated { .. })));
        let null =
            text.replace(",12,15,18,19,21,21,23,24,92,92,92", ",N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A");
        assert!(!read(&null).unwrap().runs[0].metrics.contains_key("latency_p95"));
    }

    #[test]
    fn entries_are_added_up() {
        let run = read(&fixture("locust_2.47_stats.json")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(481), Some(100)));
        near(&run, "latency_mean", (4_792.123_482_000_534 + 1_300.069_024_999_629_6) / 481.0 / 1e3);
        near(&run, "latency_max", 0.092_248_033_000_032_59);
        near(&run, "latency_p50", 0.012);
        near(&run, "latency_p95", 0.021);
        assert_eq!(read("[]"), Err(LoadTestError::Unknown));
    }

    #[test]
    fn the_history_tells_each_load() {
        let run = read(&fixture("locust_2.47_stats_history.csv")).unwrap();
        assert_eq!((run.runs[0].concurrency, run.steps.len()), (Some(4.0), 0), "a load that did not change");
        let mut text = fixture("locust_2.47_stats_history.csv").lines().next().unwrap().to_owned();
        let mut total = 0;
        for second in 0..12 {
            let users = 2 * (1 + second / 4);
            total += 10 * users;
            let row = format!("\n{second},{users},,Aggregated,0,0,1,1,1,1,1,1,1,1,1,1,1,{total},0,1,1,1,1,1");
            text.push_str(&row);
        }
        let test = read(&(text + "\n")).unwrap();
        let step = |concurrency: f64, seconds| Step { concurrency, throughput: concurrency * 10.0, seconds };
        assert_eq!(test.steps, [step(2.0, 3), step(4.0, 4), step(6.0, 3)]);
        assert_eq!(test.runs[0].concurrency, None);
    }

    #[test]
    fn lists_of_failures_are_no_result() {
        assert!(matches!(read(&fixture("locust_2.47_failures.csv")), Err(LoadTestError::Unsupported(_))));
    }
}
