//! Which statements lead, and in what.

use super::*;
use crate::statements::{CountedDay, StatementDay, StatementName};

const SERVER: &str = "db:5432/shop";

fn month() -> Month {
    "2026-10".parse().unwrap()
}

/// All days of September and October, so many seconds of each.
fn server(seconds: f64) -> CountedDays {
    let days = days_of(month().previous()).start..days_of(month()).end;
    let day = |day| CountedDay { day, seconds, resets: 0, evictions: 1, hidden: 0 };
    CountedDays { server: SERVER.to_owned(), days: days.map(day).collect() }
}

/// A statement with so many calls on each day of either month, each taking so long.
fn statement(query: i64, role: i64, before: (f64, f64), now: (f64, f64)) -> StatementDays {
    let of = |month: Month, (calls, each): (f64, f64)| {
        days_of(month).map(move |day| StatementDay { day, calls, seconds: calls * each })
    };
    let days = of(month().previous(), before).chain(of(month(), now)).filter(|day| day.calls > 0.0);
    StatementDays {
        name: StatementName { server: SERVER.to_owned(), role, database: 5, query, toplevel: true },
        text: (query > 0).then(|| format!("SELECT {query}")),
        days: days.collect(),
    }
}

fn found(statements: Vec<StatementDays>, seconds: f64) -> StatementsOfMonth {
    of_month(&Statements { servers: vec![server(seconds)], statements }, month()).unwrap()
}

#[test]
fn work_is_told_by_the_day_that_is_known() {
    // Half of every day was seen, so that 10 calls a day were 20.
    let told = found(vec![statement(1, 10, (5.0, 0.1), (10.0, 0.2))], DAY_SECONDS / 2.0);
    let [statement] = told.leading.try_into().unwrap();
    assert_eq!((statement.month.calls, statement.month.mean_seconds()), (20.0, Some(0.2)));
    let before = statement.before.unwrap();
    assert!((before.calls - 10.0).abs() < 1e-9 && (before.seconds - 1.0).abs() < 1e-9);
    assert_eq!((told.servers[0].days, told.servers[0].days_before), (15.5, 15.0));
    assert_eq!((told.servers[0].evictions, statement.share), (31, 1.0));
}

#[test]
fn roles_are_added_up_and_what_has_no_text_counts_without_leading() {
    let roles = [10, 11].map(|role| statement(1, role, (1.0, 1.0), (1.0, 1.0)));
    let told = found([roles.to_vec(), vec![statement(-1, 10, (1.0, 6.0), (1.0, 6.0))]].concat(), DAY_SECONDS);
    let [statement] = told.leading.try_into().unwrap();
    assert_eq!((statement.month.calls, statement.share), (2.0, 0.25));
    assert_eq!((told.all.seconds, told.all_before.unwrap().seconds), (8.0, 8.0));
}

#[test]
fn each_leads_in_what_it_leads() {
    let told = found(
        vec![
            statement(1, 10, (1000.0, 1.0), (1000.0, 1.0)),
            statement(2, 10, (0.0, 0.0), (50.0, 1.0)),
            statement(3, 10, (1.0, 9.0), (1.0, 9.0)),
            // Ran twice a month: too rare to rank as slowest.
            statement(4, 10, (1.0, 1.0), (0.01, 99.0)),
        ],
        DAY_SECONDS,
    );
    let leads = |query| &told.leading.iter().find(|statement| statement.query == query).unwrap().leads;
    assert_eq!(*leads(1), [Lead::MostExpensive]);
    assert_eq!(*leads(2), [Lead::MostExpensive, Lead::FastestGrowing]);
    assert_eq!(*leads(3), [Lead::Slowest]);
    let order: Vec<i64> = told.leading.iter().map(|statement| statement.query).collect();
    assert_eq!(order, [1, 2, 3]);
}

#[test]
fn nothing_is_compared_with_a_month_that_is_not_known() {
    let mut known = server(DAY_SECONDS);
    known.days.retain(|day| days_of(month()).contains(&day.day));
    let statements = vec![statement(1, 10, (1.0, 1.0), (5.0, 1.0))];
    let told = of_month(&Statements { servers: vec![known], statements }, month()).unwrap();
    assert_eq!((told.leading[0].before, told.all_before), (None, None));
    assert!(!told.leading[0].leads.contains(&Lead::FastestGrowing));
    assert_eq!(of_month(&Statements::default(), month()), None);
    // A second of each day: 31 of them.
    let brief =
        Statements { servers: vec![server(1.0)], statements: vec![statement(1, 10, (0.0, 0.0), (5.0, 0.1))] };
    assert_eq!(of_month(&brief, month()), None);
}

#[test]
fn growth_that_is_lost_in_all_the_rest_is_none() {
    let statements =
        vec![statement(1, 10, (1000.0, 1.0), (1000.0, 1.0)), statement(2, 10, (1.0, 1.0), (9.0, 1.0))];
    let told = found(statements, DAY_SECONDS);
    assert!(told.leading.iter().all(|statement| !statement.leads.contains(&Lead::FastestGrowing)));
}

#[test]
fn what_functions_call_is_in_the_time_of_its_callers() {
    let mut nested = statement(2, 10, (100.0, 0.99), (100.0, 0.99));
    nested.name.toplevel = false;
    let told = found(vec![statement(1, 10, (100.0, 1.0), (100.0, 1.0)), nested], DAY_SECONDS);
    assert!((told.all.seconds - 100.0).abs() < 1e-9);
    let shares: Vec<_> = told.leading.iter().map(|statement| (statement.nested, statement.share)).collect();
    assert_eq!(shares, [(false, 1.0), (true, 0.99)]);
}

#[test]
fn what_may_have_come_into_sight_is_no_growth() {
    let mut blind = server(DAY_SECONDS);
    blind.days[3].hidden = 6;
    let statements = vec![statement(1, 10, (0.0, 0.0), (5.0, 1.0))];
    let told = of_month(&Statements { servers: vec![blind], statements }, month()).unwrap();
    assert_eq!((told.servers[0].hidden, told.leading[0].before, told.all_before), (6, None, None));
}
