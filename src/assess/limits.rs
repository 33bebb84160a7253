//! The limits of a signal: the project's, else the roadmap's alerts, else the defaults.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::{AssessmentInput, Context};
use crate::{
    roadmap::{Alert, Comparison, Condition, Severity},
    signal::{Direction, Quantity, SignalId, Unit},
};

/// A measurement that is this near to a ceiling, as a share of it, lies at it: demand beyond does not show.
pub(super) const AT_CEILING: f64 = 0.01;

/// Who set a limit, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Authority {
    Default,
    Roadmap,
    Project,
}

/// A limit with its origin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    /// The limit itself.
    pub at: Quantity,
    /// Whether the limit itself counts as passed.
    pub inclusive: bool,
    /// How long it must be passed; `None` compares the busy hour's value.
    pub sustained: Option<Duration>,
    pub authority: Authority,
    /// Where it comes from, in words.
    pub origin: String,
}

/// A limit and who set it, for those who show it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LimitOf {
    /// The limit.
    pub at: Quantity,
    /// Whether the limit itself counts as passed.
    pub inclusive: bool,
    /// Where it comes from, in words.
    pub origin: String,
}

impl LimitOf {
    /// Whether a value is beyond it.
    pub fn is_passed(&self, direction: Direction, value: f64) -> bool {
        let at = self.at.value();
        let beyond = match direction {
            Direction::HigherIsWorse => value > at,
            Direction::LowerIsWorse => value < at,
        };
        beyond || self.inclusive && (value - at).abs() <= f64::EPSILON * at.abs()
    }
}

/// The limits of a signal, for those who show them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct LimitsOf {
    /// Deserves a look.
    pub warning: Option<LimitOf>,
    /// Somebody must act.
    pub critical: Option<LimitOf>,
    /// The resource is used up.
    pub full: Option<LimitOf>,
}

impl LimitsOf {
    /// The limits a signal is held against.
    pub fn of(input: &AssessmentInput, signal: SignalId) -> Self {
        let Bounds { warning, critical, full, .. } = of_signal(input, signal);
        let shown = |bound: Option<Bound>| {
            bound.map(|Bound { at, inclusive, origin, .. }| LimitOf { at, inclusive, origin })
        };
        Self { warning: shown(warning), critical: shown(critical), full: shown(full) }
    }
}

/// Everything a signal is held against.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bounds {
    pub warning: Option<Bound>,
    pub critical: Option<Bound>,
    /// Where the resource is used up.
    pub full: Option<Bound>,
    /// Whether that is a ceiling, beyond which demand does not show, and not just the critical limit.
    pub is_ceiling: bool,
}

impl Bound {
    /// Whether a value is beyond it.
    pub(super) fn is_passed(&self, direction: Direction, value: Quantity) -> bool {
        worse(direction, value, self.at) || self.inclusive && value == self.at
    }
}

/// Whether a value of a signal, of which more is worse, means that its resource is used up.
pub fn is_used_up(input: &AssessmentInput, signal: SignalId, value: f64) -> bool {
    let Bounds { full, is_ceiling, .. } = of_signal(input, signal);
    let near = if is_ceiling { AT_CEILING } else { 0.0 };
    full.is_some_and(|full| value >= full.at.value() * (1.0 - near))
}

/// The limits of a signal.
///
/// Limits that contradict each other (a warning beyond the critical one, a critical one beyond the end) leave
/// the one with more authority: the project's, else the roadmap's, else the default.
pub(super) fn bounds(context: &Context<'_>, signal: SignalId) -> Bounds {
    of_signal(context.input, signal)
}

fn of_signal(input: &AssessmentInput, signal: SignalId) -> Bounds {
    let defaults = input.defaults.of(signal);
    let overrides = input.overrides.of(signal);
    let direction = signal.entry().direction;
    let sustained = overrides.sustained.or(defaults.sustained);
    let find = |severity, own: Option<Quantity>, default: Option<Quantity>| {
        declared(own, sustained, Authority::Project, "the project's limits")
            .or_else(|| {
                let alert = alert(&input.roadmap.alerts, signal, severity)?;
                Some(Bound { sustained: overrides.sustained.or(alert.sustained), ..alert })
            })
            .or_else(|| declared(default, sustained, Authority::Default, "default limit"))
    };
    let warning = find(Severity::Warning, overrides.warning, defaults.warning);
    let critical = find(Severity::Critical, overrides.critical, defaults.critical);
    let end = declared(overrides.limit, None, Authority::Project, "the project's limits")
        .or_else(|| declared(defaults.limit, None, Authority::Default, "hard limit"));
    // What is used up is critical, also where nobody says what comes before.
    let critical = within(direction, critical, end.as_ref()).or_else(|| end.clone());
    let (warning, critical) = in_order(direction, warning, critical);
    // An end before the critical limit would call something used up that is not even critical.
    let end = end.filter(|end| critical.as_ref().is_none_or(|bound| !worse(direction, bound.at, end.at)));
    let is_ceiling = end.is_some();
    let full = end.or_else(|| critical.clone()).or_else(|| warning.clone());
    Bounds { warning, critical, full, is_ceiling }
}

/// A weaker critical limit gives way to an end that comes before it: what is used up is critical.
fn within(direction: Direction, critical: Option<Bound>, end: Option<&Bound>) -> Option<Bound> {
    let critical = critical?;
    match end {
        Some(end) if worse(direction, critical.at, end.at) && end.authority > critical.authority => {
            Some(Bound { sustained: critical.sustained, ..end.clone() })
        }
        _ => Some(critical),
    }
}

fn in_order(
    direction: Direction,
    warning: Option<Bound>,
    critical: Option<Bound>,
) -> (Option<Bound>, Option<Bound>) {
    match (warning, critical) {
        (Some(warning), Some(critical)) if worse(direction, warning.at, critical.at) => {
            if warning.authority > critical.authority {
                (Some(warning), None)
            } else {
                (None, Some(critical))
            }
        }
        both => both,
    }
}

fn declared(
    at: Option<Quantity>,
    sustained: Option<Duration>,
    authority: Authority,
    origin: &str,
) -> Option<Bound> {
    at.map(|at| Bound { at, inclusive: true, sustained, authority, origin: origin.to_owned() })
}

/// The limit of an alert that compares just this signal, in the direction in which it gets worse.
fn alert(alerts: &[Alert], signal: SignalId, severity: Severity) -> Option<Bound> {
    alerts.iter().filter(|alert| alert.severity == severity).find_map(|alert| {
        let Condition::Signal(test) = &alert.when else { return None };
        let (at, inclusive) = match (&test.comparison, signal.entry().direction) {
            (Comparison::Above(at), Direction::HigherIsWorse)
            | (Comparison::Below(at), Direction::LowerIsWorse) => (*at, false),
            (Comparison::AtLeast(at), Direction::HigherIsWorse)
            | (Comparison::AtMost(at), Direction::LowerIsWorse) => (*at, true),
            _ => return None,
        };
        (test.signal == signal && test.instance.is_none()).then(|| Bound {
            at,
            inclusive,
            sustained: test.sustained,
            authority: Authority::Roadmap,
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
pub fn headroom(direction: Direction, value: Quantity, limit: Quantity) -> Option<f64> {
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
