//! Which instances do the same work, so that the others take over what one of them did.
//!
//! Nothing measures that. What is known are names and labels: `app-1` and `app-2` of one namespace are two of `app`, and
//! `db-1` is another thing. Pages say which instances were taken for one pool.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
};

use super::Observation;

/// Labels that tell what an instance works for. Instances that differ in one of them do not share work.
const SERVICE: [&str; 25] = [
    "workload",
    "namespace",
    "kubernetes_namespace",
    "exported_namespace",
    "job",
    "exported_job",
    "service",
    "app",
    "application",
    "component",
    "container",
    "app_kubernetes_io_name",
    "app_kubernetes_io_component",
    "cluster",
    "env",
    "environment",
    "stage",
    "stack",
    "tenant",
    "account",
    "account_id",
    "project",
    "project_id",
    "product",
    "team",
];

/// The most parts that the name of a place has.
const MAX_PARTS: usize = 12;

/// Labels whose value names an instance, the one that lasts longest first.
const NAMES: [&str; 6] = ["pod", "pod_name", "kubernetes_pod_name", "exported_pod", "instance", "node"];

/// What instances of one pool have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pool {
    /// The name that they share, such as `app` for `app-1` and `app-2`; empty where names are addresses.
    pub name: String,
    /// The labels that tell what they work for, with their values.
    service: Vec<(String, String)>,
}

/// Labels that say where instances are, and not what they do, with the values that there are.
#[derive(Debug, Clone, Default)]
pub struct Places<'p>(BTreeMap<&'p str, BTreeSet<&'p str>>);

impl<'p> Places<'p> {
    /// The values that instances have of labels.
    pub fn new(
        labels: impl IntoIterator<Item = &'p str>,
        observations: &(impl Iterator<Item = &'p Observation> + Clone),
    ) -> Self {
        let values = |label| observations.clone().filter_map(|of| of.place(label)).collect();
        Self(labels.into_iter().map(|label| (label, values(label))).collect())
    }

    /// The values that the name of an instance may have in it: its own, and any of a label that it does not have.
    fn of<'s>(&'s self, observation: &'p Observation) -> PlaceNames<'s> {
        let mut names = PlaceNames::default();
        for (label, all) in &self.0 {
            match observation.place(label) {
                Some(own) => names.own.push(own),
                None => names.any.push(all),
            }
        }
        names
    }
}

/// Names of places: looked up, because there may be as many of them as there are instances.
#[derive(Debug, Clone, Default)]
struct PlaceNames<'p> {
    own: Vec<&'p str>,
    any: Vec<&'p BTreeSet<&'p str>>,
}

impl PlaceNames<'_> {
    fn contains(&self, name: &str) -> bool {
        self.own.contains(&name) || self.any.iter().any(|all| all.contains(name))
    }

    /// The parts of a name that is divided by `-` and `_`, without those that are a place. The longest place counts: `eu-1a`
    /// before `eu`.
    fn left_in<'n>(&self, name: &'n str) -> Vec<&'n str> {
        let mut parts: Vec<(usize, &str)> = Vec::new();
        let mut start = 0;
        for part in name.split(['-', '_']) {
            if !part.is_empty() {
                parts.push((start, part));
            }
            start += part.len() + 1;
        }
        let mut left = Vec::new();
        let mut next = 0;
        while let Some((start, first)) = parts.get(next) {
            let ends = parts.iter().enumerate().skip(next).take(MAX_PARTS);
            let place = ends.rev().find(|(_, (end, last))| self.contains(&name[*start..end + last.len()]));
            if let Some((last, _)) = place {
                next = last + 1;
            } else {
                left.push(*first);
                next += 1;
            }
        }
        left
    }
}

impl Pool {
    /// The pool of an instance.
    pub fn of(observation: &Observation, places: &Places<'_>) -> Self {
        let service = SERVICE.iter().filter(|label| !places.0.contains_key(*label));
        let service = service.filter_map(|label| {
            let value = observation.labels.get(*label)?;
            // The workload of a pod has the pod's number where that lasts.
            let value =
                if *label == "workload" { shared_name(value, &PlaceNames::default()) } else { value.clone() };
            Some(((*label).to_owned(), value))
        });
        let values = places.of(observation);
        // What shows a machine runs in a pod of its own name.
        let is_machine = observation.signal.entry().system == "host";
        let names = if is_machine { &NAMES[NAMES.len() - 2..] } else { &NAMES[..] };
        let labelled = names.iter().find_map(|label| observation.labels.get(*label));
        let name = labelled.or(observation.instance.as_ref());
        Self {
            name: name.map(|name| shared_name(name, &values)).unwrap_or_default(),
            service: service.collect(),
        }
    }

    /// The namespace that its instances are in, where they are in one.
    pub fn namespace(&self) -> Option<&str> {
        let is_namespace =
            |label: &str| ["namespace", "kubernetes_namespace", "exported_namespace"].contains(&label);
        self.service.iter().find(|(label, _)| is_namespace(label)).map(|(_, namespace)| namespace.as_str())
    }
}

/// The part of a name that all instances of a pool have: without port, domain, numbers, random suffixes, and the names of
/// places. `ip-10-0-3-7.eu-west-1.compute.internal:9100` is `ip`, `api-7d4b9c6f5d-x8k2m` is `api`, `10.0.3.7` is nothing.
fn shared_name(name: &str, places: &PlaceNames<'_>) -> String {
    // What comes after a blank is a part of the instance, such as a file system, or says where it is.
    let (host, rest) = name.split_once(' ').unwrap_or((name, ""));
    let shared = if is_address(host) { String::new() } else { shared_host(host, places) };
    if rest.is_empty() || rest.starts_with("in ") { shared } else { format!("{shared} {rest}") }
}

/// `10.0.3.7:9100`, `2001:db8::7`, `[2001:db8::7]:9100`.
fn is_address(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().is_ok() || host.parse::<SocketAddr>().is_ok()
}

fn shared_host(host: &str, places: &PlaceNames<'_>) -> String {
    let without_port = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    // The further parts of a domain say nothing about the instance.
    let label = without_port.split('.').next().unwrap_or(without_port);
    let parts = places.left_in(label);
    let mut kept: Vec<&str> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        let after_hash =
            index.checked_sub(1).and_then(|before| parts.get(before)).is_some_and(|before| is_hash(before));
        let is_suffix =
            is_last && index > 0 && (after_hash && (4..=5).contains(&part.len()) || is_random(part));
        if !is_number(part) && !is_hash(part) && !is_suffix {
            kept.push(part);
        }
    }
    let mut shared = kept.join("-");
    shared.truncate(shared.trim_end_matches(|last: char| last.is_ascii_digit()).len());
    shared
}

/// The suffix of a pod: five letters of an alphabet without vowels.
fn is_random(part: &str) -> bool {
    part.len() == 5 && part.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte))
}

fn is_number(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters and digits mixed as no word has them, or the alphabet of Kubernetes, which has no vowels.
fn is_hash(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let is_plain = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let leading = part.bytes().take_while(u8::is_ascii_lowercase).count();
    // `web01` and `v2` are words with a number behind them.
    let is_numbered_word = leading > 0 && leading + digits == part.len();
    let has_vowel = part.bytes().any(|byte| b"aeiou".contains(&byte));
    let is_mixed = digits > 0 && !is_numbered_word && part.len() >= 4;
    is_plain && (is_mixed || digits > 0 && part.len() >= 5 && !has_vowel && leading < 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        signal::{Series, SignalId},
        snapshot::Origin,
    };

    #[track_caller]
    fn shared(names: &[&str], places: &[&str], expected: &str) {
        let all = places.iter().copied().collect();
        for name in names {
            let (own, any) = (places.to_vec(), vec![&all]);
            for places in [PlaceNames { own, any: Vec::new() }, PlaceNames { own: Vec::new(), any }] {
                assert_eq!(shared_name(name, &places), expected, "{name}");
            }
        }
    }

    #[test]
    fn names_of_one_pool_have_a_common_part() {
        shared(&["app-1:3005", "app-2:3005", "app-12"], &[], "app");
        shared(&["web01", "web02.example.org:9100"], &[], "web");
        shared(&["pg-0", "pg-1"], &[], "pg");
        shared(&["api-7d4b9c6f5d-x8k2m", "api-7d4b9c6f5d-abcde"], &[], "api");
        shared(&["ip-10-0-3-7.eu-west-1.compute.internal:9100", "ip-10-0-4-8"], &[], "ip");
        shared(&["gke-prod-pool-1a2b3c4d-abcd", "gke-prod-pool-1a2b3c4d-x9kz"], &[], "gke-prod-pool");
        shared(
            &["aks-nodepool1-12345678-vmss000001", "aks-nodepool1-12345678-vmss000002"],
            &[],
            "aks-nodepool1-vmss",
        );
        shared(&["10.0.3.7:9100", "10.0.3.8:9100"], &[], "");
        shared(&["[2001:db8::7]:9100", "[2001:db8::8]:9100", "[2001:db8::9]", "2001:db8::a"], &[], "");
        shared(&["10.0.3.7:9100 sda", "[2001:db8::7]:9100 sda"], &[], " sda");
        shared(&["app-a-1", "app-b-1"], &["a", "b"], "app");
        shared(&["app-eu-west-1a-1", "app-eu-west-1b-7"], &["eu-west-1a", "eu-west-1b"], "app");
        shared(&["web-eu-1", "web-eu-west-1a-1"], &["eu", "eu-west-1a"], "web");
        shared(&["redis", "redis-2"], &[], "redis");
        shared(&["node-exporter-bcdfg", "node-exporter-x8k2m"], &[], "node-exporter");
    }

    #[test]
    fn other_things_have_other_names() {
        let name = |text: &str| shared_name(text, &PlaceNames::default());
        assert_ne!(name("app-1"), name("db-1"));
        assert_ne!(name("api-7d4b9c6f5d-x8k2m"), name("api-worker-7d4b9c6f5d-x8k2m"));
        assert_ne!(name("db-1:9100 /"), name("db-2:9100 /var"));
        assert_eq!(name("db-1:9100 /"), name("db-2:9100 /"));
    }

    #[test]
    fn what_works_for_another_service_is_another_pool() {
        let measured = |labels: &[(&str, &str)]| {
            let origin = Origin { source: "prometheus".to_owned(), query: String::new() };
            let signal = SignalId::find("host.cpu").unwrap();
            let mut observation =
                Observation::new(signal, Series::new(1, vec![0], vec![0.5]).unwrap(), origin);
            observation.labels =
                labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            observation
        };
        let all = [
            measured(&[("instance", "app-1"), ("namespace", "shop"), ("zone", "a")]),
            measured(&[("instance", "app-2"), ("namespace", "shop"), ("zone", "b")]),
            measured(&[("instance", "app-2"), ("namespace", "mail"), ("zone", "b")]),
            measured(&[("instance", "app-b-3"), ("namespace", "shop"), ("zone", "b")]),
            measured(&[("instance", "app-a-4"), ("namespace", "shop")]),
        ];
        let pools = |label| {
            let places = Places::new([label], &all.iter());
            all.iter().map(|observation| Pool::of(observation, &places)).collect::<Vec<_>>()
        };
        let of_zones = pools("zone");
        let [shop, same, mail, by_name, unlabelled] = of_zones.as_slice() else { panic!("{of_zones:?}") };
        assert_eq!((shop.name.as_str(), shop.namespace()), ("app", Some("shop")));
        assert_eq!([same, by_name, unlabelled], [shop; 3]);
        assert_ne!(shop, mail);
        // Where namespaces are lost they tell no services apart.
        let of_namespaces = pools("namespace");
        assert_eq!(of_namespaces[1], of_namespaces[2]);
    }
}
