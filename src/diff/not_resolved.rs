//! Why it is not known what a change does.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    signal::SignalId,
    snapshot::{AssumedLimit, AssumedReplicas},
};

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
    /// The new value is no number, such as a template, or less than zero.
    UnreadableValue,
    /// It is no number of replicas under which there is something to judge, such as none.
    NoCount,
    /// An autoscaler decides how many replicas there are.
    Autoscaled {
        /// The autoscaler.
        autoscaler: String,
    },
    /// The replicas do not share the work equally, such as a primary and its standbys.
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

impl NotResolved {
    /// Whether limits and numbers of replicas that are stated by name say what is asked.
    pub fn is_answered_by(&self, limits: &[AssumedLimit], replicas: &[AssumedReplicas]) -> bool {
        let is_stated = |name: &String| {
            let (signal, instance) = name.split_once('@').unzip();
            let signal = signal.unwrap_or(name);
            let is_limit = |limit: &AssumedLimit| {
                limit.signal.as_str() == signal
                    && (limit.instance.is_none() || limit.instance.as_deref() == instance)
            };
            limits.iter().any(is_limit) || replicas.iter().any(|number| number.workload == *name)
        };
        match self {
            Self::ParameterGroup { instance, .. } => is_stated(instance),
            Self::SeveralInstances { possible } => possible.iter().any(is_stated),
            Self::NotMeasured { .. }
            | Self::NoInstance { .. }
            | Self::NoWorkload { .. }
            | Self::UnreadableValue
            | Self::NoCount
            | Self::Autoscaled { .. }
            | Self::NotShared { .. }
            | Self::NewClass
            | Self::UnknownClass { .. }
            | Self::SameSize => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stated_by_name_answers_what_is_asked() {
        let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
        let servers = NotResolved::SeveralInstances {
            possible: names(["postgres.connections@a:5432", "postgres.connections@b:5432"]),
        };
        let group = NotResolved::ParameterGroup {
            instance: "postgres.connections@a:5432".to_owned(),
            connections: 400.0,
            default: 450.0,
        };
        let limit = |text: &str| [text.parse::<AssumedLimit>().unwrap()];
        for (stated, answers) in [
            ("postgres.connections@a:5432=200", [true, true]),
            ("postgres.connections@b:5432=200", [true, false]),
            ("postgres.connections=200", [true, true]),
            ("mysql.connections@a:5432=200", [false, false]),
        ] {
            let found = [&servers, &group].map(|asked| asked.is_answered_by(&limit(stated), &[]));
            assert_eq!(found, answers, "{stated}");
        }
        let workloads = NotResolved::SeveralInstances { possible: names(["shop/api", "blog/api"]) };
        let number =
            |workload: &str| [AssumedReplicas { workload: workload.to_owned(), present: None, assumed: 6 }];
        assert!(workloads.is_answered_by(&[], &number("shop/api")));
        assert!(!workloads.is_answered_by(&[], &number("shop/web")));
        assert!(
            !NotResolved::NoInstance { known: names(["postgres.connections@a 97", "x"]) }
                .is_answered_by(&limit("postgres.connections@a=200"), &[])
        );
    }
}
