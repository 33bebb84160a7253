//! The roadmap as a whole: its sections, and reading them in one pass.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Alert, Amount, Architecture, Benchmark, Component, Contradiction, CostPoint, Decision, Deployment,
    Effort, Load, LoadTest, Milestone, Objective, Phase, Playbook, Recovery, Region, Stage, Statement, alert,
    amount, architecture, benchmark, component, contradiction, cost, decision, deployment, effort,
    implementation, load, load_test, milestone, named, phase, playbook, recovery, statement, value,
};
use crate::{
    diagnostic::{Diagnostic, Node, Reader, has_errors, read_document},
    signal::SignalId,
};

/// The version of the file's shape that this program reads.
pub(super) const SCHEMA: u64 = 1;

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
    /// What the system does today, as the document states it.
    pub baseline: BTreeMap<SignalId, Amount>,
    /// What holds the present system back.
    pub limitations: Vec<Statement>,
    /// Shapes of the installation and what each one carries, smallest first.
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
    /// Targets beside what the document says is reached.
    pub benchmarks: Vec<Benchmark>,
    /// Conditions that call for somebody.
    pub alerts: Vec<Alert>,
    /// Costs at stated numbers of users, in order of these.
    pub costs: Vec<CostPoint>,
    /// The engineers' work for each stage.
    pub efforts: Vec<Effort>,
    /// Parts of the system and how far each scales.
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
    /// What the design keeps to.
    pub principles: Vec<Statement>,
    /// Ways to spend less.
    pub savings: Vec<Statement>,
    /// Where the document contradicts itself.
    pub contradictions: Vec<Contradiction>,
}

/// Reads a roadmap; `None` when a diagnostic is an error.
pub fn read_roadmap(text: &str) -> (Option<Roadmap>, Vec<Diagnostic>) {
    let (roadmap, diagnostics) = read_document(text, |reader| {
        let roadmap = read(&reader)?;
        contradiction::report(&reader, &roadmap);
        Some(roadmap)
    });
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
    let currency = reader.need("currency", value::currency);
    let load = reader.need("load", load::read);
    let phases = phase::read_all(reader);
    // What must be there comes last: until then every section is read, so that all mistakes are found.
    Some(Roadmap {
        roadmap: reader.get("roadmap", Node::string),
        stack: reader.list("stack", value::system),
        baseline: reader.get("baseline", amount::read_by_signal).unwrap_or_default(),
        limitations: reader.list("limitations", statement::read),
        deployments: deployment::read_all(reader),
        regions: reader.list("regions", deployment::read_region),
        milestones: milestone::read_all(reader),
        decisions: named(reader, "decisions", decision::read, |item| (&item.id, &item.span)),
        objectives: named(reader, "objectives", alert::read_objective, |item| (&item.id, &item.span)),
        benchmarks: reader.list("benchmarks", benchmark::read),
        alerts: alert::read_alerts(reader),
        costs: cost::read_all(reader),
        efforts: reader.list("efforts", effort::read),
        components: reader.list("components", component::read),
        architecture: reader.get("architecture", architecture::read),
        implementation: reader.list("implementation", implementation::read),
        load_tests: named(reader, "load_tests", load_test::read, |item| (&item.id, &item.span)),
        recovery: reader.get("recovery", recovery::read),
        playbooks: named(reader, "playbooks", playbook::read, |item| (&item.id, &item.span)),
        principles: reader.list("principles", statement::read),
        savings: reader.list("savings", statement::read),
        contradictions: reader.list("contradictions", |node| contradiction::read(node, reader)),
        schema: schema?,
        id: id?,
        title: title?,
        summary: summary?,
        currency: currency?,
        load: load?,
        phases: phases?,
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
