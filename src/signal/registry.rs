//! The catalogue of a run: what the program knows, and what configs, roadmaps and snapshots add to it.
//!
//! Names of signals and resources are looked up here, so that a definition is registered before anything names it.
//! Entries are never taken away and live as long as the process.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, PoisonError, RwLock},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DefinedBy, Resource, ResourceId, Signal, SignalId, definition::built_in};

/// Where a fact occurs in a query: `$fact(seats)`.
const FACT: &str = "$fact(";

static CURRENT: LazyLock<RwLock<&'static Catalog>> = LazyLock::new(|| {
    let mut catalog = Catalog::default();
    let (groups, definitions) = built_in();
    for (name, group) in groups {
        catalog.insert_resource(&name, group);
    }
    for definition in definitions {
        catalog.insert(definition);
    }
    RwLock::new(Box::leak(Box::new(catalog)))
});

/// The catalogue as it is now.
pub fn catalog() -> &'static Catalog {
    *CURRENT.read().unwrap_or_else(PoisonError::into_inner)
}

/// Signals and resources by name, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    pub(super) signals: Entries<Signal>,
    pub(super) resources: Entries<Resource>,
}

/// Entries of one kind: in the order of their names, and where their names say that they are.
#[derive(Debug, Clone)]
pub(super) struct Entries<T: 'static> {
    by_name: BTreeMap<&'static str, &'static T>,
    by_place: Vec<&'static T>,
}

impl<T: 'static> Default for Entries<T> {
    fn default() -> Self {
        Self { by_name: BTreeMap::new(), by_place: Vec::new() }
    }
}

impl<T: 'static> Entries<T> {
    pub(super) fn find(&self, name: &str) -> Option<&'static T> {
        self.by_name.get(name).copied()
    }

    /// The entry at a place, which is there: a name can only be made from an entry, and none is ever taken away.
    pub(super) fn entry_at(&self, place: usize) -> &'static T {
        self.by_place[place]
    }

    fn insert(&mut self, name: &'static str, place: usize, entry: T) {
        let entry: &'static T = Box::leak(Box::new(entry));
        self.by_name.insert(name, entry);
        match self.by_place.get_mut(place) {
            Some(present) => *present = entry,
            None => self.by_place.push(entry),
        }
    }
}

/// What is defined under one name: how something is measured, and the resource that this measures where it is one of
/// its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The name.
    pub name: String,
    /// What is measured.
    pub signal: Signal,
    /// What runs out or gets worse, unless it belongs to a resource of another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
}

/// Why a definition cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionConflict {
    /// Another definition of the same name.
    #[error("`{name}` is defined in another way {place}")]
    Different {
        /// The name.
        name: String,
        /// Where the other one is.
        place: &'static str,
    },
    /// One of the same name that measures something else.
    #[error("`{name}` measures something else {place}: {what}")]
    Incompatible {
        /// The name.
        name: String,
        /// Where the other one is.
        place: &'static str,
        /// What that measures.
        what: String,
    },
    /// It belongs to a resource that there is not.
    #[error("`{name}` is part of `{resource}`, which is not defined")]
    NoResource {
        /// The name.
        name: String,
        /// The resource that is missing.
        resource: String,
    },
}

impl Catalog {
    /// Every signal, by name.
    pub fn signals(&self) -> impl Iterator<Item = &'static Signal> {
        self.signals.by_name.values().copied()
    }

    /// Every resource, by name.
    pub fn resources(&self) -> impl Iterator<Item = &'static Resource> {
        self.resources.by_name.values().copied()
    }

    fn insert(&mut self, definition: Definition) {
        let Definition { name, mut signal, resource } = definition;
        if let Some(resource) = resource {
            self.insert_resource(&name, resource);
        }
        let next = self.signals.by_place.len();
        let known = self.signals.find(&name).map(Signal::id);
        signal.id = known.unwrap_or_else(|| SignalId::register(&name, next));
        let resource = signal.resource_name.as_deref().and_then(|resource| self.resources.find(resource));
        signal.resource = resource.map(Resource::id);
        self.signals.insert(signal.id.as_str(), signal.id.place(), signal);
    }

    fn insert_resource(&mut self, name: &str, mut resource: Resource) {
        let next = self.resources.by_place.len();
        let known = self.resources.find(name).map(Resource::id);
        resource.id = known.unwrap_or_else(|| ResourceId::register(name, next));
        self.resources.insert(resource.id.as_str(), resource.id.place(), resource);
    }
}

impl Signal {
    /// The facts of the project that its queries name.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        let queries = self.prometheus.iter().flat_map(|way| [Some(&way.query), way.limit.as_ref()]);
        queries
            .flatten()
            .flat_map(|query| query.split(FACT).skip(1))
            .filter_map(|rest| rest.split(')').next())
    }
}

impl Definition {
    /// The definition of a signal of a catalogue.
    fn of_signal(signal: &Signal, catalog: &Catalog) -> Self {
        let own = signal.resource.filter(|resource| resource.as_str() == signal.id.as_str());
        let own = own.and_then(|own| catalog.resources.find(own.as_str()));
        Self {
            name: signal.id.to_string(),
            signal: Signal { id: SignalId::default(), resource: None, ..signal.clone() },
            resource: own.map(|own| Resource { id: ResourceId::default(), ..own.clone() }),
        }
    }

    /// The facts that it takes: those that its limits and queries name, and limits that may be facts as well as metrics.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        let limits = self.signal.prometheus.iter().filter_map(|way| way.limit.as_deref());
        limits.filter(|limit| !limit.contains(FACT)).chain(self.signal.facts())
    }

    /// Whether values of this are values of another.
    fn measures_the_same(&self, other: &Signal) -> bool {
        let Signal { unit, of, role, direction, .. } = &self.signal;
        (unit, of.is_some(), role, direction)
            == (&other.unit, other.of.is_some(), &other.role, &other.direction)
            && (of.is_none() || self.signal.usage_unit() == other.usage_unit())
    }

    /// Whether it defines the same, regardless of its origin.
    fn says_the_same(&self, other: &Self) -> bool {
        let anonymous = |definition: &Self| {
            let mut definition = definition.clone();
            definition.signal.defined_by = DefinedBy::Program;
            definition.signal.native.clear();
            definition
        };
        anonymous(self) == anonymous(other)
    }
}

/// Registers a definition of a config or a roadmap. It replaces one that the program has.
///
/// # Errors
/// When the name is taken: by another definition of a user's, or by one that measures something else.
pub fn define(mut definition: Definition) -> Result<(), DefinitionConflict> {
    change(|catalog| {
        let Some(known) = catalog.signals.find(&definition.name) else { return Ok(Some(definition)) };
        if known.is_built_in() {
            if !definition.measures_the_same(known) {
                return Err(incompatible(definition.name, known));
            }
            // Whoever reads it directly keeps doing so.
            definition.signal.native.clone_from(&known.native);
            return Ok(Some(definition));
        }
        if definition.says_the_same(&Definition::of_signal(known, catalog)) {
            return Ok(None);
        }
        Err(DefinitionConflict::Different { name: definition.name, place: place(known.defined_by) })
    })
}

/// Registers the definitions that a snapshot or a history includes. What is known already stays as it is: the config of
/// today evaluates the values of yesterday.
///
/// # Errors
/// When a name means something else today, so that the values cannot be evaluated.
pub fn adopt(definitions: Vec<Definition>) -> Result<(), DefinitionConflict> {
    for definition in definitions {
        change(|catalog| match catalog.signals.find(&definition.name) {
            None => Ok(Some(definition)),
            Some(known) if definition.measures_the_same(known) => Ok(None),
            Some(known) => Err(incompatible(definition.name, known)),
        })?;
    }
    Ok(())
}

/// The definitions of those of these signals that the program does not have by itself, once each.
pub fn definitions_of(signals: impl IntoIterator<Item = SignalId>) -> Vec<Definition> {
    let own: BTreeMap<SignalId, Definition> = signals
        .into_iter()
        .filter(|signal| !signal.entry().is_built_in())
        .map(|signal| (signal, Definition::of_signal(signal.entry(), catalog())))
        .collect();
    own.into_values().collect()
}

fn incompatible(name: String, known: &Signal) -> DefinitionConflict {
    let of = known.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
    let what = format!("{} ({:?}{of})", known.title, known.unit).to_lowercase();
    DefinitionConflict::Incompatible { name, place: place(known.defined_by), what }
}

fn place(by: DefinedBy) -> &'static str {
    match by {
        DefinedBy::Program => "in the catalogue",
        DefinedBy::Roadmap => "in the roadmap",
        DefinedBy::Project => "in the settings",
    }
}

/// Adds what a look at the catalogue says is to be added.
fn change(
    decide: impl FnOnce(&Catalog) -> Result<Option<Definition>, DefinitionConflict>,
) -> Result<(), DefinitionConflict> {
    let mut current = CURRENT.write().unwrap_or_else(PoisonError::into_inner);
    let Some(definition) = decide(&current)? else { return Ok(()) };
    let part_of = definition.signal.resource_name.as_deref().filter(|_| definition.resource.is_none());
    if let Some(resource) = part_of.filter(|resource| current.resources.find(resource).is_none()) {
        let resource = resource.to_owned();
        return Err(DefinitionConflict::NoResource { name: definition.name, resource });
    }
    let mut catalog = (*current).clone();
    catalog.insert(definition);
    *current = Box::leak(Box::new(catalog));
    Ok(())
}
