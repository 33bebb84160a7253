//! Why it is not known what a change does.

use schemars::JsonSchema;
use serde::Serialize;

use crate::signal::SignalId;

/// Why it is not known whose limit a setting is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NotResolved {
    /// No resource that the setting limits was measured.
    NotMeasured {
        /// The resources that it may limit.
        signals: Vec<SignalId>,
    },
    /// None of the instances has that value now, or the name.
    NoInstance {
        /// Those that were measured, with their limits.
        known: Vec<String>,
    },
    /// No workload of which something is measured has that name, with that number of replicas.
    NoWorkload {
        /// Those of which something is measured, with their numbers.
        known: Vec<String>,
    },
    /// It is no number of replicas under which there is something to judge, such as none.
    NoCount,
    /// An autoscaler decides how many replicas there are.
    Autoscaled {
        /// The autoscaler.
        autoscaler: String,
    },
    /// The replicas do not share the work alike, as a primary and its standbys.
    NotShared {
        /// The workload.
        workload: String,
    },
    /// A server or a node is new, with a class of its own.
    NewClass,
    /// The size of a class is not known.
    UnknownClass {
        /// The class.
        class: String,
    },
    /// Both classes are of one size.
    SameSize,
    /// The number of connections is not the default of the class, or may be set to what it would be.
    ParameterGroup {
        /// The connections, as `plan --set` takes them.
        instance: String,
        /// How many a server allows now.
        connections: f64,
        /// About how many it would allow by default.
        default: f64,
    },
    /// It may be any of several.
    SeveralInstances {
        /// Those, as `plan --set` takes them.
        possible: Vec<String>,
    },
}
