//! What names alone propose; data decides.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a resource can be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A usage and its limit.
    Pair {
        /// The metric of the usage.
        usage: String,
        /// The metric of the limit.
        limit: String,
    },
    /// What is left of a whole.
    Free {
        /// The metric of what is left.
        free: String,
        /// The metric of the whole.
        total: String,
    },
    /// What is used and what is left, which make the whole.
    Parts {
        /// The metric of what is used.
        used: String,
        /// The metric of what is left.
        free: String,
    },
    /// What is left may not fall to a floor.
    Floor {
        /// The metric of what is left.
        free: String,
        /// The metric of the floor.
        floor: String,
    },
    /// A share of use, or of what is free.
    Share {
        /// The metric.
        metric: String,
        /// Whether it is the free share.
        free: bool,
    },
    /// A metric whose series are told apart by a label with words of usage and limit as its values.
    Labels {
        /// The metric.
        metric: String,
    },
}

impl Shape {
    /// The metrics that it is read from.
    pub fn metrics(&self) -> Vec<&str> {
        match self {
            Self::Pair { usage: first, limit: second }
            | Self::Free { free: first, total: second }
            | Self::Parts { used: first, free: second }
            | Self::Floor { free: first, floor: second } => vec![first, second],
            Self::Share { metric, .. } | Self::Labels { metric } => vec![metric],
        }
    }
}

/// How sure it is that something is a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Only the kind of thing and the system agree.
    Low,
    /// The names agree in most, or there is one sign of the scale.
    Medium,
    /// The names differ in one word, and that word leaves no doubt.
    High,
}

/// Something that may be a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// How it would be read.
    pub shape: Shape,
    /// What it would run into: candidates with the same wall are one resource, exported in several ways.
    pub wall: String,
    /// Which of several ways to read one thing comes first: the higher, the better.
    pub score: i32,
    /// How sure its names are.
    pub confidence: Confidence,
    /// Whether the wall may be the most that was ever seen, unless its value contradicts that.
    pub may_be_mark: bool,
    /// Whether what is used may well be all of it by design, so that exactly 100% is no sign.
    pub may_be_full: bool,
}

/// The names of all metrics that candidates are read from.
pub fn metrics_of(candidates: &[Candidate]) -> BTreeSet<&str> {
    candidates.iter().flat_map(|candidate| candidate.shape.metrics()).collect()
}
