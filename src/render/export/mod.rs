//! Exports in the formats of those who run them.

mod dashboard;
mod focus;
mod rules;
mod scaling;
mod yaml;

pub use dashboard::grafana_dashboard;
pub use focus::{BillingParty, focus_file};
pub use rules::{ResourceMetadata, RuleFormat, rule_file, skip_reason};
pub use scaling::{ScalingTarget, hpa_file, keda_file, refusal};
