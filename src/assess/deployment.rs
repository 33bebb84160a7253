//! Which of the roadmap's shapes of the installation carries the load.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Context, Outcome, busy};
use crate::{
    roadmap::{Amount, Band, Deployment},
    signal::{Direction, Quantity, Role, SignalId, Unit},
    snapshot::Observation,
};

/// How a shape of the installation fits a load.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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
    pub utilisation: Option<f64>,
    /// The signal whose capacity that is.
    pub signal: Option<SignalId>,
    /// The reasoning in words.
    pub because: String,
}

/// Which load the shapes are to carry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Carried {
    /// The one of the busy hour; `None` when it is unknown.
    Today(Option<f64>),
    /// A number of users; whatever grows with users is taken to grow in proportion from today's.
    Users { users: f64, today: Option<f64> },
}

/// One capacity beside what is to be carried of it.
struct Part {
    signal: SignalId,
    needed: Option<f64>,
    unit: Unit,
    /// What is carried for sure; infinite without an upper end.
    sure: f64,
    /// What may be carried.
    most: f64,
}

/// Every stated shape, smallest first.
pub(super) fn assess(context: &Context<'_>, carried: Carried) -> Vec<DeploymentFit> {
    context.input.roadmap.deployments.iter().map(|deployment| fit(context, deployment, carried)).collect()
}

fn fit(context: &Context<'_>, deployment: &Deployment, carried: Carried) -> DeploymentFit {
    let parts = parts(context, deployment, carried);
    let share =
        |part: &Part| Some(part.needed? / part.sure).filter(|_| part.sure.is_finite() && part.sure > 0.0);
    let known = parts.iter().filter_map(|part| Some((share(part)?, part)));
    let tightest = known.max_by(|a, b| a.0.total_cmp(&b.0));
    let words: Vec<String> = parts.iter().map(Part::words).collect();
    DeploymentFit {
        id: deployment.id.clone(),
        title: deployment.title.clone(),
        users: deployment.users,
        carries: Outcome::all(parts.iter().map(Part::outcome)),
        utilisation: tightest.as_ref().map(|(share, _)| *share),
        signal: tightest.map(|(_, part)| part.signal),
        because: words.join("; "),
    }
}

/// The users it is stated for and every capacity that is stated beside them.
fn parts(context: &Context<'_>, deployment: &Deployment, carried: Carried) -> Vec<Part> {
    let load = context.input.roadmap.load.signal;
    let users = match carried {
        Carried::Today(peak) => peak,
        Carried::Users { users, .. } => Some(users),
    };
    let end = deployment.users.high().map_or(f64::INFINITY, |high| high as f64);
    let band = Part { signal: load, needed: users, unit: Unit::Count, sure: end, most: end };
    let others = deployment.capacity.iter().filter(|(signal, _)| **signal != load && tells_load(**signal));
    let others = others.map(|(signal, amount)| Part {
        signal: *signal,
        needed: needed(context, *signal, amount.low().unit(), carried),
        unit: amount.low().unit(),
        sure: amount.low().value(),
        most: amount.high().map_or(f64::INFINITY, Quantity::value),
    });
    let stated = deployment.capacity.get(&load).map_or(band, |amount: &Amount| Part {
        signal: load,
        needed: users,
        unit: Unit::Count,
        sure: amount.low().value(),
        most: amount.high().map_or(f64::INFINITY, Quantity::value),
    });
    std::iter::once(stated).chain(others).collect()
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
        let share = busy::busy_value(&observation.values, signal.entry().direction, context.window_end_ms());
        match observation.capacity() {
            _ if unit == signal.entry().unit => Some(share),
            Some(whole) if whole.unit() == unit => Some(share * whole.value()),
            _ => None,
        }
    };
    let observations = context.judged(signal, None);
    observations.iter().filter_map(value).max_by(f64::total_cmp).map(|value| value * growth)
}

impl Part {
    fn outcome(&self) -> Outcome {
        match self.needed {
            Some(needed) if needed <= self.sure => Outcome::True,
            Some(needed) if needed > self.most => Outcome::False,
            _ => Outcome::Unknown,
        }
    }

    /// "http.requests 350/min of 1000/min".
    fn words(&self) -> String {
        let text = |value: f64| {
            let rounded = if self.unit == Unit::Count { value.round() } else { value };
            Quantity::new(rounded, self.unit)
                .map_or_else(|| "any".to_owned(), |quantity| quantity.to_string())
        };
        let stated = match (self.sure.is_finite(), self.most.is_finite()) {
            (false, _) => "without an upper end".to_owned(),
            (true, false) => format!("of {} or more", text(self.sure)),
            (true, true) if self.most > self.sure => format!("of {} to {}", text(self.sure), text(self.most)),
            (true, true) => format!("of {}", text(self.sure)),
        };
        match self.needed {
            Some(needed) => format!("{} {} {stated}", self.signal, text(needed)),
            None => format!("{} unknown {stated}", self.signal),
        }
    }
}
