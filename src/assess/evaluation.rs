//! Each observation against its thresholds: its state, its peak and the headroom that is left.

use super::{
    CacheReason, ComparedLimit, Context, LimitReason, Measured, State, Sustained, UnjudgedReason, Verdict,
    limits::{self, Limits},
    peak_hour::{self, Peak},
    state::{self, Standing, ThresholdCheck},
};
use crate::{
    signal::{Direction, Quantity, Role, Signal, catalog},
    snapshot::Observation,
};

/// So many notes of the source are repeated in a reason.
const MAX_NOTES: usize = 2;
/// A peak that is beyond a threshold on so many days is no single event.
const RECURRING_DAYS: usize = 3;
/// Demand beyond a limit does not show; after so many milliseconds at it, the real demand is higher.
const FLAT_MS: i64 = 30 * 60_000;

/// One observation of a signal that has thresholds.
#[derive(Debug, Clone)]
pub(super) struct LimitEvaluation<'a> {
    pub observation: &'a Observation,
    /// The newest value.
    pub now: Quantity,
    /// The value of the peak hours, and how many days it rests on.
    pub peak: Peak,
    pub limits: Limits,
    pub state: State,
    /// The threshold that decided: the one exceeded, else that of the warning.
    pub deciding: Option<ThresholdCheck>,
    /// Whether the thresholds are exceeded at the peak hours of several days, and not now.
    pub at_peak: bool,
    /// Unused share of a resource at its peak, or now where that is less.
    pub headroom: Option<f64>,
    /// For how many seconds the values have been flat at the limit.
    pub flat_seconds: Option<f64>,
    /// Why it is not judged, although it was measured.
    pub unjudged: Option<UnjudgedReason>,
    /// Whether what fills up here is a cache that makes room by itself.
    pub makes_room: bool,
    /// What it means that this is a cache, or no cache.
    pub cache: Option<CacheReason>,
}

impl LimitEvaluation<'_> {
    /// What its state means for the verdict.
    pub(super) fn verdict(&self) -> Verdict {
        self.state.into()
    }

    /// How long the threshold that decided was exceeded.
    pub(super) fn sustained(&self) -> Option<Sustained> {
        let (required, runs) = self.deciding.as_ref()?.runs.as_ref()?;
        Some(Sustained::new(*required, runs))
    }

    /// The value that decided: that of the peak hours where they did.
    pub(super) fn decisive(&self) -> Quantity {
        if self.at_peak { self.peak.value } else { self.now }
    }

    /// Why it has its state.
    pub(super) fn reason(&self) -> LimitReason {
        let observation = self.observation;
        // Which statement is slow, what the limit consists of: that is where somebody begins to look.
        let notes = observation.notes.iter().filter(|_| self.state >= State::Pending);
        LimitReason {
            measured: Measured::new(observation, self.decisive()),
            state: self.state,
            at_peak: self.at_peak,
            samples: observation.values.len(),
            limit: self.deciding.as_ref().map(|check| ComparedLimit {
                at: check.limit.at,
                origin: check.limit.origin.clone(),
                verdict: self.verdict(),
                beyond: matches!(check.standing, Standing::Beyond | Standing::Pending),
                sustained: self.sustained(),
                past: check.past.clone(),
                bucket: match check.standing {
                    Standing::WithinBucket(bucket) => Some(bucket),
                    _ => None,
                },
            }),
            unjudged: self.unjudged.clone(),
            flat_seconds: self.flat_seconds,
            cache: self.cache.clone(),
            notes: notes.take(MAX_NOTES).cloned().collect(),
        }
    }
}

/// Evaluates every observation of every resource and service level.
pub(super) fn assess<'a>(context: &Context<'a>) -> Vec<LimitEvaluation<'a>> {
    let judged =
        catalog().signals().filter(|signal| matches!(signal.role, Role::Resource | Role::ServiceLevel));
    judged
        .filter(|signal| !context.is_absent(signal.id()))
        .flat_map(|signal| {
            let limits = limits::limits(context, signal.id());
            let observations = context.evaluated(signal.id(), None).into_iter();
            observations.filter_map(move |observation| evaluate(context, signal, observation, limits.clone()))
        })
        .collect()
}

fn evaluate<'a>(
    context: &Context<'a>,
    signal: &Signal,
    observation: &'a Observation,
    limits: Limits,
) -> Option<LimitEvaluation<'a>> {
    let to_ms = context.window_end_ms();
    let now = Quantity::new(observation.values.last().1, signal.unit)?;
    let peak = peak_hour::peak(context, observation)?;
    let check =
        |limit: &Option<limits::Limit>| limit.clone().map(|limit| state::check(observation, limit, to_ms));
    let (mut state, mut deciding) = state::state(check(&limits.critical), check(&limits.warning));
    let is_resource = signal.role == Role::Resource;
    let wall = limits.full.as_ref().filter(|_| limits.is_ceiling && is_resource);
    let at_wall = wall.and_then(|wall| state::at_wall(observation, wall.at, to_ms));
    if at_wall.is_some() {
        state = State::Saturated;
    }
    let at_peak = is_resource && state <= State::Pending && recurs(&limits, signal.direction, &peak);
    if at_peak {
        state = State::Warning;
        deciding = check(&limits.warning).or(deciding);
    }
    let full = limits.full.as_ref().filter(|_| is_resource);
    let headroom = full.and_then(|full| {
        let left = [peak.value, now].map(|value| limits::headroom(signal.direction, value, full.at));
        left.into_iter().flatten().min_by(f64::total_cmp)
    });
    let flat_seconds =
        at_wall.filter(|lasted_ms| *lasted_ms >= FLAT_MS).map(|lasted_ms| lasted_ms as f64 / 1000.0);
    Some(LimitEvaluation {
        observation,
        now,
        peak,
        limits,
        state,
        deciding,
        at_peak,
        headroom,
        flat_seconds,
        unjudged: None,
        makes_room: false,
        cache: None,
    })
}

/// Whether the peak hours of several days were beyond the warning threshold.
fn recurs(limits: &Limits, direction: Direction, peak: &Peak) -> bool {
    let Some(limit) = limits.warning.as_ref().or(limits.critical.as_ref()) else { return false };
    let beyond = |value: &&f64| {
        Quantity::new(**value, limit.at.unit()).is_some_and(|value| limit.is_exceeded(direction, value))
    };
    limit.is_exceeded(direction, peak.value) && peak.days.iter().filter(beyond).count() >= RECURRING_DAYS
}
