//! The values of one signal of one instance.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Labels, Limit, Resolution};
use crate::signal::{Quantity, Series, SignalId, Unit};

/// The attribute of what a part of a server is limited to by itself, such as a role: `role` or `database`.
pub const PART_OF_SERVER: &str = "part_of_server";

/// What the attributes begin with that hold a setting of a server, in bytes or as a count: `setting.shared_buffers`.
pub const SETTING: &str = "setting.";

/// The attribute that says of how many replicas the worst is shown.
pub const REPLICAS: &str = "replicas";

/// How a note ends that tells of what was read twice and counted once.
pub const COUNTED_ONCE: &str = "counted once";

/// Where a value was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The source: `prometheus`, `postgres`, `redis`, `host`.
    pub source: String,
    /// The query, the view or the field that gave the value.
    pub query: String,
}

/// The values of one signal of one instance, with their origin.
///
/// A share of something countable is kept as utilization in [`Self::values`] together with the [`Self::limit`] that
/// held at each time, so that both series are there in their own unit: [`Self::usage`] is the one, and `limit` the
/// other. A share without a limit, such as that of a key-value cache, is a usage whose limit is 1.
///
/// Snapshots of schema 1 had a `capacity` in place of `limit`: it is read as a limit that never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// What was measured.
    pub signal: SignalId,
    /// Which of several: a queue, a host, a database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The labels that tell the instance from others, where the source has labels. Unlike the name of the instance
    /// they do not depend on which others there are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: Labels,
    /// The samples, in the signal's unit.
    pub values: Series,
    /// For a share of something countable: what the usage may reach, so that 95 % can be shown as "92 of 97".
    #[serde(default, alias = "capacity", skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// For a quantile of a histogram: how finely its values are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// Where it was read.
    pub origin: Origin,
    /// Facts that change the evaluation, such as `maxmemory_policy`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// What a reader must know: partial answers, values beyond the highest bucket, what was subtracted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Observation {
    /// The values of a signal of which there is one, with nothing more to say about them.
    pub fn new(signal: SignalId, values: Series, origin: Origin) -> Self {
        Self {
            signal,
            instance: None,
            labels: Labels::new(),
            values,
            limit: None,
            resolution: None,
            origin,
            attributes: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// What is in use, in the unit of the limit (see [`Self::usage_unit`]): utilization times the limit of its time.
    /// Without a limit these are the values themselves.
    pub fn usage(&self) -> Series {
        let Some(limit) = &self.limit else { return self.values.clone() };
        let at_ms = self.values.at_ms();
        let used = at_ms.iter().zip(self.values.values()).map(|(at, share)| share * limit.at(*at)).collect();
        Series::new(self.values.step_ms(), at_ms.to_vec(), used).unwrap_or_else(|_| self.values.clone())
    }

    /// The unit of [`Self::usage`].
    pub fn usage_unit(&self) -> Unit {
        self.limit.as_ref().map_or(self.signal.entry().unit, Limit::unit)
    }

    /// The newest limit.
    pub fn capacity(&self) -> Option<Quantity> {
        self.limit.as_ref().and_then(Limit::latest)
    }

    /// The limit at each of the samples; nothing where there is none.
    pub fn limit_series(&self) -> Option<Series> {
        let limit = self.limit.as_ref()?;
        let at_ms = self.values.at_ms().to_vec();
        let values = at_ms.iter().map(|at| limit.at(*at)).collect();
        Series::new(self.values.step_ms(), at_ms, values).ok()
    }
}
