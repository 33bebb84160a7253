//! What is left of a system without a part of it.

use std::{cmp::Ordering, collections::BTreeSet};

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
    /// The resources that must hold, where the settings name them; all of them where there are none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub resources: BTreeSet<ResourceId>,
    /// How many values the label has, of which this is one; those that carry most are judged.
    pub values: usize,
    /// The instances that are gone.
    pub instances: Vec<String>,
    /// Instances that take over: those that saturate first, then those that may, those of which it is not known, and those that
    /// hold; the least headroom first of each.
    #[serde(deserialize_with = "known")]
    pub survivors: Vec<Survivor>,
    /// Resources of which no instance is left: nothing takes over, and nothing is computed.
    #[serde(deserialize_with = "known")]
    pub gone: Vec<Gone>,
    /// Resources that follow the load, or that the settings name, and of which no instance has the label, so that nothing
    /// is known of them.
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
    /// At most all of it: there is too little history to know how much scales with load.
    AtMostAll,
    /// Nothing: it does not scale with load.
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

impl Survivor {
    /// The order of those who are left: the one first that says most about whether the rest holds.
    pub fn worse_first(&self, other: &Self) -> Ordering {
        let rank = |survivor: &Self| match survivor.saturates {
            LimitOutcome::Yes => 0,
            LimitOutcome::Perhaps => 1,
            LimitOutcome::Unknown => 2,
            LimitOutcome::No => 3,
        };
        let room = |survivor: &Self| survivor.after.headroom.unwrap_or(f64::INFINITY);
        let order = rank(self).cmp(&rank(other)).then_with(|| room(self).total_cmp(&room(other)));
        order.then_with(|| (self.signal, &self.instance).cmp(&(other.signal, &other.instance)))
    }
}

impl Failure {
    /// Whether something saturates at the peak hours of today.
    pub fn saturates(&self) -> LimitOutcome {
        let is_open = !self.unknown.is_empty()
            || self.instances.is_empty()
            || !self.gone_without_rest().is_empty()
            || !self.required_without_label().is_empty();
        match self.worst().map(|worst| worst.saturates) {
            Some(outcome @ (LimitOutcome::Yes | LimitOutcome::Perhaps)) => outcome,
            Some(LimitOutcome::Unknown) => LimitOutcome::Unknown,
            _ if is_open => LimitOutcome::Unknown,
            _ => LimitOutcome::No,
        }
    }

    /// The one of those who are left that decides.
    pub fn worst(&self) -> Option<&Survivor> {
        self.survivors.iter().min_by(|a, b| a.worse_first(b))
    }

    /// Resources that are lost altogether, so that nobody knows whether the rest holds: those that the settings name, and
    /// all of them where nothing else is left.
    pub fn gone_without_rest(&self) -> Vec<ResourceId> {
        let is_all = self.survivors.is_empty() && self.unknown.is_empty();
        let gone = self.gone.iter().map(|gone| gone.resource);
        let gone: BTreeSet<ResourceId> =
            gone.filter(|resource| is_all || self.resources.contains(resource)).collect();
        gone.into_iter().collect()
    }

    /// Resources that the settings name and of which no instance has the label.
    pub fn required_without_label(&self) -> Vec<ResourceId> {
        let without = self.without_label.iter().copied();
        without.filter(|resource| self.resources.contains(resource)).collect()
    }
}
