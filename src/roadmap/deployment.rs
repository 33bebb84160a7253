//! The system as it is: deployments with their machines, regions, components, and the parts of it that may fail.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Amount, Band, Figure, Range,
    amount::{COUNTS, FIGURES, SIZE},
    values::{IDENTIFIER, LABEL, check_unique, unit_error},
};
use crate::{
    diagnostic::{Diagnostic, Kind, Reader, Spans, toml_table},
    signal::{Quantity, ResourceId, SignalId},
};

toml_table! {
    /// A deployment and its capacity.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Deployment {
        /// Its name.
        pub id: String as IDENTIFIER,
        /// What it consists of.
        pub title: String,
        /// How many users it can serve.
        pub users: Band,
        /// The machines it runs on.
        pub nodes: Vec<Machine>,
        /// Its capacity for each signal.
        pub capacity: BTreeMap<SignalId, Amount> = BTreeMap::new(),
        /// Other figures that the document states.
        pub figures: Vec<Figure> as FIGURES = Vec::new(),
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check_list = check_deployments;
}

/// Deployments are given from the smallest to the largest, without overlaps.
fn check_deployments(deployments: &[Option<Deployment>], reader: &Reader<'_>, key: &'static str) {
    let deployments: Vec<&Deployment> = deployments.iter().flatten().collect();
    check_unique(reader, key, deployments.iter().map(|deployment| (&deployment.id, &deployment.spans)));
    for pair in deployments.windows(2) {
        let [before, after] = [pair[0], pair[1]];
        let overlap = before.users.high().is_none_or(|high| after.users.low() < high);
        if overlap && before.id != after.id {
            let message = format!("`{}` carries users that `{}` carries already", after.id, before.id);
            reader.report(
                Diagnostic::error("roadmap/overlapping-deployments", after.spans.of_key("id"), message)
                    .also(before.spans.of_key("id"), "before it")
                    .help("give the deployments from the smallest to the largest, without overlaps"),
            );
        }
    }
}

toml_table! {
    /// Machines, containers or managed services of one kind.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Machine {
        /// What runs on it.
        pub name: String,
        /// How many there are and how large each one is.
        #[serde(flatten)]
        pub size: Size as flatten,
    }
}

toml_table! {
    /// How many there are and how large each one is, as far as the document says.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct Size {
        /// How many; one when left out.
        pub count: Option<Range<u64>> as COUNTS,
        /// CPU cores of each.
        pub cpu_cores: Option<f64> as CORES,
        /// Memory of each, such as "8GiB".
        pub memory: Option<Quantity> as SIZE,
        /// Disk space of each, such as "100GB".
        pub storage: Option<Quantity> as SIZE,
    }
}

const CORES: Kind<f64> = Kind {
    read: |node| match node.number()? {
        cores if cores > 0.0 => Some(cores),
        _ => node.fail("roadmap/no-cores", "the number of cores must be greater than zero"),
    },
    schema: || json!({ "type": "number", "exclusiveMinimum": 0 }),
};

toml_table! {
    /// A region to deploy to.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Region {
        /// Its name.
        pub name: String,
        /// Its role: primary, secondary, future.
        pub role: String,
        /// Application servers there.
        pub app_servers: Option<u64>,
        /// Whether the database's primary is there.
        pub database_primary: bool = false,
        /// Read replicas there.
        pub database_replicas: Option<u64>,
        /// Redis nodes there.
        pub redis_nodes: Option<u64>,
    }
}

toml_table! {
    /// A component of the system.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Component {
        /// Its name.
        pub name: String,
        /// What it is today.
        pub current: Option<String>,
        /// How it scales.
        pub strategy: String,
        /// The minimum and maximum number of replicas.
        pub replicas: Option<Range<u64>>,
        /// The signals its replicas are scaled on.
        pub scale_on: Vec<ScaleOn>,
        /// Requests, limits and other settings of one replica.
        pub figures: Vec<Figure> as FIGURES = Vec::new(),
    }
}

toml_table! {
    /// A signal that an autoscaler keeps at a target.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct ScaleOn {
        /// The signal.
        pub signal: SignalId,
        /// The target value.
        pub target: Quantity,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check = check_unit_of_target;
}

fn check_unit_of_target(scale_on: &mut ScaleOn, reader: &Reader<'_>) {
    let span = scale_on.spans.of_key("target");
    if let Some(error) = unit_error(scale_on.target, span, scale_on.signal.entry()) {
        reader.report(error);
    }
}

toml_table! {
    /// Parts that may fail: with each of them gone in turn, what is left must hold the load.
    #[derive(Debug, Clone, PartialEq)]
    pub struct FailureDomain {
        /// The label that tells the parts apart, such as "zone" or "node"; "instance" for each instance by its name.
        pub label: String as LABEL,
        /// The values that are lost in turn; every value that is measured when left out.
        pub values: BTreeSet<String>,
        /// The resources that must hold; all when left out.
        pub resources: BTreeSet<ResourceId>,
        /// The places of its values in the file.
        pub spans: Spans as flatten,
    }
}

/// Reports a label of two domains: their findings would have one name.
pub(crate) fn check_labels(domains: &[FailureDomain], reader: &Reader<'_>) {
    let mut first: BTreeMap<&str, &Spans> = BTreeMap::new();
    for FailureDomain { label, spans, .. } in domains {
        if let Some(earlier) = first.get(label.as_str()) {
            let message = format!("two failure domains have the label `{label}`; write one with all values");
            let error = Diagnostic::error("config/repeated-label", spans.of_key("label"), message);
            reader.report(error.also(earlier.of_key("label"), "first used here"));
        } else {
            first.insert(label, spans);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{FromToml, read_document};

    fn domains(keys: &str) -> (Vec<FailureDomain>, Vec<String>) {
        let text = format!("[[failure_domains]]\n{keys}\n");
        let (domains, diagnostics) = read_document(&text, |reader| {
            let domains = reader.list("failure_domains", FailureDomain::from_toml);
            check_labels(&domains, &reader);
            domains
        });
        (domains, diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect())
    }

    #[test]
    fn a_domain_is_a_label_with_values_and_resources() {
        let (found, problems) = domains("label = \"zone\"");
        assert_eq!((found.len(), problems), (1, Vec::new()));
        let (found, problems) = domains("label = \"zone\"\nvalues = [\"a\"]\nresources = [\"host.cpu\"]");
        assert_eq!(problems, [""; 0]);
        assert_eq!((found[0].values.len(), found[0].resources.len()), (1, 1));
        for (wrong, message) in [
            ("values = [\"a\"]", "`label` is missing"),
            (
                "label = \"zone\"\n[[failure_domains]]\nlabel = \"zone\"\nvalues = [\"a\"]",
                "two failure domains have the label `zone`; write one with all values",
            ),
            ("label = \"a zone\"", "`a zone` is not the name of a label"),
            ("label = \"zone\"\nresources = [\"host.cpus\"]", "unknown resource `host.cpus`"),
        ] {
            let (_, problems) = domains(wrong);
            assert_eq!(problems, [message], "{wrong}");
        }
    }
}
