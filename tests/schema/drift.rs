//! The keys in the schemas are the keys that the readers ask for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    Kind, roadmaps, settings,
    tables::{described, shapes},
    toml_of,
};

/// The keys a reader asks for in every table that a part of the schema describes, by that part.
fn asked_for(kind: &Kind) -> BTreeMap<String, BTreeSet<String>> {
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, document) in &kind.documents {
        let tables = described(&kind.schema, document);
        let mut changed = document.clone();
        for (index, place) in tables.iter().enumerate() {
            changed.pointer_mut(&place.table).unwrap()[stranger(index)] = Value::from(1);
        }
        let diagnostics = (kind.read)(&toml_of(&changed));
        for (index, place) in tables.iter().enumerate() {
            let message = format!("unknown key `{}`", stranger(index));
            let told = diagnostics.iter().find(|diagnostic| diagnostic.message == message);
            let told = told.unwrap_or_else(|| panic!("{name}: {} takes any key", place.table));
            let known = told.help.as_deref().and_then(|help| help.strip_prefix("known here: ")).unwrap();
            asked.entry(place.shape.clone()).or_default().extend(known.split(", ").map(str::to_owned));
        }
    }
    asked
}

/// A key that nobody asks for and that is near to none.
fn stranger(index: usize) -> String {
    format!("zzzzzzzzzzzz{index}")
}

#[track_caller]
fn check_keys(kind: &Kind) {
    let asked = asked_for(kind);
    let reached: BTreeSet<String> = asked.keys().cloned().collect();
    assert_eq!(reached, shapes(&kind.schema), "the documents have every table");
    for (shape, keys) in asked {
        let properties = kind.schema.pointer(&shape).unwrap()["properties"].as_object().unwrap();
        assert_eq!(properties.keys().cloned().collect::<BTreeSet<_>>(), keys, "{shape}");
    }
}

#[test]
fn roadmaps_have_the_keys_of_their_schema() {
    check_keys(&roadmaps());
}

#[test]
fn settings_have_the_keys_of_their_schema() {
    check_keys(&settings());
}

/// Takes every key of every kind of table away once: the reader misses it when the schema requires it.
#[track_caller]
fn check_required(kind: &Kind) {
    let mut taken = BTreeSet::new();
    for (name, document) in &kind.documents {
        for place in described(&kind.schema, document) {
            let keys = document.pointer(&place.table).unwrap().as_object().unwrap().keys();
            for key in keys {
                if !taken.insert((place.shape.clone(), key.clone())) {
                    continue;
                }
                let mut changed = document.clone();
                changed.pointer_mut(&place.table).unwrap().as_object_mut().unwrap().remove(key);
                let message = format!("`{key}` is missing");
                let missed =
                    (kind.read)(&toml_of(&changed)).iter().any(|diagnostic| diagnostic.message == message);
                let required = kind.schema.pointer(&place.shape).unwrap()["required"].as_array();
                let required = required.is_some_and(|keys| keys.contains(&key.as_str().into()));
                assert_eq!(missed, required, "{name}: {}/{key}", place.table);
            }
        }
    }
}

#[test]
fn roadmaps_need_what_their_schema_requires() {
    check_required(&roadmaps());
}

#[test]
fn settings_need_what_their_schema_requires() {
    check_required(&settings());
}
