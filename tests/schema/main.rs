//! The schemas of the TOML files say the same as the readers of these files.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod drift;
mod fits;
mod notation;
mod tables;

use boon::{Compiler, SchemaIndex, Schemas};
use scale_advisor::{
    config::{config_schema, read_config},
    diagnostic::Diagnostic,
    roadmap::{builtin, builtin_ids, profile_schema, read_roadmap},
};
use serde_json::Value;

/// One kind of file: its schema, its reader, and documents that have every table.
struct Kind {
    schema: Value,
    read: fn(&str) -> Vec<Diagnostic>,
    documents: Vec<(String, Value)>,
}

/// Roadmaps: those that ship with the program.
fn roadmaps() -> Kind {
    let shipped = builtin_ids().map(|id| (id.to_owned(), json_of(builtin(id).unwrap())));
    let more = ("everything".to_owned(), json_of(include_str!("roadmap.toml")));
    Kind {
        schema: profile_schema(),
        read: |text| read_roadmap(text).1,
        documents: shipped.chain([more]).collect(),
    }
}

/// Settings: the example in the README.
fn settings() -> Kind {
    let (_, rest) = include_str!("../../README.md").split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    Kind {
        schema: config_schema(),
        read: |text| read_config(text, &|_| Some("set".to_owned())).1,
        documents: vec![
            ("README".to_owned(), json_of(example)),
            ("everything".to_owned(), json_of(include_str!("config.toml"))),
        ],
    }
}

fn json_of(text: &str) -> Value {
    json(toml::Value::Table(toml::from_str(text).unwrap()))
}

/// Dates are strings, as editors hold them against a schema.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}

fn toml_of(document: &Value) -> String {
    toml::to_string(document).unwrap()
}

/// A schema, ready to judge.
struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn of(schema: &Value) -> Self {
        let mut compiler = Compiler::new();
        compiler.add_resource("schema.json", schema.clone()).unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// Everything in which a document does not fit.
    fn misfits(&self, document: &Value) -> Option<String> {
        self.schemas.validate(document, self.index).err().map(|error| format!("{error:#}"))
    }
}
