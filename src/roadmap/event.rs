//! Days that do not stand for the rest: a sale, an incident, a load test.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, FromToml, Node, schema};

/// Days, in UTC, that forecasts and peaks leave out once they are over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What it was.
    pub name: String,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
}

impl Event {
    /// Whether a day belongs to it.
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.from..=self.until).contains(&day)
    }
}

impl FromToml for Event {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let reader = node.table()?;
        let name = reader.need("name", Node::string);
        let from = reader.need("from", Node::date);
        let until = match reader.optional("until") {
            Some(node) => node.date(),
            None => from,
        };
        let event = Self { name: name?, from: from?, until: until? };
        if event.until < event.from {
            let message = format!("`{}` ends before it begins", event.name);
            reader.report(Diagnostic::error("config/event", reader.span(), message));
            return None;
        }
        Some(event)
    }

    fn schema() -> Value {
        let date = |what: &str| json!({ "description": what, "type": "string", "format": "date" });
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["name", "from"],
            "properties": {
                "name": schema::with(String::schema(), "description", json!("What it was.")),
                "from": date("Its first day, in UTC."),
                "until": date("Its last day; the first when left out."),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::read_document;

    fn events(text: &str) -> (Vec<Event>, Vec<String>) {
        let (events, diagnostics) = read_document(text, |reader| reader.list("events", Event::from_toml));
        (events, diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect())
    }

    #[test]
    fn a_day_or_several_are_an_event() {
        let text = "[[events]]\nname = \"Black Friday\"\nfrom = 2026-11-27\nuntil = \"2026-11-30\"\n\
                    [[events]]\nname = \"Load test\"\nfrom = 2026-10-02\n";
        let (events, problems) = events(text);
        assert_eq!(problems, [""; 0]);
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        assert!(events[0].contains(day(11, 27)) && events[0].contains(day(11, 30)));
        assert!(!events[0].contains(day(12, 1)));
        assert_eq!((events[1].from, events[1].until), (day(10, 2), day(10, 2)));
    }

    #[test]
    fn dates_that_are_none_are_refused() {
        for (keys, message) in [
            ("from = 2026-11-27\nuntil = 2026-11-26", "`Sale` ends before it begins"),
            ("from = \"27 Nov\"", "expected a date such as 2026-11-27, found a string"),
            ("from = 2026-11-27T10:00:00Z", "expected a date such as 2026-11-27, found a datetime"),
            ("until = 2026-11-27", "`from` is missing"),
        ] {
            let (found, problems) = events(&format!("[[events]]\nname = \"Sale\"\n{keys}\n"));
            assert_eq!((found, problems), (Vec::new(), vec![message.to_owned()]), "{keys}");
        }
    }
}
