//! Days that do not stand for the rest: a sale, an incident, a load test; and what is to come of them.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, FromToml, Node, schema};

/// Days, in UTC, that forecasts and peaks leave out once they are over. Until then they raise the load that is expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What it was.
    pub name: String,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    /// What it does to the load; null where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<EventLoad>,
}

/// What an event does to the load.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventLoad {
    /// So much more than without the event, as a share: 0.4 for `+40%`; less where it is negative.
    More(f64),
    /// So much at the busiest hour, in the unit of the load.
    Absolute(f64),
}

impl FromToml for EventLoad {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let load = match node.as_str() {
            Some(text) => Self::from_percent(text),
            None => Some(Self::Absolute(node.number()?)),
        };
        let is_possible = |load: &Self| match *load {
            Self::More(share) => share.is_finite() && share > -1.0,
            Self::Absolute(load) => load > 0.0,
        };
        let load = load.filter(is_possible);
        load.or_else(|| {
            node.fail("config/event-load", "expected a change such as \"+40%\", or a load above 0")
        })
    }

    fn schema() -> Value {
        json!({
            "description": "What it does to the load: a change such as \"+40%\", or the load itself.",
            "anyOf": [
                { "type": "string", "pattern": "^[+-][0-9]+(\\.[0-9]+)?%$" },
                { "type": "number", "exclusiveMinimum": 0 },
            ],
        })
    }
}

impl EventLoad {
    /// `+40%`, `-10%`.
    fn from_percent(text: &str) -> Option<Self> {
        let number = text.strip_suffix('%').filter(|number| number.starts_with(['+', '-']))?;
        number.parse::<f64>().ok().map(|percent| Self::More(percent / 100.0))
    }
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
        let load = reader.optional("load").map(EventLoad::from_toml);
        let event = Self { name: name?, from: from?, until: until?, load: load.flatten() };
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
                "load": EventLoad::schema(),
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
    fn a_load_is_a_change_or_a_figure() {
        let load = |text: &str| {
            let (mut found, problems) =
                events(&format!("[[events]]\nname = \"Sale\"\nfrom = 2026-11-27\nload = {text}\n"));
            (found.pop().and_then(|event| event.load), problems)
        };
        assert_eq!(load("\"+40%\""), (Some(EventLoad::More(0.4)), Vec::new()));
        assert_eq!(load("\"-12.5%\""), (Some(EventLoad::More(-0.125)), Vec::new()));
        assert_eq!(load("1200"), (Some(EventLoad::Absolute(1200.0)), Vec::new()));
        for wrong in ["\"40%\"", "\"+40\"", "\"-100%\"", "\"+inf%\"", "0", "-5", "\"a lot\""] {
            let (found, problems) = load(wrong);
            assert_eq!((found, problems.len()), (None, 1), "{wrong}");
        }
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
