//! Which of the roadmap's deployments carries the load.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Outcome, peak_hour};
use crate::{
    roadmap::{Amount, Band, Deployment},
    signal::{Direction, Quantity, Role, SignalId, Unit},
    snapshot::Observation,
};

/// How a deployment fits a load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeploymentFit {
    /// Its name in the roadmap.
    pub id: String,
    /// What it consists of.
    pub title: String,
    /// The users it is stated for.
    pub users: Band,
    /// Whether it carries the load: every stated capacity is enough.
    pub carries: Outcome,
    /// The highest share used of a stated capacity, of its low end where it is a range; null when none is
    /// known.
    pub utilization: Option<f64>,
    /// The signal whose capacity that is.
    pub signal: Option<SignalId>,
    /// Every stated capacity beside what is needed of it.
    #[serde(default)]
    pub capacities: Vec<CapacityCheck>,
}

/// A stated capacity beside what is needed of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityCheck {
    /// What is needed.
    pub signal: SignalId,
    /// The unit of the amounts.
    pub unit: Unit,
    /// How much is needed; null when unknown.
    pub needed: Option<f64>,
    /// How much is carried for certain; null without an upper end.
    pub certain: Option<f64>,
    /// How much may be carried; null without an upper end.
    pub possible: Option<f64>,
}

/// Which load the deployments are to carry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Carried {
    /// The one of the peak hour; `None` when it is unknown.
    Today(Option<f64>),
    /// A number of users; whatever grows with users is taken to grow in proportion from today's.
    Users { users: f64, today: Option<f64> },
}

/// Every stated deployment, smallest first.
pub(super) fn assess(context: &Context<'_>, carried: Carried) -> Vec<DeploymentFit> {
    context.input.roadmap.deployments.iter().map(|deployment| fit(context, deployment, carried)).collect()
}

fn fit(context: &Context<'_>, deployment: &Deployment, carried: Carried) -> DeploymentFit {
    let capacities = capacities(context, deployment, carried);
    let share = |check: &CapacityCheck| {
        let certain = check.certain.filter(|certain| *certain > 0.0)?;
        Some(check.needed? / certain)
    };
    let known = capacities.iter().filter_map(|check| Some((share(check)?, check.signal)));
    let tightest = known.max_by(|a, b| a.0.total_cmp(&b.0));
    DeploymentFit {
        id: deployment.id.clone(),
        title: deployment.title.clone(),
        users: deployment.users,
        carries: Outcome::all(capacities.iter().map(CapacityCheck::outcome)),
        utilization: tightest.map(|(share, _)| share),
        signal: tightest.map(|(_, signal)| signal),
        capacities,
    }
}

/// The users it is stated for and every capacity that is stated beside them.
fn capacities(context: &Context<'_>, deployment: &Deployment, carried: Carried) -> Vec<CapacityCheck> {
    let load = context.input.roadmap.load.signal;
    let users = match carried {
        Carried::Today(peak) => peak,
        Carried::Users { users, .. } => Some(users),
    };
    let of_users = if let Some(amount) = deployment.capacity.get(&load) {
        CapacityCheck { unit: Unit::Count, ..check(load, amount, users) }
    } else {
        let end = deployment.users.high().map(|high| high as f64);
        CapacityCheck { signal: load, unit: Unit::Count, needed: users, certain: end, possible: end }
    };
    let others = deployment.capacity.iter().filter(|(signal, _)| **signal != load && tells_load(**signal));
    let others = others.map(|(signal, amount)| {
        check(*signal, amount, needed(context, *signal, amount.low().unit(), carried))
    });
    std::iter::once(of_users).chain(others).collect()
}

fn check(signal: SignalId, amount: &Amount, needed: Option<f64>) -> CapacityCheck {
    CapacityCheck {
        signal,
        unit: amount.low().unit(),
        needed,
        certain: Some(amount.low().value()),
        possible: amount.high().map(Quantity::value),
    }
}

/// Whether a signal grows with the load, so that a capacity of it bounds the load.
fn tells_load(signal: SignalId) -> bool {
    let entry = signal.entry();
    let rate = matches!(entry.unit, Unit::PerSecond | Unit::BytesPerSecond);
    entry.role == Role::Load || rate || entry.direction == Direction::HigherIsWorse && entry.of.is_some()
}

/// What is to be carried of a signal, in the unit its capacity is stated in.
fn needed(context: &Context<'_>, signal: SignalId, unit: Unit, carried: Carried) -> Option<f64> {
    let growth = match carried {
        Carried::Today(_) => 1.0,
        Carried::Users { users, today } => users / today.filter(|today| *today >= 1.0)?,
    };
    let value = |observation: &&Observation| {
        let share = peak_hour::peak(context, observation)?.value.value();
        match observation.capacity() {
            _ if unit == signal.entry().unit => Some(share),
            Some(whole) if whole.unit() == unit => Some(share * whole.value()),
            _ => None,
        }
    };
    let observations = context.evaluated(signal);
    observations.iter().filter_map(value).max_by(f64::total_cmp).map(|value| value * growth)
}

impl CapacityCheck {
    fn outcome(&self) -> Outcome {
        let Some(needed) = self.needed else { return Outcome::Unknown };
        if self.certain.is_none_or(|certain| needed <= certain) {
            Outcome::True
        } else if self.possible.is_some_and(|possible| needed > possible) {
            Outcome::False
        } else {
            Outcome::Unknown
        }
    }
}
