//! `scale-advisor.toml`: what a project sets, read into checked data.
//!
//! The text comes in and values go out; finding the file and reading the environment is the caller's part.

#![deny(clippy::disallowed_methods)]

mod gate;
mod masked;
mod schema;
mod sources;
mod text;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use secrecy::SecretString;

use crate::{
    diagnostic::{Diagnostic, Node, read_document},
    gate::GateConfig,
    roadmap::{FactValue, Thresholds, fact_value, read_thresholds, signal_named, system_node},
    signal::SignalId,
};

pub use masked::masked;
pub use schema::config_schema;
pub use sources::{Csv, Health, Host, Http, PgBouncer, Pick, Postgres, Prometheus, Redis, Sources, Tls};
pub use text::Environment;

/// A project's settings. Everything is optional.
#[derive(Debug, Default)]
pub struct Config {
    /// The id of a built-in roadmap, or a path to one.
    pub profile: Option<String>,
    /// Systems this installation does not have.
    pub absent: BTreeSet<String>,
    /// Where the history is kept.
    pub history: Option<HistoryPlace>,
    /// A server that gets the hourly rollups too, by Prometheus' remote write; its address is there.
    pub remote_write: Option<Http>,
    /// Where to read.
    pub sources: Sources,
    /// Queries of the project's own, by signal.
    pub bindings: BTreeMap<SignalId, String>,
    /// Limits of the project's own.
    pub thresholds: Thresholds,
    /// What no server can tell.
    pub facts: BTreeMap<String, FactValue>,
    /// How far the team is.
    pub plan: Plan,
    /// The folder of a project's own templates for reports; it starts from the settings' folder unless it is absolute.
    pub templates: Option<PathBuf>,
    /// Signals without which an assessment is inconclusive.
    pub require: Vec<SignalId>,
    /// What `gate` lets pass.
    pub gate: GateConfig,
}

impl Config {
    /// The signals that these settings say where to read; of a health endpoint always its health.
    pub fn named_signals(&self) -> BTreeSet<SignalId> {
        let endpoints = &self.sources.health;
        let health = SignalId::find("app.healthy").filter(|_| !endpoints.is_empty());
        let picked = endpoints.iter().flat_map(|endpoint| &endpoint.values).map(|(signal, _)| *signal);
        let listed = self.sources.csv.iter().map(|csv| csv.signal);
        self.bindings.keys().copied().chain(health).chain(picked).chain(listed).collect()
    }
}

/// Where a history is kept.
#[derive(Debug, Clone)]
pub enum HistoryPlace {
    /// In a file; the path starts from the settings' folder unless it is absolute.
    File(PathBuf),
    /// In a PostgreSQL database, by its address.
    Server(SecretString),
}

impl HistoryPlace {
    /// A path or an address; `None` when it is neither.
    pub fn of(text: &str) -> Option<Self> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Some(Self::Server(text.to_owned().into())),
            None if !text.is_empty() => Some(Self::File(PathBuf::from(text))),
            _ => None,
        }
    }
}

/// How far along the roadmap the team is.
#[derive(Debug, Default)]
pub struct Plan {
    /// Ids of actions that are done.
    pub done: BTreeSet<String>,
    /// The phase the installation is built for.
    pub phase: Option<u64>,
}

/// Reads a configuration. It can be used unless a diagnostic is an error.
pub fn read_config(text: &str, environment: &Environment<'_>) -> (Config, Vec<Diagnostic>) {
    read_document(text, |reader| {
        let (require, gate) = reader.get("gate", gate::read).unwrap_or_default();
        Config {
            profile: reader.get("profile", |node| text::expanded(node, environment)),
            absent: reader.list("absent", system_node).into_iter().collect(),
            history: reader.get("history", |node| history(node, environment)),
            remote_write: reader.get("remote_write", |node| sources::remote_write(node, environment)),
            sources: reader.get("sources", |node| sources::read(node, environment)).unwrap_or_default(),
            bindings: reader.get("signals", read_bindings).unwrap_or_default(),
            thresholds: reader.get("thresholds", read_thresholds).unwrap_or_default(),
            facts: reader.get("facts", read_facts).unwrap_or_default(),
            plan: reader.get("plan", read_plan).unwrap_or_default(),
            templates: reader
                .get("report", |node| node.table()?.get("templates", |node| folder(node, environment))),
            require,
            gate,
        }
    })
}

fn folder(node: Node<'_>, environment: &Environment<'_>) -> Option<PathBuf> {
    let text = text::expanded(node, environment)?;
    if text.is_empty() {
        return node.fail("config/templates", "name the folder of the templates");
    }
    Some(PathBuf::from(text))
}

/// A path, or the address of a PostgreSQL server; any other address would become a file of a strange name.
fn history(node: Node<'_>, environment: &Environment<'_>) -> Option<HistoryPlace> {
    let text = text::expanded(node, environment)?;
    HistoryPlace::of(&text).or_else(|| {
        node.fail(
            "config/history",
            "a history is kept in a file or in PostgreSQL; give a path or postgres://…",
        )
    })
}

fn read_bindings(node: Node<'_>) -> Option<BTreeMap<SignalId, String>> {
    let reader = node.table()?;
    let mut bindings = BTreeMap::new();
    for (name, span, node) in reader.entries() {
        let signal = signal_named(&reader, &name, span);
        let query = node.table().and_then(|table| table.need("prometheus", Node::string));
        if let (Some(signal), Some(query)) = (signal, query) {
            bindings.insert(signal, query);
        }
    }
    Some(bindings)
}

fn read_facts(node: Node<'_>) -> Option<BTreeMap<String, FactValue>> {
    let entries = node.table()?.entries();
    Some(entries.into_iter().filter_map(|(name, _, node)| Some((name, fact_value(node)?))).collect())
}

fn read_plan(node: Node<'_>) -> Option<Plan> {
    let reader = node.table()?;
    let done = reader.list("done", Node::string).into_iter().collect();
    Some(Plan { done, phase: reader.get("phase", Node::count) })
}

#[cfg(test)]
mod tests;
