//! A cache that is full and evicts is healthy by design.

use super::{Verdict, reading::Reading};
use crate::signal::SignalId;

/// Takes a full cache off the list of problems unless it hurts: its hit ratio or its evictions are beyond
/// their own limits. What hurts raises the memory's verdict, because memory is what runs out.
pub(super) fn judge_by_effect(readings: &mut [Reading<'_>]) {
    let of = |name: &str| SignalId::find(name);
    let (Some(memory), Some(evictions), Some(hit_ratio)) =
        (of("redis.memory"), of("redis.evictions"), of("redis.hit_ratio"))
    else {
        return;
    };
    let evicting: Vec<Option<String>> = readings
        .iter()
        .filter(|reading| reading.observation.signal == evictions && reading.now.value() > 0.0)
        .map(|reading| reading.observation.instance.clone())
        .collect();
    let effects: Vec<(Option<String>, Verdict, String)> = readings
        .iter()
        .filter(|reading| [evictions, hit_ratio].contains(&reading.observation.signal))
        .filter(|reading| reading.verdict >= Verdict::Warning)
        .map(|reading| (reading.observation.instance.clone(), reading.verdict, reading.because.clone()))
        .collect();
    let hit_ratios: Vec<Option<String>> = readings
        .iter()
        .filter(|reading| reading.observation.signal == hit_ratio && reading.verdict != Verdict::Unknown)
        .map(|reading| reading.observation.instance.clone())
        .collect();
    for reading in readings.iter_mut().filter(|reading| reading.observation.signal == memory) {
        let instance = &reading.observation.instance;
        let policy = reading.observation.attributes.get("maxmemory_policy").map(String::as_str);
        let is_cache = match policy {
            Some(policy) => policy != "noeviction",
            None => evicting.contains(instance),
        };
        if !is_cache || reading.verdict < Verdict::Warning {
            continue;
        }
        let policy = policy.map(|policy| format!(" under {policy}")).unwrap_or_default();
        let hurts: Vec<_> = effects.iter().filter(|(of, ..)| of == instance).collect();
        reading.flat = None; // a cache lies flat at its ceiling on purpose
        if hurts.is_empty() && !hit_ratios.contains(instance) {
            reading.because =
                format!("{}; it evicts{policy}, but the hit ratio is not measured", reading.because);
        } else if hurts.is_empty() {
            reading.verdict = Verdict::Ok;
            reading.because = format!(
                "{}; it evicts{policy}, so this is by design and its effects are judged instead",
                reading.because
            );
        } else {
            let worst = hurts.iter().map(|(_, verdict, _)| *verdict).max();
            reading.verdict = reading.verdict.max(worst.unwrap_or(reading.verdict));
            let words: Vec<&str> = hurts.iter().map(|(_, _, because)| because.as_str()).collect();
            reading.because =
                format!("{}; it evicts{policy}, and it hurts: {}", reading.because, words.join("; "));
        }
    }
}
