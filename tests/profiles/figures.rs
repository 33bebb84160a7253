//! Every figure of a roadmap with the path under which its JSON carries it.

use std::collections::BTreeMap;

use scale_advisor::{roadmap::Roadmap, signal::parse_quantity};
use serde_json::Value;

/// Keys whose words are as much part of the numbers as their units: what is critical, done in days, averaged.
const WORDS: [&str; 6] = ["severity", "timeline", "priority", "role", "aggregate", "is"];

/// Keys that name an item of a list.
const NAMES: [&str; 5] = ["id", "number", "name", "signal", "fact"];

/// A number in its base unit, or a word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Figure {
    Number(f64, String),
    Word(String),
}

impl Figure {
    /// A figure as a document writes it.
    pub(crate) fn parse(text: &str) -> Self {
        parse_quantity(text).map_or_else(
            |_| Self::Word(text.to_owned()),
            |quantity| Self::of(&serde_json::to_value(quantity).unwrap()).unwrap(),
        )
    }

    /// A quantity, or a plain number, which counts something.
    fn of(json: &Value) -> Option<Self> {
        match json {
            Value::Number(number) => Some(Self::Number(number.as_f64()?, "count".to_owned())),
            Value::Object(fields) if fields.len() == 2 => {
                Some(Self::Number(fields.get("value")?.as_f64()?, fields.get("unit")?.as_str()?.to_owned()))
            }
            _ => None,
        }
    }
}

/// The figures of a roadmap by path: `phases/2/enter/any/host.memory/above`.
pub(crate) fn figures(roadmap: &Roadmap) -> BTreeMap<String, Figure> {
    let mut found = BTreeMap::new();
    walk(&serde_json::to_value(roadmap).unwrap(), "", &mut found);
    found
}

fn walk(json: &Value, path: &str, found: &mut BTreeMap<String, Figure>) {
    let key = path.rsplit('/').next().unwrap_or_default();
    let word = match json {
        Value::Bool(flag) => Some(flag.to_string()),
        Value::String(text) if WORDS.contains(&key) => Some(text.clone()),
        _ => None,
    };
    if let Some(figure) = word.map(Figure::Word).or_else(|| Figure::of(json)) {
        let earlier = found.insert(path.to_owned(), figure);
        assert_eq!(earlier, None, "{path} stands twice");
        return;
    }
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    match json {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| !NAMES.contains(&name.as_str())) {
                walk(value, &join(name), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &join(&label(item).unwrap_or_else(|| index.to_string())), found);
            }
        }
        _ => {}
    }
}

/// What an item of a list is called.
fn label(item: &Value) -> Option<String> {
    NAMES.iter().find_map(|name| match item.get(name)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    })
}
