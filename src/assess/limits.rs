//! The limits of a signal: the project's, else the roadmap's alerts, else the defaults.

use std::time::Duration;

use super::Context;
use crate::{
    roadmap::{Alert, Comparison, Condition, Limit, Severity},
    signal::{Direction, Quantity, SignalId, Unit},
};

/// A limit with its origin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    /// The limit itself.
    pub at: Quantity,
    /// How long it must be passed; `None` compares the busy hour's value.
    pub sustained: Option<Duration>,
    /// Where it comes from.
    pub origin: String,
}

/// Everything a signal is held against.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bounds {
    pub warning: Option<Bound>,
    pub critical: Option<Bound>,
    /// Where the resource is used up.
    pub full: Option<Bound>,
}

/// The limits of a signal.
///
/// A default that a roadmap's alert contradicts (a warning beyond the default critical limit) gives way.
pub(super) fn bounds(context: &Context<'_>, signal: SignalId) -> Bounds {
    let framework = context.framework;
    let defaults = framework.defaults.of(signal);
    let overrides = framework.overrides.of(signal);
    let direction = signal.entry().direction;
    let find = |severity, own: Option<Quantity>, default: Option<Quantity>| {
        declared(own, overrides.sustained.or(defaults.sustained), "the project's limits")
            .or_else(|| alert(&framework.roadmap.alerts, signal, severity))
            .or_else(|| declared(default, defaults.sustained, "default limit"))
    };
    let warning = find(Severity::Warning, overrides.warning, defaults.warning);
    let critical = find(Severity::Critical, overrides.critical, defaults.critical)
        .filter(|critical| warning.as_ref().is_none_or(|warning| !worse(direction, warning.at, critical.at)));
    let full = full(&overrides, &defaults).or_else(|| critical.clone()).or_else(|| warning.clone());
    // A limit within the critical one would call something used up that is merely critical.
    let full = match (&critical, full) {
        (Some(critical), Some(full)) if worse(direction, critical.at, full.at) => Some(critical.clone()),
        (_, full) => full,
    };
    Bounds { warning, critical, full }
}

fn full(overrides: &Limit, defaults: &Limit) -> Option<Bound> {
    declared(overrides.limit, None, "the project's limits")
        .or_else(|| declared(defaults.limit, None, "hard limit"))
}

fn declared(at: Option<Quantity>, sustained: Option<Duration>, origin: &str) -> Option<Bound> {
    at.map(|at| Bound { at, sustained, origin: origin.to_owned() })
}

/// The limit of an alert that compares just this signal, in the direction in which it gets worse.
fn alert(alerts: &[Alert], signal: SignalId, severity: Severity) -> Option<Bound> {
    alerts.iter().filter(|alert| alert.severity == severity).find_map(|alert| {
        let Condition::Signal(test) = &alert.when else { return None };
        let at = match (&test.comparison, signal.entry().direction) {
            (Comparison::Above(at) | Comparison::AtLeast(at), Direction::HigherIsWorse)
            | (Comparison::Below(at), Direction::LowerIsWorse) => *at,
            _ => return None,
        };
        (test.signal == signal && test.instance.is_none()).then(|| Bound {
            at,
            sustained: test.sustained,
            origin: format!("alert {} of the roadmap", alert.id),
        })
    })
}

/// Whether `a` is worse than `b`.
pub(super) fn worse(direction: Direction, a: Quantity, b: Quantity) -> bool {
    match direction {
        Direction::HigherIsWorse => a.value() > b.value(),
        Direction::LowerIsWorse => a.value() < b.value(),
    }
}

/// The unused share before a limit: 1 is untouched, 0 is used up, negative is beyond.
///
/// Where more is worse it is `1 − value / limit`; for a share where less is worse, the distance to the
/// limit against the distance from the limit to 100 %; for other quantities where less is worse, `1 − limit
/// / value`. `None` when the limit is zero, which leaves no room to measure.
pub(super) fn headroom(direction: Direction, value: Quantity, limit: Quantity) -> Option<f64> {
    let (value, unit, limit) = (value.value(), value.unit(), limit.value());
    let headroom = match (direction, unit) {
        (Direction::HigherIsWorse, _) => 1.0 - value / limit,
        (Direction::LowerIsWorse, Unit::Ratio) => (value - limit) / (1.0 - limit),
        (Direction::LowerIsWorse, _) => 1.0 - limit / value,
    };
    headroom.is_finite().then_some(headroom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(direction: Direction, value: f64, unit: Unit, limit: f64, expected: Option<f64>) {
        let found =
            headroom(direction, Quantity::new(value, unit).unwrap(), Quantity::new(limit, unit).unwrap());
        match (found, expected) {
            (Some(found), Some(expected)) => {
                assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
            }
            (found, expected) => assert_eq!(found, expected),
        }
    }

    #[test]
    fn headroom_is_the_unused_share() {
        check(Direction::HigherIsWorse, 0.6, Unit::Ratio, 0.8, Some(0.25));
        check(Direction::HigherIsWorse, 1200.0, Unit::Count, 1000.0, Some(-0.2));
        check(Direction::LowerIsWorse, 0.8, Unit::Ratio, 0.6, Some(0.5));
        check(Direction::LowerIsWorse, 0.3, Unit::Ratio, 0.6, Some(-0.75));
        check(Direction::HigherIsWorse, 1.0, Unit::Count, 0.0, None);
    }
}
