//! What was planned: a roadmap read from TOML into checked data, one file per section.
//!
//! Reading never stops at the first mistake: it gives back what it could read together with every
//! diagnostic, each with its place. A roadmap with an error is not used.

#![deny(clippy::disallowed_methods)]

mod action;
mod alert;
mod builtin;
mod check;
mod component;
mod condition;
mod decision;
mod deployment;
mod load;
mod milestone;
mod phase;
mod range;
mod thresholds;
mod value;

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Node, Reader, has_errors, read_document};

pub use action::{Action, Figure, Priority};
pub use alert::{Alert, Objective, Severity};
pub use builtin::{DEFAULT_PROFILE, builtin, builtin_ids};
pub use component::{Component, ScaleOn};
pub use condition::{Comparison, Condition, FactTest, FactValue, SignalTest};
pub use decision::{Decision, Timeline};
pub use deployment::{Deployment, Region};
pub use load::Load;
pub use milestone::{Milestone, Symptom};
pub use phase::Phase;
pub use range::{Band, Range};
pub(crate) use thresholds::read_thresholds;
pub use thresholds::{Limit, Thresholds, default_thresholds};
pub(crate) use value::{fact_value, signal as signal_node, signal_named, system as system_node};

/// The version of the file's shape that this program reads.
const SCHEMA: u64 = 1;

/// One scaling roadmap.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Roadmap {
    /// The version of the file's shape; always 1.
    pub schema: u64,
    /// The name it is chosen by.
    pub id: String,
    /// The name people know it by.
    pub title: String,
    /// What it is for, in a sentence or two.
    pub summary: String,
    /// The document it was made from.
    pub roadmap: Option<String>,
    /// ISO 4217 code of every amount of money in it.
    pub currency: String,
    /// The systems it expects: names of `system` in the signal catalogue.
    pub stack: Vec<String>,
    /// What phases count and how to estimate it.
    pub load: Load,
    /// Shapes of the installation and what each one carries.
    pub deployments: Vec<Deployment>,
    /// Places to deploy to.
    pub regions: Vec<Region>,
    /// The phases in order of their users.
    pub phases: Vec<Phase>,
    /// Expected bottlenecks in order of their users.
    pub milestones: Vec<Milestone>,
    /// When to scale which component.
    pub decisions: Vec<Decision>,
    /// Targets to hold.
    pub objectives: Vec<Objective>,
    /// Conditions that call for somebody.
    pub alerts: Vec<Alert>,
    /// Parts of the system and how far each scales.
    pub components: Vec<Component>,
}

/// Reads a roadmap; `None` when a diagnostic is an error.
pub fn read_roadmap(text: &str) -> (Option<Roadmap>, Vec<Diagnostic>) {
    let (roadmap, diagnostics) = read_document(text, |reader| read(&reader));
    (roadmap.filter(|_| !has_errors(&diagnostics)), diagnostics)
}

fn read(reader: &Reader<'_>) -> Option<Roadmap> {
    let schema = reader.need("schema", Node::count);
    if schema.is_some_and(|version| version != SCHEMA) {
        report_schema(reader);
        return None;
    }
    let id = reader.need("id", value::identifier);
    let title = reader.need("title", Node::string);
    let summary = reader.need("summary", Node::string);
    let roadmap = reader.get("roadmap", Node::string);
    let currency = reader.need("currency", value::currency);
    let stack = reader.list("stack", value::system);
    let load = reader.need("load", load::read);
    let deployments = reader.list("deployments", deployment::read);
    let regions = reader.list("regions", deployment::read_region);
    let phases = reader.need("phases", read_phases).unwrap_or_default();
    let mut milestones = reader.list("milestones", milestone::read);
    milestones.sort_by_key(|milestone| milestone.users);
    let decisions = reader.list("decisions", decision::read);
    let objectives = reader.list("objectives", alert::read_objective);
    let alerts = reader.list("alerts", alert::read_alert);
    let components = reader.list("components", component::read);
    check::phases(reader, &phases);
    let phases: Vec<Phase> = phases.into_iter().flatten().collect();
    let actions = phases.iter().flat_map(|phase| &phase.actions);
    check::unique(reader, "actions", actions.map(|item| (&item.id, &item.span)));
    check::unique(reader, "deployments", deployments.iter().map(|item| (&item.id, &item.span)));
    check::unique(reader, "decisions", decisions.iter().map(|item| (&item.id, &item.span)));
    check::unique(reader, "objectives", objectives.iter().map(|item| (&item.id, &item.span)));
    check::unique(reader, "alerts", alerts.iter().map(|item| (&item.id, &item.span)));
    check::alerts(reader, &alerts);
    Some(Roadmap {
        schema: schema?,
        id: id?,
        title: title?,
        summary: summary?,
        roadmap,
        currency: currency?,
        stack,
        load: load?,
        deployments,
        regions,
        phases,
        milestones,
        decisions,
        objectives,
        alerts,
        components,
    })
}

fn report_schema(reader: &Reader<'_>) {
    // In another shape every key means something else: nothing more can be said about this file.
    for (key, _, node) in reader.entries() {
        if key == "schema" {
            let message = format!("this program reads roadmaps of schema {SCHEMA} only");
            node.report(Diagnostic::error("roadmap/schema", node.span(), message));
        }
    }
}

/// Phases in the order of the file; `None` stands for one that could not be read.
fn read_phases(node: Node<'_>) -> Option<Vec<Option<Phase>>> {
    let items = node.items()?;
    if items.is_empty() {
        return node.fail("roadmap/no-phases", "a roadmap has at least one phase");
    }
    Some(items.into_iter().map(phase::read).collect())
}

impl Roadmap {
    /// Every condition with the name of the place it stands in, in the order of the file.
    pub fn conditions(&self) -> Vec<(String, &Condition)> {
        let phases = self.phases.iter().filter_map(|phase| {
            phase.enter.as_ref().map(|condition| (format!("phase {} enter", phase.number), condition))
        });
        let symptoms = self.milestones.iter().flat_map(|milestone| {
            milestone.symptoms.iter().filter_map(move |symptom| {
                Some((format!("milestone {}", milestone.users), symptom.when.as_ref()?))
            })
        });
        let decisions =
            self.decisions.iter().map(|decision| (format!("decision {}", decision.id), &decision.when));
        let objectives = self
            .objectives
            .iter()
            .map(|objective| (format!("objective {}", objective.id), &objective.when_met));
        let alerts = self.alerts.iter().map(|alert| (format!("alert {}", alert.id), &alert.when));
        phases.chain(symptoms).chain(decisions).chain(objectives).chain(alerts).collect()
    }
}

#[cfg(test)]
mod tests;
