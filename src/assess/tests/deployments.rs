//! Deployments: which one carries what.

use super::world::{World, world};
use crate::assess::{Outcome, Scope};

const SHAPES: &str = "
[[deployments]]
id = 'single'
title = 'One server'
users = [0, 100]
capacity = { 'http.requests' = ['10/s', '20/s'], 'postgres.connections' = 40 }
[[deployments]]
id = 'double'
title = 'Two servers'
users = [100, 400]
[[deployments]]
id = 'many'
title = 'Many servers'
users = [400]
";

fn shapes(users: f64, requests: f64) -> World {
    let world = world().roadmap(SHAPES).flat("users.concurrent", users).flat("http.requests", requests);
    world.flat("postgres.connections", 0.2).out_of(100.0)
}

#[track_caller]
fn single(world: World, carries: Outcome, utilization: f64, signal: &str) {
    let assessment = world.judge();
    let single = &assessment.deployments[0];
    assert_eq!(single.carries, carries, "{single:#?}");
    assert!((single.utilization.unwrap() - utilization).abs() < 1e-9, "{single:?}");
    assert_eq!(single.signal.unwrap().as_str(), signal);
}

#[test]
fn the_tightest_capacity_tells_how_full_a_shape_is() {
    single(shapes(60.0, 5.0), Outcome::True, 0.6, "users.concurrent");
    single(shapes(60.0, 8.0), Outcome::True, 0.8, "http.requests");
    single(shapes(10.0, 1.0), Outcome::True, 0.5, "postgres.connections"); // 20 of 40
    single(shapes(100.0, 1.0), Outcome::True, 1.0, "users.concurrent");
}

#[test]
fn what_is_beyond_a_capacity_is_not_carried() {
    single(shapes(101.0, 5.0), Outcome::False, 1.01, "users.concurrent");
    single(shapes(60.0, 21.0), Outcome::False, 2.1, "http.requests");
}

#[test]
fn between_what_is_sure_and_what_may_be_nobody_knows() {
    single(shapes(60.0, 15.0), Outcome::Unknown, 1.5, "http.requests");
}

#[test]
fn what_is_not_measured_is_unknown_unless_the_rest_decides() {
    let users = |users| world().roadmap(SHAPES).flat("users.concurrent", users);
    single(users(60.0), Outcome::Unknown, 0.6, "users.concurrent");
    single(users(160.0), Outcome::False, 1.6, "users.concurrent");
    let nothing = world().roadmap(SHAPES).judge();
    assert_eq!(nothing.deployments[0].utilization, None);
    assert_eq!(nothing.deployments[1].carries, Outcome::Unknown);
}

#[test]
fn an_open_end_carries_any_load_and_has_no_utilization() {
    let assessment = shapes(90_000.0, 1.0).judge();
    assert_eq!(assessment.deployments[2].carries, Outcome::True);
    assert_eq!(assessment.deployments[2].utilization, None);
}

#[test]
fn a_named_load_takes_the_rest_with_it_in_proportion() {
    let plan = shapes(50.0, 6.0).plan(Scope::Users(90)).unwrap();
    let single = &plan.deployments[0];
    assert_eq!(single.carries, Outcome::Unknown, "{single:#?}"); // 10.8/s of 10 to 20/s
    assert!((single.utilization.unwrap() - 1.08).abs() < 1e-9);
    let plan = shapes(50.0, 6.0).plan(Scope::Users(300)).unwrap();
    let carries: Vec<Outcome> = plan.deployments.iter().map(|deployment| deployment.carries).collect();
    assert_eq!(carries, [Outcome::False, Outcome::True, Outcome::True]);
}
