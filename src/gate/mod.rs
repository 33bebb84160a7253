//! The judgement between two builds: does the candidate carry less than the baseline?
//!
//! Pure: runs and a policy in, a report out. Every number is one value of one run; nothing is pooled from requests,
//! because requests of one run resemble each other. Absent evidence makes an outcome inconclusive, never a pass.

#![deny(clippy::disallowed_methods)]

mod absolute;
mod acknowledgement;
mod compare;
mod consequence;
mod error;
mod history;
mod judge;
mod metric;
mod names;
mod policy;
mod report;
mod run;
mod runs_needed;
mod saturation;
mod standing;
mod stored;
mod unit;

#[cfg(test)]
mod tests;

pub use error::GateError;
pub use judge::judge;
pub use names::{ERRORS, METRICS, REQUESTS, SATURATION, THROUGHPUT, metric_of_signal};
pub use policy::{Acknowledgement, Better, FailOn, Floor, GateConfig, Unsettled};
pub use report::*;
pub use run::{Baseline, Comparison, Objective, OwnThreshold, Profile, Run, Step, Value};
pub use standing::{Standing, StandingError};
pub use stored::{BASELINE_SCHEMA, Provenance, StoredBaseline, StoredError};
pub use unit::{quantity as value_quantity, text as value_text};
