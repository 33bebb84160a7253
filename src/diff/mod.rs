//! What a change of settings does to limits: from a unified diff, or from Terraform's plan, to the limits that it would
//! set.
//!
//! ```text
//! text ─► unified   ─► SettingChange ─► resolve ─► AssumedLimit
//!         terraform    max_connections  whose       of one instance
//! ```
//! Pure, and cautious: a change whose instance is not clear is a question, and never a guess.

#![deny(clippy::disallowed_methods)]

mod assignment;
mod aws;
mod class;
mod not_resolved;
mod resolve;
mod terraform;
mod unified;
mod value;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use aws::CLASS_SETTINGS;
pub use not_resolved::NotResolved;
pub use resolve::{Resolution, UnresolvedChange, resolve};
pub use value::SettingValue;

/// The settings that say how many replicas a workload has: of Kubernetes and Terraform, and of most Helm charts.
pub const REPLICA_SETTINGS: [&str; 2] = ["replicas", "replicaCount"];

/// One setting that gets another value.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SettingChange {
    /// The file, or the address of Terraform's resource.
    pub place: String,
    /// The line in the new file; null where there are no lines.
    pub line: Option<u64>,
    /// The setting, as the catalogue writes it.
    pub setting: String,
    /// The value so far; null where the setting is new.
    pub from: Option<SettingValue>,
    /// The new value.
    pub to: SettingValue,
    /// Words around it that may name an instance: of its file, its object, its namespace.
    #[serde(skip)]
    pub words: BTreeSet<String>,
}

/// The changes of settings that limits come from, of classes and of numbers of replicas. `settings` are those that the catalogue knows.
///
/// # Errors
/// When the text is neither a unified diff nor a plan of Terraform.
pub fn changes(text: &str, settings: &BTreeSet<&str>) -> Result<Vec<SettingChange>, NotADiff> {
    let others = REPLICA_SETTINGS.into_iter().chain(CLASS_SETTINGS);
    let settings: BTreeSet<&str> = settings.iter().copied().chain(others).collect();
    if text.trim_start().starts_with('{') {
        return terraform::changes(text, &settings);
    }
    let changes = unified::changes(text, &settings);
    if changes.is_empty() && !text.trim().is_empty() && !unified::is_diff(text) {
        return Err(NotADiff::Neither);
    }
    Ok(changes)
}

/// Why nothing can be read from a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADiff {
    /// It has no hunk and is no JSON.
    #[error(
        "this is neither a unified diff (`git diff`) nor a plan of Terraform (`terraform show -json PLANFILE`)"
    )]
    Neither,
    /// It begins like JSON.
    #[error("this looks like JSON but is not a Terraform plan (`terraform show -json PLANFILE`): {0}")]
    NotAPlan(String),
}
