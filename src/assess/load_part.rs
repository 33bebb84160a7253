//! How much of what an instance uses follows the load, and so goes where the load goes.

use super::{ForecastReason, Outlook};
use crate::{
    signal::{Quantity, Series, SignalId, mean},
    snapshot::{Limit, Observation},
};

/// What is held by clients: when its server is gone, they connect to another one, whether they are busy or not.
const HELD_BY_CLIENTS: [&str; 3] = ["connections", "clients", "sessions"];

/// How much of what an instance uses follows the load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum LoadPart {
    /// What is above this share of its limit.
    Above(f64),
    /// None of it: it was measured not to follow the load.
    Nothing,
    /// It is not known how much, from none to all.
    Unknown,
}

impl LoadPart {
    /// The part of an instance, from the demand that was fitted for it.
    pub(super) fn of(outlook: &Outlook, signal: SignalId, instance: Option<&str>) -> Self {
        let entry = signal.entry();
        if entry.of.as_deref().is_some_and(|of| HELD_BY_CLIENTS.contains(&of)) {
            return Self::Above(0.0);
        }
        match outlook.find(signal, instance).map(|found| &found.reason) {
            Some(ForecastReason::Demand { demand }) => Self::Above(demand.baseline.max(0.0)),
            Some(ForecastReason::NoDemand | ForecastReason::Unrelated { .. }) => Self::Nothing,
            _ => Self::Unknown,
        }
    }

    /// What follows the load at most, of a usage in shares of a limit.
    fn at_most(self, share: f64) -> f64 {
        match self {
            Self::Above(base) => (share - base).max(0.0),
            Self::Nothing => 0.0,
            Self::Unknown => share,
        }
    }
}

/// What an instance uses over time that follows the load, in the unit of its limit; of a plain share in shares.
#[derive(Debug)]
pub(super) struct LoadDriven {
    step_ms: i64,
    at_ms: Vec<i64>,
    used: Vec<f64>,
}

impl LoadDriven {
    /// `present` is the limit of a past without limits of its own; `None` calculates in shares.
    pub(super) fn new(observation: &Observation, part: LoadPart, present: Option<Quantity>) -> Self {
        let used = |(at, share): (&i64, &f64)| {
            let limit = limit_at(observation, present, *at);
            // The base is a share of the limit of today.
            let today = present.map_or(1.0, Quantity::value);
            part.at_most(share * limit / today) * today
        };
        let at_ms = observation.values.at_ms();
        Self {
            step_ms: observation.values.step_ms(),
            at_ms: at_ms.to_vec(),
            used: at_ms.iter().zip(observation.values.values()).map(used).collect(),
        }
    }

    pub(super) fn mean(&self) -> f64 {
        mean(&self.used).unwrap_or_default()
    }

    /// The newest value at an instant, up to five minutes or half a step after it; nothing where it is older than two steps
    /// and five minutes, because then the instance was not there.
    fn at(&self, at_ms: i64) -> f64 {
        const HANDOVER_MS: i64 = 5 * 60_000;
        let Some(before) =
            self.at_ms.partition_point(|at| *at <= at_ms + HANDOVER_MS.min(self.step_ms / 2)).checked_sub(1)
        else {
            return 0.0;
        };
        let (Some(at), Some(used)) = (self.at_ms.get(before), self.used.get(before)) else { return 0.0 };
        let oldest = HANDOVER_MS.max(2 * self.step_ms);
        if at_ms - at <= oldest { *used } else { 0.0 }
    }
}

/// An instance that takes over a share of what others used.
pub(super) fn with_taken_over(
    observation: &Observation,
    present: Option<Quantity>,
    others: &[LoadDriven],
    weight: f64,
) -> Observation {
    changed(observation, |at, share| {
        let more: f64 = others.iter().map(|other| other.at(at)).sum();
        share + weight * more / limit_at(observation, present, at)
    })
}

/// An instance whose part of the load is multiplied by a factor.
pub(super) fn with_load_times(observation: &Observation, part: LoadPart, factor: f64) -> Observation {
    changed(observation, |_, share| share + (factor - 1.0) * part.at_most(share))
}

fn changed(observation: &Observation, share: impl Fn(i64, f64) -> f64) -> Observation {
    let series = &observation.values;
    let values = series.at_ms().iter().zip(series.values()).map(|(at, value)| share(*at, *value)).collect();
    let values = Series::new(series.step_ms(), series.at_ms().to_vec(), values);
    Observation { values: values.unwrap_or_else(|_| series.clone()), ..observation.clone() }
}

/// The limit of a time: its own, else that of today; 1 for a plain share.
fn limit_at(observation: &Observation, present: Option<Quantity>, at_ms: i64) -> f64 {
    let Some(present) = present else { return 1.0 };
    let own = observation.limit.as_ref().filter(|limit| limit.unit() == present.unit());
    own.map_or(present.value(), |limit: &Limit| limit.at(at_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{signal::Unit, snapshot::Origin};

    fn cpu(values: &[f64], cores: f64) -> Observation {
        let origin = Origin { source: "prometheus".to_owned(), query: String::new() };
        let at = (0..values.len()).map(|minute| i64::try_from(minute).unwrap() * 60_000).collect();
        let series = Series::new(60_000, at, values.to_vec()).unwrap();
        let mut cpu = Observation::new(SignalId::find("host.cpu").unwrap(), series, origin);
        cpu.limit = Limit::constant(cores, Unit::Count);
        cpu
    }

    #[test]
    fn what_does_not_follow_the_load_stays() {
        // Of 4 cores 0.4 are used without load.
        let lost = cpu(&[0.5, 0.3, 0.05], 4.0);
        let part = LoadDriven::new(&lost, LoadPart::Above(0.1), lost.capacity());
        let left = cpu(&[0.2, 0.2, 0.2], 8.0);
        let after = with_taken_over(&left, left.capacity(), &[part], 0.5);
        let expected = [0.2 + 0.5 * 1.6 / 8.0, 0.2 + 0.5 * 0.8 / 8.0, 0.2];
        for (value, expected) in after.values.values().iter().zip(expected) {
            assert!((value - expected).abs() < 1e-12, "{after:?}");
        }
        let nothing = LoadDriven::new(&lost, LoadPart::Nothing, lost.capacity());
        assert_eq!(with_taken_over(&left, left.capacity(), &[nothing], 1.0), left);
    }

    #[test]
    fn an_instance_that_is_no_longer_there_gives_nothing() {
        let lost = cpu(&[0.5], 4.0);
        let left = cpu(&[0.2; 30], 4.0);
        let gone = LoadDriven::new(&lost, LoadPart::Unknown, lost.capacity());
        let after = with_taken_over(&left, left.capacity(), &[gone], 1.0);
        assert!((after.values.values()[0] - 0.7).abs() < 1e-12);
        assert!((after.values.last().1 - 0.2).abs() < 1e-12, "it ended half an hour ago");
    }

    #[test]
    fn a_factor_leaves_the_base() {
        let halved = with_load_times(&cpu(&[0.5, 0.1], 1.0), LoadPart::Above(0.1), 0.5);
        assert!(
            (halved.values.values()[0] - 0.3).abs() < 1e-12
                && (halved.values.values()[1] - 0.1).abs() < 1e-12
        );
    }
}
