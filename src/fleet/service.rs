//! What names a service, what is said of it before it is judged, and which part of a divided fleet it belongs to.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::Serialize;

use super::Standing;
use crate::snapshot::Labels;

/// The values of the labels that tell services apart, in the order in which the settings name these labels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service {
    values: Vec<String>,
}

impl Service {
    /// A service of these values.
    pub fn new(values: Vec<String>) -> Self {
        Self { values }
    }

    /// The service that a series belongs to; `None` where it lacks one of the labels.
    pub fn of_labels(by: &[String], labels: &[(String, String)]) -> Option<Self> {
        let value = |label: &String| {
            let (_, value) = labels.iter().find(|(name, _)| name == label)?;
            (!value.is_empty()).then(|| value.clone())
        };
        by.iter().map(value).collect::<Option<Vec<_>>>().map(Self::new)
    }

    /// The values, in the order of the labels.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// `shop/checkout`.
    pub fn name(&self) -> String {
        self.values.join("/")
    }

    /// The labels with their values.
    pub fn labels(&self, by: &[String]) -> BTreeMap<String, String> {
        by.iter().cloned().zip(self.values.iter().cloned()).collect()
    }

    /// The same with each value changed.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self { values: self.values.iter().map(|value| change(value)).collect() }
    }
}

/// One service and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The labels that name it.
    pub service: Labels,
    /// Their values together: `shop/checkout`.
    pub name: String,
    /// Who owns it, as far as that is known.
    pub owner: Option<String>,
    /// The id or path of the roadmap that it is held against.
    pub profile: String,
    /// Since when it has existed, and whether it still does.
    pub standing: Standing,
}

/// The services of one of several parts. Which part a service belongs to depends on its labels alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    count: u64,
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `3/16`: the fourth of sixteen parts, which are counted from 0.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            _ => Err("expected a part, counted from 0, and how many there are: 0/16 to 15/16".to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl Shard {
    /// Whether a service belongs to it.
    pub fn contains(self, service: &Service) -> bool {
        mixed(hash(service)) % self.count == self.index
    }
}

/// FNV-1a of the values, which are at most one beside the other in one way.
fn hash(service: &Service) -> u64 {
    let bytes = service.values().iter().flat_map(|value| value.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The same with every bit depending on all others, since few of them decide.
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_belongs_to_a_service_only_with_all_labels() {
        let by = ["namespace".to_owned(), "service".to_owned()];
        let labels = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let service = Service::of_labels(&by, &labels(&[("service", "a"), ("job", "x"), ("namespace", "n")]));
        assert_eq!(service.as_ref().map(Service::name).as_deref(), Some("n/a"));
        assert_eq!(Service::of_labels(&by, &labels(&[("service", "a")])), None);
        assert_eq!(Service::of_labels(&by, &labels(&[("service", ""), ("namespace", "n")])), None);
    }

    #[test]
    fn each_service_belongs_to_one_part_and_the_parts_are_about_equal() {
        let services = (0..10_000)
            .map(|number| Service::new(vec![format!("ns-{}", number % 40), format!("s-{number}")]));
        let shards: Vec<Shard> = (0..16).map(|index| format!("{index}/16").parse().unwrap()).collect();
        let mut sizes = [0; 16];
        for service in services {
            let of: Vec<usize> = (0..16).filter(|index| shards[*index].contains(&service)).collect();
            let [only] = of[..] else { panic!("{service:?} is in {of:?}") };
            sizes[only] += 1;
        }
        assert!(sizes.iter().all(|size| (500..750).contains(size)), "{sizes:?}");
    }

    #[test]
    fn the_part_of_a_service_never_changes() {
        let part = |values: &[&str]| {
            let service = Service::new(values.iter().map(|value| (*value).to_owned()).collect());
            mixed(hash(&service)) % 16
        };
        assert_eq!(part(&["shop", "checkout"]), 13);
        assert_ne!(
            hash(&Service::new(vec!["a".into(), "b".into()])),
            hash(&Service::new(vec!["ab".into(), String::new()]))
        );
    }

    #[test]
    fn parts_are_counted_from_zero() {
        for wrong in ["16/16", "1", "0/0", "-1/2", "a/b"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
