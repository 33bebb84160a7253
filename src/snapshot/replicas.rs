//! Workloads and groups of servers by what their replicas measure.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    str::FromStr,
};

use super::{Observation, Places, Pool, REPLICAS, Snapshot};
use crate::signal::{Direction, Driver, Quantity, Role, SignalId, listed, mean};

/// A replica that does so many times the work of another one does not share it: a primary and its standby.
const ALIKE: f64 = 3.0;

/// Another number of replicas to assume: `api=6`, `shop/api=6`, or `api=3:6` where the number of today is not measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedReplicas {
    /// The workload, with its namespace where there are several of the name.
    pub workload: String,
    /// How many it has today; where it is not given it must be measured.
    pub present: Option<u64>,
    /// How many it is assumed to have.
    pub assumed: u64,
}

impl AssumedReplicas {
    /// The numbers that a workload may be assumed to have.
    pub const COUNTS: RangeInclusive<u64> = 1..=1_000_000;
}

impl FromStr for AssumedReplicas {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || {
            format!("`{text}` is not of the form WORKLOAD=COUNT, or WORKLOAD=PRESENT:COUNT, such as api=6")
        };
        let (workload, counts) = text.rsplit_once('=').ok_or_else(form)?;
        let (present, assumed) = match counts.split_once(':') {
            Some((present, assumed)) => (Some(present), assumed),
            None => (None, counts),
        };
        let count = |text: &str| text.parse::<u64>().ok().filter(|count| Self::COUNTS.contains(count));
        let present = present.map(|present| count(present).ok_or_else(form)).transpose()?;
        let assumed = count(assumed).ok_or_else(form)?;
        if workload.is_empty() {
            return Err(form());
        }
        Ok(Self { workload: workload.to_owned(), present, assumed })
    }
}

/// What the replicas of a workload measure.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicaGroup {
    /// `shop/api`, or `app` where there is no namespace.
    pub workload: String,
    /// How many there are, where that is measured.
    pub count: Option<u64>,
    /// The autoscaler that decides how many there are.
    pub autoscaler: Option<String>,
    /// Whether each does about as much work as the others.
    pub shares_alike: bool,
    /// The resources that each replica has for itself and that follow the load: signal and instance.
    pub resources: Vec<(SignalId, Option<String>)>,
}

/// Why no other number of replicas can be assumed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplicasError {
    /// Nothing that follows the load is measured of it.
    #[error("no resource is measured of the replicas of `{workload}`{}", measured(.known))]
    NoSuchWorkload {
        /// The name.
        workload: String,
        /// Those of which there is.
        known: Vec<String>,
    },
    /// Several namespaces have it.
    #[error("there are several `{workload}`: write one of {}", .known.join(", "))]
    SeveralWorkloads {
        /// The name.
        workload: String,
        /// Those that it may be.
        known: Vec<String>,
    },
    /// An autoscaler sets the number.
    #[error(
        "an autoscaler decides how many replicas {workload} has; --set k8s.replicas@{autoscaler}=COUNT assumes another maximum"
    )]
    Autoscaled {
        /// The workload.
        workload: String,
        /// Its autoscaler.
        autoscaler: String,
    },
    /// The present number is not measured.
    #[error(
        "how many replicas {workload} has is not measured; write it before the other number: {workload}=PRESENT:COUNT"
    )]
    CountUnknown {
        /// The workload.
        workload: String,
    },
    /// One does far more than another.
    #[error(
        "the replicas of {workload} do not share its work equally, so more of them may not relieve each one; --set SIGNAL@INSTANCE=LIMIT assumes another size of one of them"
    )]
    NotShared {
        /// The workload.
        workload: String,
    },
}

fn measured(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; measured: {}", listed(known, 12)) }
}

impl Snapshot {
    /// Every workload and group of servers of which something is measured that follows the load, in the order of names.
    pub fn replica_groups(&self) -> Vec<ReplicaGroup> {
        let mut groups: BTreeMap<String, Vec<&Observation>> = BTreeMap::new();
        for observation in self.observations.iter().filter(|observation| is_of_replica(observation)) {
            if let Some(workload) = workload(observation) {
                groups.entry(workload).or_default().push(observation);
            }
        }
        let autoscalers: BTreeSet<&str> = self
            .observations
            .iter()
            .filter(|observation| observation.signal.as_str() == "k8s.replicas")
            .filter_map(|observation| observation.instance.as_deref())
            .collect();
        let group = |(workload, observations): (String, Vec<&Observation>)| {
            let counted =
                observations.iter().filter_map(|of| of.attributes.get(REPLICAS)?.parse().ok()).max();
            let rows = rows_of_each(&observations);
            let most = rows.values().map(Vec::len).max().unwrap_or_default();
            // A group of one may be the worst of several, of which nobody says how many there are.
            let by_rows = (most > 1).then_some(most as u64);
            ReplicaGroup {
                count: counted.or(by_rows),
                autoscaler: autoscalers.contains(workload.as_str()).then(|| workload.clone()),
                shares_alike: rows.values().all(|works| {
                    let most = works.iter().copied().fold(0.0, f64::max);
                    works.iter().all(|work| work * ALIKE >= most)
                }),
                resources: observations.iter().map(|of| (of.signal, of.instance.clone())).collect(),
                workload,
            }
        };
        groups.into_iter().map(group).collect()
    }
}

impl ReplicaGroup {
    /// Whether its replicas are containers, of whatever program.
    pub fn is_of_containers(&self) -> bool {
        self.resources.iter().any(|(signal, _)| signal.entry().system == "container")
    }

    /// The group of a workload and the number of its replicas today.
    ///
    /// # Errors
    /// When it is not clear which is meant, or what another number would do.
    pub fn find<'g>(groups: &'g [Self], assumed: &AssumedReplicas) -> Result<(&'g Self, u64), ReplicasError> {
        let workload = &assumed.workload;
        let known = |groups: &[&Self]| groups.iter().map(|group| group.workload.clone()).collect();
        let all = || groups.iter().filter(|group| group.is_named(workload));
        // The whole name of one may be the end of another's.
        let whole = all().find(|group| group.workload == *workload);
        let named: Vec<&Self> = whole.map_or_else(|| all().collect(), |group| vec![group]);
        match named.as_slice() {
            [only] => Ok((*only, only.present(assumed.present)?)),
            [] => {
                let known = known(&groups.iter().collect::<Vec<_>>());
                Err(ReplicasError::NoSuchWorkload { workload: workload.clone(), known })
            }
            several => {
                let known = known(several);
                Err(ReplicasError::SeveralWorkloads { workload: workload.clone(), known })
            }
        }
    }

    /// The number of replicas today, which is `told` where somebody says so.
    ///
    /// # Errors
    /// When it is not known, or not what another number would do.
    pub fn present(&self, told: Option<u64>) -> Result<u64, ReplicasError> {
        let workload = || self.workload.clone();
        if let Some(autoscaler) = self.autoscaler.clone() {
            return Err(ReplicasError::Autoscaled { workload: workload(), autoscaler });
        }
        if !self.shares_alike {
            return Err(ReplicasError::NotShared { workload: workload() });
        }
        told.or(self.count).ok_or_else(|| ReplicasError::CountUnknown { workload: workload() })
    }

    /// Whether it has that name, with its namespace or without.
    fn is_named(&self, name: &str) -> bool {
        self.workload == name || self.workload.rsplit('/').next() == Some(name)
    }
}

/// Whether it is a resource that each replica has for itself and that follows the load.
fn is_of_replica(observation: &Observation) -> bool {
    let entry = observation.signal.entry();
    entry.role == Role::Resource
        && entry.driven_by == Some(Driver::Load)
        && entry.direction == Direction::HigherIsWorse
        && entry.system != "kubernetes"
        && (observation.instance.is_some() || !observation.labels.is_empty())
}

/// `shop/api`; nothing where the names of instances are addresses.
fn workload(observation: &Observation) -> Option<String> {
    if observation.signal.entry().system == "container" {
        let mut parts = named(observation)?.split('/');
        return match (parts.next(), parts.next()) {
            (Some(namespace), Some(workload)) => Some(format!("{namespace}/{}", without_number(workload))),
            _ => None,
        };
    }
    let pool = Pool::of(observation, &Places::default());
    let name = Some(pool.name.as_str()).filter(|name| !name.is_empty())?;
    Some(pool.namespace().map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}")))
}

/// The StatefulSet of one of its pods.
fn without_number(pod: &str) -> &str {
    match pod.rsplit_once('-') {
        Some((name, number)) if number.parse::<u32>().is_ok() => name,
        _ => pod,
    }
}

/// How much each replica uses on average, by signal and by container of its pod.
fn rows_of_each<'o>(observations: &[&'o Observation]) -> BTreeMap<(SignalId, Option<&'o str>), Vec<f64>> {
    let mut rows: BTreeMap<_, BTreeMap<Option<&str>, f64>> = BTreeMap::new();
    for observation in observations {
        let size = observation.capacity().map_or(1.0, Quantity::value);
        let used = size * mean(observation.values.values()).unwrap_or_default();
        let (replica, container) = match container(observation) {
            Some((pod, container)) => (Some(pod), Some(container)),
            None => (observation.instance.as_deref(), None),
        };
        rows.entry((observation.signal, container)).or_default().insert(replica, used);
    }
    rows.into_iter().map(|(of, rows)| (of, rows.into_values().collect())).collect()
}

/// `shop/pg-0` and `postgres` of `shop/pg-0/postgres`.
fn container(observation: &Observation) -> Option<(&str, &str)> {
    let is_container = observation.signal.entry().system == "container";
    named(observation).filter(|_| is_container)?.rsplit_once('/').filter(|(pod, _)| pod.contains('/'))
}

/// The name that says of which workload a container is.
fn named(observation: &Observation) -> Option<&str> {
    observation.labels.get("instance").or(observation.instance.as_ref()).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_written_with_their_workload() {
        let read = |text: &str| text.parse::<AssumedReplicas>();
        let api = read("shop/api=6").unwrap();
        assert_eq!((api.workload.as_str(), api.present, api.assumed), ("shop/api", None, 6));
        assert_eq!(read("api=3:6").unwrap().present, Some(3));
        for text in ["api", "api=", "=6", "api=0", "api=-1", "api=3:", "api=x:6", "api=2.5"] {
            assert!(read(text).unwrap_err().contains("is not of the form"), "{text}");
        }
    }
}
