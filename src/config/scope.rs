//! `[scope]`: which of the systems behind one metrics server are meant.

use serde_json::{Value, json};

use crate::{
    diagnostic::{FromToml, Kind, Node},
    roadmap::{label, label_schema},
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
pub(super) const MATCHERS: Kind<Vec<LabelMatcher>> = Kind {
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
