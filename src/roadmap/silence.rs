//! Findings that a team knows of: they are shown, and fail no run until a day.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Severity;
use crate::diagnostic::{FromToml, Kind, Node, schema};

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
    /// The highest severity that is silenced; anything worse counts again. Everything where none is named.
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

/// A day, in UTC.
pub(crate) const DAY: Kind<NaiveDate> =
    Kind { read: |node| node.date(), schema: || json!({ "type": "string", "format": "date" }) };

/// A text that is not blank.
pub(crate) const WORDS: Kind<String> = Kind {
    read: |node| match node.as_str() {
        Some(text) if text.trim().is_empty() => node.fail("config/silence", "this is blank; enter a text"),
        _ => node.string(),
    },
    schema: || schema::with(String::schema(), "pattern", json!(r"\S")),
};

impl FromToml for Silence {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let reader = node.table()?;
        let finding = reader.need("finding", WORDS.read);
        let instance = reader.optional("instance").map(WORDS.read);
        let up_to = reader.optional("up_to").map(Severity::from_toml);
        let until = reader.need("until", DAY.read);
        let reason = reader.need("reason", WORDS.read);
        if instance == Some(None) || up_to == Some(None) {
            return None;
        }
        Some(Self {
            finding: Some(finding?),
            instance: instance.flatten(),
            up_to: up_to.flatten(),
            until: until?,
            reason: reason?,
        })
    }

    fn schema() -> Value {
        let described = |schema: Value, what: &str| schema::with(schema, "description", json!(what));
        let text = |what: &str| described((WORDS.schema)(), what);
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["finding", "until", "reason"],
            "properties": {
                "finding": text("A finding such as alert:queue-depth-critical, or a signal or resource."),
                "instance": text("The instance; all of them when left out."),
                "up_to": described(
                    Severity::schema(),
                    "The highest severity that is silenced; anything worse counts again. Everything when left out.",
                ),
                "until": described((DAY.schema)(), "The last day, in UTC."),
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
            "finding = \"a\"\ninstance = \" \"\nuntil = 2026-12-24\nreason = \"b\"",
            "finding = \"a\"\nuntil = \"soon\"\nreason = \"b\"",
            "finding = \"a\"\nup_to = \"ok\"\nuntil = 2026-12-24\nreason = \"b\"",
        ] {
            let (found, problems) = silences(wrong);
            assert!(found.is_empty() && !problems.is_empty(), "{wrong}");
        }
    }
}
