//! The limits of a signal: the project's, else the roadmap's alerts, else the defaults.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AssessmentInput, Context};
use crate::{
    roadmap::{Alert, Comparison, Condition, Severity},
    signal::{DefaultLimits, DefinedBy, Direction, Quantity, Role, SignalId, Unit},
};

/// A measurement that is this near to a ceiling, as a share of it, lies at it: demand beyond does not show.
pub(super) const AT_CEILING: f64 = 0.01;

/// Who set a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LimitOrigin {
    /// The program's default.
    Default,
    /// The end of the resource.
    HardLimit,
    /// An alert of the roadmap.
    Alert {
        /// Which.
        id: String,
    },
    /// The project's config.
    Project,
}

impl LimitOrigin {
    /// Whose limit wins, weakest first: the program's, the roadmap's, the project's.
    fn authority(&self) -> u8 {
        match self {
            Self::Default | Self::HardLimit => 0,
            Self::Alert { .. } => 1,
            Self::Project => 2,
        }
    }
}

/// A limit with its origin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limit {
    /// The limit itself.
    pub at: Quantity,
    /// Whether the limit itself counts as exceeded.
    pub inclusive: bool,
    /// How long it must be exceeded; `None` compares the peak hour's value.
    pub sustained: Option<Duration>,
    pub origin: LimitOrigin,
}

/// A limit and who set it, for those who show it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SignalLimit {
    /// The limit.
    pub at: Quantity,
    /// Whether the limit itself counts as exceeded.
    pub inclusive: bool,
    /// Who set it.
    pub origin: LimitOrigin,
    /// How long it must be exceeded; `None` where a single value counts.
    #[serde(skip)]
    pub sustained: Option<Duration>,
}

impl SignalLimit {
    /// Whether a value is beyond it.
    pub fn is_exceeded(&self, direction: Direction, value: f64) -> bool {
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
pub struct SignalLimits {
    /// Needs attention.
    pub warning: Option<SignalLimit>,
    /// Needs action now.
    pub critical: Option<SignalLimit>,
    /// The resource is exhausted.
    pub full: Option<SignalLimit>,
}

impl SignalLimits {
    /// The limits a signal is compared with.
    pub fn for_signal(input: &AssessmentInput, signal: SignalId) -> Self {
        let Limits { warning, critical, full, .. } = limits_of(input, signal);
        let shown = |limit: Option<Limit>| {
            limit.map(|Limit { at, inclusive, origin, sustained }| SignalLimit {
                at,
                inclusive,
                origin,
                sustained,
            })
        };
        Self { warning: shown(warning), critical: shown(critical), full: shown(full) }
    }
}

/// From where on a resource is saturated, however long it has been: shortly before its end. `None` where the end is no
/// more than the critical limit.
pub fn saturated_from(input: &AssessmentInput, signal: SignalId) -> Option<SignalLimit> {
    let entry = signal.entry();
    let Limits { full, is_ceiling, .. } = limits_of(input, signal);
    let is_wall = is_ceiling && entry.role == Role::Resource && entry.direction == Direction::HigherIsWorse;
    let Limit { at, origin, .. } = full.filter(|full| is_wall && full.at.value() > 0.0)?;
    let at = Quantity::new(at.value() * (1.0 - AT_CEILING), at.unit())?;
    Some(SignalLimit { at, inclusive: true, origin, sustained: None })
}

/// Everything a signal is compared with.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Limits {
    pub warning: Option<Limit>,
    pub critical: Option<Limit>,
    /// Where the resource is exhausted.
    pub full: Option<Limit>,
    /// Whether that is a ceiling, beyond which demand does not show, and not just the critical limit.
    pub is_ceiling: bool,
}

impl Limit {
    /// Whether a value is beyond it.
    pub(super) fn is_exceeded(&self, direction: Direction, value: Quantity) -> bool {
        worse(direction, value, self.at) || self.inclusive && value == self.at
    }
}

/// Whether a value of a signal, of which more is worse, means that its resource is exhausted.
pub fn is_exhausted(input: &AssessmentInput, signal: SignalId, value: f64) -> bool {
    let Limits { full, is_ceiling, .. } = limits_of(input, signal);
    let near = if is_ceiling { AT_CEILING } else { 0.0 };
    full.is_some_and(|full| value >= full.at.value() * (1.0 - near))
}

/// The limits of a signal.
///
/// Limits that contradict each other (a warning beyond the critical one, a critical one beyond the end) leave
/// the one with more authority: the project's, else the roadmap's, else the default.
pub(super) fn limits(context: &Context<'_>, signal: SignalId) -> Limits {
    limits_of(context.input, signal)
}

fn limits_of(input: &AssessmentInput, signal: SignalId) -> Limits {
    let (overrides, defaults) = stated(input, signal);
    let direction = signal.entry().direction;
    let sustained = overrides.sustained.or(defaults.sustained);
    let find = |severity, own: Option<Quantity>, default: Option<Quantity>| {
        declared(own, sustained, LimitOrigin::Project)
            .or_else(|| {
                let alert = alert(&input.roadmap.alerts, signal, severity)?;
                Some(Limit { sustained: overrides.sustained.or(alert.sustained), ..alert })
            })
            .or_else(|| declared(default, sustained, LimitOrigin::Default))
    };
    let warning = find(Severity::Warning, overrides.warning, defaults.warning);
    let critical = find(Severity::Critical, overrides.critical, defaults.critical);
    let end = declared(overrides.limit, None, LimitOrigin::Project)
        .or_else(|| declared(defaults.limit, None, LimitOrigin::HardLimit));
    // What is exhausted is critical, even without a limit for what comes before.
    let critical = within(direction, critical, end.as_ref()).or_else(|| end.clone());
    let (warning, critical) = in_order(direction, warning, critical);
    // An end before the critical limit would call something exhausted that is not even critical.
    let end = end.filter(|end| critical.as_ref().is_none_or(|limit| !worse(direction, limit.at, end.at)));
    let is_ceiling = end.is_some();
    let full = end.or_else(|| critical.clone()).or_else(|| warning.clone());
    Limits { warning, critical, full, is_ceiling }
}

/// The project's thresholds of a signal, and those that count where neither the project nor the roadmap has any.
///
/// What the project defines itself has the project's thresholds; where the usage ends at the latest is no opinion of
/// anybody's.
fn stated(input: &AssessmentInput, signal: SignalId) -> (DefaultLimits, DefaultLimits) {
    let entry = signal.entry();
    let overrides = input.overrides.of(signal);
    let defaults = input.defaults.of(signal);
    match entry.defined_by {
        DefinedBy::Project => {
            let own = DefaultLimits { limit: None, ..entry.limits };
            (overrides.or(&own), DefaultLimits { limit: entry.limits.limit, ..DefaultLimits::default() })
        }
        DefinedBy::Program | DefinedBy::Roadmap if defaults.is_empty() => (overrides, entry.limits),
        DefinedBy::Program | DefinedBy::Roadmap => (overrides, defaults),
    }
}

/// A weaker critical limit gives way to an end that comes before it: what is exhausted is critical.
fn within(direction: Direction, critical: Option<Limit>, end: Option<&Limit>) -> Option<Limit> {
    let critical = critical?;
    match end {
        Some(end)
            if worse(direction, critical.at, end.at)
                && end.origin.authority() > critical.origin.authority() =>
        {
            Some(Limit { sustained: critical.sustained, ..end.clone() })
        }
        _ => Some(critical),
    }
}

fn in_order(
    direction: Direction,
    warning: Option<Limit>,
    critical: Option<Limit>,
) -> (Option<Limit>, Option<Limit>) {
    match (warning, critical) {
        (Some(warning), Some(critical)) if worse(direction, warning.at, critical.at) => {
            if warning.origin.authority() > critical.origin.authority() {
                (Some(warning), None)
            } else {
                (None, Some(critical))
            }
        }
        both => both,
    }
}

fn declared(at: Option<Quantity>, sustained: Option<Duration>, origin: LimitOrigin) -> Option<Limit> {
    at.map(|at| Limit { at, inclusive: true, sustained, origin })
}

/// The limit of an alert that compares just this signal, in the direction in which it gets worse.
fn alert(alerts: &[Alert], signal: SignalId, severity: Severity) -> Option<Limit> {
    alerts.iter().filter(|alert| alert.severity == severity).find_map(|alert| {
        let Condition::Signal(test) = &alert.when else { return None };
        let (at, inclusive) = match (&test.comparison, signal.entry().direction) {
            (Comparison::Above(at), Direction::HigherIsWorse)
            | (Comparison::Below(at), Direction::LowerIsWorse) => (*at, false),
            (Comparison::AtLeast(at), Direction::HigherIsWorse)
            | (Comparison::AtMost(at), Direction::LowerIsWorse) => (*at, true),
            _ => return None,
        };
        (test.signal == signal && test.instance.is_none()).then(|| Limit {
            at,
            inclusive,
            sustained: test.sustained,
            origin: LimitOrigin::Alert { id: alert.id.clone() },
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

/// The unused share before a limit: 1 is untouched, 0 is exhausted, negative is beyond.
///
/// Where more is worse it is `1 − value / limit`; for a share where less is worse, the distance to the
/// limit against the distance from the limit to 100%; for other quantities where less is worse, `1 − limit
/// / value`. `None` when the limit is zero, of which there is no share.
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
