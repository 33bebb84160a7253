//! What a load costs by the roadmap, and how the bill grows with the users.

use super::world::{World, json, world};
use crate::{
    assess::{Assessment, Basis, Scope, UserCost},
    roadmap::{FactValue, Range},
    signal::{Quantity, Unit},
};

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

const PHASES: &str = "
[[phases]]
number = 1
title = 'first'
users = [0, 400]
cost_per_month = [100, 400]
[[phases]]
number = 2
title = 'second'
users = [400, 2000]
cost_per_month = [500, 1000]
";

/// What a user costs: the phase, as stated, as measured, and how many times, in hundredths.
type ByPhase = (u64, Option<[i64; 2]>, Option<[i64; 2]>, Option<i64>);

fn by_phase(world: World) -> Vec<ByPhase> {
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    let hundredths = |value: f64| (value * 100.0).round() as i64;
    let ends = |range: &Range<f64>| [hundredths(range.low()), range.high().map_or(i64::MAX, hundredths)];
    let of_phase = |cost: &UserCost| {
        let stated = cost.stated.as_ref().map(|stated| ends(&stated.per_month));
        let measured = cost.measured.as_ref().map(|measured| ends(&measured.per_month));
        (cost.phase, stated, measured, cost.contradiction.map(hundredths))
    };
    world.judge().cost.by_phase.iter().map(of_phase).collect()
}

#[test]
fn a_user_costs_in_each_phase_what_is_stated_and_what_is_paid() {
    let bill = |amount| FactValue::Number(Quantity::new(amount, Unit::Count).unwrap());
    let world = || world().phases(PHASES).flat("users.concurrent", 500.0);
    // For no users at all the first phase costs any amount each.
    let first = (1, Some([25, i64::MAX]), None, None);
    let paid = by_phase(world().fact("monthly_cost", bill(900.0)));
    assert_eq!(paid, [first, (2, Some([100, 200]), Some([180, 180]), None)]);
    // 600 to 1100 for 500 users, of which 8.80 each are paid.
    let stated = by_phase(world().roadmap(COSTS).fact("monthly_cost", bill(4400.0)));
    assert_eq!(stated, [first, (2, Some([120, 220]), Some([880, 880]), Some(400))]);
    // Without a bill, or with one of nothing, the phases have what is stated, and nothing is compared.
    let unpaid = [first, (2, Some([25, 250]), None, None)];
    assert_eq!(by_phase(world()), unpaid);
    assert_eq!(by_phase(world().fact("monthly_cost", bill(0.0))), unpaid);
}

#[test]
fn past_bills_are_for_the_load_of_their_months() {
    // Four months of 200, 300, 400 and 800 users at the peak hour, and a bill at the end of each.
    let loads = [200.0, 300.0, 400.0, 800.0];
    let load = move |hour: i64| loads[usize::try_from(hour / (30 * 24)).unwrap().min(3)];
    let world = world().phases(PHASES).flat("users.concurrent", 800.0).hours("users.concurrent", 120, load);
    let found = by_phase(world.months("cost.monthly", &[400.0, 900.0, 1600.0, 2400.0]));
    // 2 and 3 each in the first two months, beside 100 to 400 for the 250 users in the middle; the third begins the next
    // phase, in which 3 each are paid now, beside 500 to 1000 for 800.
    let first = (1, Some([40, 160]), Some([200, 300]), None);
    assert_eq!(found, [first, (2, Some([63, 125]), Some([300, 300]), Some(240))]);
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
