//! Compares two builds: does the candidate carry less than the baseline?
//!
//! Pure: runs and a configuration in, a report out. Every number is one value of one run; nothing is pooled from
//! requests, because requests of one run resemble each other. Absent evidence makes an outcome inconclusive, never a
//! pass.

#![deny(clippy::disallowed_methods)]

mod baseline;
mod batches;
mod config;
mod consequence;
mod copies;
mod evaluate;
mod input;
mod limits;
mod metric_test;
mod metrics;
mod preconditions;
mod reason;
mod report;
mod runs_needed;
mod selection;
mod summary;

#[cfg(test)]
mod tests;

pub use baseline::{BASELINE_SCHEMA, BaselineError, Provenance, StoredBaseline};
pub use config::{Acknowledgement, Better, FailOn, Floor, GateConfig, OnInconclusive};
pub use copies::without_copies;
pub use evaluate::evaluate;
pub use input::{Baseline, Comparison, Objective, OwnThreshold, Profile, Run, Step, Value};
pub use metrics::{
    ERRORS, METRICS, REQUESTS, SATURATION, THROUGHPUT, metric_of_signal, title as metric_title,
    value_quantity,
};
pub use preconditions::GateError;
pub use reason::*;
pub use report::*;
pub use summary::{AssessmentSummary, SummaryError};
