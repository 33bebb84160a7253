//! What a load costs by the roadmap, and how the bill grows with the users.

use super::world::{World, json, world};
use crate::assess::{Assessment, Basis, Scope};

const COSTS: &str = "
[[costs]]
users = 100
per_month = [200, 300]
[[costs]]
users = 500
per_month = [600, 1100]
[[costs.items]]
name = 'database'
per_month = 250
[[costs]]
users = 1000
per_month = [1000]
";

fn at(users: f64) -> World {
    world().roadmap(COSTS).flat("users.concurrent", users)
}

#[track_caller]
fn check(users: f64, basis: Option<Basis>, low: Option<f64>, high: Option<f64>, word: &str) -> Assessment {
    let assessment = at(users).judge();
    let cost = assessment.cost.at_load.as_ref().unwrap();
    let reason = json(&cost.reason);
    assert_eq!(cost.basis, basis, "{reason}");
    assert_eq!(cost.per_month.map(|range| range.low()), low);
    assert_eq!(cost.per_month.and_then(|range| range.high()), high);
    assert!(reason.contains(word), "no {word} in {reason}");
    assessment
}

#[test]
fn between_stated_costs_lies_a_straight_line() {
    check(100.0, Some(Basis::Stated), Some(200.0), Some(300.0), r#"{"kind":"stated","at":{"users":100,"#);
    check(200.0, Some(Basis::Interpolated), Some(300.0), Some(500.0), r#""below":{"users":100,"#);
    check(
        750.0,
        Some(Basis::Interpolated),
        Some(800.0),
        None,
        r#""above":{"users":1000,"per_month":{"low":1000.0,"high":null}"#,
    );
}

#[test]
fn beyond_the_stated_costs_nothing_is_made_up() {
    check(50.0, None, None, None, r#"{"kind":"below_first","first":{"users":100,"#);
    check(2000.0, None, None, None, r#"{"kind":"above_last","last":{"users":1000,"#);
    assert_eq!(world().flat("users.concurrent", 50.0).judge().cost.at_load, None);
    assert_eq!(world().roadmap(COSTS).judge().cost.at_load, None);
}

#[test]
fn the_parts_are_those_of_the_next_stated_number_of_users() {
    let itemised = |users: f64| at(users).judge().cost.at_load.unwrap().itemised;
    let parts = itemised(200.0).unwrap();
    assert_eq!((parts.users, parts.items[0].name.as_str()), (500, "database"));
    assert_eq!(itemised(600.0), None);
}

#[test]
fn a_plan_for_users_tells_their_cost() {
    let plan = at(100.0).plan(Scope::Users(300)).unwrap();
    assert_eq!(plan.cost.unwrap().per_month.map(|range| range.low()), Some(400.0));
}

#[track_caller]
fn elasticity(world: World, expected: Option<f64>, word: &str) {
    let cost = world.judge().cost;
    let close = match (cost.elasticity, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
        (found, expected) => found == expected,
    };
    assert!(close, "{:?} is not {expected:?}", cost.elasticity);
    let reason = json(&cost.elasticity_reason);
    assert!(reason.contains(word), "no {word} in {reason}");
}

#[test]
fn past_bills_tell_how_the_cost_grows() {
    let users = [100.0, 200.0, 400.0, 800.0];
    let square_roots: Vec<f64> = users.iter().map(|users: &f64| 10.0 * users.sqrt()).collect();
    let history = |bills: &[f64]| world().months("users.registered", &users).months("cost.monthly", bills);
    elasticity(history(&users), Some(1.0), r#""bills":4,"users":"users.registered""#);
    elasticity(history(&square_roots), Some(0.5), r#""bills":4,"#);
    elasticity(history(&[50.0; 4]), Some(0.0), r#""bills":4,"#);
}

#[test]
fn too_few_bills_or_equal_users_tell_nothing() {
    let few = world().months("users.registered", &[100.0, 200.0]).months("cost.monthly", &[1.0, 2.0]);
    elasticity(few, None, r#""bills_needed":3"#);
    let equal = world().months("users.registered", &[100.0; 4]).months("cost.monthly", &[1.0, 2.0, 3.0, 4.0]);
    elasticity(equal, None, r#""growth_needed":1.1"#);
    elasticity(world(), None, r#""kind":"no_bills""#);
}

#[test]
fn users_of_another_year_do_not_explain_a_bill() {
    let old = world().months("users.registered", &[100.0, 200.0, 400.0, 800.0, 800.0, 800.0, 800.0]);
    elasticity(old.months("cost.monthly", &[1.0, 2.0]), None, r#""kind":"too_little_growth""#);
}
