//! Each observation against its thresholds: its state, its peak and the headroom that is left.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use super::{
    CacheReason, ComparedLimit, Context, LimitReason, Measured, State, Sustained, UnjudgedReason, Verdict,
    budget, cache,
    limits::{self, Limits},
    parallel,
    peak_hour::{self, Peak},
    state::{self, Standing, ThresholdCheck},
};
use crate::{
    signal::{Direction, Quantity, Role, Series, Signal, SignalId, catalog},
    snapshot::Observation,
};

/// So many observations are evaluated at a time.
const AT_A_TIME: usize = 256;

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
    /// The catalogue's entry of its signal.
    pub entry: &'static Signal,
    /// The newest value.
    pub now: Quantity,
    /// The value of the peak hours, and how many days it rests on.
    pub peak: Peak,
    pub limits: Arc<Limits>,
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
    pub cache: Option<Box<CacheReason>>,
    /// What becomes of it, where it is a budget.
    pub budget: Option<Box<budget::Outlook>>,
    /// Why it has its state, once everything about it is known.
    reason: OnceLock<Arc<LimitReason>>,
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

    /// Why it has its state. It is made once for all who show it: nothing of the evaluation may change any more.
    pub(super) fn reason(&self) -> Arc<LimitReason> {
        Arc::clone(self.reason.get_or_init(|| Arc::new(self.present_reason())))
    }

    /// Why it has the state that it has at present.
    pub(super) fn present_reason(&self) -> LimitReason {
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
            budget: self.budget.as_ref().map(|outlook| Box::new(outlook.reason.clone())),
            notes: notes.take(MAX_NOTES).cloned().collect(),
        }
    }
}

/// Evaluates every observation of every resource and service level, by signal and instance.
pub(super) fn assess<'a>(context: &Context<'a>) -> Vec<LimitEvaluation<'a>> {
    adjusted(context, evaluate_all(context, |_| true))
}

/// The same after something was computed: only its signals are evaluated anew.
pub(super) fn assess_anew<'a>(
    context: &Context<'a>,
    mut evaluations: Vec<LimitEvaluation<'a>>,
    computed: &[Observation],
) -> Vec<LimitEvaluation<'a>> {
    let signals: BTreeSet<SignalId> = computed.iter().map(|observation| observation.signal).collect();
    let mut anew = adjusted(context, evaluate_all(context, |signal| signals.contains(&signal)));
    if anew.is_empty() {
        return evaluations;
    }
    evaluations.retain(|evaluation| !signals.contains(&evaluation.observation.signal));
    evaluations.append(&mut anew);
    // Within a signal they are in order already.
    evaluations.sort_by_key(|evaluation| evaluation.observation.signal);
    evaluations
}

/// The signals that have an evaluation.
pub(super) fn evaluated(evaluations: &[LimitEvaluation<'_>]) -> BTreeSet<SignalId> {
    let of_signals = evaluations.chunk_by(|a, b| a.observation.signal == b.observation.signal);
    of_signals.filter_map(|of_signal| Some(of_signal.first()?.observation.signal)).collect()
}

/// Evaluations with what others say about them: how much traffic there was, what a full cache does, and
/// whether a budget lasts until its reset.
fn adjusted<'a>(
    context: &Context<'a>,
    mut evaluations: Vec<LimitEvaluation<'a>>,
) -> Vec<LimitEvaluation<'a>> {
    weigh(context, &mut evaluations);
    cache::evaluate_by_effect(&mut evaluations);
    budget::evaluate_by_runway(context, &mut evaluations);
    evaluations
}

fn evaluate_all<'a>(context: &Context<'a>, is_wanted: impl Fn(SignalId) -> bool) -> Vec<LimitEvaluation<'a>> {
    let judged =
        catalog().signals().filter(|signal| matches!(signal.role, Role::Resource | Role::ServiceLevel));
    let mut work = Vec::new();
    for signal in judged.filter(|signal| is_wanted(signal.id()) && !context.is_absent(signal.id())) {
        let observations = context.evaluated(signal.id());
        if !observations.is_empty() {
            let limits = Arc::new(limits::limits(context, signal.id()));
            work.extend(observations.iter().map(|observation| (signal, Arc::clone(&limits), *observation)));
        }
    }
    parallel::filter_map(&work, AT_A_TIME, |(signal, limits, observation)| {
        evaluate(context, signal, observation, limits)
    })
}

fn evaluate<'a>(
    context: &Context<'a>,
    signal: &'static Signal,
    observation: &'a Observation,
    limits: &Arc<Limits>,
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
    let at_peak = is_resource && state <= State::Pending && recurs(limits, signal.direction, &peak);
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
        entry: signal,
        now,
        peak,
        limits: Arc::clone(limits),
        state,
        deciding,
        at_peak,
        headroom,
        flat_seconds,
        unjudged: None,
        makes_room: false,
        cache: None,
        budget: None,
        reason: OnceLock::new(),
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

/// How many requests it takes while a threshold is exceeded.
const FEWEST: f64 = 100.0;

/// Makes unknown what is beyond a threshold on too little traffic, where the traffic is measured.
pub(super) fn weigh(context: &Context<'_>, evaluations: &mut [LimitEvaluation<'_>]) {
    let mut known = BTreeMap::new();
    for evaluation in evaluations.iter_mut().filter(|evaluation| evaluation.state > State::Unknown) {
        let Some((of, counted)) = traffic(context, evaluation, &mut known) else { continue };
        if counted < FEWEST {
            evaluation.state = State::Unknown;
            evaluation.unjudged = Some(UnjudgedReason::TooLittleTraffic { of, counted, needed: FEWEST });
        }
    }
}

/// How much happened since the threshold was exceeded, and of what; `None` where it is not counted.
///
/// Instances are sampled at the same times as a rule, so that what is known since one time serves many of them.
fn traffic(
    context: &Context<'_>,
    evaluation: &LimitEvaluation<'_>,
    known: &mut BTreeMap<(SignalId, i64), Option<f64>>,
) -> Option<(SignalId, f64)> {
    let of = SignalId::find(evaluation.entry.traffic.as_deref()?)?;
    let (_, runs) = evaluation.deciding.as_ref()?.runs.as_ref()?;
    let step_ms = evaluation.observation.values.step_ms();
    let since = runs.current.began_ms.saturating_sub(step_ms);
    let counted = known.entry((of, since)).or_insert_with(|| counted_since(context, of, since));
    counted.map(|count| (of, count))
}

/// How much of a signal was counted after some time, by all that count it.
fn counted_since(context: &Context<'_>, of: SignalId, since: i64) -> Option<f64> {
    let rates = context.evaluated(of);
    let counted = |series: &Series| {
        let samples = series.at_ms().iter().zip(series.values()).filter(|(at, _)| **at > since);
        samples.map(|(_, rate)| rate * series.step_ms() as f64 / 1000.0).sum::<f64>()
    };
    let of_rates = rates.iter().filter(|rate| !rate.values.is_spot());
    of_rates.map(|rate| counted(&rate.values)).reduce(|sum, next| sum + next)
}
