//! Many instances of the same things.

use super::{
    plans::ROADMAP,
    world::{World, json, world},
};
use crate::assess::{Assumptions, parallel::tests::with_threads, searches::tests::looks};

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
