//! A full cache is healthy by design, unless it hurts or nobody can tell.

use super::world::{World, bottleneck, finding, next, world};
use crate::{
    assess::{Assessment, Status, Verdict},
    snapshot::Reason,
};

/// Redis at 99.9 % of its memory all day.
fn full(policy: &str) -> World {
    world().flat("redis.memory", 0.999).with("maxmemory_policy", policy).with("limit", "maxmemory")
}

#[track_caller]
fn check(world: World, verdict: Verdict, said: &str) -> Assessment {
    let assessment = world.judge();
    let found = finding(&assessment, "threshold:redis.memory");
    assert_eq!(found.verdict, verdict, "{}", found.because);
    assert!(found.because.contains(said), "no `{said}` in: {}", found.because);
    assessment
}

#[test]
fn full_and_evicting_without_harm_is_by_design() {
    let world = full("allkeys-lru").flat("redis.hit_ratio", 0.97).flat("redis.evictions", 0.5);
    let assessment = check(world, Verdict::Ok, "under allkeys-lru, so this is by design");
    assert_eq!(bottleneck(&assessment, "redis.memory").status, Status::Distant);
    assert_eq!(bottleneck(&assessment, "redis.memory").headroom, None);
    assert_eq!(next(&assessment), "");
    assert!(!finding(&assessment, "threshold:redis.memory").because.contains("flat"));
}

#[test]
fn a_falling_hit_ratio_makes_memory_the_bottleneck() {
    let world = full("allkeys-lru").flat("redis.hit_ratio", 0.45).flat("redis.evictions", 20.0);
    let assessment = check(world, Verdict::Critical, "it hurts: ");
    assert_eq!(next(&assessment), "redis.memory");
    let because = &assessment.next_bottleneck_because;
    assert!(because.contains("cache hit ratio: 45%") && because.contains("evictions: 20/s"), "{because}");
}

#[test]
fn harm_that_cannot_be_ruled_out_is_not_fine() {
    let evictions = || full("allkeys-lru").flat("redis.evictions", 0.5);
    check(evictions(), Verdict::Critical, "unknown: no redis.hit_ratio");
    check(evictions().gap("redis.hit_ratio", Reason::NotFinite), Verdict::Critical, "no redis.hit_ratio");
    check(full("allkeys-lru").flat("redis.hit_ratio", 0.97), Verdict::Critical, "no redis.evictions");
    check(full("allkeys-lru"), Verdict::Critical, "no redis.evictions and no redis.hit_ratio");
}

#[test]
fn how_full_a_harmless_cache_is_need_not_be_known() {
    // Five minutes of history for a limit that asks for ten.
    let short =
        || world().minutes("redis.memory", 5, |_| Some(0.999)).with("maxmemory_policy", "allkeys-lru");
    let harmless = short().flat("redis.hit_ratio", 0.97).flat("redis.evictions", 0.5);
    check(harmless, Verdict::Ok, "by design");
    check(short(), Verdict::Unknown, "too short");
    // Nor is anything full for sure because a hit ratio is low.
    let harmed = short().flat("redis.hit_ratio", 0.3).flat("redis.evictions", 0.5);
    check(harmed, Verdict::Unknown, "it hurts");
}

#[test]
fn a_store_that_must_keep_its_keys_is_just_full() {
    let world = full("noeviction").flat("redis.hit_ratio", 0.97).flat("redis.evictions", 0.0);
    let assessment = check(world, Verdict::Critical, "limit 90%");
    assert_eq!(next(&assessment), "redis.memory");
}

#[test]
fn without_maxmemory_no_policy_saves_the_machine() {
    let world = world().flat("redis.memory", 0.97).with("maxmemory_policy", "allkeys-lru");
    let world = world.with("limit", "host memory");
    let world = world.flat("redis.hit_ratio", 0.97).flat("redis.evictions", 0.0);
    check(world, Verdict::Critical, "limit 90%");
}

#[test]
fn an_unknown_policy_shows_in_evictions() {
    let unknown = || world().flat("redis.memory", 0.999).flat("redis.hit_ratio", 0.97);
    check(unknown().flat("redis.evictions", 0.5), Verdict::Ok, "it evicts, so this is by design");
    check(unknown().flat("redis.evictions", 0.0), Verdict::Critical, "limit 90%");
}

#[test]
fn one_server_does_not_excuse_another() {
    let world =
        full("allkeys-lru").of("a").flat("redis.hit_ratio", 0.97).of("b").flat("redis.evictions", 0.1);
    check(world.of("b"), Verdict::Critical, "no redis.evictions and no redis.hit_ratio");
}

#[test]
fn a_store_is_no_cache() {
    let queue = || world().flat("redis.memory", 0.3).with("maxmemory_policy", "noeviction");
    let assessment = queue().flat("redis.hit_ratio", 0.2).judge();
    assert_eq!(finding(&assessment, "threshold:redis.hit_ratio").verdict, Verdict::Ok);
    let cache = world().flat("redis.memory", 0.3).with("maxmemory_policy", "allkeys-lfu");
    let assessment = cache.flat("redis.hit_ratio", 0.2).judge();
    assert!(finding(&assessment, "threshold:redis.hit_ratio").verdict >= Verdict::Warning);
}
