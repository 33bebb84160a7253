//! What every tool's output comes to.

use std::collections::BTreeMap;

use super::{LoadTestError, Note, metric};

/// A file that a load test wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadTest {
    /// The tool as people call it, or `CSV`.
    pub tool: &'static str,
    /// Its version, where it writes that.
    pub version: Option<String>,
    /// One run; of a CSV, a run for each row. Never empty.
    pub runs: Vec<Run>,
    /// Loads held one after the other within the one run, ascending. Empty where the load did not change.
    pub steps: Vec<Step>,
}

/// One run of a load test.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// Figures by name. What was not measured is not there.
    pub metrics: BTreeMap<String, Measure>,
    /// The batch it belongs to, where the file says: runs of one batch were made together.
    pub batch: Option<String>,
    /// How many requests were made, answered or not.
    pub requests: Option<u64>,
    /// How many of them failed: no answer, or a status of 400 and above.
    pub failed: Option<u64>,
    /// How many users, or connections, were at work all the time. `None` for a load that changed.
    pub concurrency: Option<f64>,
    /// The tool's own pass limits.
    pub thresholds: Vec<Threshold>,
    /// What a reader of the figures should know.
    pub notes: Vec<Note>,
}

/// A figure with its unit. Always finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// The figure in its own unit.
    pub value: f64,
    /// The unit.
    pub unit: MeasureUnit,
}

/// What figures of load tests are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureUnit {
    /// `seconds`
    Seconds,
    /// `ms`
    Milliseconds,
    /// `us`
    Microseconds,
    /// `ns`
    Nanoseconds,
    /// `1/s`
    PerSecond,
    /// `ratio`: 1 is all of it.
    Ratio,
    /// `percent`
    Percent,
    /// `bytes`
    Bytes,
    /// A plain number: no unit is known.
    Plain,
}

impl MeasureUnit {
    /// The name in JSON and on pages; empty for plain numbers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Nanoseconds => "ns",
            Self::PerSecond => "1/s",
            Self::Ratio => "ratio",
            Self::Percent => "percent",
            Self::Bytes => "bytes",
            Self::Plain => "",
        }
    }
}

/// A pass limit of the tool, evaluated by the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// The limit in the tool's words, with its metric.
    pub name: String,
    /// Whether the run kept it.
    pub passed: bool,
}

/// A load that was held for a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Users, or connections, at work.
    pub concurrency: f64,
    /// Answers per second.
    pub throughput: f64,
    /// For how many seconds it was held.
    pub seconds: u64,
}

impl LoadTest {
    /// The loads of the file with the answers per second at each: held one after the other, or a run each.
    /// Empty where the file does not say how many users there were.
    pub fn points(&self) -> Vec<(f64, f64)> {
        let held = self.steps.iter().map(|step| (step.concurrency, step.throughput));
        let runs = self.runs.iter().filter_map(|run| run.concurrency.zip(run.answers_per_second()));
        if self.steps.is_empty() { runs.collect() } else { held.collect() }
    }

    /// One run of a tool.
    pub(super) fn single(
        tool: &'static str,
        version: Option<String>,
        run: Run,
    ) -> Result<Self, LoadTestError> {
        Ok(Self { tool, version, runs: vec![run.checked()?], steps: Vec::new() })
    }
}

impl Run {
    fn answers_per_second(&self) -> Option<f64> {
        metric::RATES.iter().find_map(|name| self.metrics.get(*name)).map(|measure| measure.value)
    }

    /// Adds a figure; one that was not measured, or is not finite, is left out.
    pub(super) fn add(&mut self, name: &str, value: Option<f64>, unit: MeasureUnit) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.metrics.insert(name.to_owned(), Measure { value, unit });
        }
    }

    /// Adds a duration that the tool counts in units of `scale` seconds.
    pub(super) fn duration(&mut self, name: &str, value: Option<f64>, scale: f64) {
        self.add(name, value.map(|value| value * scale), MeasureUnit::Seconds);
    }

    /// Adds the answers per second.
    pub(super) fn throughput(&mut self, value: Option<f64>) {
        self.add(metric::THROUGHPUT, value, MeasureUnit::PerSecond);
    }

    /// The run with its share of errors, unless it says nothing about the system.
    pub(super) fn checked(mut self) -> Result<Self, LoadTestError> {
        if self.requests == Some(0) {
            return Err(LoadTestError::NoRequests);
        }
        if let (Some(requests), Some(failed)) = (self.requests, self.failed) {
            if failed >= requests {
                return Err(LoadTestError::AllFailed { requests, what: "requests" });
            }
            let ratio = failed as f64 / requests as f64;
            self.add(metric::ERROR_RATIO, Some(ratio), MeasureUnit::Ratio);
            let latencies = self.metrics.keys().any(|name| name.starts_with("latency"));
            let failed = failed.saturating_sub(self.without_latency());
            if failed > 0 && latencies {
                self.notes.push(Note::FailedInLatencies { failed });
            }
        }
        Ok(self)
    }

    /// How many of the failed requests are in no latency.
    fn without_latency(&self) -> u64 {
        let left_out = self.notes.iter().map(|note| match note {
            Note::LateAnswers { answers } => *answers,
            Note::WithoutAnswer { requests } => *requests,
            _ => 0,
        });
        left_out.fold(0, u64::saturating_add)
    }
}
