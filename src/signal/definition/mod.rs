//! Definitions as they are written: files of `catalog/`, and tables of configs and roadmaps.

mod build;
mod candidates;
mod keys;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{DefinedBy, Definition, Resource, registry::define};
use crate::diagnostic::{Diagnostic, FromToml, Kind, Node, read_document, schema};
use build::Builder;
use keys::{ContextKeys, GroupKeys, LoadKeys, ResourceKeys, ServiceLevelKeys};

/// The files of `catalog/` by the name of their system, put together by the build.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// Resources that several signals measure, and everything else.
type Contents = (BTreeMap<String, Resource>, Vec<Definition>);

/// What the program knows by itself.
///
/// # Panics
/// When a file of `catalog/` is wrong, which a test keeps from happening.
#[expect(clippy::panic, reason = "the files are embedded and a test reads them")]
pub(super) fn built_in() -> Contents {
    let (mut groups, mut definitions) = Contents::default();
    for (system, text) in FILES {
        let ((more_groups, more), diagnostics) = read_file(system, text);
        if let Some(wrong) = diagnostics.first() {
            panic!("catalog/{system}.toml: {wrong:?} at {:?}", text.get(wrong.primary.span.clone()));
        }
        groups.extend(more_groups);
        definitions.extend(more);
    }
    (groups, definitions)
}

/// Reads a file of the catalogue.
fn read_file(system: &str, text: &str) -> (Contents, Vec<Diagnostic>) {
    read_document(text, |reader| {
        let groups = reader.get("groups", read_groups).unwrap_or_default();
        let section = |(key, section): (&'static str, Section)| {
            let read = |node| Some(section.read(node, DefinedBy::Program, Some(system)));
            reader.get(key, read).unwrap_or_default()
        };
        (groups, Section::ALL.into_iter().flat_map(section).collect())
    })
}

fn read_groups(node: Node<'_>) -> Option<BTreeMap<String, Resource>> {
    let group = |(name, _, node): (String, _, Node<'_>)| Some((name, GroupKeys::from_toml(node)?.resource()));
    Some(node.table()?.entries().into_iter().filter_map(group).collect())
}

/// What the tables of a section define.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Resources,
    ServiceLevels,
    Loads,
    Context,
}

impl Section {
    const ALL: [(&'static str, Self); 4] = [
        ("resources", Self::Resources),
        ("service_levels", Self::ServiceLevels),
        ("loads", Self::Loads),
        ("context", Self::Context),
    ];

    /// Reads every table of the section. Those of configs and roadmaps are registered, so that the rest of the file can
    /// name them.
    fn read(self, node: Node<'_>, by: DefinedBy, system: Option<&str>) -> Vec<Definition> {
        let Some(reader) = node.table() else { return Vec::new() };
        let mut definitions = Vec::new();
        for (name, span, node) in reader.entries() {
            if let Some(message) = wrong_name(&name) {
                reader.report(Diagnostic::error("catalog/name", span, message));
                continue;
            }
            let builder = Builder { name: &name, node, by, system };
            let Some(definition) = self.definition(&builder) else { continue };
            if by != DefinedBy::Program
                && let Err(conflict) = define(definition.clone())
            {
                reader.report(
                    Diagnostic::error("catalog/conflict", span, conflict.to_string())
                        .help("choose another name"),
                );
                continue;
            }
            definitions.push(definition);
        }
        definitions
    }

    fn definition(self, builder: &Builder<'_>) -> Option<Definition> {
        match self {
            Self::Resources => builder.resource(ResourceKeys::from_toml(builder.node)?),
            Self::ServiceLevels => builder.service_level(ServiceLevelKeys::from_toml(builder.node)?),
            Self::Loads => builder.load(LoadKeys::from_toml(builder.node)?),
            Self::Context => builder.context(ContextKeys::from_toml(builder.node)?),
        }
    }
}

fn wrong_name(name: &str) -> Option<&'static str> {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.chars().all(letter) {
        return Some(
            "a name begins with a small letter and has letters, digits, dots, dashes and underscores",
        );
    }
    let taken = ["fact", "any", "all"].contains(&name);
    taken.then_some("conditions use this name for something else")
}

/// The kinds of the sections in configs and roadmaps.
macro_rules! kinds {
    ($($name:ident, $section:ident, $keys:ty, $by:ident;)*) => {
        $(
            pub(crate) const $name: Kind<Vec<Definition>> = Kind {
                read: |node| Some(Section::$section.read(node, DefinedBy::$by, None)),
                schema: || by_name(<$keys>::schema()),
            };
        )*
    };
}

fn by_name(table: Value) -> Value {
    schema::with(
        schema::by_name(table),
        "propertyNames",
        serde_json::json!({ "pattern": "^[a-z][A-Za-z0-9._-]*$" }),
    )
}

kinds! {
    PROJECT_RESOURCES, Resources, ResourceKeys, Project;
    PROJECT_SERVICE_LEVELS, ServiceLevels, ServiceLevelKeys, Project;
    PROJECT_LOADS, Loads, LoadKeys, Project;
    ROADMAP_RESOURCES, Resources, ResourceKeys, Roadmap;
    ROADMAP_SERVICE_LEVELS, ServiceLevels, ServiceLevelKeys, Roadmap;
    ROADMAP_LOADS, Loads, LoadKeys, Roadmap;
}

#[cfg(test)]
mod tests;
