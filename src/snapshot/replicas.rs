//! Workloads and groups of servers by what their replicas measure.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use super::{Observation, Pool, REPLICAS, Snapshot};
use crate::signal::{Direction, Driver, Quantity, Role, SignalId};

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
        let count = |text: &str| text.parse::<u64>().ok().filter(|count| (1..=1_000_000).contains(count));
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
    #[error("no resource is measured of the replicas of `{workload}`{}", listed(.known))]
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
        "the replicas of {workload} do not share its work alike, so that more of them need not relieve each"
    )]
    NotShared {
        /// The workload.
        workload: String,
    },
}

fn listed(known: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown = known.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match known.len().saturating_sub(SHOWN) {
        0 if known.is_empty() => String::new(),
        0 => format!("; measured: {shown}"),
        more => format!("; measured: {shown} and {more} more"),
    }
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

    /// The group of a workload and the number of its replicas today.
    ///
    /// # Errors
    /// When it is not clear which is meant, or what another number would do.
    pub fn replica_group(&self, assumed: &AssumedReplicas) -> Result<(ReplicaGroup, u64), ReplicasError> {
        let workload = || assumed.workload.clone();
        let groups = self.replica_groups();
        let known = |groups: &[&ReplicaGroup]| groups.iter().map(|group| group.workload.clone()).collect();
        let is_named = |group: &&ReplicaGroup| {
            let name = group.workload.rsplit('/').next();
            group.workload == assumed.workload || name == Some(assumed.workload.as_str())
        };
        let named: Vec<&ReplicaGroup> = groups.iter().filter(is_named).collect();
        let group = match named.as_slice() {
            [only] => *only,
            [] => {
                let known = known(&groups.iter().collect::<Vec<_>>());
                return Err(ReplicasError::NoSuchWorkload { workload: workload(), known });
            }
            several => {
                return Err(ReplicasError::SeveralWorkloads { workload: workload(), known: known(several) });
            }
        };
        let workload = group.workload.clone();
        if let Some(autoscaler) = group.autoscaler.clone() {
            return Err(ReplicasError::Autoscaled { workload, autoscaler });
        }
        if !group.shares_alike {
            return Err(ReplicasError::NotShared { workload });
        }
        let present = assumed.present.or(group.count);
        let present = present.ok_or(ReplicasError::CountUnknown { workload })?;
        Ok((group.clone(), present))
    }
}

/// Whether it is a resource that each replica has for itself and that follows the load.
fn is_of_replica(observation: &Observation) -> bool {
    let entry = observation.signal.entry();
    entry.role == Role::Resource
        && entry.driven_by == Some(Driver::Load)
        && entry.direction == Direction::HigherIsWorse
        && entry.system != "k8s"
        && (observation.instance.is_some() || !observation.labels.is_empty())
}

/// `shop/api`; nothing where the names of instances are addresses.
fn workload(observation: &Observation) -> Option<String> {
    if observation.signal.entry().system == "container" {
        let name = observation.labels.get("instance").or(observation.instance.as_ref())?;
        let mut parts = name.split('/');
        return match (parts.next(), parts.next()) {
            (Some(namespace), Some(workload)) => Some(format!("{namespace}/{}", without_number(workload))),
            _ => None,
        };
    }
    let pool = Pool::of(observation, &BTreeSet::new());
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

/// How much each row of each signal uses on average.
fn rows_of_each(observations: &[&Observation]) -> BTreeMap<SignalId, Vec<f64>> {
    let mut rows: BTreeMap<SignalId, BTreeMap<Option<&str>, f64>> = BTreeMap::new();
    for observation in observations {
        let size = observation.capacity().map_or(1.0, Quantity::value);
        let values = observation.values.values();
        let mean = size * values.iter().sum::<f64>() / values.len().max(1) as f64;
        rows.entry(observation.signal).or_default().insert(observation.instance.as_deref(), mean);
    }
    rows.into_iter().map(|(signal, rows)| (signal, rows.into_values().collect())).collect()
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
