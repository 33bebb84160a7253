//! Deployments: which one carries what, and whether the architecture stays.

use super::world::{World, world};
use crate::{
    assess::{
        Migration,
        Outcome::{self, False, True, Unknown},
        Scope,
    },
    roadmap::FactValue,
};

const ARCHITECTURE: &str = "
[architecture]
change_from_users = 1000
stay_if = ['Nobody complains', { text = 'CPU is idle', when = { signal = 'host.cpu', below = '80%' } }]
evaluate_if = [{ text = 'CPU is busy', when = { signal = 'host.cpu', above = '80%' } }]
[architecture.outcomes]
stay = 'All are met'
gradual = 'There is a gap'
full = 'Several fail'
[[architecture.criteria]]
id = 'errors'
title = 'Errors'
when_met = { signal = 'http.errors', below = '1%' }
[[architecture.criteria]]
id = 'speed'
title = 'Speed'
when_met = { fact = 'velocity', is = 'high' }
[[architecture.criteria]]
id = 'taste'
title = 'Taste'
";

fn judged(users: f64, errors: Option<f64>, velocity: Option<&str>) -> World {
    let world = world().roadmap(ARCHITECTURE).flat("users.concurrent", users);
    let world = match errors {
        Some(errors) => world.flat("http.errors", errors),
        None => world,
    };
    match velocity {
        Some(word) => world.fact("velocity", FactValue::Text(word.to_owned())),
        None => world,
    }
}

#[track_caller]
fn check(world: World, outcome: Option<Migration>, possible: &[Migration], criteria: [Outcome; 2]) {
    let decision = world.judge().architecture.unwrap();
    assert_eq!((decision.outcome, decision.possible.as_slice()), (outcome, possible), "{decision:#?}");
    let holds: Vec<_> = decision.criteria.iter().take(2).map(|criterion| criterion.holds.unwrap()).collect();
    assert_eq!(holds, criteria);
    assert_eq!(decision.text.is_some(), outcome.is_some());
}

#[test]
fn criteria_decide() {
    use Migration::{Full, Gradual, Stay};
    check(judged(5000.0, Some(0.001), Some("high")), Some(Stay), &[Stay], [True, True]);
    check(judged(5000.0, Some(0.05), Some("high")), Some(Gradual), &[Gradual], [False, True]);
    check(judged(5000.0, Some(0.05), Some("low")), Some(Full), &[Full], [False, False]);
}

#[test]
fn what_is_unknown_leaves_it_open_as_far_as_it_could_decide() {
    use Migration::{Full, Gradual, Stay};
    check(judged(5000.0, Some(0.001), None), None, &[Stay, Gradual], [True, Unknown]);
    check(judged(5000.0, Some(0.05), None), None, &[Gradual, Full], [False, Unknown]);
    check(judged(5000.0, None, None), None, &[Stay, Gradual, Full], [Unknown, Unknown]);
}

#[test]
fn below_the_load_from_which_it_need_change_nobody_migrates_altogether() {
    use Migration::Gradual;
    check(judged(500.0, Some(0.05), Some("low")), Some(Gradual), &[Gradual], [False, False]);
    check(judged(500.0, Some(0.05), None), Some(Gradual), &[Gradual], [False, Unknown]);
    let decision = |users| judged(users, None, None).judge().architecture.unwrap();
    assert_eq!(decision(500.0).below_change_load, Some(1000));
    assert_eq!(decision(5000.0).below_change_load, None);
}

#[test]
fn reasons_are_told_with_their_outcome_and_words_are_left_to_people() {
    let decision = judged(500.0, None, None).flat("host.cpu", 0.9).judge().architecture.unwrap();
    let holds: Vec<_> =
        decision.stay_if.iter().chain(&decision.evaluate_if).map(|criterion| criterion.holds).collect();
    assert_eq!(holds, [None, Some(False), Some(True)]);
    assert_eq!(decision.criteria[2].holds, None);
    assert!(world().judge().architecture.is_none());
}

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
    single(shapes(60.0, 5.0), True, 0.6, "users.concurrent");
    single(shapes(60.0, 8.0), True, 0.8, "http.requests");
    single(shapes(10.0, 1.0), True, 0.5, "postgres.connections"); // 20 of 40
    single(shapes(100.0, 1.0), True, 1.0, "users.concurrent");
}

#[test]
fn what_is_beyond_a_capacity_is_not_carried() {
    single(shapes(101.0, 5.0), False, 1.01, "users.concurrent");
    single(shapes(60.0, 21.0), False, 2.1, "http.requests");
}

#[test]
fn between_what_is_sure_and_what_may_be_nobody_knows() {
    single(shapes(60.0, 15.0), Unknown, 1.5, "http.requests");
}

#[test]
fn what_is_not_measured_is_unknown_unless_the_rest_decides() {
    let users = |users| world().roadmap(SHAPES).flat("users.concurrent", users);
    single(users(60.0), Unknown, 0.6, "users.concurrent");
    single(users(160.0), False, 1.6, "users.concurrent");
    let nothing = world().roadmap(SHAPES).judge();
    assert_eq!(nothing.deployments[0].utilization, None);
    assert_eq!(nothing.deployments[1].carries, Unknown);
}

#[test]
fn an_open_end_carries_any_load_and_has_no_utilization() {
    let assessment = shapes(90_000.0, 1.0).judge();
    assert_eq!(assessment.deployments[2].carries, True);
    assert_eq!(assessment.deployments[2].utilization, None);
}

#[test]
fn a_named_load_takes_the_rest_with_it_in_proportion() {
    let plan = shapes(50.0, 6.0).plan(Scope::Users(90)).unwrap();
    let single = &plan.deployments[0];
    assert_eq!(single.carries, Unknown, "{single:#?}"); // 10.8/s of 10 to 20/s
    assert!((single.utilization.unwrap() - 1.08).abs() < 1e-9);
    let plan = shapes(50.0, 6.0).plan(Scope::Users(300)).unwrap();
    let carries: Vec<Outcome> = plan.deployments.iter().map(|deployment| deployment.carries).collect();
    assert_eq!(carries, [False, True, True]);
}
