//! Single answers, gathered into a run.

use super::{
    LoadTest, LoadTestError, Run, metric,
    seconds::{Seconds, dropped_note},
};
use crate::capacity::quantile::quantiles;

/// What a file of single answers told, in one pass.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// Times to answers in seconds.
    pub latencies: Vec<f64>,
    pub requests: u64,
    pub failed: u64,
    pub seconds: Seconds,
    /// The earliest and the latest moment, in seconds, where they are finer than seconds.
    span: Option<(f64, f64)>,
}

impl Samples {
    /// Something happened then.
    pub(super) fn moment(&mut self, time: f64) {
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
    }

    /// The run, and the loads within it.
    pub(super) fn load_test(mut self, tool: &'static str) -> Result<LoadTest, LoadTestError> {
        let mut run = Run { requests: Some(self.requests), failed: Some(self.failed), ..Run::default() };
        run.latency(metric::LATENCY_MEAN, mean(&self.latencies), 1.0);
        if let Some([p50, p90, p95, p99, max]) = quantiles(&mut self.latencies, [0.5, 0.9, 0.95, 0.99, 1.0]) {
            for (name, value) in [
                (metric::LATENCY_P50, p50),
                (metric::LATENCY_P90, p90),
                (metric::LATENCY_P95, p95),
                (metric::LATENCY_P99, p99),
                (metric::LATENCY_MAX, max),
            ] {
                run.latency(name, Some(value), 1.0);
            }
        }
        let span = self.span.map(|(first, last)| last - first).filter(|span| *span > 0.0);
        let throughput = span.map(|span| self.requests as f64 / span).or_else(|| self.seconds.throughput());
        run.throughput(throughput);
        if throughput.is_none() {
            run.notes
                .push("the test was too short for a throughput: its times are in whole seconds".to_owned());
        }
        run.concurrency = self.seconds.steady();
        let (steps, dropped) = self.seconds.steps();
        let changed = run.concurrency.is_none();
        run.notes.extend(dropped_note(dropped).filter(|_| changed));
        let mut test = LoadTest::of(tool, None, run)?;
        test.steps = if changed { steps } else { Vec::new() };
        Ok(test)
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The second that a moment falls into.
#[expect(clippy::cast_possible_truncation, reason = "times of this millennium are small")]
pub(super) fn second(time: f64) -> i64 {
    time.floor() as i64
}
