//! What names a service.

use std::collections::BTreeMap;

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
}
