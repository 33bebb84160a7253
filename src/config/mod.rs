//! `scale-advisor.toml`: a project's configuration, read into checked data.
//!
//! The text comes in and values go out; finding the file and reading the environment is the caller's part.

#![deny(clippy::disallowed_methods)]

mod against_roadmap;
mod http_file;
mod notify;
mod redact;
mod scope;
mod several;
mod sources;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    diagnostic::{
        Diagnostic, Environment, FromToml, Kind, Node, Reader, Spans, TomlTable, read_document_with, schema,
        toml_table,
    },
    gate::GateConfig,
    roadmap::{
        Event, FactValue, FailureDomain, LlmBudget, PriceEntry, SYSTEM, Silence, Thresholds, by_signal,
        check_labels, definitions, resource_definition, signal_named,
    },
    signal::{Definition, PROJECT_LOADS, PROJECT_RESOURCES, PROJECT_SERVICE_LEVELS, Scope, SignalId},
};

pub use http_file::{
    AzureAd, AzureOAuth, FileTls, GoogleIam, HttpFile, OAuth2, SigV4, read_http_file, redacted_http_file,
};
pub use notify::{ALL_TARGETS, Notify, WebhookFormat};
pub use redact::{holds_secrets, redacted};
pub use scope::{Fleet, FleetService, FleetSilence};
pub use several::NamedSource;
pub use sources::{
    Csv, Health, Host, Http, PgBouncer, Pick, Postgres, Prometheus, Redis, RemoteWrite, Sources, Tls,
    is_datasource,
};

toml_table! {
    /// A project's configuration. Everything is optional.
    #[derive(Debug, Default)]
    pub struct Config {
        /// Resources of your own, by name.
        pub resources: Vec<Definition> as PROJECT_RESOURCES = Vec::new(),
        /// Service levels of your own, by name.
        pub service_levels: Vec<Definition> as PROJECT_SERVICE_LEVELS = Vec::new(),
        /// Loads of your own, by name.
        pub loads: Vec<Definition> as PROJECT_LOADS = Vec::new(),
        /// The id of a built-in roadmap, or a path to one.
        pub profile: Option<String> as EXPANDED,
        /// Systems this installation does not have.
        pub absent: BTreeSet<String> as SYSTEM,
        /// Where the history is kept: a file, or postgres://….
        pub history: Option<HistoryPlace>,
        /// A server that receives the hourly rollups too, by Prometheus remote write.
        pub remote_write: Option<RemoteWrite>,
        /// Where to read.
        pub sources: Sources = Sources::default(),
        /// Which of the systems behind one metrics server to read.
        pub scope: Scope = Scope::default(),
        /// Many services behind one metrics server, for `scale-advisor fleet`.
        pub fleet: Fleet = Fleet::default(),
        /// Queries of your own, by signal.
        pub signals: BTreeMap<SignalId, Binding> = BTreeMap::new(),
        /// Limits of your own, by signal.
        pub thresholds: Thresholds = Thresholds::default(),
        /// What no server can report. A condition on a fact that is missing here is unknown.
        pub facts: Facts = Facts::default(),
        /// Days that forecasts and peaks leave out once they are over.
        pub events: Vec<Event>,
        /// Parts that may fail, of which the rest must hold the load.
        pub failure_domains: Vec<FailureDomain>,
        /// Known findings, which fail no run until a given day.
        pub silences: Vec<Silence>,
        /// Webhooks that are notified when the state of the system changes, with `--notify`.
        pub notify: Vec<Notify>,
        /// What more of a resource costs.
        pub prices: Vec<PriceEntry>,
        /// What the provider bills.
        pub bill: Option<BillFile>,
        /// Spend on language models, and its budgets.
        pub llm: Llm = Llm::default(),
        /// How far along the roadmap the team is.
        pub plan: Plan = Plan::default(),
        /// How reports look.
        pub report: ReportConfig = ReportConfig::default(),
        /// What `check` requires, and what `gate` accepts.
        pub gate: GateConfig = GateConfig::default(),
    }
    check = check_failure_domains;
}

fn check_failure_domains(config: &mut Config, reader: &Reader<'_>) {
    check_labels(&config.failure_domains, reader);
}

impl Config {
    /// The signals for which this configuration names a source; of a health endpoint always its health.
    pub fn named_signals(&self) -> BTreeSet<SignalId> {
        let endpoints = &self.sources.health;
        let health = SignalId::find("app.healthy").filter(|_| !endpoints.is_empty());
        let picked = endpoints.iter().flat_map(|endpoint| &endpoint.values).map(|(signal, _)| *signal);
        let spends = self.llm.spend.is_some() || !self.llm.budgets.is_empty();
        let spend = SignalId::find("llm.spend").filter(|_| spends);
        let listed = self.sources.csv.iter().map(|csv| csv.signal).chain(spend);
        let defined = self.resources.iter().chain(&self.service_levels).chain(&self.loads);
        let defined = defined.filter_map(|definition| SignalId::find(&definition.name));
        self.signals.keys().copied().chain(health).chain(picked).chain(listed).chain(defined).collect()
    }
}

toml_table! {
    /// A query of the project's own for one signal.
    #[derive(Debug, Clone)]
    pub struct Binding {
        /// A query in PromQL.
        pub prometheus: String,
        /// Whether the scope is put into the query; true when left out.
        pub scoped: bool = true,
    }
}

impl FromToml for BTreeMap<SignalId, Binding> {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let reader = node.table()?;
        let entry = |(name, span, node): (String, _, _)| {
            let (signal, binding) = (signal_named(&reader, &name, span), Binding::from_toml(node));
            Some((signal?, binding?))
        };
        Some(reader.entries().into_iter().filter_map(entry).collect())
    }

    fn schema() -> Value {
        by_signal(Binding::schema())
    }
}

/// What no server can report, by the name of the fact.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The values.
    pub values: BTreeMap<String, FactValue>,
    /// The places of the values in the file.
    pub spans: Spans,
}

impl FromToml for Facts {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let reader = node.table()?;
        let entries = reader.entries().into_iter();
        let values =
            entries.filter_map(|(name, _, node)| Some((name, FactValue::from_toml(node)?))).collect();
        Some(Self { values, spans: Spans::from_reader(&reader)? })
    }

    fn schema() -> Value {
        schema::by_name(FactValue::schema())
    }
}

toml_table! {
    /// How far along the roadmap the team is.
    #[derive(Debug, Default)]
    pub struct Plan {
        /// Ids of actions that are done; `scale-advisor plan` shows them.
        pub done: BTreeSet<String>,
        /// The phase the installation is built for.
        pub phase: Option<u64>,
        /// The places of its values in the file.
        pub spans: Spans as flatten,
    }
}

toml_table! {
    /// A bill of the provider.
    #[derive(Debug)]
    pub struct BillFile {
        /// A CSV in FOCUS 1.0 to 1.2, relative to the configuration file; gzip as well.
        pub file: PathBuf,
    }
}

toml_table! {
    /// Spend on language models, and its budgets.
    #[derive(Debug, Default)]
    pub struct Llm {
        /// A CSV of what was spent, with columns for date, team, model and spend, such as LiteLLM's spend logs; relative to the
        /// configuration file; gzip as well.
        pub spend: Option<PathBuf>,
        /// Budgets of your own, beside those of LiteLLM.
        pub budgets: Vec<LlmBudget>,
    }
}

toml_table! {
    /// How reports look.
    #[derive(Debug, Default)]
    pub struct ReportConfig {
        /// A directory of templates that replace the built-in ones, relative to the configuration file.
        pub templates: Option<PathBuf> as TEMPLATES,
    }
}

const TEMPLATES: Kind<PathBuf> = Kind {
    read: |node| {
        let path = PathBuf::from_toml(node)?;
        if path.as_os_str().is_empty() {
            return node.fail("config/templates", "name the directory of the templates");
        }
        Some(path)
    },
    schema: || schema::with(String::schema(), "minLength", json!(1)),
};

/// A string with its `${VARIABLE}`s replaced from the environment.
const EXPANDED: Kind<String> = Kind { read: |node| node.expanded(), schema: String::schema };

impl FromToml for PathBuf {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        node.expanded().map(Self::from)
    }

    fn schema() -> Value {
        String::schema()
    }
}

/// What must not be shown.
impl FromToml for SecretString {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        node.expanded().map(Self::from)
    }

    fn schema() -> Value {
        json!({ "type": "string", "writeOnly": true })
    }
}

/// Where a history is kept.
#[derive(Debug, Clone)]
pub enum HistoryPlace {
    /// In a file; a relative path starts at the directory of the configuration file.
    File(PathBuf),
    /// In a PostgreSQL database, by its address.
    Server(SecretString),
}

impl HistoryPlace {
    /// A path or an address; `None` when it is neither.
    pub fn from_text(text: &str) -> Option<Self> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Some(Self::Server(text.to_owned().into())),
            // The other notation of `libpq`; as the name of a file it would be shown, with its password.
            None if !text.is_empty() && !has_keywords(text) => Some(Self::File(PathBuf::from(text))),
            _ => None,
        }
    }
}

/// Whether a text is key=value pairs for PostgreSQL: `host=db password=…`.
fn has_keywords(text: &str) -> bool {
    let keys = ["host", "hostaddr", "password", "dbname", "user", "service"];
    text.split_whitespace()
        .any(|pair| keys.iter().any(|key| pair.split_once('=').is_some_and(|(name, _)| name == *key)))
}

/// A path, or the address of a PostgreSQL server; any other address would become a file of a strange name.
impl FromToml for HistoryPlace {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let message = "the history is kept in a file or in PostgreSQL; give a path or postgres://…";
        Self::from_text(&node.expanded()?).or_else(|| node.fail("config/history", message))
    }

    fn schema() -> Value {
        let path = json!({ "not": { "pattern": "^$|://" } });
        schema::with(String::schema(), "anyOf", json!([{ "pattern": "^postgres(ql)?://" }, path]))
    }
}

/// Reads a configuration. It can be used unless a diagnostic is an error.
pub fn read_config(text: &str, environment: &Environment<'_>) -> (Config, Vec<Diagnostic>) {
    read_document_with(text, environment, |reader| Config::from_reader(&reader).unwrap_or_default())
}

/// The JSON Schema (2020-12) of `scale-advisor.toml`, for editors.
pub fn config_schema() -> Value {
    let mut schema = Config::schema();
    schema["$schema"] = schema::DRAFT.into();
    schema["title"] = "Configuration of scale-advisor".into();
    schema["$defs"] = definitions();
    schema["$defs"]["resource"] = resource_definition();
    schema
}

#[cfg(test)]
mod tests;
