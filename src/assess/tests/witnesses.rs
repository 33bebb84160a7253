//! One thing that several sources show.

use super::world::{World, signal_named, world};
use crate::assess::{Bottleneck, Verdict};

const CONNECTIONS: &str = "postgres.connections";

/// An exporter shows db1 for a day at 20 of 97 connections.
fn exported() -> World {
    world().flat(CONNECTIONS, 0.2).of("db1:9187").out_of(97.0)
}

fn rows(world: World, signal: &str) -> Vec<Bottleneck> {
    let mut rows = world.judge().bottlenecks;
    rows.retain(|row| row.signal == Some(signal_named(signal)));
    rows
}

#[test]
fn a_reading_of_the_same_server_under_another_name_is_one_with_its_history() {
    assert_eq!(
        rows(
            exported().spot(CONNECTIONS, 0.22).read_by("server").of("10.0.0.7:5432").out_of(97.0),
            CONNECTIONS
        )
        .len(),
        1
    );
}

#[test]
fn a_server_with_another_limit_is_another_server() {
    let rows = rows(
        exported().spot(CONNECTIONS, 0.95).read_by("server").of("10.0.0.9:5432").out_of(197.0),
        CONNECTIONS,
    );
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].instance.as_deref(), Some("10.0.0.9:5432"));
}

#[test]
fn a_reading_that_contradicts_the_history_is_not_hidden_by_it() {
    let rows = rows(
        exported().spot(CONNECTIONS, 0.95).read_by("server").of("10.0.0.7:5432").out_of(97.0),
        CONNECTIONS,
    );
    assert_eq!(rows.len(), 2);
}

#[test]
fn of_several_servers_a_reading_is_the_one_with_its_value() {
    let two = || exported().flat(CONNECTIONS, 0.6).of("db2:9187").out_of(97.0);
    assert_eq!(
        rows(two().spot(CONNECTIONS, 0.62).read_by("server").of("10.0.0.7:5432").out_of(97.0), CONNECTIONS)
            .len(),
        2
    );
    assert_eq!(
        rows(two().spot(CONNECTIONS, 0.95).read_by("server").of("10.0.0.7:5432").out_of(97.0), CONNECTIONS)
            .len(),
        3
    );
}

#[test]
fn what_fluctuates_contradicts_nothing() {
    let ratio = "redis.hit_ratio";
    let world =
        world().flat(ratio, 0.99).of("db1:9187").spot(ratio, 0.7).read_by("server").of("10.0.0.7:5432");
    assert_eq!(
        world.judge().service_levels.iter().filter(|level| level.signal == signal_named(ratio)).count(),
        1
    );
}

#[test]
fn the_policy_of_a_cache_is_a_fact_for_every_source() {
    // Full, and without harm: healthy by design where the policy says that it may evict.
    let full = || {
        let hits = world().flat("redis.hit_ratio", 0.97).of("cache:9121");
        hits.flat("redis.evictions", 0.0)
            .of("cache:9121")
            .flat("redis.memory", 0.999)
            .of("cache:9121")
            .out_of(1e9)
    };
    let read = full().spot("redis.memory", 0.999).read_by("server").of("10.0.0.8:6379").out_of(1e9);
    let read = read.with("maxmemory_policy", "allkeys-lru").with("limit", "maxmemory");
    let verdicts = [read, full()].map(|world| rows(world, "redis.memory")[0].verdict);
    assert_eq!(verdicts, [Verdict::Ok, Verdict::Critical]);
}
