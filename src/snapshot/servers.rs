//! Several servers of a kind: what each of them showed, told apart by their names.

use std::collections::{BTreeMap, BTreeSet};

use super::{AmbiguousScope, Observation, Reason, ScopeValue, SourceReport, SourceResult, Unavailable};
use crate::signal::{Role, SignalId};

/// The label for the name of a server among several of its kind. Servers of metrics have none with a dot.
pub const SERVER: &str = "source.name";

/// The source that shows other systems, each by its own name. Every other source shows the server it reads.
const SHOWS_OTHERS: &str = "prometheus";

impl SourceReport {
    /// The kind of source, with the name of the server where there are several.
    pub fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{} {name}", self.source),
            None => self.source.clone(),
        }
    }
}

impl SourceResult {
    /// Names the server of several from which all this comes.
    pub fn set_server(&mut self, name: &str) {
        self.report.name = Some(name.to_owned());
        for observation in self.all_observations_mut() {
            observation.labels.insert(SERVER.to_owned(), name.to_owned());
        }
        let title = self.report.title();
        self.gaps.iter_mut().for_each(|gap| gap.source.clone_from(&title));
        self.exhausted.iter_mut().for_each(|exhausted| exhausted.source.clone_from(&title));
    }

    fn all_observations_mut(&mut self) -> impl Iterator<Item = &mut Observation> {
        self.observations.iter_mut().chain(&mut self.stopped).chain(&mut self.history)
    }
}

/// Makes names of instances that stay different when all readings are brought together.
///
/// What PostgreSQL `orders` shows of itself becomes the instance `orders`, and its database `shop` becomes
/// `orders/shop`. Servers of metrics show others, whose names stay as they are unless two servers use the same. A load
/// that two of them show is left out, and is a question: it may be one product in two places, or two.
pub(super) fn tell_apart(readings: &mut [SourceResult]) {
    let questions = take_out_shared_loads(readings);
    let shown = servers_by_key(readings);
    for reading in readings.iter_mut() {
        let Some(name) = reading.report.name.clone() else { continue };
        let source = reading.report.source.clone();
        for observation in reading.all_observations_mut() {
            let key = (source.clone(), observation.signal, observation.instance.clone());
            let is_shared = || shown.get(&key).is_some_and(|servers| servers.len() > 1);
            if !is_load(observation) && (source != SHOWS_OTHERS || is_shared()) {
                observation.instance = Some(match &observation.instance {
                    Some(instance) => format!("{name}/{instance}"),
                    None => name.clone(),
                });
            }
        }
    }
    if let Some(first) = readings.iter_mut().find(|reading| reading.report.name.is_some()) {
        first.ambiguous.extend(questions);
    }
}

fn is_load(observation: &Observation) -> bool {
    observation.signal.entry().role == Role::Load
}

/// Leaves out the loads that several servers show now, and asks which is meant. Where one of them shows it, the past that
/// others have of it is left out.
fn take_out_shared_loads(readings: &mut [SourceResult]) -> Vec<AmbiguousScope> {
    let mut showing: BTreeMap<(SignalId, Option<String>), Vec<ScopeValue>> = BTreeMap::new();
    for reading in readings.iter() {
        let Some(name) = &reading.report.name else { continue };
        for load in reading.observations.iter().filter(|observation| is_load(observation)) {
            let value = ScopeValue { value: name.clone(), share: load.values.last().1 };
            showing.entry((load.signal, load.instance.clone())).or_default().push(value);
        }
    }
    for reading in readings.iter_mut() {
        let Some(name) = &reading.report.name else { continue };
        let servers = |load: &Observation| showing.get(&(load.signal, load.instance.clone()));
        let is_shared = |load: &Observation| servers(load).is_some_and(|servers| servers.len() > 1);
        let is_own = |load: &Observation| {
            servers(load).is_none_or(|servers| matches!(&servers[..], [only] if only.value == *name))
        };
        let title = reading.report.title();
        let shared =
            reading.observations.extract_if(.., |observation| is_load(observation) && is_shared(observation));
        let why = Unavailable::new(Reason::SeveralSeries, "several servers show a load of this name");
        reading.gaps.extend(shared.map(|load| why.clone().gap(load.signal, &title)));
        reading.history.retain(|observation| !is_load(observation) || is_own(observation));
    }
    let shared = showing.into_iter().filter(|(_, servers)| servers.len() > 1);
    shared.map(|((signal, _), servers)| question(signal, servers)).collect()
}

/// The servers of each kind of source that show an instance of a signal.
fn servers_by_key(
    readings: &[SourceResult],
) -> BTreeMap<(String, SignalId, Option<String>), BTreeSet<String>> {
    let mut shown: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for reading in readings {
        let Some(name) = &reading.report.name else { continue };
        for observation in reading.observations.iter().chain(&reading.stopped).chain(&reading.history) {
            let key = (reading.report.source.clone(), observation.signal, observation.instance.clone());
            shown.entry(key).or_default().insert(name.clone());
        }
    }
    shown
}

/// Which server's load is meant, with the largest first.
fn question(signal: SignalId, mut values: Vec<ScopeValue>) -> AmbiguousScope {
    let sum: f64 = values.iter().map(|value| value.share.max(0.0)).sum();
    let equal = 1.0 / values.len() as f64;
    for value in &mut values {
        value.share = if sum > 0.0 { value.share.max(0.0) / sum } else { equal };
    }
    values.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.value.cmp(&b.value)));
    AmbiguousScope { signal, label: SERVER.to_owned(), values }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::{
        signal::Series,
        snapshot::{Origin, Snapshot, Window, merge},
    };

    fn id(name: &str) -> SignalId {
        SignalId::find(name).unwrap()
    }

    fn observed(source: &str, signal: &str, instance: Option<&str>, value: f64) -> Observation {
        let origin = Origin { source: source.to_owned(), query: "q".to_owned() };
        let values = Series::new(60_000, vec![0, 60_000], vec![value; 2]).unwrap();
        let instance = instance.map(str::to_owned);
        Observation { instance, ..Observation::new(id(signal), values, origin) }
    }

    fn reading(source: &str, name: &str, shown: &[(&str, Option<&str>, f64)]) -> SourceResult {
        let mut result = SourceResult::new(SourceReport::answered(source, name));
        result.observations = shown
            .iter()
            .map(|(signal, instance, value)| observed(source, signal, *instance, *value))
            .collect();
        result.set_server(name);
        result
    }

    fn merged(readings: Vec<SourceResult>) -> Snapshot {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        merge(at, Window { from: at, to: at, step_seconds: 60 }, readings)
    }

    fn instances(snapshot: &Snapshot, signal: &str) -> Vec<Option<String>> {
        let of_signal = snapshot.observations.iter().filter(|observation| observation.signal == id(signal));
        of_signal.map(|observation| observation.instance.clone()).collect()
    }

    fn some(names: &[&str]) -> Vec<Option<String>> {
        names.iter().map(|name| Some((*name).to_owned())).collect()
    }

    #[test]
    fn servers_that_show_themselves_are_instances() {
        let of = |name| {
            reading(
                "postgres",
                name,
                &[("postgres.connections", None, 0.5), ("postgres.database_size", Some("shop"), 0.5)],
            )
        };
        let snapshot = merged(vec![of("orders"), of("users")]);
        assert_eq!(instances(&snapshot, "postgres.connections"), some(&["orders", "users"]));
        assert_eq!(instances(&snapshot, "postgres.database_size"), some(&["orders/shop", "users/shop"]));
        assert!(snapshot.observations.iter().all(|observation| observation.labels.contains_key(SERVER)));
    }

    #[test]
    fn servers_of_metrics_leave_names_that_only_one_of_them_uses() {
        let eu =
            reading("prometheus", "eu", &[("host.cpu", Some("a"), 0.5), ("host.memory", Some("b"), 0.5)]);
        let us =
            reading("prometheus", "us", &[("host.cpu", Some("a"), 0.9), ("users.concurrent", None, 9.0)]);
        let snapshot = merged(vec![eu, us]);
        assert_eq!(instances(&snapshot, "host.cpu"), some(&["eu/a", "us/a"]));
        assert_eq!(instances(&snapshot, "host.memory"), some(&["b"]));
        assert_eq!(instances(&snapshot, "users.concurrent"), [None]);
        assert!(snapshot.ambiguous.is_empty());
    }

    #[test]
    fn one_kind_of_source_renames_nothing_of_another() {
        let metrics = reading("prometheus", "eu", &[("queue.depth", Some("mail"), 5.0)]);
        let other = reading("prometheus", "us", &[]);
        let redis = reading("redis", "jobs", &[("queue.depth", Some("mail"), 5.0)]);
        let snapshot = merged(vec![metrics, other, redis]);
        assert_eq!(instances(&snapshot, "queue.depth"), some(&["jobs/mail", "mail"]));
    }

    #[test]
    fn the_past_of_a_load_is_that_of_the_server_that_shows_it() {
        let present = reading("prometheus", "eu", &[("users.concurrent", None, 100.0)]);
        let mut gone = reading("prometheus", "us", &[("users.concurrent", None, 300.0)]);
        gone.history = std::mem::take(&mut gone.observations);
        let snapshot = merged(vec![present, gone]);
        assert!(snapshot.ambiguous.is_empty() && snapshot.history.is_empty(), "{snapshot:?}");
        assert_eq!(instances(&snapshot, "users.concurrent"), [None]);
    }

    #[test]
    fn a_load_of_two_servers_is_a_question() {
        let of = |name, users| reading("prometheus", name, &[("users.concurrent", None, users)]);
        let snapshot = merged(vec![of("eu", 100.0), of("us", 300.0)]);
        assert!(instances(&snapshot, "users.concurrent").is_empty());
        let [question] = &snapshot.ambiguous[..] else { panic!("{:?}", snapshot.ambiguous) };
        assert_eq!((question.signal, question.label.as_str()), (id("users.concurrent"), SERVER));
        let values: Vec<_> =
            question.values.iter().map(|value| (value.value.as_str(), value.share)).collect();
        assert_eq!(values, [("us", 0.75), ("eu", 0.25)]);
        assert!(snapshot.gaps.iter().any(|gap| gap.reason == Reason::SeveralSeries));
    }

    #[test]
    fn what_one_of_several_refuses_stays_a_gap() {
        let gaps = |reason| {
            let mut refusing = reading("postgres", "users", &[]);
            let why = Unavailable::new(reason, "no");
            refusing.gaps.push(why.gap(id("postgres.connections"), "postgres users"));
            let orders = reading("postgres", "orders", &[("postgres.connections", None, 0.5)]);
            merged(vec![orders, refusing]).gaps
        };
        assert_eq!(gaps(Reason::NotPermitted).len(), 1);
        assert_eq!(gaps(Reason::Unreachable)[0].source, "postgres users");
        assert_eq!(gaps(Reason::NotApplicable), [], "it has no such thing");
    }

    #[test]
    fn without_names_nothing_changes() {
        let mut alone = reading("postgres", "x", &[("postgres.connections", None, 0.5)]);
        alone.report.name = None;
        assert_eq!(instances(&merged(vec![alone]), "postgres.connections"), [None]);
    }
}
