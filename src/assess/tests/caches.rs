//! A full cache is healthy by design, unless it hurts or its effect is unknown.

use super::world::{World, bottleneck, finding, json, next, world};
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
    let reason = json(&found.reason);
    assert_eq!(found.verdict, verdict, "{reason}");
    assert!(reason.contains(said), "no `{said}` in: {reason}");
    assessment
}

#[test]
fn full_and_evicting_without_harm_is_by_design() {
    let world = full("allkeys-lru").flat("redis.hit_ratio", 0.97).flat("redis.evictions", 0.5);
    let assessment = check(world, Verdict::Ok, r#""policy":"allkeys-lru","harmed":[],"unknown":[]"#);
    assert_eq!(bottleneck(&assessment, "redis.memory").status, Status::Distant);
    assert_eq!(bottleneck(&assessment, "redis.memory").headroom, None);
    assert_eq!(next(&assessment), "");
    assert!(!json(&finding(&assessment, "threshold:redis.memory").reason).contains("flat_seconds"));
}

#[test]
fn a_falling_hit_ratio_makes_memory_the_bottleneck() {
    let world = full("allkeys-lru").flat("redis.hit_ratio", 0.45).flat("redis.evictions", 20.0);
    let assessment = check(world, Verdict::Critical, r#""harmed":[{"measured":{"signal":"redis.evictions""#);
    assert_eq!(next(&assessment), "redis.memory");
    let reason = json(&assessment.next_bottleneck.unwrap().reason);
    assert!(reason.contains(r#"{"signal":"redis.hit_ratio","value":{"value":0.45,"#), "{reason}");
}

#[test]
fn harm_that_cannot_be_ruled_out_is_not_fine() {
    let evictions = || full("allkeys-lru").flat("redis.evictions", 0.5);
    check(evictions(), Verdict::Critical, r#""unknown":["redis.hit_ratio"]"#);
    check(
        evictions().gap("redis.hit_ratio", Reason::NotFinite),
        Verdict::Critical,
        r#""unknown":["redis.hit_ratio"]"#,
    );
    check(
        full("allkeys-lru").flat("redis.hit_ratio", 0.97),
        Verdict::Critical,
        r#""unknown":["redis.evictions"]"#,
    );
    check(full("allkeys-lru"), Verdict::Critical, r#""unknown":["redis.evictions","redis.hit_ratio"]"#);
}

#[test]
fn how_full_a_harmless_cache_is_need_not_be_known() {
    // Five minutes at the limit are enough to be full.
    let short =
        || world().minutes("redis.memory", 5, |_| Some(0.999)).with("maxmemory_policy", "allkeys-lru");
    let harmless = short().flat("redis.hit_ratio", 0.97).flat("redis.evictions", 0.5);
    check(harmless, Verdict::Ok, r#""harmed":[],"unknown":[]"#);
    check(short(), Verdict::Critical, r#""kind":"evicts""#);
    let harmed = short().flat("redis.hit_ratio", 0.3).flat("redis.evictions", 0.5);
    check(harmed, Verdict::Critical, r#""harmed":[{"#);
}

#[test]
fn a_store_that_must_keep_its_keys_is_just_full() {
    let world = full("noeviction").flat("redis.hit_ratio", 0.97).flat("redis.evictions", 0.0);
    let assessment = check(world, Verdict::Critical, r#""limit":{"at":{"value":0.9,"#);
    assert_eq!(next(&assessment), "redis.memory");
}

#[test]
fn without_maxmemory_no_policy_saves_the_machine() {
    let world = world().flat("redis.memory", 0.97).with("maxmemory_policy", "allkeys-lru");
    let world = world.with("limit", "host memory");
    let world = world.flat("redis.hit_ratio", 0.97).flat("redis.evictions", 0.0);
    check(world, Verdict::Critical, r#""limit":{"at":{"value":0.9,"#);
}

#[test]
fn an_unknown_policy_shows_in_evictions() {
    let unknown = || world().flat("redis.memory", 0.999).flat("redis.hit_ratio", 0.97);
    check(unknown().flat("redis.evictions", 0.5), Verdict::Ok, r#""policy":null,"harmed":[],"unknown":[]"#);
    check(unknown().flat("redis.evictions", 0.0), Verdict::Critical, r#""limit":{"at":{"value":0.9,"#);
}

#[test]
fn one_server_does_not_excuse_another() {
    let world =
        full("allkeys-lru").of("a").flat("redis.hit_ratio", 0.97).of("b").flat("redis.evictions", 0.1);
    check(world.of("b"), Verdict::Critical, r#""unknown":["redis.evictions","redis.hit_ratio"]"#);
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
