//! Why something is the next bottleneck, or why nothing is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::BottleneckReason;
use crate::signal::ResourceId;

/// What makes something the next bottleneck, most urgent first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// A server refuses clients because the resource is used up.
    Refused,
    /// The resource is exhausted.
    Saturated,
    /// The resource is beyond its critical threshold.
    Critical,
    /// The date to act by has passed, on good evidence.
    Overdue,
    /// A service level is beyond its critical threshold, and no resource explains it.
    ServiceLevelCritical,
    /// The resource is beyond its warning threshold.
    Warning,
    /// A service level is beyond its warning threshold, and no resource explains it.
    ServiceLevelWarning,
    /// The resource is beyond a threshold, but not yet for long enough.
    Pending,
    /// The resource has headroom, and runs out at a known load or date.
    #[default]
    Forecast,
    /// Nothing shows when it runs out.
    Undated,
    /// It was not measured.
    Unmeasured,
}

/// The bottleneck after the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunnerUp {
    /// What it is.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What put it in its place.
    pub rank: Rank,
}

/// Why a resource is the next bottleneck, or why none is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RankingReason {
    /// The next bottleneck's own reason says it.
    Bottleneck {
        /// What put it first.
        #[serde(default)]
        rank: Rank,
        /// The next in line; null where there is no other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        over: Option<RunnerUp>,
    },
    /// A resource may be near its limit, but that is unknown.
    Undecided {
        /// The resource.
        resource: ResourceId,
        /// Why it is unknown.
        reason: BottleneckReason,
    },
    /// No resource is beyond its warning limit.
    NoneNear {
        /// The resource with the least headroom.
        closest: ResourceId,
        /// Which of several that are measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<String>,
        /// That headroom.
        headroom: f64,
    },
    /// No resource was measured.
    NothingMeasured,
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}
