//! The roadmap as a whole, its JSON Schema, and the roadmaps that ship with the program.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Alert, Amount, Architecture, Benchmark, Component, Contradiction, CostPoint, Decision, Deployment,
    Effort, Load, LoadTest, Milestone, Objective, Phase, Playbook, Recovery, Region, Stage, Statement,
    condition, contradiction,
    statement::{STATEMENT, statement_definition},
    values::{self, CURRENCY, IDENTIFIER, SYSTEM},
};
use crate::{
    diagnostic::{
        Diagnostic, FromToml, Kind, Reader, TomlTable, has_errors, read_document, schema, toml_table,
    },
    signal::{Definition, ROADMAP_LOADS, ROADMAP_RESOURCES, ROADMAP_SERVICE_LEVELS, ResourceId, SignalId},
};

/// The schema version that this program reads.
const SCHEMA: u64 = 1;

toml_table! {
    /// One scaling roadmap.
    #[derive(Debug, Clone, Serialize, JsonSchema)]
    pub struct Roadmap {
        /// The schema version of the file; always 1.
        pub schema: u64 as SCHEMA_VERSION,
        /// The name it is chosen by.
        pub id: String as IDENTIFIER,
        /// The name people know it by.
        pub title: String,
        /// What it is for, in a sentence or two.
        pub summary: String,
        /// The document it was made from.
        pub roadmap: Option<String>,
        /// ISO 4217 code of every amount of money in it.
        pub currency: String as CURRENCY,
        /// The systems it expects: names of `system` in the signal catalogue.
        pub stack: Vec<String> as SYSTEM,
        /// Resources that only this roadmap knows, by name.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub resources: Vec<Definition> as ROADMAP_RESOURCES = Vec::new(),
        /// Service levels that only this roadmap knows, by name.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub service_levels: Vec<Definition> as ROADMAP_SERVICE_LEVELS = Vec::new(),
        /// Loads that only this roadmap knows, by name.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub loads: Vec<Definition> as ROADMAP_LOADS = Vec::new(),
        /// What phases count as load and how to estimate it.
        pub load: Load,
        /// What the system does today, by signal, as the document states it.
        pub baseline: BTreeMap<SignalId, Amount> = BTreeMap::new(),
        /// Limitations of the current system.
        pub limitations: Vec<Statement> as STATEMENT,
        /// Deployments and the capacity of each, smallest first.
        pub deployments: Vec<Deployment>,
        /// Regions to deploy to.
        pub regions: Vec<Region>,
        /// The phases in order of their users.
        pub phases: Vec<Phase>,
        /// Expected bottlenecks in order of their users.
        pub milestones: Vec<Milestone>,
        /// When to scale which component.
        pub decisions: Vec<Decision>,
        /// Targets to hold.
        pub objectives: Vec<Objective>,
        /// Targets and the values that the document states.
        pub benchmarks: Vec<Benchmark>,
        /// Conditions that need a person's attention.
        pub alerts: Vec<Alert>,
        /// Costs at stated numbers of users, in order of these.
        pub costs: Vec<CostPoint>,
        /// The engineering effort of each stage.
        pub efforts: Vec<Effort>,
        /// Components of the system and how each scales.
        pub components: Vec<Component>,
        /// Whether and when to leave the architecture.
        pub architecture: Option<Architecture>,
        /// The work in its order.
        pub implementation: Vec<Stage>,
        /// How to test under load.
        pub load_tests: Vec<LoadTest>,
        /// Targets for the recovery after a disaster.
        pub recovery: Option<Recovery>,
        /// What to do about which symptom.
        pub playbooks: Vec<Playbook>,
        /// Design principles.
        pub principles: Vec<Statement> as STATEMENT,
        /// Ways to spend less.
        pub savings: Vec<Statement> as STATEMENT,
        /// Where the document contradicts itself.
        pub contradictions: Vec<Contradiction>,
    }
    check = check_roadmap;
    restrict = require_phases;
}

const SCHEMA_VERSION: Kind<u64> = Kind { read: |node| node.count(), schema: || json!({ "const": SCHEMA }) };

fn check_roadmap(roadmap: &mut Roadmap, reader: &Reader<'_>) {
    roadmap.milestones.sort_by_key(|milestone| milestone.users);
    contradiction::report(reader, roadmap);
}

fn require_phases(schema: Value) -> Value {
    schema::at_least(schema, "phases", 1)
}

impl Roadmap {
    /// What only this roadmap knows: resources, service levels and loads.
    pub fn defined(&self) -> impl Iterator<Item = SignalId> {
        let all = self.resources.iter().chain(&self.service_levels).chain(&self.loads);
        all.filter_map(|definition| SignalId::find(&definition.name))
    }

    /// The milestone at which a resource is expected to saturate: its own, else one of whose symptoms it is.
    pub fn milestone_of(&self, resource: ResourceId) -> Option<&Milestone> {
        let own = self.milestones.iter().find(|milestone| milestone.resource == resource);
        own.or_else(|| self.milestones.iter().find(|milestone| milestone.shows_in(resource)))
    }
}

/// Reads a roadmap; `None` when a diagnostic is an error.
pub fn read_roadmap(text: &str) -> (Option<Roadmap>, Vec<Diagnostic>) {
    let (roadmap, diagnostics) = read_document(text, |reader| {
        match reader.optional("schema") {
            Some(node) if node.as_count().is_some_and(|version| version != SCHEMA) => {
                // In another schema version every key may mean something else: nothing more is reported.
                reader.ignore_unknown_keys();
                let message = format!("unsupported schema version; this program reads version {SCHEMA}");
                node.fail("roadmap/schema", message)
            }
            _ => Roadmap::from_reader(&reader),
        }
    });
    (roadmap.filter(|_| !has_errors(&diagnostics)), diagnostics)
}

/// The JSON Schema (2020-12) of a roadmap's TOML file, for editors.
///
/// It describes keys and values; what must hold between sections is checked when the file is read.
pub fn profile_schema() -> Value {
    let mut schema = Roadmap::schema();
    schema["$schema"] = schema::DRAFT.into();
    schema["title"] = "Scaling roadmap".into();
    schema["$defs"] = values::definitions();
    schema["$defs"]["resource"] = values::resource_definition();
    schema["$defs"]["condition"] = condition::definition();
    schema["$defs"]["statement"] = statement_definition();
    schema
}

/// The profile that is used when none is named.
pub const DEFAULT_PROFILE: &str = "web-service";

/// Names and texts in the order of the names, put together by the build.
const PROFILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// The text of a built-in roadmap.
pub fn builtin(id: &str) -> Option<&'static str> {
    PROFILES.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
}

/// The names of all built-in roadmaps, in alphabetical order.
pub fn builtin_ids() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|(name, _)| *name)
}
