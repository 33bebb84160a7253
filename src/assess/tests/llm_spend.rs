//! What is spent on language models, by team and model.

use super::world::{World, world};
use crate::assess::LlmSpend;

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
