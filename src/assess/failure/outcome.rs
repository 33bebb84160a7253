//! What is left of a system without a part of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    assess::{LimitOutcome, UnderLimit, upgrade::known},
    signal::{ResourceId, SignalId},
    snapshot::Part,
};

/// What is left of a system when a part of it is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// What is assumed to be gone, all of it at once; an empty value where no instance has the label.
    pub lost: Vec<Part>,
    /// Whether the settings ask that the rest holds, so that a resource that does not is a finding.
    pub is_required: bool,
    /// How many values the label has, of which this is one; those that carry most are judged.
    pub values: usize,
    /// The instances that are gone.
    pub instances: Vec<String>,
    /// Instances that take over, the least headroom first.
    #[serde(deserialize_with = "known")]
    pub survivors: Vec<Survivor>,
    /// Resources of which no instance is left: nothing takes over, and nothing is computed.
    #[serde(deserialize_with = "known")]
    pub gone: Vec<Gone>,
    /// Resources that follow the load and of which no instance has the label, so that nothing is known of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_label: Vec<ResourceId>,
    /// Resources of which it is not known what is left.
    #[serde(deserialize_with = "known")]
    pub unknown: Vec<NotPlaced>,
}

/// An instance that takes over what lost ones used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Survivor {
    /// The resource.
    pub resource: ResourceId,
    /// The signal that measures it.
    pub signal: SignalId,
    /// Which of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The instances whose work it takes over.
    pub takes_over: Vec<String>,
    /// How many share that work.
    pub sharing: usize,
    /// How much moves.
    pub moved: Moved,
    /// Whether sizes are not known, so that all instances count as equally large.
    pub same_size: bool,
    /// Whether it saturates at the peak hours of today.
    pub saturates: LimitOutcome,
    /// The resource as it is.
    pub before: UnderLimit,
    /// The resource without the lost ones; where it is not known how much moves, as if all of it did.
    pub after: UnderLimit,
}

/// How much of what lost instances used is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// What follows the load, in the shares that those who are left have of it.
    Shared,
    /// What follows the load, by one alone: the lost ones did nearly all of the work, as a primary does.
    ByOne,
    /// At most all of it: there is too little history to know how much follows the load.
    AtMostAll,
    /// Nothing: it does not follow the load.
    Nothing,
}

/// A resource of which no instance is left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gone {
    /// The resource.
    pub resource: ResourceId,
    /// Its instances.
    pub instances: Vec<String>,
}

/// A resource of which some instances have the label and others do not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NotPlaced {
    /// The resource.
    pub resource: ResourceId,
    /// Instances without the label, which may be lost or left.
    pub without_label: Vec<String>,
    /// How many instances there are.
    pub of: usize,
}

impl Failure {
    /// Whether something saturates at the peak hours of today.
    pub fn saturates(&self) -> LimitOutcome {
        let any = |outcome| self.survivors.iter().any(|survivor| survivor.saturates == outcome);
        let is_open = !self.unknown.is_empty() || self.instances.is_empty();
        match () {
            () if any(LimitOutcome::Yes) => LimitOutcome::Yes,
            () if any(LimitOutcome::Perhaps) => LimitOutcome::Perhaps,
            () if is_open || any(LimitOutcome::Unknown) => LimitOutcome::Unknown,
            () => LimitOutcome::No,
        }
    }
}
