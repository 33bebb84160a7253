//! Memory against its ceiling, and how much of it is lost between allocations.

use super::{Limit, missing};
use crate::{
    signal::{Quantity, Unit},
    snapshot::{Reason, Unavailable},
    source::{redis::info::Info, result_builder::SourceResultBuilder},
};

/// Below this, the allocator's fixed share makes fragmentation look high on any server.
const SMALL_BYTES: f64 = 64.0 * 1024.0 * 1024.0;

pub(super) fn measure(draft: &mut SourceResultBuilder, info: &Info, limit: &Limit) {
    use_of_memory(draft, info, limit);
    fragmentation(draft, info);
}

fn use_of_memory(draft: &mut SourceResultBuilder, info: &Info, limit: &Limit) {
    let Some(used) = info.number("used_memory") else {
        return missing(draft, info, "redis.memory", "used_memory");
    };
    match limit {
        Ok(0) => against_host(draft, info, used),
        Ok(limit) => against_maxmemory(draft, info, used, *limit as f64),
        Err(Unavailable { reason, detail, hint }) => {
            draft.gap("redis.memory", *reason, detail.clone(), hint.as_deref());
        }
    }
}

/// The share that eviction compares with `maxmemory`: buffers of replicas and of the append-only file are
/// not part of it.
fn against_maxmemory(draft: &mut SourceResultBuilder, info: &Info, used: f64, limit: f64) {
    let apart = info.number("mem_not_counted_for_evict").unwrap_or(0.0);
    let apart_note = Quantity::new(apart, Unit::Bytes)
        .filter(|apart| apart.value() > 0.0)
        .map(|apart| format!("{apart} of buffers that do not count towards maxmemory are left out"));
    draft
        .observe("redis.memory", (used - apart).max(0.0) / limit, "INFO: used_memory / maxmemory")
        .capacity(limit, Unit::Bytes)
        .attribute("limit", "maxmemory".to_owned())
        .note(info.count("maxmemory").is_none().then(|| "maxmemory was read with CONFIG GET".to_owned()))
        .attribute("maxmemory_policy", info.text("maxmemory_policy").map(str::to_owned))
        .note(apart_note);
}

/// Without `maxmemory` the only ceiling is the machine's memory, of which the process holds what it is
/// given, not only what it uses.
fn against_host(draft: &mut SourceResultBuilder, info: &Info, used: f64) {
    const HINT: &str = "set maxmemory below the memory of the machine or container";
    let Some(total) = info.number("total_system_memory").filter(|total| *total > 0.0) else {
        let detail = "maxmemory is 0 (no limit), and INFO does not report the machine's memory";
        return draft.gap("redis.memory", Reason::NotApplicable, detail, Some(HINT));
    };
    let held = info.number("used_memory_rss").unwrap_or(used).max(used);
    draft
        .observe("redis.memory", held / total, "INFO: used_memory_rss / total_system_memory")
        .capacity(total, Unit::Bytes)
        .attribute("limit", "host memory".to_owned())
        .attribute("maxmemory_policy", info.text("maxmemory_policy").map(str::to_owned))
        .note(format!(
            "maxmemory is 0, which is no limit: measured against the machine's memory, of which a container \
             may have less; {HINT}"
        ));
}

fn fragmentation(draft: &mut SourceResultBuilder, info: &Info) {
    const SIGNAL: &str = "redis.fragmentation";
    let Some(ratio) = info.number("mem_fragmentation_ratio") else {
        return missing(draft, info, SIGNAL, "mem_fragmentation_ratio");
    };
    let Some(used) = info.number("used_memory") else {
        return missing(draft, info, SIGNAL, "used_memory");
    };
    if used < SMALL_BYTES {
        let detail = "less than 64 MiB are in use, and too much of it is the fixed overhead of the process";
        return draft.gap(SIGNAL, Reason::NotApplicable, detail, None);
    }
    let swapped = (ratio < 1.0).then(|| "below 100 %: part of the memory is swapped out".to_owned());
    draft.observe(SIGNAL, ratio, "INFO: mem_fragmentation_ratio").note(swapped);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::redis::measure::tests::{measured, observed};

    #[test]
    fn memory_is_a_share_of_maxmemory_less_what_eviction_leaves_out() {
        let reading = measured(
            "used_memory:900\nmem_not_counted_for_evict:100\nmaxmemory:1000\nmaxmemory_policy:allkeys-lru",
        );
        let memory = observed(&reading, "redis.memory");
        assert_eq!(memory.values.values(), [0.8]);
        assert_eq!(memory.capacity().unwrap().value().to_bits(), 1000.0_f64.to_bits());
        assert_eq!(memory.attributes["maxmemory_policy"], "allkeys-lru");
        assert_eq!(memory.notes.len(), 1);
    }

    #[test]
    fn without_maxmemory_the_machine_is_the_ceiling() {
        let reading = measured("used_memory:100\nused_memory_rss:250\nmaxmemory:0\ntotal_system_memory:1000");
        let memory = observed(&reading, "redis.memory");
        assert_eq!(memory.values.values(), [0.25]);
        assert_eq!(memory.attributes["limit"], "host memory");
    }

    #[test]
    fn a_ceiling_that_is_not_told_is_not_the_machine() {
        let reading = measured("used_memory:100\nused_memory_rss:250\ntotal_system_memory:1000");
        let gap = reading.gaps.iter().find(|gap| gap.signal.as_str() == "redis.memory").unwrap();
        assert_eq!(gap.reason, Reason::UnexpectedReply);
    }

    #[test]
    fn without_any_ceiling_there_is_no_share() {
        let reading = measured("used_memory:100\nmaxmemory:0");
        let gap = reading.gaps.iter().find(|gap| gap.signal.as_str() == "redis.memory").unwrap();
        assert_eq!(gap.reason, Reason::NotApplicable);
    }

    #[test]
    fn fragmentation_of_a_small_server_means_nothing() {
        let reading = measured("used_memory:1000000\nmem_fragmentation_ratio:14.03");
        assert!(reading.gaps.iter().any(|gap| gap.signal.as_str() == "redis.fragmentation"));
        let reading = measured("used_memory:100000000\nmem_fragmentation_ratio:1.40");
        assert_eq!(observed(&reading, "redis.fragmentation").values.values(), [1.4]);
    }
}
