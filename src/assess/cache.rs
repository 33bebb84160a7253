//! A cache that is full and evicts is healthy by design.

use super::{Verdict, reading::LimitEvaluation};
use crate::signal::SignalId;

/// What a full cache does to its readers and its keys.
const EFFECTS: [&str; 2] = ["redis.evictions", "redis.hit_ratio"];

/// One effect on one server.
struct Effect {
    signal: &'static str,
    instance: Option<String>,
    verdict: Verdict,
    /// Whether there is any of it at all.
    present: bool,
    because: String,
}

/// Takes a full cache off the list of problems unless it hurts: its hit ratio or its evictions are beyond
/// their own limits. What hurts raises the memory's verdict, because memory is what runs out.
pub(super) fn judge_by_effect(readings: &mut [LimitEvaluation<'_>]) {
    let Some(memory) = SignalId::find("redis.memory") else { return };
    spare_stores(readings, memory);
    let effects: Vec<Effect> = readings.iter().filter_map(effect).collect();
    for reading in readings.iter_mut().filter(|reading| reading.observation.signal == memory) {
        let of_server: Vec<&Effect> =
            effects.iter().filter(|effect| effect.instance == reading.observation.instance).collect();
        if reading.verdict >= Verdict::Unknown && evicts(reading, &of_server) {
            judge(reading, &of_server);
        }
    }
}

/// A server that must keep its keys is a store and no cache. What is looked up in vain there, as queues do all
/// the time, costs nobody anything.
fn spare_stores(readings: &mut [LimitEvaluation<'_>], memory: SignalId) {
    let keeps = |reading: &&LimitEvaluation<'_>| {
        let policy = reading.observation.attributes.get("maxmemory_policy");
        reading.observation.signal == memory && policy.is_some_and(|policy| policy == "noeviction")
    };
    let stores: Vec<Option<String>> =
        readings.iter().filter(keeps).map(|reading| reading.observation.instance.clone()).collect();
    let hit_ratios = readings.iter_mut().filter(|reading| {
        reading.observation.signal.as_str() == "redis.hit_ratio"
            && stores.contains(&reading.observation.instance)
    });
    for reading in hit_ratios.filter(|reading| reading.verdict > Verdict::Ok) {
        reading.verdict = Verdict::Ok;
        reading.because =
            format!("{}; this server keeps its keys (noeviction) and is no cache", reading.because);
    }
}

fn effect(reading: &LimitEvaluation<'_>) -> Option<Effect> {
    let signal = EFFECTS.into_iter().find(|name| reading.observation.signal.as_str() == *name)?;
    Some(Effect {
        signal,
        instance: reading.observation.instance.clone(),
        verdict: reading.verdict,
        present: reading.now.value() > 0.0,
        because: reading.because.clone(),
    })
}

/// Whether a full server makes room by itself: by its policy, or else because it is seen to do so. Without
/// `maxmemory` no policy ever takes effect.
fn evicts(memory: &LimitEvaluation<'_>, effects: &[&Effect]) -> bool {
    let attribute = |name: &str| memory.observation.attributes.get(name).map(String::as_str);
    match (attribute("limit"), attribute("maxmemory_policy")) {
        (Some("host memory"), _) => false,
        (_, Some(policy)) => policy != "noeviction",
        (_, None) => effects.iter().any(|effect| effect.signal == "redis.evictions" && effect.present),
    }
}

/// Whether what fills up here is a cache that makes room by itself.
pub(super) fn makes_room(memory: &LimitEvaluation<'_>, readings: &[LimitEvaluation<'_>]) -> bool {
    if memory.observation.signal.as_str() != "redis.memory" {
        return false;
    }
    let effects: Vec<Effect> = readings.iter().filter_map(effect).collect();
    let of_server: Vec<&Effect> =
        effects.iter().filter(|effect| effect.instance == memory.observation.instance).collect();
    evicts(memory, &of_server)
}

fn judge(memory: &mut LimitEvaluation<'_>, effects: &[&Effect]) {
    let policy = memory.observation.attributes.get("maxmemory_policy");
    let policy = policy.map(|policy| format!(" under {policy}")).unwrap_or_default();
    let hurts: Vec<&str> = effects
        .iter()
        .filter(|effect| effect.verdict >= Verdict::Warning)
        .map(|effect| effect.because.as_str())
        .collect();
    let worst = effects.iter().map(|effect| effect.verdict).max();
    // Both effects must be known before anybody may say that there are none.
    let unknown: Vec<&str> = EFFECTS
        .into_iter()
        .filter(|name| !effects.iter().any(|one| one.signal == *name && one.verdict != Verdict::Unknown))
        .collect();
    memory.flat = None; // a cache lies flat at its ceiling on purpose
    let words = if !hurts.is_empty() {
        if memory.verdict >= Verdict::Warning {
            memory.verdict = memory.verdict.max(worst.unwrap_or(memory.verdict));
        }
        format!("and it hurts: {}", hurts.join("; "))
    } else if unknown.is_empty() {
        memory.verdict = Verdict::Ok;
        memory.headroom = None; // nor does room that is left say anything
        "so this is by design and its effects are judged instead".to_owned()
    } else {
        format!("but whether that hurts is unknown: no {}", unknown.join(" and no "))
    };
    memory.because = format!("{}; it evicts{policy}, {words}", memory.because);
}
