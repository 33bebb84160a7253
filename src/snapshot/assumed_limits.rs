//! A snapshot as it would be with other limits: the same usage under a larger or a smaller one.

use std::{collections::BTreeSet, str::FromStr};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Limit, Observation, SETTING, Snapshot};
use crate::signal::{Quantity, Series, SignalId, Unit, parse_quantity};

/// How far a number that people write may be from the measured one: 8 GB of 7.8.
const ROUNDED: f64 = 0.05;

/// A limit to assume: `postgres.connections=200`, of one instance `redis.memory@cache-1=4GiB`, or `rds.cpu=2:4` in place of the
/// present one where that is not measured.
#[derive(Debug, Clone, PartialEq)]
pub struct AssumedLimit {
    /// The resource.
    pub signal: SignalId,
    /// The instance; where none is named there must be one only.
    pub instance: Option<String>,
    /// What 100% is now, of a share that is measured without its limit.
    pub present: Option<Quantity>,
    /// The limit. A plain number is in the unit of the present limit.
    pub limit: Quantity,
    /// What it rests on, where it is not stated.
    pub basis: Option<LimitBasis>,
}

/// What an assumed limit rests on, where nobody states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LimitBasis {
    /// The virtual processors of classes of RDS, each of which is assumed to do the same work.
    Processors {
        /// The present class.
        from: String,
        /// The other one.
        to: String,
    },
    /// The default of RDS for connections, which follows the memory of the class.
    DefaultConnections {
        /// The present class.
        from: String,
        /// The other one.
        to: String,
    },
    /// The memory that types of ElastiCache nodes have for data.
    NodeMemory {
        /// The present type.
        from: String,
        /// The other one.
        to: String,
    },
}

impl FromStr for AssumedLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || {
            format!("`{text}` is not of the form SIGNAL=LIMIT, SIGNAL@INSTANCE=LIMIT or SIGNAL=PRESENT:LIMIT")
        };
        let (of, limits) = text.rsplit_once('=').ok_or_else(form)?;
        let (present, limit) = match limits.split_once(':') {
            Some((present, limit)) => (Some(parse_quantity(present)?), limit),
            None => (None, limits),
        };
        let (signal, instance) = match of.split_once('@') {
            Some((signal, instance)) if !instance.is_empty() => (signal, Some(instance.to_owned())),
            Some(_) => return Err(form()),
            None => (of, None),
        };
        let signal = SignalId::find(signal).ok_or_else(|| {
            format!("there is no signal `{signal}`; `doctor` lists those that are measured")
        })?;
        let limit = parse_quantity(limit)?;
        if let Some(limit) = present.iter().chain([&limit]).find(|limit| limit.value() <= 0.0) {
            return Err(format!("a limit is above zero, and `{limit}` is not"));
        }
        Ok(Self { signal, instance, present, limit, basis: None })
    }
}

/// A limit that was put in the place of another.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChangedLimit {
    /// The resource.
    pub signal: SignalId,
    /// The instance, where there are several.
    pub instance: Option<String>,
    /// The present limit.
    pub present: Quantity,
    /// The one that is assumed.
    pub assumed: Quantity,
    /// What the assumed one rests on, where it is not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<LimitBasis>,
}

/// A snapshot with other limits, and which they are.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// The snapshot, as if each limit had always been the assumed one.
    pub snapshot: Snapshot,
    /// What was changed.
    pub changes: Vec<ChangedLimit>,
}

/// Why a limit cannot be assumed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssumedLimitError {
    /// The signal was not measured.
    #[error("{signal} is not measured{}", why(.detail.as_ref()))]
    NotMeasured {
        /// The signal.
        signal: SignalId,
        /// Why, where a source says.
        detail: Option<String>,
    },
    /// No instance has that name.
    #[error("{signal} has no instance `{instance}`; it has {known}")]
    NoSuchInstance {
        /// The signal.
        signal: SignalId,
        /// The name.
        instance: String,
        /// Those that it has.
        known: String,
    },
    /// It is not said which of several is meant.
    #[error("{signal} has several instances: write {signal}@INSTANCE=LIMIT with one of {known}")]
    SeveralInstances {
        /// The signal.
        signal: SignalId,
        /// Those that it has.
        known: String,
    },
    /// There is no limit that could be another.
    #[error(
        "{signal} is a share, and 100% of it was not measured; put the current one before the new one: {signal}=CURRENT:LIMIT"
    )]
    WithoutLimit {
        /// The signal.
        signal: SignalId,
    },
    /// The present limit is measured, and is not what was stated.
    #[error("the limit of {signal} is {measured}, not {stated}; write {signal}=LIMIT")]
    PresentDiffers {
        /// The signal.
        signal: SignalId,
        /// The present limit.
        measured: String,
        /// What was stated.
        stated: String,
    },
    /// The limit is of another kind.
    #[error("the limit of {signal} is {present}; {assumed} is in another unit")]
    OtherUnit {
        /// The signal.
        signal: SignalId,
        /// The present limit.
        present: String,
        /// The assumed one.
        assumed: String,
    },
}

fn why(detail: Option<&String>) -> String {
    detail.map(|detail| format!(": {detail}")).unwrap_or_default()
}

impl Snapshot {
    /// The same usage under other limits, as if they had always been so.
    ///
    /// # Errors
    /// When it is not clear which limit is meant, or there is none.
    pub fn with_limits(&self, limits: &[AssumedLimit]) -> Result<WhatIf, AssumedLimitError> {
        let mut changes: Vec<ChangedLimit> = Vec::new();
        for limit in limits {
            let change = self.change(limit)?;
            // Of two limits of one resource the last counts, and it takes the place of the present one.
            changes
                .retain(|earlier| (earlier.signal, &earlier.instance) != (change.signal, &change.instance));
            changes.push(change);
        }
        let mut snapshot = self.clone();
        for change in &changes {
            let is_only = self.is_only_instance(change.signal);
            let Snapshot { observations, history, .. } = &mut snapshot;
            for observation in observations.iter_mut().chain(history) {
                let is_meant = observation.instance == change.instance || is_only;
                if observation.signal == change.signal && is_meant {
                    assume(observation, change);
                }
            }
        }
        Ok(WhatIf { snapshot, changes })
    }

    /// Whether a signal has one instance at most that has a name. What has none beside it is the same server, read directly.
    pub(crate) fn is_only_instance(&self, signal: SignalId) -> bool {
        let of_signal = self.observations.iter().filter(|observation| observation.signal == signal);
        let names: BTreeSet<&str> =
            of_signal.filter_map(|observation| observation.instance.as_deref()).collect();
        names.len() <= 1
    }

    /// Which limit is meant, and what it is now.
    fn change(&self, assumed: &AssumedLimit) -> Result<ChangedLimit, AssumedLimitError> {
        let AssumedLimit { signal, instance, present: stated, limit, basis } = assumed.clone();
        let of_signal: Vec<&Observation> =
            self.observations.iter().filter(|observation| observation.signal == signal).collect();
        if of_signal.is_empty() {
            let gap = self.gaps.iter().find(|gap| gap.signal == signal);
            return Err(AssumedLimitError::NotMeasured { signal, detail: gap.map(super::Gap::explained) });
        }
        let mut names: Vec<&Option<String>> =
            of_signal.iter().map(|observation| &observation.instance).collect();
        names.sort();
        names.dedup();
        let known = names.iter().filter_map(|name| name.as_deref()).collect::<Vec<_>>().join(", ");
        let meant = match (&instance, names.as_slice()) {
            (None, [only] | [None, only]) => (*only).clone(),
            (None, _) => return Err(AssumedLimitError::SeveralInstances { signal, known }),
            (Some(_), names) if names.contains(&&instance) => instance,
            (Some(instance), _) => {
                let known = if known.is_empty() { "one without a name".to_owned() } else { known };
                return Err(AssumedLimitError::NoSuchInstance { signal, instance: instance.clone(), known });
            }
        };
        let mut of_instance = of_signal.iter().filter(|observation| observation.instance == meant);
        let measured = of_instance.find_map(|observation| observation.capacity());
        // What a limit rests on otherwise is a rule for many servers, of which this one may differ.
        if let (Some(measured), Some(stated), None) = (measured, stated, &basis)
            && !agrees(measured, stated)
        {
            let (measured, stated) = (measured.to_string(), stated.to_string());
            return Err(AssumedLimitError::PresentDiffers { signal, measured, stated });
        }
        let present = measured.or(stated).ok_or(AssumedLimitError::WithoutLimit { signal })?;
        let unit = if limit.unit() == Unit::Count { present.unit() } else { limit.unit() };
        match Quantity::new(limit.value(), unit).filter(|_| unit == present.unit()) {
            Some(assumed) => Ok(ChangedLimit { signal, instance: meant, present, assumed, basis }),
            None => Err(AssumedLimitError::OtherUnit {
                signal,
                present: present.to_string(),
                assumed: limit.to_string(),
            }),
        }
    }
}

/// Whether a stated limit is the measured one, as far as people write numbers out. A plain number is in its unit.
fn agrees(measured: Quantity, stated: Quantity) -> bool {
    let is_same_unit = stated.unit() == Unit::Count || stated.unit() == measured.unit();
    is_same_unit && (stated.value() / measured.value() - 1.0).abs() < ROUNDED
}

/// Puts another limit in the place of an observation's own.
fn assume(observation: &mut Observation, change: &ChangedLimit) {
    let (present, assumed) = (change.present.value(), change.assumed.value());
    if observation.limit.as_ref().is_some_and(|limit| limit.unit() != change.assumed.unit()) {
        return;
    }
    // A past without limits of its own is a share of the present one.
    let limit_at = |at_ms| observation.limit.as_ref().map_or(present, |limit| limit.at(at_ms));
    let series = &observation.values;
    let shares = series.at_ms().iter().zip(series.values());
    let shares = shares.map(|(at, share)| share * limit_at(*at) / assumed).collect();
    let Ok(values) = Series::new(series.step_ms(), series.at_ms().to_vec(), shares) else { return };
    observation.values = values;
    if observation.limit.is_some() {
        observation.limit = Limit::constant(assumed, change.assumed.unit());
    }
    // The setting behind the limit changes with it, reserved slots and all.
    for name in &observation.signal.entry().settings {
        if let Some(setting) = observation.attributes.get_mut(&format!("{SETTING}{name}"))
            && let Ok(value) = setting.parse::<f64>()
        {
            *setting = (value + assumed - present).to_string();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_written_with_their_signal_and_instance() {
        let read = |text: &str| text.parse::<AssumedLimit>();
        let limit = read("redis.memory@cache=a:6379=4GiB").unwrap();
        assert_eq!(limit.signal, SignalId::find("redis.memory").unwrap());
        assert_eq!(limit.instance.as_deref(), Some("cache=a:6379"));
        assert_eq!(limit.limit, Quantity::new(4.0 * 1024.0_f64.powi(3), Unit::Bytes).unwrap());
        assert_eq!(read("postgres.connections=200").unwrap().instance, None);
        assert_eq!(read("rds.cpu@db=2:4").unwrap().present, Quantity::new(2.0, Unit::Count));
        for (text, words) in [
            ("rds.cpu=0:4", "above zero"),
            ("postgres.connections", "is not of the form"),
            ("postgres.connections@=1", "is not of the form"),
            ("postgres.conections=200", "no signal `postgres.conections`"),
            ("postgres.connections=many", "not a quantity"),
            ("postgres.connections=0", "above zero"),
        ] {
            assert!(read(text).unwrap_err().contains(words), "{text}: {:?}", read(text));
        }
    }
}
