//! Many instances of the same things, and one thing that several sources show.

use super::{
    plans::ROADMAP,
    world::{World, json, signal_named, world},
};
use crate::assess::{
    Assumptions, Bottleneck, Verdict,
    parallel::tests::{looks, with_threads},
};

const CONNECTIONS: &str = "postgres.connections";

/// So many servers, of which every third is nearly full and has a past.
fn servers(count: usize) -> World {
    let named = |world: World, number: usize| {
        let value = if number.is_multiple_of(3) { 0.97 } else { 0.2 };
        let world = world.minutes(CONNECTIONS, 12, |_| Some(value)).of(&format!("db-{number}")).out_of(97.0);
        let growing = |hour: i64| 0.3 + 0.0004 * hour as f64;
        if number.is_multiple_of(30) {
            world
                .hours("host.disk_space", 40, growing)
                .past_of(&format!("host-{number}"))
                .flat("host.disk_space", 0.7)
                .of(&format!("host-{number}"))
        } else {
            world
        }
    };
    (0..count).fold(with_remedy(), named)
}

fn with_remedy() -> World {
    world().stack(&["postgres", "host"]).phases(ROADMAP)
}

/// As many single readings of another source, under other names.
fn read_twice(count: usize) -> World {
    let named = |world: World, number: usize| {
        let world = world.spot(CONNECTIONS, (number % 90) as f64 / 100.0);
        world.read_by("postgres").of(&format!("10.0.0.{number}:5432")).out_of(97.0)
    };
    (0..count).fold(servers(count), named)
}

#[test]
fn one_thread_and_many_judge_the_same() {
    let judged = |threads| with_threads(threads, || json(&servers(520).judge()));
    let forecast = |threads| {
        with_threads(threads, || json(&servers(520).forecast(Assumptions::default(), Some(10_000))))
    };
    let alone = (judged(1), forecast(1));
    assert!(alone.0.contains("db-519") && alone.1.contains("host-510"));
    assert!((judged(3), forecast(3)) == alone, "several threads judge something else");
}

#[test]
fn twice_the_instances_take_twice_the_looks() {
    for scene in [servers, read_twice] {
        let [some, twice] = [400, 800].map(|count| {
            looks(|| {
                with_threads(1, || scene(count).judge());
            })
        });
        assert!(some >= 100, "{some}");
        assert!(twice * 10 <= some * 22, "{some} became {twice}");
    }
}

#[test]
fn a_remedy_is_called_for_by_each_instance_once() {
    let plan = servers(60).judge().plan;
    let pool = plan.iter().find(|item| item.id == "1.1").unwrap();
    assert_eq!(pool.reasons.len(), 20);
}

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
