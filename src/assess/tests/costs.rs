//! What a load costs by the roadmap, how the bill grows with the users, and what is spent on language models.

use super::world::{World, json, world};
use crate::{
    assess::{Assessment, Basis, LlmSpend, Scope, UserCost},
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

const DAY: i64 = 1440;

/// Adds what a team spends a day on a model, for 20 days, as a function of the number of the hour.
fn spending(world: World, team: &str, model: &str, rate: impl Fn(i64) -> f64) -> World {
    let name = format!("{model} {team}");
    let alias = if team.starts_with("id-") { "None" } else { team };
    world
        .minutes("llm.spend", DAY, |minute| Some(rate(19 * 24 + minute / 60)))
        .of(&name)
        .labelled(&[("model", model), ("team_alias", alias), ("team", team)])
        .hours("llm.spend", 20, &rate)
        .past_of(&name)
}

fn spend(world: World) -> LlmSpend {
    world.judge().llm_spend.unwrap()
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 0.02 * expected, "{found} is not {expected}");
}

#[test]
fn spend_is_added_up_by_team_and_by_model() {
    let world = spending(world(), "search", "gpt-4o", |_| 40.0);
    let world = spending(world, "search", "mini", |_| 10.0);
    let world = spending(world, "id-7", "gpt-4o", |_| 30.0);
    let found = spend(spending(world, "None", "gpt-4o", |_| 20.0));
    near(found.per_day, 100.0);
    near(found.per_month, 100.0 * 365.0 / 12.0);
    assert_eq!(found.growth_per_week.map(|growth| (growth * 100.0).round()), Some(0.0));
    let names = |rows: &[crate::assess::SpendRow]| -> Vec<(Option<String>, f64)> {
        rows.iter().map(|row| (row.name.clone(), (row.per_day * 10.0).round() / 10.0)).collect()
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(names(&found.by_team.rows), [(named("search"), 50.0), (named("id-7"), 30.0), (None, 20.0)]);
    assert_eq!(names(&found.by_model.rows), [(named("gpt-4o"), 90.0), (named("mini"), 10.0)]);
    near(found.by_team.rows[0].share, 0.5);
}

#[test]
fn growth_is_that_of_a_week_on_the_week_before() {
    let found = spend(spending(world(), "search", "gpt-4o", |hour| if hour < 13 * 24 { 40.0 } else { 60.0 }));
    near(found.per_day, 60.0);
    near(found.growth_per_week.unwrap(), 0.5);
    near(found.by_team.rows[0].growth_per_week.unwrap(), 0.5);
    let new = spending(world(), "search", "gpt-4o", |hour| if hour < 13 * 24 { 0.0 } else { 60.0 });
    assert_eq!(spend(new).growth_per_week, None, "nothing has no growth");
}

#[test]
fn a_user_and_a_thousand_calls_have_a_cost() {
    let world = spending(world(), "search", "gpt-4o", |_| 86.4)
        .minutes("llm.calls", DAY, |_| Some(2.0))
        .hours("llm.calls", 20, |_| 2.0)
        .phases("[[phases]]\nnumber = 1\ntitle = 'Small'\nusers = [0, 400]\n[[phases]]\nnumber = 2\ntitle = 'Large'\nusers = [400]\n");
    let without_load = spend(world.clone());
    near(without_load.per_thousand_calls.unwrap(), 0.5);
    assert_eq!((without_load.per_user, without_load.phases.len()), (None, 0));
    let found = spend(world.minutes("users.concurrent", DAY, |_| Some(200.0)));
    near(found.per_user.unwrap(), 86.4 * 365.0 / 12.0 / 200.0);
    assert_eq!(found.phases.len(), 1);
    near(found.phases[0].per_month, 2.0 * found.per_month);
}

#[test]
fn of_many_teams_the_largest_are_listed() {
    let mut all = world();
    for team in 0..40 {
        all = spending(all, &format!("team-{team:02}"), "gpt-4o", |_| 1.0 + f64::from(team));
    }
    let found = spend(all);
    assert_eq!((found.by_team.rows.len(), found.by_team.others), (10, 30));
    assert_eq!(found.by_team.rows[0].name.as_deref(), Some("team-39"));
    let listed: f64 = found.by_team.rows.iter().map(|row| row.per_day).sum();
    near(listed + found.by_team.others_per_day, found.per_day);
}

#[test]
fn without_spend_there_is_none() {
    assert_eq!(world().judge().llm_spend, None);
    let spot = world().spot("llm.spend", 40.0).of("gpt-4o").labelled(&[("model", "gpt-4o")]);
    assert_eq!(spot.judge().llm_spend, None, "a single reading of a rate says nothing of a day");
}
