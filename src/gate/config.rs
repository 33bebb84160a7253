//! The rules of a gate, as configured.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    diagnostic::{FromToml, Kind, Node, schema, toml_table, toml_words},
    signal::{Quantity, SignalId, Unit, parse_quantity},
};

/// The loss that is allowed by default.
pub(super) const MARGIN: f64 = 0.05;

toml_table! {
    /// The rules of `check` and `gate`.
    #[derive(Debug, Clone, Default, PartialEq)]
    pub struct GateConfig {
        /// Signals without which a result is inconclusive.
        pub require: Vec<SignalId>,
        /// How severe a finding must be to fail: warning or critical, which is the default.
        pub fail_on: FailOn = FailOn::default(),
        /// What an inconclusive result does: report (exit code 3, the default), pass or fail.
        pub on_inconclusive: OnInconclusive = OnInconclusive::default(),
        /// What a missing baseline does: report (exit code 3, the default), pass or fail.
        pub on_missing_baseline: OnInconclusive = OnInconclusive::default(),
        /// The loss that is allowed, as a share of the baseline; 5% when left out.
        pub margin: Option<f64> as SHARE,
        /// The same for single metrics, by metric.
        pub margins: BTreeMap<String, f64> as SHARE,
        /// The smallest change that matters, by metric.
        pub floors: BTreeMap<String, Floor>,
        /// Which direction is better, by metric.
        pub directions: BTreeMap<String, Better>,
        /// Metrics to exclude.
        pub ignore: BTreeSet<String> as NOT_EMPTY,
        /// The share of the load at saturation that must stay unused.
        pub min_headroom: Option<f64> as SHARE,
        /// Failures that are accepted until a day.
        pub acknowledge: Vec<Acknowledgement>,
    }
}

impl GateConfig {
    /// The share of the baseline that may be lost by default.
    pub(super) fn margin(&self) -> f64 {
        self.margin.unwrap_or(MARGIN)
    }

    /// The share of the baseline that a metric may lose.
    pub(super) fn margin_of(&self, metric: &str) -> f64 {
        self.margins.get(metric).copied().unwrap_or_else(|| self.margin())
    }
}

/// How severe a finding must be to fail the gate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Warnings, too.
    Warning,
    /// Only what is critical.
    #[default]
    Critical,
}

impl FailOn {
    /// Both with their names in files.
    pub const NAMES: [(&'static str, Self); 2] = [("warning", Self::Warning), ("critical", Self::Critical)];
}

/// What an inconclusive result does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnInconclusive {
    /// It has an exit code of its own, 3.
    #[default]
    Report,
    /// The build passes, with a note.
    Pass,
    /// The build fails.
    Fail,
}

impl OnInconclusive {
    /// All with their names in files.
    pub const NAMES: [(&'static str, Self); 3] =
        [("report", Self::Report), ("pass", Self::Pass), ("fail", Self::Fail)];
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// Less is better: times, errors, costs.
    Lower,
    /// More is better: throughput, users at saturation.
    Higher,
}

impl Better {
    /// Both with their names in files.
    pub const NAMES: [(&'static str, Self); 2] = [("lower", Self::Lower), ("higher", Self::Higher)];

    /// A change as a loss: above zero for the worse.
    pub(super) fn loss(self, value: f64) -> f64 {
        match self {
            Self::Lower => value,
            Self::Higher => -value,
        }
    }
}

/// The smallest change of a metric that matters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Floor {
    /// In the metric's own unit.
    Plain(f64),
    /// With a unit, which the metric's must match.
    Quantity(Quantity),
}

toml_table! {
    /// A failure that is accepted until a day.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Acknowledgement {
        /// The finding, such as `metric:latency_p95`.
        pub id: String as NOT_EMPTY,
        /// Why it is accepted.
        pub reason: String as NOT_EMPTY,
        /// The last day on which it counts, such as "2027-01-31".
        pub until: NaiveDate,
        /// Who is responsible for it.
        pub owner: String as NOT_EMPTY,
    }
}

toml_words!(FailOn, OnInconclusive, Better);

/// A share from 0% to below 100%: what may be lost cannot be everything.
const SHARE: Kind<f64> = Kind {
    read: |node| {
        let text = node.string()?;
        match parse_quantity(&text) {
            Ok(share) if share.unit() == Unit::Ratio && (0.0..1.0).contains(&share.value()) => {
                Some(share.value())
            }
            _ => {
                let message = format!("`{text}` is not a share from 0% to below 100%, such as \"5%\"");
                node.fail("config/share", message)
            }
        }
    },
    schema: || json!({ "type": "string", "pattern": r"^\s*[0-9]{1,2}(\.[0-9]+)?\s*%\s*$" }),
};

const NOT_EMPTY: Kind<String> = Kind {
    read: |node| match node.string()? {
        text if text.trim().is_empty() => node.fail("config/acknowledgement", "must not be empty"),
        text => Some(text),
    },
    schema: || json!({ "type": "string", "pattern": r"\S" }),
};

/// A day as a string, because that is how JSON and TOML share it.
impl FromToml for NaiveDate {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let text = node.string()?;
        text.parse().ok().or_else(|| {
            let message = format!("`{text}` is not a day such as \"2027-01-31\"");
            node.fail("config/acknowledgement", message)
        })
    }

    fn schema() -> Value {
        json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
    }
}

/// A number in the metric's own unit, or a quantity.
impl FromToml for Floor {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let floor = match node.as_str().map(parse_quantity) {
            None => Self::Plain(node.number()?),
            Some(Ok(quantity)) if quantity.unit() == Unit::Count => Self::Plain(quantity.value()),
            Some(Ok(quantity)) => Self::Quantity(quantity),
            Some(Err(message)) => return node.fail("config/floor", message),
        };
        let value = match floor {
            Self::Plain(value) => value,
            Self::Quantity(quantity) => quantity.value(),
        };
        if value < 0.0 { node.fail("config/floor", "a floor cannot be negative") } else { Some(floor) }
    }

    fn schema() -> Value {
        let text = json!({ "type": "string", "allOf": [schema::reference("quantity")] });
        json!({ "anyOf": [{ "type": "number", "minimum": 0 }, text] })
    }
}
