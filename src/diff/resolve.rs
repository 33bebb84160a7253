//! Whose limit a setting is: the instance that has the value so far, and that the file names.

use std::{cell::LazyCell, collections::BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    NotResolved, REPLICA_SETTINGS, SettingChange, SettingValue, assignment::words, aws::CLASS_SETTINGS, class,
};
use crate::{
    signal::{Quantity, Signal, SignalId, Unit, catalog},
    snapshot::{AssumedLimit, AssumedReplicas, Observation, ReplicaGroup, ReplicasError, SETTING, Snapshot},
};

/// Servers keep slots of a limit for themselves, so that what may be used is this share of a setting at least.
const USABLE: f64 = 0.85;
/// Limits that differ by less are the same, written in other units.
const SAME: f64 = 0.005;

/// What is known of the changes of a diff.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resolution {
    /// The limits that they set.
    pub limits: Vec<AssumedLimit>,
    /// The numbers of replicas that they set.
    pub replicas: Vec<AssumedReplicas>,
    /// Changes of which it is not known whose limit they are.
    pub unresolved: Vec<UnresolvedChange>,
}

/// A change of which it is not known what it does.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UnresolvedChange {
    /// The change.
    #[serde(flatten)]
    pub change: SettingChange,
    /// Whether the setting gets smaller, or may.
    pub may_shrink: bool,
    /// Why.
    pub reason: NotResolved,
}

/// An instance that a setting may limit.
struct Possible<'o> {
    observation: &'o Observation,
    /// The setting as it is, reserved slots and all.
    setting: Quantity,
    limit: Quantity,
}

/// The limits that changes of settings set in the system of a snapshot.
pub fn resolve(changes: &[SettingChange], snapshot: &Snapshot) -> Resolution {
    let mut resolution = Resolution::default();
    let groups = LazyCell::new(|| snapshot.replica_groups());
    for change in changes {
        let setting = change.setting.as_str();
        let mut resolved =
            |result: Result<AssumedLimit, NotResolved>| result.map(|limit| resolution.limits.push(limit));
        let results: Vec<Result<(), NotResolved>> = if !change.to.is_readable() {
            vec![Err(NotResolved::UnreadableValue)]
        } else if REPLICA_SETTINGS.contains(&setting) {
            vec![replicas_of(change, &groups).map(|replicas| resolution.replicas.push(replicas))]
        } else if CLASS_SETTINGS.contains(&setting) {
            class::of_class(change, snapshot).into_iter().map(resolved).collect()
        } else {
            vec![resolved(of_change(change, snapshot))]
        };
        for reason in results.into_iter().filter_map(Result::err) {
            let has_effect = !matches!(reason, NotResolved::Autoscaled { .. } | NotResolved::SameSize);
            let may_shrink = has_effect && shrinks(change).unwrap_or(true);
            resolution.unresolved.push(UnresolvedChange { change: change.clone(), may_shrink, reason });
        }
    }
    resolution
}

/// The number of replicas of a workload that the diff names and that has the number which it takes away.
fn replicas_of(change: &SettingChange, groups: &[ReplicaGroup]) -> Result<AssumedReplicas, NotResolved> {
    let whole = |value: &SettingValue| {
        let count = value.in_unit(Unit::Count)?.value();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "what is out of range is out of range at its bounds, too"
        )]
        let whole = (count.fract() == 0.0).then_some(count as u64);
        whole.filter(|count| AssumedReplicas::COUNTS.contains(count))
    };
    let from = change.from.as_ref().and_then(whole);
    let no_workload = || {
        let named = |group: &ReplicaGroup| match group.count {
            Some(count) => format!("{} {count}", group.workload),
            None => group.workload.clone(),
        };
        NotResolved::NoWorkload { known: groups.iter().map(named).collect() }
    };
    let assumed = whole(&change.to).ok_or(NotResolved::NoCount)?;
    let shared =
        |group: &ReplicaGroup| group.workload.split('/').filter(|part| change.words.contains(*part)).count();
    let is_named = |group: &&ReplicaGroup| {
        let name = group.workload.rsplit('/').next().unwrap_or_default();
        change.words.contains(name) && (from.is_none() || group.count.is_none() || group.count == from)
    };
    let named: Vec<&ReplicaGroup> = groups.iter().filter(is_named).collect();
    let most = named.iter().map(|group| shared(group)).max().unwrap_or_default();
    let best: Vec<&ReplicaGroup> = named.into_iter().filter(|group| shared(group) == most).collect();
    let group = match best.as_slice() {
        [only] => *only,
        [] => return Err(no_workload()),
        several => {
            let possible = several.iter().map(|group| group.workload.clone()).collect();
            return Err(NotResolved::SeveralInstances { possible });
        }
    };
    let assumed =
        AssumedReplicas { workload: group.workload.clone(), present: group.count.or(from), assumed };
    match group.present(assumed.present) {
        Ok(_) => Ok(assumed),
        Err(ReplicasError::Autoscaled { autoscaler, .. }) => Err(NotResolved::Autoscaled { autoscaler }),
        Err(ReplicasError::NotShared { workload }) => Err(NotResolved::NotShared { workload }),
        Err(_) => Err(no_workload()),
    }
}

/// The signals whose limit a setting sets.
fn limited_by(setting: &str) -> impl Iterator<Item = &'static Signal> {
    catalog().signals().filter(move |signal| signal.settings.iter().any(|name| name == setting))
}

/// Whether a setting gets smaller; `None` where one of its values is not known or has another unit.
fn shrinks(change: &SettingChange) -> Option<bool> {
    if CLASS_SETTINGS.contains(&change.setting.as_str()) {
        return class::shrinks(change);
    }
    let is_size = limited_by(&change.setting).any(|signal| signal.of.as_deref() == Some("bytes"));
    let unit = if is_size { Unit::Bytes } else { Unit::Count };
    let from = change.from.as_ref()?.in_unit(unit)?;
    Some(change.to.in_unit(unit)?.value() < from.value())
}

fn of_change(change: &SettingChange, snapshot: &Snapshot) -> Result<AssumedLimit, NotResolved> {
    let signals: Vec<SignalId> = limited_by(&change.setting).map(Signal::id).collect();
    let measured = snapshot.observations.iter().filter(|observation| signals.contains(&observation.signal));
    let mut all: Vec<Possible<'_>> = measured.filter_map(|found| possible(found, change)).collect();
    all.sort_by(|a, b| identity(a).cmp(&identity(b)));
    all.dedup_by(|a, b| identity(a) == identity(b));
    if all.is_empty() {
        return Err(NotResolved::NotMeasured { signals });
    }
    // What has no name beside the only one with a name is the same server, read directly.
    let has_name = |signal: SignalId| {
        let mut of_signal = all.iter().filter(|possible| possible.observation.signal == signal);
        snapshot.is_only_instance(signal) && of_signal.any(|possible| possible.observation.instance.is_some())
    };
    let twice: BTreeSet<SignalId> = signals.iter().copied().filter(|signal| has_name(*signal)).collect();
    all.retain(|possible| {
        possible.observation.instance.is_some() || !twice.contains(&possible.observation.signal)
    });
    let known = all.iter().map(named).collect();
    let fitting: Vec<&Possible<'_>> = all.iter().filter(|possible| has_value(possible, change)).collect();
    let found = match fitting.as_slice() {
        [] => return Err(NotResolved::NoInstance { known }),
        // Without a value so far only the name says that it is this one.
        [only] if change.from.is_some() => *only,
        several => match named_by(several, change).as_slice() {
            [only] => *only,
            [] if change.from.is_none() => return Err(NotResolved::NoInstance { known }),
            [] => return Err(several_of(several)),
            named => return Err(several_of(named)),
        },
    };
    let to = change.to.in_unit(found.limit.unit()).ok_or(NotResolved::NoInstance { known })?;
    // What is reserved stays reserved.
    let limit = found.limit.value() + to.value() - found.setting.value();
    Ok(AssumedLimit {
        signal: found.observation.signal,
        instance: found.observation.instance.clone(),
        present: None,
        basis: None,
        // Less than what is reserved leaves next to nothing.
        limit: Quantity::new(limit.max(f64::MIN_POSITIVE), found.limit.unit()).unwrap_or(to),
    })
}

fn possible<'o>(observation: &'o Observation, change: &SettingChange) -> Option<Possible<'o>> {
    let limit = observation.capacity()?;
    let attribute = observation.attributes.get(&format!("{SETTING}{}", change.setting));
    let read = attribute.and_then(|value| Quantity::new(value.parse().ok()?, limit.unit()));
    let from = change.from.as_ref().and_then(|from| from.in_unit(limit.unit()));
    let with_reserved = from.filter(|from| is_usable_part(limit, *from));
    let setting = read.or(with_reserved).unwrap_or(limit);
    Some(Possible { observation, setting, limit })
}

/// Whether a limit may be what a setting leaves after what the server keeps for itself.
fn is_usable_part(limit: Quantity, setting: Quantity) -> bool {
    limit.unit() == Unit::Count
        && limit.value() <= setting.value()
        && limit.value() >= USABLE * setting.value()
}

/// Whether it has the value that the diff takes away; anything where the diff takes none away.
fn has_value(possible: &Possible<'_>, change: &SettingChange) -> bool {
    let Some(from) = &change.from else { return change.to.in_unit(possible.limit.unit()).is_some() };
    from.in_unit(possible.limit.unit())
        .is_some_and(|from| (possible.setting.value() - from.value()).abs() <= SAME * from.value().abs())
}

/// Those that the diff names best.
fn named_by<'p, 'o>(several: &[&'p Possible<'o>], change: &SettingChange) -> Vec<&'p Possible<'o>> {
    best_named(
        several,
        |possible| possible.observation.instance.as_deref(),
        |part| change.words.contains(part),
    )
}

fn several_of(possible: &[&Possible<'_>]) -> NotResolved {
    NotResolved::SeveralInstances {
        possible: possible.iter().map(|possible| name(possible.observation)).collect(),
    }
}

fn identity<'o>(possible: &Possible<'o>) -> (SignalId, &'o Option<String>) {
    (possible.observation.signal, &possible.observation.instance)
}

/// `postgres.connections@db-1 97`.
fn named(possible: &Possible<'_>) -> String {
    format!("{} {}", name(possible.observation), possible.limit)
}

/// Those of which the names of their instances have the most parts that the diff names; none where it names none.
pub(super) fn best_named<'t, T>(
    all: &[&'t T],
    instance: impl Fn(&T) -> Option<&str>,
    is_named: impl Fn(&str) -> bool,
) -> Vec<&'t T> {
    let shared = |item: &T| {
        let name = instance(item).unwrap_or_default();
        // `api` of `shop/api/api` counts once.
        let parts: BTreeSet<&str> = name.split(['/', ' ', ':']).flat_map(words).collect();
        parts.into_iter().filter(|part| is_named(part)).count()
    };
    let most = all.iter().map(|item| shared(item)).max().unwrap_or_default();
    all.iter().filter(|item| most > 0 && shared(item) == most).copied().collect()
}

/// `postgres.connections@db-1`, as `plan --set` takes it.
pub(super) fn name(observation: &Observation) -> String {
    let instance = observation.instance.as_ref().map(|instance| format!("@{instance}"));
    format!("{}{}", observation.signal, instance.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::{
        diff::changes,
        signal::Series,
        snapshot::{Limit, Origin, Window, merge},
    };

    fn taken_at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap()
    }

    fn snapshot(limits: &[(&str, Option<&str>, f64, Unit)]) -> Snapshot {
        let mut snapshot =
            merge(taken_at(), Window { from: taken_at(), to: taken_at(), step_seconds: 60 }, Vec::new());
        for (signal, instance, limit, unit) in limits {
            let origin = Origin { source: "test".to_owned(), query: String::new() };
            let signal = SignalId::find(signal).unwrap();
            let mut observation = Observation::new(signal, Series::spot(taken_at(), 0.5).unwrap(), origin);
            observation.instance = instance.map(str::to_owned);
            observation.limit = Limit::constant(*limit, *unit);
            snapshot.observations.push(observation);
        }
        snapshot
    }

    fn resolved(file: &str, from: &str, to: &str, snapshot: &Snapshot) -> Resolution {
        let settings: BTreeSet<&str> =
            catalog().signals().flat_map(|signal| signal.settings.iter().map(String::as_str)).collect();
        let text = format!("--- a/{file}\n+++ b/{file}\n@@ -1 +1 @@\n-{from}\n+{to}\n");
        resolve(&changes(&text, &settings).unwrap(), snapshot)
    }

    #[track_caller]
    fn limit(resolution: &Resolution) -> (Option<&str>, f64) {
        let [limit] = resolution.limits.as_slice() else { panic!("{resolution:?}") };
        (limit.instance.as_deref(), limit.limit.value())
    }

    #[test]
    fn the_instance_with_the_value_is_meant_and_keeps_its_reserved_slots() {
        let servers = snapshot(&[
            ("postgres.connections", Some("db-1"), 97.0, Unit::Count),
            ("postgres.connections", Some("db-2"), 297.0, Unit::Count),
            ("mysql.connections", Some("my"), 151.0, Unit::Count),
        ]);
        let of = |from, to| {
            resolved(
                "x.conf",
                &format!("max_connections = {from}"),
                &format!("max_connections = {to}"),
                &servers,
            )
        };
        assert_eq!(limit(&of("100", "200")), (Some("db-1"), 197.0));
        assert_eq!(limit(&of("300", "100")), (Some("db-2"), 97.0));
        assert_eq!(limit(&of("151", "500")), (Some("my"), 500.0));
        assert!(matches!(of("50", "500").unresolved[0].reason, NotResolved::NoInstance { .. }));
    }

    #[test]
    fn a_server_that_two_sources_read_is_one() {
        let twice = snapshot(&[
            ("redis.memory", Some("cache:9121"), 268_435_456.0, Unit::Bytes),
            ("redis.memory", None, 268_435_456.0, Unit::Bytes),
        ]);
        let of = resolved("redis.conf", "maxmemory 256mb", "maxmemory 64mb", &twice);
        assert_eq!(limit(&of), (Some("cache:9121"), 67_108_864.0));
        let assumed = twice.with_limits(&of.limits).unwrap().snapshot;
        for observation in &assumed.observations {
            assert_eq!(observation.capacity(), Quantity::new(67_108_864.0, Unit::Bytes));
            assert!((observation.values.last().1 - 2.0).abs() < 1e-9); // half of four times as much
        }
        assert!(twice.with_limits(&["redis.memory=64MiB".parse().unwrap()]).is_ok());
    }

    #[test]
    fn of_equal_ones_that_which_the_file_names_is_meant() {
        let memory = 512.0 * 1_048_576.0;
        let pods = snapshot(&[
            ("container.memory", Some("shop/api/api"), memory, Unit::Bytes),
            ("container.memory", Some("shop/worker/worker"), memory, Unit::Bytes),
        ]);
        let of = |file| resolved(file, "limits: {memory: 512Mi}", "limits: {memory: 1Gi}", &pods);
        assert_eq!(limit(&of("k8s/worker.yaml")), (Some("shop/worker/worker"), 2.0 * memory));
        let NotResolved::SeveralInstances { possible } = &of("values.yaml").unresolved[0].reason else {
            panic!("{:?}", of("values.yaml"));
        };
        assert_eq!(possible, &["container.memory@shop/api/api", "container.memory@shop/worker/worker"]);
    }

    #[test]
    fn what_is_not_measured_is_not_known_and_may_shrink() {
        let empty = snapshot(&[]);
        let raised = resolved("x.conf", "max_connections = 100", "max_connections = 200", &empty);
        assert!(!raised.unresolved[0].may_shrink);
        let lowered = resolved("x.conf", "maxmemory 2gb", "maxmemory 100mb", &empty);
        assert!(lowered.unresolved[0].may_shrink);
        assert!(matches!(lowered.unresolved[0].reason, NotResolved::NotMeasured { .. }));
        let cpu = |from: &str, to: &str| {
            resolved("x", &format!("limits: {{cpu: {from}}}"), &format!("limits: {{cpu: {to}}}"), &empty)
        };
        assert!(cpu("1", "500m").unresolved[0].may_shrink && !cpu("500m", "1").unresolved[0].may_shrink);
        let new = resolved("x.conf", "a", "maxmemory 100mb", &empty);
        assert!(new.unresolved[0].may_shrink);
    }

    #[test]
    fn a_value_that_is_no_number_may_shrink_the_limit() {
        let server = snapshot(&[("postgres.connections", Some("db-1"), 97.0, Unit::Count)]);
        for (setting, from) in
            [("max_connections", "100"), ("replicas", "3"), ("instance_class", "db.r6g.large")]
        {
            let of = resolved("x", &format!("{setting} = {from}"), &format!("{setting} = -5"), &server);
            let [unresolved] = &of.unresolved[..] else { panic!("{of:?}") };
            assert!(matches!(unresolved.reason, NotResolved::UnreadableValue) && unresolved.may_shrink);
        }
    }

    #[test]
    fn a_number_of_replicas_that_changes_nothing_or_leaves_nothing_says_so() {
        let api = ("container.cpu", Some("shop/api/api"), 1.0, Unit::Count);
        let of = |to: &str, limits: &[(&str, Option<&str>, f64, Unit)]| {
            resolved("k8s/api.yaml", "replicas: 3", &format!("replicas: {to}"), &snapshot(limits))
        };
        assert_eq!(of("1000000", &[api]).replicas[0].assumed, 1_000_000);
        for none in ["0", "1000001"] {
            let none = of(none, &[api]);
            assert!(matches!(none.unresolved[0].reason, NotResolved::NoCount), "{none:?}");
        }
        assert!(of("0", &[api]).unresolved[0].may_shrink);
        let autoscaled = of("2", &[api, ("k8s.replicas", Some("shop/api"), 12.0, Unit::Count)]);
        assert!(matches!(autoscaled.unresolved[0].reason, NotResolved::Autoscaled { .. }));
        assert!(!autoscaled.unresolved[0].may_shrink, "it has no effect");
    }
}
