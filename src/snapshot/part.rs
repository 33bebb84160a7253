//! A part of a system that may be lost: a zone, a node, an instance.

use std::{collections::BTreeSet, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Observation, Snapshot};
use crate::signal::{is_label, listed};

/// The label that every instance has: what it is called on pages.
pub const INSTANCE: &str = "instance";

/// Everything with one value of a label, such as `zone=a`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// The label.
    pub label: String,
    /// Its value.
    pub value: String,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.label, self.value)
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((label, value)) if is_label(label) && !value.is_empty() => {
                Ok(Self { label: label.to_owned(), value: value.to_owned() })
            }
            _ => Err("expected a label and its value, such as zone=a or instance=db-1".to_owned()),
        }
    }
}

/// Why a part cannot be lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchPart {
    /// No instance has the label.
    #[error("no measured instance has the label `{label}`{}", found(.known, "labels found: "))]
    Label {
        /// The label.
        label: String,
        /// The labels that instances have.
        known: Vec<String>,
    },
    /// No instance has that value of it.
    #[error("no measured instance has {part}{}", found(.known, "values found: "))]
    Value {
        /// The label and the value.
        part: Part,
        /// The values that instances have.
        known: Vec<String>,
    },
}

/// `; labels found: zone, node and 3 more`.
fn found(known: &[String], what: &str) -> String {
    if known.is_empty() {
        return "; labels come from Prometheus alone; of other sources use instance=NAME".to_owned();
    }
    format!("; {what}{}", listed(known, 12))
}

impl Observation {
    /// The value of a label that tells where it is; of `instance` its name, where no label of that name says another.
    pub fn place(&self, label: &str) -> Option<&str> {
        let value = self.labels.get(label).map(String::as_str).filter(|value| !value.is_empty());
        value.or_else(|| self.instance.as_deref().filter(|_| label == INSTANCE))
    }

    /// Whether it is in a part.
    pub fn is_in(&self, part: &Part) -> bool {
        let is_named = part.label == INSTANCE && self.instance.as_deref() == Some(&part.value);
        is_named || self.place(&part.label) == Some(&part.value)
    }
}

impl Snapshot {
    /// The values that instances have of a label.
    pub fn places(&self, label: &str) -> BTreeSet<&str> {
        self.observations.iter().filter_map(|observation| observation.place(label)).collect()
    }

    /// Whether a part is there to be lost.
    ///
    /// # Errors
    /// With the labels or values that are there, when no instance is in it.
    pub fn check_part(&self, part: &Part) -> Result<(), NoSuchPart> {
        if self.observations.iter().any(|observation| observation.is_in(part)) {
            return Ok(());
        }
        let known = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
        let values = self.places(&part.label);
        if values.is_empty() {
            let mut labels: BTreeSet<&str> =
                self.observations.iter().flat_map(|found| found.labels.keys()).map(String::as_str).collect();
            if self.observations.iter().any(|observation| observation.instance.is_some()) {
                labels.insert(INSTANCE);
            }
            return Err(NoSuchPart::Label { label: part.label.clone(), known: known(labels) });
        }
        Err(NoSuchPart::Value { part: part.clone(), known: known(values) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_a_label_with_a_value() {
        let part: Part = "zone=eu-west-1a".parse().unwrap();
        assert_eq!((part.label.as_str(), part.value.as_str()), ("zone", "eu-west-1a"));
        assert_eq!("instance=db:5432=x".parse::<Part>().unwrap().value, "db:5432=x");
        for text in ["zone", "zone=", "=a", "a zone=b", ""] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
    }

    #[test]
    fn errors_name_what_there_is() {
        let label = NoSuchPart::Label {
            label: "zon".to_owned(),
            known: vec!["instance".to_owned(), "zone".to_owned()],
        };
        assert_eq!(
            label.to_string(),
            "no measured instance has the label `zon`; labels found: instance, zone"
        );
        let many = (1..=14).map(|number| format!("n{number}")).collect();
        let value = NoSuchPart::Value { part: "node=x".parse().unwrap(), known: many };
        assert!(value.to_string().ends_with("n12 and 2 more"), "{value}");
    }
}
