//! Budgets of the settings, from the spend that is measured.

use super::world::{World, world};
use crate::{
    assess::{Assessment, Bottleneck, BottleneckReason, State, UnjudgedReason},
    roadmap::{Every, LlmBudget},
};

const DAY: i64 = 1440;

/// A budget for each month.
fn budget(team: Option<&str>, model: Option<&str>, amount: f64) -> LlmBudget {
    let named = |name: Option<&str>| name.map(str::to_owned);
    let (since, spans) = Default::default();
    LlmBudget { team: named(team), model: named(model), amount, every: Every::Month, since, spans }
}

/// A team that spends so much a day on a model, known for so many days.
fn spending(world: World, team: &str, model: &str, per_day: f64, days: i64) -> World {
    let name = format!("{model} {team}");
    world
        .minutes("llm.spend", DAY, move |_| Some(per_day))
        .of(&name)
        .labelled(&[("model", model), ("team_alias", team)])
        .hours("llm.spend", days, move |_| per_day)
        .past_of(&name)
}

fn rows(assessment: &Assessment) -> Vec<(&str, State, f64)> {
    let rows = assessment.bottlenecks.iter().filter(|row| row.resource.as_str() == "llm.budget");
    let mut rows: Vec<_> =
        rows.map(|row| (row.instance.as_deref().unwrap(), row.state, row.now.unwrap().value())).collect();
    rows.sort_by_key(|(name, ..)| *name);
    rows
}

fn row<'a>(assessment: &'a Assessment, name: &str) -> &'a Bottleneck {
    assessment.bottlenecks.iter().find(|row| row.instance.as_deref() == Some(name)).unwrap()
}

#[test]
fn budgets_of_teams_models_and_all_are_judged_by_their_reset() {
    // 19 days and 16 hours of November are over, and 10.3 days are to come.
    let world = spending(world(), "search", "gpt-4o", 40.0, 40);
    let every_30_days = LlmBudget {
        every: Every::Seconds(30 * 86_400),
        since: "2026-11-15".parse().ok(),
        ..budget(Some("batch"), None, 250.0)
    };
    let world = spending(world, "batch", "mini", 10.0, 40).llm_budgets(vec![
        budget(Some("search"), None, 1000.0),
        budget(None, Some("mini"), 1000.0),
        budget(None, None, 900.0),
        budget(Some("search"), Some("mini"), 5.0),
        every_30_days,
    ]);
    let assessment = world.judge();
    let found = rows(&assessment);
    let states: Vec<_> = found.iter().map(|(name, state, _)| (*name, *state)).collect();
    assert_eq!(
        states,
        [
            ("all teams (settings)", State::Saturated),
            ("model mini (settings)", State::Ok),
            ("team batch every 30 d (settings)", State::Warning),
            ("team search (settings)", State::Warning),
            ("team search on mini (settings)", State::Ok),
        ]
    );
    let used = |place: usize| found[place].2;
    assert!((used(3) - 0.787).abs() < 0.01 && (used(1) - 0.197).abs() < 0.01, "{found:?}");
    assert!(used(4).abs() < 1e-12 && (used(2) - 0.228).abs() < 0.01, "{found:?}");
    // What is spent has no date to come.
    assert!(row(&assessment, "all teams (settings)").saturates_on.is_none());
    let mid = row(&assessment, "team search (settings)").saturates_on.as_ref().unwrap().mid.unwrap();
    assert_eq!(mid.date_naive().to_string(), "2026-11-26");
}

#[test]
fn spend_that_is_known_in_part_judges_only_what_is_exceeded() {
    let part = |amount| {
        let budgets = vec![budget(Some("search"), None, amount)];
        spending(world(), "search", "gpt-4o", 40.0, 8).llm_budgets(budgets).judge()
    };
    let unknown = part(1000.0);
    let row = row(&unknown, "team search (settings)");
    let BottleneckReason::Limit { evaluation } = &row.reason else { panic!("{row:#?}") };
    assert_eq!(row.state, State::Unknown);
    assert!(
        matches!(&evaluation.unjudged, Some(UnjudgedReason::SpendIncomplete { known_since: Some(day), .. })
            if day.to_string() == "2026-11-12"),
        "{evaluation:#?}"
    );
    assert_eq!(rows(&part(300.0))[0].1, State::Saturated);
}

#[test]
fn a_day_and_a_month_are_two_budgets_of_a_team() {
    let daily = LlmBudget {
        every: Every::Seconds(86_400),
        since: "2026-11-01".parse().ok(),
        ..budget(Some("search"), None, 100.0)
    };
    let budgets = vec![budget(Some("search"), None, 1000.0), daily];
    let found = spending(world(), "search", "gpt-4o", 40.0, 40).llm_budgets(budgets).judge();
    let [(month, _, of_month), (day, _, of_day)] = rows(&found)[..] else { panic!("{found:#?}") };
    assert_eq!([month, day], ["team search (settings)", "team search every 24 h (settings)"]);
    // 16 hours and 40 minutes of the day are over.
    assert!((of_month - 0.787).abs() < 0.01 && (of_day - 0.28).abs() < 0.02, "{of_month} {of_day}");
}

#[test]
fn the_days_of_an_event_are_spent_as_well() {
    let budgets = vec![budget(Some("search"), None, 1000.0)];
    let world = spending(world(), "search", "gpt-4o", 40.0, 40).event("launch", 6, 4);
    let used = rows(&world.llm_budgets(budgets).judge())[0].2;
    assert!((used - 0.787).abs() < 0.01, "{used}");
}

#[test]
fn a_gap_in_the_spend_leaves_a_budget_unknown() {
    let name = "gpt-4o search";
    // Nothing is known of three days in the middle of the month.
    let is_known = |minute: i64| !(10 * DAY..13 * DAY).contains(&minute);
    let world = world()
        .minutes("llm.spend", 25 * DAY, move |minute| is_known(minute).then_some(40.0))
        .of(name)
        .labelled(&[("model", "gpt-4o"), ("team_alias", "search")]);
    let found = world.llm_budgets(vec![budget(Some("search"), None, 1000.0)]).judge();
    let row = row(&found, "team search (settings)");
    let BottleneckReason::Limit { evaluation } = &row.reason else { panic!("{row:#?}") };
    assert_eq!(row.state, State::Unknown);
    assert!(
        matches!(&evaluation.unjudged, Some(UnjudgedReason::SpendIncomplete { known_since: Some(day), known_until: None })
            if day.to_string() == "2026-11-08"),
        "{evaluation:#?}"
    );
}

#[test]
fn without_spend_a_budget_has_no_row() {
    let budgets = vec![budget(Some("search"), None, 1000.0)];
    assert_eq!(rows(&world().llm_budgets(budgets).judge()), []);
}
