//! The tables of definitions, as the catalogue, configs and roadmaps write them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    diagnostic::{FromToml, Kind, Node, Spans, schema, toml_table},
    signal::{Aggregate, Direction, Driver, Identity, Quantity, Reduce, parse_quantity},
};

toml_table! {
    /// Something that runs out: a usage and its limit, in one unit.
    #[derive(Debug)]
    pub(super) struct ResourceKeys {
        /// A few words for it, such as "MySQL connections"; made of its name when left out.
        pub(super) title: Option<String>,
        /// The query for the usage; several are tried in order.
        pub(super) usage: Texts = Texts::default(),
        /// The query for what is left, in place of the usage.
        pub(super) free: Texts = Texts::default(),
        /// What the usage may reach: a query, a quantity, or `{ fact = "name" }`; as many as there are usages, or one
        /// for all of them.
        pub(super) limit: Ends = Ends::default(),
        /// Further ways to read it, tried in order.
        pub(super) ways: Vec<UsageWay>,
        /// Whether more of it is had by larger machines ("up") or by more of them ("out"); "up" when left out.
        pub(super) scales: bool as SCALES = false,
        /// How long it takes to get more of it, where the roadmap does not say.
        pub(super) lead_time: Option<Duration>,
        /// Whether the load fills it, or it fills by itself as a disk does. Sizes fill by themselves when left out.
        pub(super) driven_by: Option<Driver> as DRIVER,
        /// What it is measured as, such as "connections in use"; its title when left out.
        pub(super) measured_as: Option<String>,
        /// What that is.
        pub(super) measured_description: Option<String>,
        /// The title of one of several instances; `{}` stands for its name.
        pub(super) instance_title: Option<String>,
        /// Whether the title takes a plural verb; derived from its ending when left out.
        pub(super) plural: Option<bool>,
        pub(super) measured: MeasuredKeys as flatten,
    }
}

toml_table! {
    /// What users or operators feel: it has an objective and no headroom.
    #[derive(Debug)]
    pub(super) struct ServiceLevelKeys {
        /// A few words for it, such as "checkout latency"; made of its name when left out.
        pub(super) title: Option<String>,
        /// The query; several are tried in order.
        pub(super) query: Texts = Texts::default(),
        /// Further ways to read it, tried in order.
        pub(super) ways: Vec<LevelWay>,
        /// Whether a "lower" or a "higher" value is better; "lower" when left out.
        pub(super) better: Direction as BETTER = Direction::HigherIsWorse,
        /// What is promised. Beyond it is critical unless `critical` says otherwise.
        pub(super) objective: Option<Quantity>,
        /// The traffic below which it is not evaluated, such as "100/h of checkout_seconds_count".
        pub(super) at_least: Option<String>,
        /// The signal that counts what it is a share of, events a second.
        pub(super) traffic: Option<String>,
        /// Whether more of what it measures comes from larger machines ("up") or from more of them ("out").
        pub(super) scales: bool as SCALES = false,
        /// What it is measured as; its title when left out.
        pub(super) measured_as: Option<String>,
        /// What that is.
        pub(super) measured_description: Option<String>,
        /// The title of one of several instances; `{}` stands for its name.
        pub(super) instance_title: Option<String>,
        /// Whether the title takes a plural verb; derived from its ending when left out.
        pub(super) plural: Option<bool>,
        pub(super) measured: MeasuredKeys as flatten,
    }
}

toml_table! {
    /// What phases count: users, requests, messages.
    #[derive(Debug)]
    pub(super) struct LoadKeys {
        /// A few words for it, such as "orders"; made of its name when left out.
        pub(super) title: Option<String>,
        /// The query; several are tried in order.
        pub(super) query: Texts = Texts::default(),
        /// Further ways to read it, tried in order.
        pub(super) ways: Vec<LevelWay>,
        pub(super) measured: MeasuredKeys as flatten,
    }
}

toml_table! {
    /// Background for a reader: it names no bottleneck.
    #[derive(Debug)]
    pub(super) struct ContextKeys {
        /// A few words for it.
        pub(super) title: Option<String>,
        /// The query for a share's usage.
        pub(super) usage: Texts = Texts::default(),
        /// What that may reach.
        pub(super) limit: Ends = Ends::default(),
        /// The query; several are tried in order.
        pub(super) query: Texts = Texts::default(),
        /// Further ways to read it, tried in order.
        pub(super) ways: Vec<LevelWay>,
        /// Whether a "lower" or a "higher" value is better; "lower" when left out.
        pub(super) better: Direction as BETTER = Direction::HigherIsWorse,
        /// For what the assessment computes: what it needs.
        pub(super) computed: Option<String>,
        pub(super) measured: MeasuredKeys as flatten,
    }
}

toml_table! {
    /// What is the same for everything that is measured.
    #[derive(Debug)]
    pub(super) struct MeasuredKeys {
        /// What it is and why it matters.
        pub(super) description: Option<String>,
        /// What is counted, such as "connections"; or bytes, seconds, ratio, percent, 1/s or bytes/s.
        pub(super) unit: Option<String>,
        /// From here on it is a warning.
        pub(super) warning: Option<Quantity>,
        /// From here on it is critical.
        pub(super) critical: Option<Quantity>,
        /// How long a threshold must be exceeded without interruption.
        pub(super) r#for: Option<Duration>,
        /// Metrics that the queries use where they exist, and do without where they do not.
        pub(super) optional: Vec<String>,
        /// The resource that it measures, where that has another name.
        pub(super) part_of: Option<String>,
        /// The system that it belongs to; the first part of its name when left out.
        pub(super) system: Option<String>,
        /// The label that tells instances apart.
        pub(super) instance: Option<String>,
        /// What tells its instances apart: the server that an exporter shows, the workload of a pod, or an object that
        /// several exporters show alike.
        pub(super) identity: Option<Identity> as IDENTITY,
        /// How several series become one.
        pub(super) reduce: Option<Reduce> as REDUCE,
        /// The aggregate that a condition uses when it names none.
        pub(super) aggregate: Aggregate = Aggregate::P95,
        /// Whether it fluctuates between samples, so a few readings are not conclusive.
        pub(super) fluctuates: bool = false,
        /// Whether it is poor after every start until it has warmed up, such as a hit ratio.
        pub(super) warms_up: bool = false,
        /// The settings of the system that set its limit, as they are written in its files.
        pub(super) settings: Vec<String>,
        /// The sources that read it directly.
        pub(super) native: Vec<String>,
        /// A query that a project might bind it to.
        pub(super) example: Option<String>,
        pub(super) spans: Spans as flatten,
    }
}

toml_table! {
    /// A way to read a usage and its limit.
    #[derive(Debug)]
    pub(super) struct UsageWay {
        /// The query for the usage.
        pub(super) usage: Option<String>,
        /// The query for what is left, in place of the usage.
        pub(super) free: Option<String>,
        /// What the usage may reach.
        pub(super) limit: Option<End>,
        pub(super) source: SourceKeys as flatten,
    }
}

toml_table! {
    /// A way to read a value.
    #[derive(Debug)]
    pub(super) struct LevelWay {
        /// The query; for a share its usage.
        pub(super) query: Option<String>,
        /// The query for the usage of a share.
        pub(super) usage: Option<String>,
        /// What the usage may reach.
        pub(super) limit: Option<End>,
        /// For a quantile of a histogram: the name of its bucket series.
        pub(super) buckets: Option<String>,
        pub(super) source: SourceKeys as flatten,
    }
}

toml_table! {
    /// Who exports what a way reads.
    #[derive(Debug)]
    pub(super) struct SourceKeys {
        /// The exporter or library that has the metrics.
        pub(super) exporter: Option<String>,
        /// Metrics that must exist; those that the queries name when left out.
        pub(super) needs: Vec<String>,
        /// Metrics that the queries use where they exist.
        pub(super) optional: Vec<String>,
        /// The end of a metric's name that may begin with anything; the metric is written in the query as `$metric`.
        /// Where several metrics fit, the most of what one address counts is taken.
        pub(super) suffix: Option<String>,
        /// Whether it reads other instances than the ways before it, so that it is read beside them.
        pub(super) beside: bool = false,
        pub(super) spans: Spans as flatten,
    }
}

toml_table! {
    /// A resource that several signals measure and none is named after.
    #[derive(Debug)]
    pub(super) struct GroupKeys {
        /// A few words for it.
        pub(super) title: String,
        /// What it is.
        pub(super) description: String,
        /// The title of one of several instances; `{}` stands for its name.
        pub(super) instance_title: Option<String>,
        /// Whether the title takes a plural verb.
        pub(super) plural: bool = false,
        /// Whether it is something of which nothing is left.
        pub(super) runs_out: bool = true,
        /// Whether more of it is had by larger machines or by more of them.
        pub(super) scales: bool as SCALES = false,
    }
}

/// One text or several.
#[derive(Debug, Default)]
pub(super) struct Texts(pub(super) Vec<String>);

impl FromToml for Texts {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let items = if node.is_array() { node.items()? } else { vec![node] };
        Some(Self(items.into_iter().map(Node::string).collect::<Option<_>>()?))
    }

    fn schema() -> Value {
        json!({ "anyOf": [{ "type": "string" }, schema::list(json!({ "type": "string" }))] })
    }
}

/// What a usage may reach.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    /// What a query gives.
    Query(String),
    /// Always the same.
    Quantity(Quantity),
    /// What the project states.
    Fact(String),
}

impl FromToml for End {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        if let Some(number) = node.as_number() {
            return Quantity::new(number, crate::signal::Unit::Count).map(Self::Quantity);
        }
        if node.is_table() {
            let reader = node.table()?;
            return Some(Self::Fact(reader.need("fact", Node::string)?));
        }
        let text = node.string()?;
        Some(parse_quantity(&text).map_or(Self::Query(text), Self::Quantity))
    }

    fn schema() -> Value {
        let fact = json!({
            "type": "object",
            "description": "The name of a fact of the project.",
            "required": ["fact"],
            "propertyNames": { "enum": ["fact"] },
            "additionalProperties": { "type": "string" },
        });
        json!({ "anyOf": [{ "type": "string" }, { "type": "number" }, fact] })
    }
}

/// One end or several.
#[derive(Debug, Default)]
pub(super) struct Ends(pub(super) Vec<End>);

impl FromToml for Ends {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let items = if node.is_array() { node.items()? } else { vec![node] };
        Some(Self(items.into_iter().map(End::from_toml).collect::<Option<_>>()?))
    }

    fn schema() -> Value {
        json!({ "anyOf": [End::schema(), schema::list(End::schema())] })
    }
}

impl MeasuredKeys {
    /// What the values are measured in; a count where nothing is said.
    pub(super) fn unit_word(&self) -> String {
        self.unit.clone().unwrap_or_else(|| "count".to_owned())
    }
}

/// A closed list of words.
macro_rules! words {
    ($name:ident, $type:ty, [$(($word:literal, $value:expr)),*]) => {
        const $name: Kind<$type> = Kind {
            read: |node| node.one_of(&[$(($word, $value)),*]),
            schema: || schema::one_of([$($word),*]),
        };
    };
}

words!(SCALES, bool, [("up", false), ("out", true)]);
words!(BETTER, Direction, [("lower", Direction::HigherIsWorse), ("higher", Direction::LowerIsWorse)]);
words!(DRIVER, Driver, [("load", Driver::Load), ("itself", Driver::Itself)]);
words!(
    IDENTITY,
    Identity,
    [("server", Identity::Server), ("workload", Identity::Workload), ("object", Identity::Object)]
);
words!(REDUCE, Reduce, [("sum", Reduce::Sum), ("max", Reduce::Max), ("min", Reduce::Min)]);
