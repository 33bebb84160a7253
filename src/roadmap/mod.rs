//! The scaling roadmap, read from TOML into checked data: each file holds related sections.
//!
//! Reading never stops at the first error: it gives back what it could read together with every
//! diagnostic, each with its place. A roadmap with an error is not used.

#![deny(clippy::disallowed_methods)]

mod amount;
mod condition;
mod contradiction;
mod cost;
mod deployment;
mod document;
mod event;
mod llm_budget;
mod load;
mod milestone;
mod operations;
mod phase;
mod silence;
mod statement;
mod thresholds;
mod values;

pub use crate::signal::DefaultLimits as Limit;
pub use amount::{Amount, Band, Figure, Range};
pub use condition::{Comparison, Condition, FactTest, FactValue, SignalTest};
pub use contradiction::Contradiction;
pub use cost::{BilledMonth, CostItem, CostPoint, Price, PriceEntry, PriceOrigin};
pub(crate) use deployment::check_labels;
pub use deployment::{Component, Deployment, FailureDomain, Machine, Region, ScaleOn, Size};
pub use document::{DEFAULT_PROFILE, Roadmap, builtin, builtin_ids, profile_schema, read_roadmap};
pub use event::{Event, EventLoad};
pub use llm_budget::{Every, LlmBudget};
pub use load::{Frequency, Load, LoadTest};
pub use milestone::{Architecture, Criterion, Decision, Effort, Milestone, Outcomes, Timeline};
pub use operations::{Alert, Benchmark, Objective, Playbook, Recovery, Severity};
pub use phase::{Action, Phase, Priority, Schedule, Stage};
pub use silence::Silence;
pub(crate) use silence::{DAY, WORDS};
pub use statement::{FactUse, Statement};
pub use thresholds::{DEFAULT_THRESHOLDS, Thresholds, default_thresholds};
pub(crate) use values::{
    LABEL, LABELS, SYSTEM, by_signal, definitions, label, label_schema, resource_definition, signal_named,
};

#[cfg(test)]
mod tests;
