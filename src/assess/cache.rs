//! A cache that is full and evicts is healthy by design.

use std::collections::{BTreeMap, BTreeSet};

use super::{CacheReason, LimitEvaluation, LimitReason, State, UnjudgedReason};
use crate::signal::SignalId;

/// What a full cache does to its readers and its keys.
const EFFECTS: [&str; 2] = ["redis.evictions", "redis.hit_ratio"];

/// One effect on one server.
struct Effect {
    signal: &'static str,
    state: State,
    /// Whether there is any of it at all.
    present: bool,
    reason: LimitReason,
}

/// Takes a full cache off the list of problems unless it hurts: its hit ratio or its evictions are beyond
/// their own limits. What hurts raises the memory's verdict, because memory is what runs out.
pub(super) fn evaluate_by_effect(evaluations: &mut [LimitEvaluation<'_>]) {
    let Some(memory) = SignalId::find("redis.memory") else { return };
    spare_stores(evaluations, memory);
    doubt_caches(evaluations, memory);
    let mut effects: BTreeMap<Option<String>, Vec<Effect>> = BTreeMap::new();
    for (instance, effect) in evaluations.iter().filter_map(effect) {
        effects.entry(instance).or_default().push(effect);
    }
    for evaluation in evaluations.iter_mut().filter(|evaluation| evaluation.observation.signal == memory) {
        let of_server = effects.get(&evaluation.observation.instance).map(Vec::as_slice).unwrap_or_default();
        evaluation.makes_room = evicts(evaluation, of_server);
        if evaluation.state >= State::Unknown && evaluation.makes_room {
            by_effects(evaluation, of_server);
        }
    }
}

/// What is beyond a threshold by design: the memory of caches, and the hit ratio of what is not known to be a cache.
pub(super) fn exempt(evaluations: &[LimitEvaluation<'_>]) -> BTreeSet<(SignalId, Option<String>)> {
    let policies = |evaluation: &LimitEvaluation<'_>| {
        let policy = evaluation.observation.attributes.get("maxmemory_policy")?;
        Some((evaluation.observation.instance.clone(), policy != "noeviction"))
    };
    let memory =
        evaluations.iter().filter(|evaluation| evaluation.observation.signal.as_str() == "redis.memory");
    let is_cache: BTreeMap<Option<String>, bool> = memory.filter_map(policies).collect();
    let by_design = |evaluation: &&LimitEvaluation<'_>| {
        let server = &evaluation.observation.instance;
        let is_hit_ratio = evaluation.observation.signal.as_str() == "redis.hit_ratio";
        let is_unknown = matches!(evaluation.unjudged, Some(UnjudgedReason::NotKnownToBeACache));
        evaluation.makes_room || is_unknown || is_hit_ratio && is_cache.get(server) == Some(&false)
    };
    let exempt = evaluations.iter().filter(by_design);
    exempt
        .map(|evaluation| (evaluation.observation.signal, evaluation.observation.instance.clone()))
        .collect()
}

/// A server that must keep its keys is a store and no cache. Misses there, which queues cause all the time, cost
/// nothing.
fn spare_stores(evaluations: &mut [LimitEvaluation<'_>], memory: SignalId) {
    let keeps = |evaluation: &&LimitEvaluation<'_>| {
        let policy = evaluation.observation.attributes.get("maxmemory_policy");
        evaluation.observation.signal == memory && policy.is_some_and(|policy| policy == "noeviction")
    };
    let stores: BTreeSet<Option<String>> =
        evaluations.iter().filter(keeps).map(|evaluation| evaluation.observation.instance.clone()).collect();
    let hit_ratios = evaluations.iter_mut().filter(|evaluation| {
        evaluation.observation.signal.as_str() == "redis.hit_ratio"
            && stores.contains(&evaluation.observation.instance)
    });
    for evaluation in hit_ratios.filter(|evaluation| evaluation.state > State::Ok) {
        evaluation.state = State::Ok;
        evaluation.cache = Some(Box::new(CacheReason::NotACache));
    }
}

/// What looks up keys in vain may be a queue: the hit ratio of a server that is not known to be a cache is unknown.
fn doubt_caches(evaluations: &mut [LimitEvaluation<'_>], memory: SignalId) {
    let is_cache = |evaluation: &LimitEvaluation<'_>| match evaluation.observation.signal.as_str() {
        "redis.evictions" => evaluation.peak.value.value() > 0.0,
        _ => {
            evaluation.observation.signal == memory
                && evaluation.observation.attributes.contains_key("maxmemory_policy")
        }
    };
    let known: BTreeSet<Option<String>> = evaluations
        .iter()
        .filter(|evaluation| is_cache(evaluation))
        .map(|evaluation| evaluation.observation.instance.clone())
        .collect();
    for evaluation in evaluations.iter_mut().filter(|evaluation| {
        evaluation.observation.signal.as_str() == "redis.hit_ratio"
            && evaluation.state > State::Ok
            && !known.contains(&evaluation.observation.instance)
    }) {
        evaluation.state = State::Unknown;
        evaluation.unjudged = Some(UnjudgedReason::NotKnownToBeACache);
    }
}

/// An effect and the server it is on.
fn effect(evaluation: &LimitEvaluation<'_>) -> Option<(Option<String>, Effect)> {
    let signal = EFFECTS.into_iter().find(|name| evaluation.observation.signal.as_str() == *name)?;
    let effect = Effect {
        signal,
        state: evaluation.state,
        present: evaluation.peak.value.value() > 0.0,
        reason: evaluation.present_reason(),
    };
    Some((evaluation.observation.instance.clone(), effect))
}

/// Whether a full server evicts keys by itself: because its policy says so, or because it was observed doing so.
/// Without `maxmemory` no policy takes effect.
fn evicts(memory: &LimitEvaluation<'_>, effects: &[Effect]) -> bool {
    let attribute = |name: &str| memory.observation.attributes.get(name).map(String::as_str);
    match (attribute("limit"), attribute("maxmemory_policy")) {
        (Some("host memory"), _) => false,
        (_, Some(policy)) => policy != "noeviction",
        (_, None) => effects.iter().any(|effect| effect.signal == "redis.evictions" && effect.present),
    }
}

fn by_effects(memory: &mut LimitEvaluation<'_>, effects: &[Effect]) {
    let harmed: Vec<LimitReason> = effects
        .iter()
        .filter(|effect| effect.state >= State::Pending)
        .map(|effect| effect.reason.clone())
        .collect();
    let worst = effects.iter().map(|effect| effect.state).max();
    // Both effects must be known before there can be said to be none.
    let is_known =
        |name: &str| effects.iter().any(|effect| effect.signal == name && effect.state != State::Unknown);
    let unknown: Vec<SignalId> =
        EFFECTS.into_iter().filter(|name| !is_known(name)).filter_map(SignalId::find).collect();
    memory.flat_seconds = None; // a cache is flat at its ceiling on purpose
    if !harmed.is_empty() {
        // A symptom of unknown duration makes nothing critical yet.
        match worst {
            Some(worst) if worst > State::Pending && memory.state >= State::Warning => {
                memory.state = memory.state.max(worst);
            }
            Some(State::Pending) => memory.state = memory.state.min(State::Pending),
            _ => {}
        }
    } else if unknown.is_empty() {
        memory.state = State::Ok;
        memory.headroom = None; // the headroom of a cache says nothing
    }
    let policy = memory.observation.attributes.get("maxmemory_policy").cloned();
    memory.cache = Some(Box::new(CacheReason::Evicts { policy, harmed, unknown }));
}
