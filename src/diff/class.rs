//! What another class of a managed database or cache does to its limits.

use std::collections::BTreeSet;

use super::{
    NotResolved, SettingChange,
    aws::{Size, default_connections, size},
    named::{best_named, name},
};
use crate::{
    signal::{Quantity, SignalId, Unit},
    snapshot::{AssumedLimit, LimitBasis, Observation, SETTING, Snapshot},
};

/// What the processors of a database are the whole of.
const PROCESSORS: &str = "rds.cpu";
/// What the class of a database changes. Of signals that are listed together a server has one.
const DATABASE: [&[&str]; 2] = [&[PROCESSORS], &["postgres.connections", "mysql.connections"]];
/// What the type of a cache node changes.
const CACHE: [&[&str]; 1] = [&["elasticache.memory", "redis.memory"]];
/// Of the default that is expected for the memory of a class, a server allows at least this share of connections.
const LEAST_OF_DEFAULT: f64 = 0.9;
/// And at most this one.
const MOST_OF_DEFAULT: f64 = 1.05;
/// What remains of the most connections after those that are reserved.
const LEAST_OF_MOST: f64 = 0.99;
/// People set multiples of this, and what follows from bytes is seldom one.
const ROUND: f64 = 50.0;

/// What a change of a class does to each limit that it changes, or why that is not known.
pub(super) fn of_class(
    change: &SettingChange,
    snapshot: &Snapshot,
) -> Vec<Result<AssumedLimit, NotResolved>> {
    let Some(from) = &change.from else { return vec![Err(NotResolved::NewClass)] };
    let (from, to) = (from.to_string(), change.to.to_string());
    let (Some(before), Some(after)) = (size(&from), size(&to)) else {
        let class = if size(&from).is_none() { from } else { to };
        return vec![Err(NotResolved::UnknownClass { class })];
    };
    if before == after {
        return vec![Err(NotResolved::SameSize)];
    }
    let is_database = before.processors.is_some();
    let changes = |signal: &&&str| match **signal {
        PROCESSORS => before.processors != after.processors,
        _ => before.memory.total_cmp(&after.memory).is_ne(),
    };
    // The class is no name, and neither is a number.
    let words = change.words.iter().map(String::as_str);
    let names: BTreeSet<&str> = words.filter(|name| !is_of_class(name, [&from, &to])).collect();
    let is_named = |part: &str| names.contains(part) || names.contains(without_number(part));
    let classes = Classes { from, to, before, after };
    let kinds = if is_database { &DATABASE[..] } else { &CACHE[..] };
    let mut results = Vec::new();
    let (mut signals, mut known, mut is_found) = (Vec::new(), Vec::new(), false);
    for kind in kinds {
        let (mut others, mut is_named_here) = (Vec::new(), false);
        for signal in kind.iter().filter(changes).filter_map(|name| SignalId::find(name)) {
            signals.push(signal);
            let all = instances(snapshot, signal);
            let named = best_named(&all, |observation| observation.instance.as_deref(), is_named);
            others.extend(all.iter().map(|observation| name(observation)));
            is_named_here |= !named.is_empty();
            match named.as_slice() {
                [] => {}
                // All nodes of a cache have one type.
                several if !is_database => results.extend(several.iter().map(|node| classes.node(node))),
                [only] => results.extend(classes.database(only)),
                several => {
                    let possible = several.iter().map(|observation| name(observation)).collect();
                    results.push(Err(NotResolved::SeveralInstances { possible }));
                }
            }
        }
        is_found |= is_named_here;
        // One of them may be that of the server under another name.
        if !is_named_here {
            known.append(&mut others);
        }
    }
    if !known.is_empty() {
        results.push(Err(NotResolved::NoInstance { known }));
    } else if !is_found {
        results.push(Err(NotResolved::NotMeasured { signals }));
    }
    results
}

/// Whether another class is smaller in some respect; `None` where that is not known.
pub(super) fn shrinks(change: &SettingChange) -> Option<bool> {
    let (before, after) = (size(&change.from.as_ref()?.to_string())?, size(&change.to.to_string())?);
    let fewer = before.processors.zip(after.processors).is_some_and(|(before, after)| after < before);
    Some(fewer || after.memory < before.memory)
}

fn is_of_class(name: &str, classes: [&String; 2]) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
        || classes.iter().any(|class| class.split('.').any(|part| part == name))
}

/// The class that a server has and the one that it gets.
struct Classes {
    from: String,
    to: String,
    before: Size,
    after: Size,
}

impl Classes {
    /// `None` for what is the same with both.
    fn database(&self, observation: &Observation) -> Option<Result<AssumedLimit, NotResolved>> {
        if observation.signal.as_str() != PROCESSORS {
            return self.connections(observation);
        }
        let (before, after) = self.before.processors.zip(self.after.processors)?;
        let basis = LimitBasis::Processors { from: self.from.clone(), to: self.to.clone() };
        let quantity = |count| Quantity::new(count, Unit::Count);
        Some(Ok(assumed(observation, Some(quantity(before)?), quantity(after)?, basis)))
    }

    /// What follows the memory now goes on following it; `None` where both classes allow the most there are.
    fn connections(&self, observation: &Observation) -> Option<Result<AssumedLimit, NotResolved>> {
        let signal = observation.signal.as_str();
        let limit = observation.capacity()?;
        let setting = observation.attributes.get(&format!("{SETTING}max_connections"));
        let setting: f64 = setting.and_then(|value| value.parse().ok()).unwrap_or(limit.value());
        let (before, most) = default_connections(signal, self.before.memory)?;
        let (after, _) = default_connections(signal, self.after.memory)?;
        if before >= most && after * LEAST_OF_DEFAULT >= most && setting >= LEAST_OF_MOST * most {
            return None;
        }
        let share = setting / before;
        let is_default = (LEAST_OF_DEFAULT..=MOST_OF_DEFAULT).contains(&share) && setting % ROUND != 0.0;
        let new = (after * share).floor().min(most);
        let limit = Quantity::new(limit.value() + new - setting, limit.unit());
        let limit = limit.filter(|limit| is_default && limit.value() > 0.0);
        let basis = LimitBasis::DefaultConnections { from: self.from.clone(), to: self.to.clone() };
        Some(limit.map(|limit| assumed(observation, None, limit, basis)).ok_or_else(|| {
            NotResolved::ParameterGroup {
                instance: name(observation),
                connections: setting,
                default: before.min(most).floor(),
            }
        }))
    }

    /// The memory of a node for data: of one that shows a share of it, and of one that shows its limit.
    fn node(&self, observation: &Observation) -> Result<AssumedLimit, NotResolved> {
        let (before, after) = (self.before.memory, self.after.memory);
        let bytes = |value: f64| {
            Quantity::new(value, Unit::Bytes)
                .ok_or_else(|| NotResolved::NotMeasured { signals: vec![observation.signal] })
        };
        let basis = LimitBasis::NodeMemory { from: self.from.clone(), to: self.to.clone() };
        match observation.capacity() {
            Some(limit) => Ok(assumed(observation, None, bytes(limit.value() * after / before)?, basis)),
            None => Ok(assumed(observation, Some(bytes(before)?), bytes(after)?, basis)),
        }
    }
}

fn assumed(
    observation: &Observation,
    present: Option<Quantity>,
    limit: Quantity,
    basis: LimitBasis,
) -> AssumedLimit {
    let (signal, instance) = (observation.signal, observation.instance.clone());
    AssumedLimit { signal, instance, present, limit, basis: Some(basis) }
}

/// An observation of each instance of a signal.
fn instances(snapshot: &Snapshot, signal: SignalId) -> Vec<&Observation> {
    let mut all: Vec<&Observation> =
        snapshot.observations.iter().filter(|observation| observation.signal == signal).collect();
    all.sort_by(|a, b| a.instance.cmp(&b.instance));
    all.dedup_by(|a, b| a.instance == b.instance);
    all
}

/// The cache of one of its nodes: `shop` of `shop-001` and of `shop-0002-001`.
fn without_number(part: &str) -> &str {
    let mut name = part;
    while let Some((rest, number)) = name.rsplit_once('-')
        && matches!(number.len(), 3 | 4)
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        name = rest;
    }
    name
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::{
        diff::{Resolution, changes, resolve},
        signal::Series,
        snapshot::{Limit, Origin, Window, merge},
    };

    fn snapshot(rows: &[(&str, &str, Option<f64>)]) -> Snapshot {
        let taken_at: DateTime<Utc> = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let window = Window { from: taken_at, to: taken_at, step_seconds: 60 };
        let mut snapshot = merge(taken_at, window, Vec::new());
        for (signal, instance, limit) in rows {
            let origin = Origin { source: "test".to_owned(), query: String::new() };
            let signal = SignalId::find(signal).unwrap();
            let mut observation = Observation::new(signal, Series::spot(taken_at, 0.5).unwrap(), origin);
            observation.instance = Some((*instance).to_owned());
            observation.limit = limit.and_then(|limit| Limit::constant(limit, Unit::Count));
            snapshot.observations.push(observation);
        }
        snapshot
    }

    /// A change of the class of `orders`.
    fn resolved(setting: &str, from: &str, to: &str, snapshot: &Snapshot) -> Resolution {
        let text = format!(
            "--- a/main.tf\n+++ b/main.tf\n@@ -1,2 +1,2 @@ resource \"aws_x\" \"x\" {{\n   identifier = \"orders\"\n-  {setting} = \"{from}\"\n+  {setting} = \"{to}\"\n"
        );
        resolve(&changes(&text, &BTreeSet::new()).unwrap(), snapshot)
    }

    #[track_caller]
    fn reason(resolution: &Resolution) -> (&NotResolved, bool) {
        let [unresolved] = resolution.unresolved.as_slice() else { panic!("{resolution:?}") };
        assert!(resolution.limits.is_empty(), "{resolution:?}");
        (&unresolved.reason, unresolved.may_shrink)
    }

    #[test]
    fn a_class_changes_processors_and_default_connections() {
        let system = snapshot(&[
            ("rds.cpu", "orders", None),
            ("rds.cpu", "users", None),
            ("postgres.connections", "orders:9187", Some(411.0)),
        ]);
        let resolution = resolved("instance_class", "db.t4g.medium", "db.t4g.xlarge", &system);
        let limits: Vec<(&str, Option<f64>, f64)> = resolution
            .limits
            .iter()
            .map(|limit| (limit.signal.as_str(), limit.present.map(Quantity::value), limit.limit.value()))
            .collect();
        // Four times the memory, of which the system needs no more; twice the processors.
        assert_eq!(limits, [("rds.cpu", Some(2.0), 4.0), ("postgres.connections", None, 1715.0)]);
        // With as many processors the rest is what changes.
        let resolution = resolved("instance_class", "db.t4g.medium", "db.t4g.large", &system);
        assert_eq!(resolution.limits.len(), 1, "{resolution:?}");
    }

    #[test]
    fn connections_that_may_be_set_are_a_question() {
        // The default for 4 GiB is about 417: 400 may be set, 150 is, and 411 follows from the memory.
        for (connections, is_default) in [(400.0, false), (150.0, false), (600.0, false), (411.0, true)] {
            let system = snapshot(&[("postgres.connections", "orders:9187", Some(connections))]);
            let resolution = resolved("instance_class", "db.t4g.medium", "db.t4g.small", &system);
            assert_eq!(resolution.limits.len(), usize::from(is_default), "{resolution:?}");
            if !is_default {
                let expected = NotResolved::ParameterGroup {
                    instance: "postgres.connections@orders:9187".to_owned(),
                    connections,
                    default: 417.0,
                };
                assert_eq!(reason(&resolution), (&expected, true));
            }
        }
    }

    #[test]
    fn the_smallest_classes_have_few_connections() {
        // What people read from `db.t3.medium`, `db.m5.large` of MySQL and `db.t3.micro`.
        for (signal, from, present, read) in [
            ("postgres.connections", "db.t3.medium", 411.0, 81.0),
            ("mysql.connections", "db.m5.large", 630.0, 60.0),
        ] {
            let system = snapshot(&[(signal, "orders", Some(present))]);
            let resolution = resolved("instance_class", from, "db.t3.micro", &system);
            let [limit] = resolution.limits.as_slice() else { panic!("{resolution:?}") };
            assert!((limit.limit.value() / read - 1.0).abs() < 0.06, "{signal}: {:?}", limit.limit);
        }
    }

    #[test]
    fn what_is_not_clear_is_told() {
        let system = snapshot(&[("rds.cpu", "orders", None), ("rds.cpu", "users", None)]);
        let of = |from: &str, to: &str| resolved("instance_class", from, to, &system);
        let class = "db.x2g.large".to_owned();
        assert_eq!(reason(&of("db.t4g.medium", &class)), (&NotResolved::UnknownClass { class }, true));
        assert_eq!(reason(&of("db.t3.medium", "db.t4g.medium")), (&NotResolved::SameSize, false));
        let others = snapshot(&[("rds.cpu", "users", None)]);
        let other = resolved("instance_class", "db.t4g.medium", "db.t4g.xlarge", &others);
        let known = vec!["rds.cpu@users".to_owned()];
        assert_eq!(reason(&other), (&NotResolved::NoInstance { known }, false));
        // The same processors and another memory, of which nothing is measured.
        let memory = of("db.m6g.large", "db.r6g.large");
        assert!(
            matches!(reason(&memory), (NotResolved::NotMeasured { signals }, false) if signals.len() == 2)
        );
        // Both allow the 5000 that there are at most.
        let most = snapshot(&[("postgres.connections", "orders:9187", Some(4987.0))]);
        let resolution = resolved("instance_class", "db.r6g.4xlarge", "db.r6g.8xlarge", &most);
        assert_eq!(resolution, Resolution::default());
        let nothing = resolved("instance_class", "db.t4g.xlarge", "db.t4g.medium", &snapshot(&[]));
        assert!(matches!(reason(&nothing), (NotResolved::NotMeasured { .. }, true)));
    }

    #[test]
    fn connections_that_only_another_name_has_are_a_question() {
        let mut system =
            snapshot(&[("rds.cpu", "orders", None), ("postgres.connections", "x", Some(1644.0))]);
        system.observations[1].instance = None;
        let resolution = resolved("instance_class", "db.t4g.xlarge", "db.t4g.medium", &system);
        assert_eq!(resolution.limits.len(), 1, "{resolution:?}");
        let [unresolved] = resolution.unresolved.as_slice() else { panic!("{resolution:?}") };
        let known = vec!["postgres.connections".to_owned()];
        assert_eq!((&unresolved.reason, unresolved.may_shrink), (&NotResolved::NoInstance { known }, true));
    }

    #[test]
    fn all_nodes_of_a_cache_have_one_type() {
        let nodes = ["orders-001", "orders-0002-001", "users-001"];
        let system = snapshot(&nodes.map(|node| ("elasticache.memory", node, None)));
        let resolution = resolved("node_type", "cache.r6g.large", "cache.r6g.xlarge", &system);
        let named: Vec<Option<&str>> =
            resolution.limits.iter().map(|limit| limit.instance.as_deref()).collect();
        assert_eq!(named, [Some("orders-0002-001"), Some("orders-001")]);
    }
}
