//! Which instances are one: what is kept of the past under a name belongs to what has that name today only if their
//! labels agree.

use std::collections::BTreeMap;

/// The labels that tell an instance from others.
pub type Labels = BTreeMap<String, String>;

/// Labels that an instance may change while it stays the same: a new pod or address, another node, a renamed job.
const CHANGING: [&str; 12] = [
    "instance",
    "pod",
    "pod_name",
    "kubernetes_pod_name",
    "exported_pod",
    "exported_instance",
    "node",
    "host",
    "hostname",
    "nodename",
    "zone",
    "job",
];

/// Whether an instance may change this label while it stays the same.
pub fn is_changing(label: &str) -> bool {
    CHANGING.contains(&label)
}

/// Whether two sets of labels cannot be of one instance: a label that lasts has two values.
fn contradict(labels: &Labels, others: &Labels) -> bool {
    labels
        .iter()
        .any(|(name, value)| !is_changing(name) && others.get(name).is_some_and(|other| other != value))
}

/// Instances by their labels and by their names. `K` is what else tells them apart, such as the signal.
#[derive(Debug)]
pub struct InstanceIndex<K> {
    by_labels: BTreeMap<(K, Labels), usize>,
    by_name: BTreeMap<(K, Option<String>), Vec<Numbered>>,
}

/// The labels of an instance and its number.
type Numbered = (Labels, usize);

impl<K: Ord + Clone> InstanceIndex<K> {
    /// Of no instances.
    pub fn new() -> Self {
        Self { by_labels: BTreeMap::new(), by_name: BTreeMap::new() }
    }

    /// Adds an instance with the number under which it is found. Of instances with the same labels the first is found.
    pub fn insert(&mut self, key: &K, instance: Option<&str>, labels: &Labels, number: usize) {
        if !labels.is_empty() {
            self.by_labels.entry((key.clone(), labels.clone())).or_insert(number);
        }
        let namesakes = self.by_name.entry((key.clone(), instance.map(str::to_owned))).or_default();
        if !namesakes.iter().any(|(known, _)| known == labels) {
            namesakes.push((labels.clone(), number));
        }
    }

    /// The number of the same instance: that with the same labels, else one with the same name whose labels do not
    /// contradict.
    pub fn find(&self, key: &K, instance: Option<&str>, labels: &Labels) -> Option<usize> {
        let same_labels = || self.by_labels.get(&(key.clone(), labels.clone())).copied();
        let found = if labels.is_empty() { None } else { same_labels() };
        found.or_else(|| {
            let namesakes = self.by_name.get(&(key.clone(), instance.map(str::to_owned)))?;
            let equal = namesakes.iter().find(|(known, _)| known == labels);
            let agreeing = || namesakes.iter().find(|(known, _)| !contradict(known, labels));
            equal.or_else(agreeing).map(|(_, number)| *number)
        })
    }

    /// Whether there is an instance of this name, whatever its labels are.
    pub fn has_name(&self, key: &K, instance: Option<&str>) -> bool {
        self.by_name.contains_key(&(key.clone(), instance.map(str::to_owned)))
    }
}

impl<K: Ord + Clone> Default for InstanceIndex<K> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn index(instances: &[(&str, &[(&str, &str)])]) -> InstanceIndex<u8> {
        let mut index = InstanceIndex::new();
        for (number, (name, pairs)) in instances.iter().enumerate() {
            index.insert(&0, Some(name), &labels(pairs), number);
        }
        index
    }

    #[test]
    fn a_new_name_does_not_hide_the_same_labels() {
        let known = index(&[("db", &[("instance", "db"), ("cluster", "eu")])]);
        let eu = labels(&[("instance", "db"), ("cluster", "eu")]);
        assert_eq!(known.find(&0, Some("db in eu"), &eu), Some(0));
        assert_eq!(known.find(&1, Some("db in eu"), &eu), None, "of another signal");
    }

    #[test]
    fn a_name_that_means_another_instance_now_is_not_followed() {
        let known = index(&[("db", &[("instance", "db"), ("cluster", "us")])]);
        let eu = labels(&[("instance", "db"), ("cluster", "eu")]);
        assert_eq!(known.find(&0, Some("db"), &eu), None);
        assert!(known.has_name(&0, Some("db")));
    }

    #[test]
    fn pods_and_addresses_may_change_and_labels_may_be_added() {
        let known = index(&[("api", &[("pod", "api-1"), ("namespace", "shop")]), ("old", &[])]);
        let moved = labels(&[("pod", "api-2"), ("namespace", "shop"), ("cluster", "eu")]);
        assert_eq!(known.find(&0, Some("api"), &moved), Some(0));
        assert_eq!(known.find(&0, Some("old"), &moved), Some(1), "recorded without labels");
        assert_eq!(known.find(&0, Some("api"), &labels(&[])), Some(0), "read without labels");
    }

    #[test]
    fn of_namesakes_the_one_that_agrees_is_found() {
        let known = index(&[("db", &[("cluster", "us")]), ("db", &[("cluster", "eu")])]);
        assert_eq!(known.find(&0, Some("db"), &labels(&[("cluster", "eu"), ("job", "pg")])), Some(1));
    }
}
