//! Every figure of a roadmap with the path under which its JSON carries it.

use std::collections::{BTreeMap, BTreeSet};

use scale_advisor::{roadmap::Roadmap, signal::parse_quantity};
use serde_json::Value;

use super::read;

/// Keys whose words are as much part of the numbers as their units: what is critical, done in days, averaged.
const WORDS: [&str; 7] = ["severity", "timeline", "priority", "frequency", "role", "aggregate", "is"];

/// Keys that name an item of a list.
const NAMES: [&str; 6] = ["id", "number", "users", "name", "signal", "fact"];

/// A number in its base unit, or a word.
#[derive(Debug, Clone, PartialEq)]
enum Figure {
    Number(f64, String),
    Word(String),
}

impl Figure {
    /// A figure as a document writes it.
    fn parse(text: &str) -> Self {
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

/// Compares the figures of a document, by their path in the profile's JSON, with those of the profile.
///
/// "200–500" stands for two figures, those under `low` and `high`; "2000–" has no upper end.
#[track_caller]
pub(crate) fn check(id: &str, listed: &[(&str, &str)]) {
    let listed: Vec<(String, &str)> = listed.iter().flat_map(|(path, text)| ends(path, text)).collect();
    let wanted: BTreeMap<String, Figure> =
        listed.iter().map(|(path, text)| (path.clone(), Figure::parse(text))).collect();
    assert_eq!(wanted.len(), listed.len(), "a path stands twice in the list");
    let found = figures(&read(id));
    let paths: BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    let wrong: Vec<_> = paths
        .into_iter()
        .map(|path| (path, wanted.get(path), found.get(path)))
        .filter(|(_, wanted, found)| wanted != found)
        .collect();
    assert!(wrong.is_empty(), "path, wanted, found: {wrong:#?}");
}

fn ends<'a>(path: &str, text: &'a str) -> Vec<(String, &'a str)> {
    let Some((low, high)) = text.split_once('–') else { return vec![(path.to_owned(), text)] };
    let ends = [("low", low), ("high", high)].into_iter().filter(|(_, text)| !text.is_empty());
    ends.map(|(end, text)| (format!("{path}/{end}"), text)).collect()
}

/// The figures of a roadmap by path: `phases/2/enter/any/host.memory/above`.
fn figures(roadmap: &Roadmap) -> BTreeMap<String, Figure> {
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
            let names = |name: &str, value| NAMES.contains(&name) && scalar(value).is_some();
            for (name, value) in fields.iter().filter(|(name, value)| !names(name, value)) {
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
    let name = NAMES.iter().find_map(|name| scalar(item.get(name)?))?;
    let instance = item.get("instance").and_then(scalar);
    Some(instance.map_or(name.clone(), |instance| format!("{name} of {instance}")))
}

/// The text of a string or a number.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
