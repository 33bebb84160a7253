//! Budgets: whether they last until their reset.

use chrono::TimeDelta;

use super::world::{World, bottleneck, finding, now, world};
use crate::assess::{
    Assessment, Bottleneck, BottleneckReason, BudgetReason, ForecastReason, Grade, State, Verdict,
};

/// The 1st of December, 10 days and 7 hours after the end of the world.
const UNTIL_RESET: f64 = (10.0 * 24.0 + 7.0 + 20.0 / 60.0) * 3600.0;

/// A budget of 1,000 dollars that has had `per_day` of it spent each day since the 1st of the month.
fn spending(per_day: f64) -> World {
    let hours = 40 * 24;
    let end = now().timestamp() / 3600;
    let spent_at = move |hour: i64| {
        let at = chrono::DateTime::from_timestamp((end - hours + hour) * 3600, 0).unwrap();
        let month = at.date_naive().format("%Y-%m-01T00:00:00Z").to_string();
        let since = at - month.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        since.num_hours() as f64 / 24.0 * per_day / 1000.0
    };
    world()
        .minutes("llm.budget", 1440, move |_| Some(spent_at(hours)))
        .of("team search")
        .out_of(1000.0)
        .hours("llm.budget", 40, spent_at)
        .past_of("team search")
}

fn reset_in(world: World, seconds: f64) -> World {
    world
        .minutes("llm.budget_reset", 1440, move |minute| Some(seconds + (1440 - minute) as f64 * 60.0))
        .of("team search")
}

fn budget(assessment: &Assessment) -> (&Bottleneck, &BudgetReason) {
    let row = bottleneck(assessment, "llm.budget");
    let BottleneckReason::Limit { evaluation } = &row.reason else { panic!("{row:#?}") };
    (row, evaluation.budget.as_deref().unwrap())
}

#[test]
fn a_budget_that_is_spent_before_its_reset_is_a_warning_with_a_date() {
    // 79% on the 20th, and 40 dollars a day: 213 dollars last for 5.3 days, and the reset is in 10.
    let assessment = reset_in(spending(40.0), UNTIL_RESET).judge();
    let (row, reason) = budget(&assessment);
    assert_eq!((row.state, assessment.verdict), (State::Warning, Verdict::Warning));
    let expected = now() + TimeDelta::hours(128);
    let mid = row.saturates_on.as_ref().unwrap().mid.unwrap();
    assert!((mid - expected).num_hours().abs() < 12, "{mid}");
    assert!((reason.per_day.unwrap().mid - 40.0).abs() < 0.5, "{reason:#?}");
    assert_eq!(reason.resets_at.unwrap().date_naive().to_string(), "2026-12-01");
    assert_eq!(row.act_by.as_ref().unwrap().date, Some(mid - TimeDelta::days(1)));
    assert_eq!(row.grade, Grade::A);
    let found = finding(&assessment, "threshold:llm.budget");
    assert_eq!((found.verdict, found.limit.unwrap().to_string()), (Verdict::Warning, "100%".to_owned()));
    assert!(assessment.plan.iter().any(|item| item.id == "remedy-llm-budget"));
}

#[test]
fn a_budget_that_is_reset_before_it_is_spent_is_in_order_however_much_is_spent() {
    let assessment = reset_in(spending(33.0), 6.0 * 3600.0).judge();
    let (row, reason) = budget(&assessment);
    assert_eq!((row.state, &row.saturates_on), (State::Ok, &None), "{reason:#?}");
    // 85% is spent, which would be a warning without the reset.
    let spent = spending(43.0);
    assert_eq!(budget(&spent.clone().judge()).0.state, State::Warning);
    let (close, assessment) = (12.0 * 3600.0, reset_in(spent, 12.0 * 3600.0).judge());
    let (row, reason) = budget(&assessment);
    assert_eq!((row.state, &row.saturates_on), (State::Ok, &None), "{close} {reason:#?}");
    assert!(reason.at_reset.unwrap().high < 0.9);
    assert!(matches!(row.saturation_reason.forecast, ForecastReason::Spend { .. }));
    assert!(!assessment.plan.iter().any(|item| item.id == "remedy-llm-budget"));
}

#[test]
fn a_budget_that_is_spent_is_saturated_until_its_reset() {
    let assessment = reset_in(spending(51.0), UNTIL_RESET).judge();
    let (row, _) = budget(&assessment);
    assert_eq!((row.state, assessment.verdict), (State::Saturated, Verdict::Critical));
}

#[test]
fn without_a_reset_it_is_judged_by_what_is_spent_and_past_resets_are_no_trend() {
    for (per_day, state) in [(30.0, State::Ok), (43.0, State::Warning), (50.4, State::Critical)] {
        let assessment = spending(per_day).judge();
        let (row, reason) = budget(&assessment);
        assert_eq!(row.state, state, "{per_day}");
        assert!(reason.was_reset && row.saturates_on.is_none(), "{reason:#?}");
        assert!((reason.per_day.unwrap().mid - per_day).abs() < 0.5, "{reason:#?}");
    }
    // It grew since it was made, and nothing says that it is ever reset.
    let total = world()
        .minutes("llm.budget", 1440, |_| Some(0.5))
        .of("team search")
        .out_of(1000.0)
        .hours("llm.budget", 40, |hour| 0.3 + hour as f64 * 0.2 / 960.0)
        .past_of("team search");
    let assessment = total.judge();
    let (row, reason) = budget(&assessment);
    assert!(!reason.was_reset && row.state == State::Ok, "{reason:#?}");
    assert_eq!(row.saturates_on, None, "5 dollars a day leave 500 for 100 days, and 40 are known");
}

#[test]
fn a_reset_that_is_due_is_not_known() {
    let assessment = reset_in(spending(43.0), -60.0).judge();
    let (row, reason) = budget(&assessment);
    assert_eq!((row.state, reason.resets_at), (State::Warning, None));
}

#[test]
fn the_projects_own_threshold_counts_before_the_reset_too() {
    let world = reset_in(spending(43.0), 12.0 * 3600.0).limits("[signals.'llm.budget']\nwarning = '70%'\n");
    assert_eq!(budget(&world.judge()).0.state, State::Warning);
}
