//! Findings that a team knows of: they are shown, and fail no run until a day.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Severity;
use crate::diagnostic::{Diagnostic, FromToml, Node, schema};

/// What is known of until a day, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Silence {
    /// A finding such as `alert:queue-depth-critical`, or a signal or resource, of which all findings are meant; everything
    /// where none is named, which `[[fleet.silences]]` alone allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// The instance; all of them where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The worst that is meant: what becomes worse counts again. Everything where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Severity>,
    /// The last day, in UTC.
    pub until: NaiveDate,
    /// Why nothing is done about it until then.
    pub reason: String,
}

impl Silence {
    /// Whether it holds for everything that there is, however bad it is.
    pub fn is_of_everything(&self) -> bool {
        self.finding.is_none() && self.instance.is_none() && self.up_to != Some(Severity::Warning)
    }
}

impl FromToml for Silence {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let reader = node.table()?;
        let finding = reader.need("finding", Node::string);
        let instance = reader.optional("instance").map(Node::string);
        let up_to = reader.optional("up_to").map(Severity::from_toml);
        let until = reader.need("until", Node::date);
        let reason = reader.need("reason", Node::string);
        let (finding, reason) = (finding?, reason?);
        if finding.trim().is_empty() || reason.trim().is_empty() {
            let message = "a silence names a finding and a reason";
            reader.report(Diagnostic::error("config/silence", reader.span(), message));
            return None;
        }
        let up_to = match up_to {
            Some(None) => return None,
            known => known.flatten(),
        };
        Some(Self { finding: Some(finding), instance: instance.flatten(), up_to, until: until?, reason })
    }

    fn schema() -> Value {
        let text = |what: &str| {
            let text = schema::with(String::schema(), "pattern", json!(r"\S"));
            schema::with(text, "description", json!(what))
        };
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["finding", "until", "reason"],
            "properties": {
                "finding": text("A finding such as alert:queue-depth-critical, or a signal or resource."),
                "instance": text("The instance; all of them when left out."),
                "up_to": schema::with(
                    Severity::schema(),
                    "description",
                    json!("The worst that is meant: what becomes worse counts again; everything when left out."),
                ),
                "until": { "description": "The last day, in UTC.", "type": "string", "format": "date" },
                "reason": text("Why nothing is done about it until then."),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::read_document;

    fn silences(text: &str) -> (Vec<Silence>, Vec<String>) {
        let text = format!("[[silences]]\n{text}\n");
        let (found, diagnostics) = read_document(&text, |reader| reader.list("silences", Silence::from_toml));
        (
            found,
            diagnostics
                .into_iter()
                .map(|diagnostic| diagnostic.message)
                .filter(|text| !text.is_empty())
                .collect(),
        )
    }

    #[test]
    fn a_silence_has_a_finding_an_end_and_a_reason() {
        let (found, problems) = silences(
            "finding = \"host.disk_space\"\ninstance = \"db:/\"\nuntil = 2026-12-24\nreason = \"new disk ordered\"",
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!(
            (found[0].instance.as_deref(), found[0].until.to_string().as_str()),
            (Some("db:/"), "2026-12-24")
        );
        for wrong in [
            "finding = \"a\"\nreason = \"b\"",
            "finding = \"a\"\nuntil = 2026-12-24",
            "until = 2026-12-24\nreason = \"b\"",
            "finding = \" \"\nuntil = 2026-12-24\nreason = \"b\"",
            "finding = \"a\"\nuntil = 2026-12-24\nreason = \"\"",
            "finding = \"a\"\nuntil = \"soon\"\nreason = \"b\"",
            "finding = \"a\"\nup_to = \"ok\"\nuntil = 2026-12-24\nreason = \"b\"",
        ] {
            let (found, problems) = silences(wrong);
            assert!(found.is_empty() && !problems.is_empty(), "{wrong}");
        }
    }
}
