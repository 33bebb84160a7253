//! Which systems are meant: the scope of one, and the services of a fleet.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{EXPANDED, Facts};
use crate::{
    diagnostic::{Diagnostic, FromToml, Kind, Node, Reader, toml_table},
    roadmap::{DAY, LABEL, LABELS, Severity, Silence, WORDS, label, label_schema},
    signal::{LabelMatcher, MatchKind, Scope},
};

impl FromToml for Scope {
    /// Reads the table. A value that begins with an operator, such as `"=~shop-.*"`, is compared by it.
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let reader = node.table()?;
        let defaults = Self::default();
        Some(Self {
            matchers: reader.get("match", matchers).unwrap_or_default(),
            replica_labels: match reader.optional("replica_labels") {
                Some(_) => reader.list("replica_labels", label),
                None => defaults.replica_labels,
            },
            by: reader.list("by", label),
            together: reader.list("together", label).into_iter().collect(),
        })
    }

    fn schema() -> Value {
        let label = label_schema();
        let labels = |what: &str| json!({ "type": "array", "items": label, "description": what });
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "match": {
                    "description": "Required label values: \"prod\", \"=~shop-.*\", \"!=dev\".",
                    "type": "object",
                    "propertyNames": label,
                    "additionalProperties": { "type": "string" },
                },
                "replica_labels": labels("Labels that tell apart replicas holding the same data."),
                "by": labels("Further labels that tell products or environments apart."),
                "together": labels("Labels whose values belong to one product and are added up."),
            },
        })
    }
}

/// Values of labels, by label, as `[scope]` has them under `match`.
const MATCHERS: Kind<Vec<LabelMatcher>> = Kind {
    read: matchers,
    schema: || {
        json!({
            "type": "object",
            "propertyNames": label_schema(),
            "additionalProperties": { "type": "string" },
        })
    },
};

fn matchers(node: Node<'_>) -> Option<Vec<LabelMatcher>> {
    let entries = node.table()?.entries().into_iter();
    Some(entries.filter_map(|(name, _, node)| matcher(&name, node)).collect())
}

fn matcher(label: &str, node: Node<'_>) -> Option<LabelMatcher> {
    let text = node.string()?;
    let kinds = [MatchKind::Regex, MatchKind::NotRegex, MatchKind::NotEqual];
    let compared = kinds.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.operator())?)));
    let (kind, value) = compared.unwrap_or((MatchKind::Equal, &text));
    match LabelMatcher::new(label, kind, value) {
        Ok(matcher) => Some(matcher),
        Err(error) => node.fail("config/label", error.to_string()),
    }
}

toml_table! {
    /// Many services behind one metrics server.
    #[derive(Debug, Default)]
    pub struct Fleet {
        /// The labels that name a service, such as `["namespace", "service"]`.
        pub by: Vec<String> as LABELS = Vec::new(),
        /// Required label values of all services: "prod", "=~shop-.*", "!=dev".
        pub r#match: Vec<LabelMatcher> as MATCHERS = Vec::new(),
        /// Label values of services that are left out: "kube-system", "=~test-.*".
        pub exclude: Vec<LabelMatcher> as MATCHERS = Vec::new(),
        /// The label that says who owns a service.
        pub owner_label: Option<String> as LABEL,
        /// The label that names a service's roadmap: the id of a built-in one.
        pub profile_label: Option<String> as LABEL,
        /// How many samples the server may read per run, as counted by its own statistics.
        pub max_samples: Option<u64>,
        /// Services that differ from the others.
        pub service: Vec<FleetService>,
        /// Known findings of some services, which fail no run until a given day.
        pub silences: Vec<FleetSilence>,
    }
}

toml_table! {
    /// Services that differ from the others.
    #[derive(Debug, Clone)]
    pub struct FleetService {
        /// The services that are meant, by the labels that name them: "checkout", "=~api-.*", "!=web".
        pub r#match: Vec<LabelMatcher> as MATCHERS = Vec::new(),
        /// Their roadmap: the id of a built-in one, or a path to one.
        pub profile: Option<String> as EXPANDED,
        /// Who owns them.
        pub owner: Option<String> as EXPANDED,
        /// Facts that hold for them, beside or in place of those of all.
        pub facts: Facts = Facts::default(),
    }
}

toml_table! {
    /// What is known of some services until a day: it is shown, and fails no run.
    #[derive(Debug, Clone)]
    pub struct FleetSilence {
        /// The services that are meant, by the labels that name them: "checkout", "=~api-.*", "!=web".
        pub r#match: Vec<LabelMatcher> as MATCHERS = Vec::new(),
        /// A finding such as alert:queue-depth-critical, or a signal or resource; everything when left out.
        pub finding: Option<String> as WORDS,
        /// The instance; all of them when left out.
        pub instance: Option<String> as WORDS,
        /// The highest severity that is silenced; anything worse counts again. Everything when left out.
        pub up_to: Option<Severity>,
        /// The last day, in UTC.
        pub until: NaiveDate as DAY,
        /// Why nothing is done about it until then.
        pub reason: String as WORDS,
    }
    check = names_services;
}

impl FleetSilence {
    /// The silence of a service that it holds for.
    pub fn silence(&self) -> Silence {
        let Self { finding, instance, up_to, until, reason, .. } = self.clone();
        Silence { finding, instance, up_to, until, reason }
    }
}

/// A silence of every service is one of `[[silences]]`.
fn names_services(silence: &mut FleetSilence, reader: &Reader<'_>) {
    if silence.r#match.is_empty() {
        let message = "`match` selects no service; silences for all services belong under [[silences]]";
        reader.report(Diagnostic::error("config/silence", reader.span(), message));
    }
}
