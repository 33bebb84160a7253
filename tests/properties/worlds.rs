//! Arbitrary worlds: a built-in roadmap, declared facts, and measurements of any signal, good and bad.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::{
    collection::{btree_map, btree_set, vec},
    option,
    prelude::*,
    sample::{select, subsequence},
};
use scale_advisor::{
    assess::{AssessmentInput, Declared},
    roadmap::{FactValue, Roadmap, Thresholds, builtin, default_thresholds, read_roadmap},
    signal::{Direction, Quantity, ResourceId, Series, Signal, SignalId, Unit, catalog},
    snapshot::{
        Exhausted, Gap, Limit, Observation, Origin, Reason, Snapshot, SourceReport, SourceResult, Window,
        merge,
    },
};

#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) input: AssessmentInput,
    pub(crate) snapshot: Snapshot,
}

fn now() -> DateTime<Utc> {
    "2026-11-20T16:40:00Z".parse().unwrap()
}

pub(crate) fn load() -> SignalId {
    SignalId::find("users.concurrent").unwrap()
}

/// A world of the roadmap that calls for every system, so that whatever is missing is missed.
pub(crate) fn world() -> impl Strategy<Value = World> {
    (declared(), observations(), gaps(), option::weighted(0.1, exhausted())).prop_map(
        |(declared, observations, gaps, exhausted)| {
            let reading = SourceResult {
                observations,
                gaps,
                exhausted: exhausted.into_iter().collect(),
                ..SourceResult::new(SourceReport::answered("prometheus", "nowhere"))
            };
            let window = Window { from: now() - TimeDelta::hours(24), to: now(), step_seconds: 60 };
            World { input: input(declared), snapshot: merge(now(), window, vec![reading]) }
        },
    )
}

/// A built-in roadmap with all systems, so that every signal is called for.
static ROADMAP: LazyLock<Roadmap> = LazyLock::new(|| {
    let text = builtin("node-queue-chat").unwrap();
    let mut roadmap = read_roadmap(text).0.unwrap();
    roadmap.stack = catalog().signals().map(|signal| signal.system.clone()).collect();
    roadmap
});

fn input(declared: Declared) -> AssessmentInput {
    AssessmentInput {
        roadmap: ROADMAP.clone(),
        digest: String::new(),
        defaults: default_thresholds().clone(),
        overrides: Thresholds::default(),
        declared,
    }
}

fn declared() -> impl Strategy<Value = Declared> {
    let flag = any::<bool>().prop_map(FactValue::Flag);
    let number =
        (0.0..40.0_f64).prop_map(|value| FactValue::Number(Quantity::new(value, Unit::Count).unwrap()));
    let flags = btree_map(select(vec!["multi_region", "complex_compliance", "global_users"]), flag, 0..3);
    let numbers = btree_map(select(vec!["team_size", "monthly_cost", "uptime_sla"]), number, 0..3);
    let done = btree_set(select(vec!["2.1", "2.2", "2.3", "3.1", "3.3", "add-workers", "add-regions"]), 0..4);
    (flags, numbers, done, option::weighted(0.3, 1..=5_u64)).prop_map(|(flags, numbers, done, phase)| {
        Declared {
            facts: flags.into_iter().chain(numbers).map(|(name, value)| (name.to_owned(), value)).collect(),
            done: done.into_iter().map(str::to_owned).collect(),
            phase,
            ..Declared::default()
        }
    })
}

fn signals() -> Vec<SignalId> {
    catalog().signals().filter(|signal| signal.computed.is_none()).map(Signal::id).collect()
}

/// So many signals at most: worlds of the whole catalogue show nothing that these do not, and take long to judge.
const MAX_SIGNALS: usize = 75;

/// Some signals, each of one or two instances; in calm worlds hardly anything is near its limit.
fn observations() -> impl Strategy<Value = Vec<Observation>> {
    let all = signals();
    (subsequence(all, 1..=MAX_SIGNALS), any::<bool>()).prop_flat_map(|(signals, calm)| {
        let groups: Vec<_> = signals.into_iter().map(|signal| of_signal(signal, calm)).collect();
        groups.prop_map(|groups| groups.into_iter().flatten().collect())
    })
}

fn of_signal(signal: SignalId, calm: bool) -> BoxedStrategy<Vec<Observation>> {
    let calm_observation = move || observation(signal, calm);
    if signal.entry().instance.is_none() {
        return calm_observation().prop_map(|observation| vec![observation]).boxed();
    }
    let named =
        |name: &str, calm_observation| Observation { instance: Some(name.to_owned()), ..calm_observation };
    let pair = (calm_observation(), option::weighted(0.3, calm_observation()));
    pair.prop_map(move |(first, second)| {
        std::iter::once(named("a", first)).chain(second.map(|other| named("b", other))).collect()
    })
    .boxed()
}

fn observation(signal: SignalId, calm: bool) -> impl Strategy<Value = Observation> {
    let policy = option::of(select(vec!["allkeys-lru", "noeviction"]));
    let capacity = option::of(1.0..10_000.0_f64);
    (series(signal, calm), policy, capacity).prop_map(move |(values, policy, capacity)| {
        let policy = policy.filter(|_| signal.as_str() == "redis.memory");
        let attributes: BTreeMap<String, String> =
            policy.map(|policy| ("maxmemory_policy".to_owned(), policy.to_owned())).into_iter().collect();
        Observation {
            limit: capacity
                .filter(|_| signal.entry().of.is_some())
                .and_then(|value| Limit::constant(value, Unit::Count)),
            attributes,
            ..Observation::new(
                signal,
                values,
                Origin { source: "prometheus".to_owned(), query: signal.to_string() },
            )
        }
    })
}

/// A single reading, or some stretches of samples with holes between some of them.
fn series(signal: SignalId, calm: bool) -> impl Strategy<Value = Series> {
    let value = |signal| if calm { calm_value(signal) } else { value(signal) };
    let spot = value(signal).prop_map(|value| Series::spot(now(), value).unwrap());
    let stretch = (value(signal), 1..90_usize, any::<bool>());
    let stretches = vec(stretch, 1..6).prop_map(|stretches| {
        let minutes: Vec<Option<f64>> = stretches
            .into_iter()
            .enumerate()
            .flat_map(|(index, (value, length, hole))| {
                std::iter::repeat_n(Some(value).filter(|_| index == 0 || !hole), length)
            })
            .collect();
        let end = now().timestamp_millis();
        let length = i64::try_from(minutes.len()).unwrap();
        let at = |index: usize| end - (length - 1 - i64::try_from(index).unwrap()) * 60_000;
        let samples = minutes.into_iter().enumerate().filter_map(|(index, value)| Some((at(index), value?)));
        let (at, values) = samples.unzip();
        Series::new(60_000, at, values).unwrap()
    });
    prop_oneof![1 => spot, 3 => stretches]
}

/// Around the limits of a signal, at their exact values, and now and then beyond all reason.
fn value(signal: SignalId) -> BoxedStrategy<f64> {
    let limits = default_thresholds().of(signal);
    let limits: Vec<f64> =
        [limits.warning, limits.critical, limits.limit].into_iter().flatten().map(Quantity::value).collect();
    let scale = limits.iter().copied().fold(if signal == load() { 3000.0 } else { 1.0 }, f64::max);
    let near = (0.0..1.5_f64).prop_map(move |share| share * scale);
    if limits.is_empty() {
        return near.boxed();
    }
    prop_oneof![8 => near, 2 => select(limits), 1 => Just(0.0), 1 => 0.0..1e12_f64].boxed()
}

/// Mostly far from the limits of a signal.
fn calm_value(signal: SignalId) -> BoxedStrategy<f64> {
    let Some(warning) = default_thresholds().of(signal).warning.map(Quantity::value) else {
        return value(signal);
    };
    let far = match signal.entry().direction {
        Direction::HigherIsWorse => (0.0..0.6_f64).prop_map(move |share| share * warning).boxed(),
        Direction::LowerIsWorse => {
            (0.5..1.0_f64).prop_map(move |share| 1.0 - (1.0 - warning) * (1.0 - share)).boxed()
        }
    };
    prop_oneof![60 => far, 1 => value(signal)].boxed()
}

/// A value of a signal that is far from its warning limit; nothing where it has none.
pub(crate) fn healthy(signal: SignalId) -> Option<f64> {
    let warning = default_thresholds().of(signal).warning?.value();
    Some(match signal.entry().direction {
        Direction::HigherIsWorse => 0.1 * warning,
        Direction::LowerIsWorse => 1.0 - (1.0 - warning) * 0.1,
    })
}

/// Whether more of a signal is worse.
pub(crate) fn grows_worse(signal: &Signal) -> bool {
    signal.direction == Direction::HigherIsWorse
}

/// Why a signal that is there was not measured; nobody says that there is no such thing.
pub(crate) fn reason() -> impl Strategy<Value = Reason> {
    select(vec![
        Reason::NeverExisted,
        Reason::Stopped,
        Reason::LabelMismatch,
        Reason::SeveralSeries,
        Reason::Empty,
        Reason::NotFinite,
        Reason::TooFewSamples,
        Reason::Partial,
        Reason::Unreachable,
        Reason::TimedOut,
        Reason::NotPermitted,
        Reason::QueryFailed,
    ])
}

pub(crate) fn gap(signal: SignalId, reason: Reason) -> Gap {
    let detail = format!("{signal} cannot be read");
    Gap { signal, source: "prometheus".to_owned(), reason, detail, hint: None }
}

fn gaps() -> impl Strategy<Value = Vec<Gap>> {
    vec((select(signals()), reason()).prop_map(|(signal, reason)| gap(signal, reason)), 0..6)
}

fn exhausted() -> impl Strategy<Value = Exhausted> {
    select(vec!["postgres.connections", "redis.clients"]).prop_map(|resource| Exhausted {
        resource: ResourceId::find(resource).unwrap(),
        source: "postgres".to_owned(),
        message: "no slots left".to_owned(),
    })
}

/// Another order, the same for the same seed (Fisher and Yates, with the generator of Steele et al., 2014).
pub(crate) fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = mixed ^ (mixed >> 27);
        items.swap(last, usize::try_from(mixed % (last as u64 + 1)).unwrap());
    }
}
