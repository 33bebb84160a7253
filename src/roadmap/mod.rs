//! What was planned: a roadmap read from TOML into checked data, one file per section.
//!
//! Reading never stops at the first mistake: it gives back what it could read together with every
//! diagnostic, each with its place. A roadmap with an error is not used.

#![deny(clippy::disallowed_methods)]

mod action;
mod alert;
mod amount;
mod architecture;
mod benchmark;
mod builtin;
mod check;
mod component;
mod condition;
mod conditions;
mod contradiction;
mod cost;
mod decision;
mod deployment;
mod document;
mod effort;
mod implementation;
mod load;
mod load_test;
mod machine;
mod milestone;
mod phase;
mod playbook;
mod range;
mod recovery;
mod schedule;
pub(crate) mod schema;
mod statement;
mod thresholds;
mod value;

pub use action::{Action, Priority};
pub use alert::{Alert, Objective, Severity};
pub use amount::{Amount, Figure};
pub use architecture::{Architecture, Criterion, Outcomes};
pub use benchmark::Benchmark;
pub use builtin::{DEFAULT_PROFILE, builtin, builtin_ids};
pub use component::{Component, ScaleOn};
pub use condition::{Comparison, Condition, FactTest, FactValue, SignalTest};
pub use contradiction::Contradiction;
pub use cost::{CostItem, CostPoint};
pub use decision::{Decision, Timeline};
pub use deployment::{Deployment, Region};
pub use document::{Roadmap, read_roadmap};
pub use effort::Effort;
pub use implementation::Stage;
pub use load::Load;
pub use load_test::{Frequency, LoadTest};
pub use machine::{Machine, Size};
pub use milestone::Milestone;
pub use phase::Phase;
pub use playbook::Playbook;
pub use range::{Band, Range};
pub use recovery::Recovery;
pub use schedule::Schedule;
pub use schema::profile_schema;
pub use statement::Statement;
pub(crate) use thresholds::read_thresholds;
pub use thresholds::{DEFAULT_THRESHOLDS, Limit, Thresholds, default_thresholds};
pub(crate) use value::{fact_value, signal as signal_node, signal_named, system as system_node};

use check::named;

#[cfg(test)]
mod tests;
