//! Days and weeks: weekdays, renamed servers, pods of yesterday.

use crate::{
    answer::{clear, load, next, phase, says, says_nothing_of, state, verdict},
    parts::{DAY, END, Parts, days},
    stack::Stack,
    support::prometheus::{Backfill, Span},
};

/// 297 users at the peak of a weekday, 72 at that of a weekend.
fn users(at: i64) -> f64 {
    let weekday = (at.div_euclid(DAY) + 4).rem_euclid(7);
    let hour = at.rem_euclid(DAY) as f64 / 3600.0;
    let shape = 0.2 + 0.8 * (-((hour - 14.0) / 3.5).powi(2)).exp();
    shape * if weekday == 0 || weekday == 6 { 72.0 } else { 297.0 }
}

pub(crate) fn stacks() -> Vec<Stack> {
    let app = [("instance", "app-1:3005")];
    let week = || {
        Backfill::default().users(&app, days(35), users).postgres(
            &[("instance", "db-1:9187")],
            days(35),
            |at| 5.0 + 0.1 * users(at),
            100.0,
        )
    };
    let mut stacks =
        vec![Stack::new("time: in the middle of the week", week(), vec![phase(2), load(297.0), clear()])];
    // The same system seen on Sunday evening: Thursday's history moved by days.
    for (name, shift) in [("on Sunday", 3), ("on Saturday", 2)] {
        let moved = move |at: i64| users(at + shift * DAY);
        let data = Backfill::default().users(&app, days(35), moved).postgres(
            &[("instance", "db-1:9187")],
            days(35),
            move |at| 5.0 + 0.1 * moved(at),
            100.0,
        );
        stacks.push(Stack::new(format!("time: {name}"), data, vec![phase(2), load(297.0)]));
    }
    let moved = END - 5 * 3600;
    let before = Span::before(moved, 30 * DAY, 300);
    let after = Span::before(END, 5 * 3600, 300);
    let renamed = Backfill::default()
        .users(&[("instance", "10.0.0.7:3005"), ("job", "api")], before, |at| 2.0 * users(at))
        .users(&[("instance", "10.0.0.9:3005"), ("job", "api")], after, |at| 2.0 * users(at));
    stacks.push(Stack::new("time: an application that moved five hours ago", renamed, vec![load(594.0)]));
    let pods = (0..30).fold(Backfill::default(), |data, age| {
        let pod = format!("api-{age:03}");
        let span = Span::before(END - age * DAY, DAY - 300, 300);
        data.users(&[("instance", &pod), ("pod", &pod), ("job", "api")], span, users)
    });
    stacks.push(Stack::new("time: a new pod every day", pods, vec![phase(2), load(297.0)]));
    stacks.push(capped());
    stacks.push(due_beside_what_is_full());
    stacks.extend(budgets());
    stacks
}

/// Connections that run out within the month, and a pool at 96% that no roadmap names: that the load has long been one of
/// phase 2 is no warning.
fn due_beside_what_is_full() -> Stack {
    let grown = |at: i64| users(at) * (1.0 + 0.012 * (at - END) as f64 / DAY as f64);
    let workers = [("instance", "w-1:8080")];
    let data = Backfill::default()
        .users(&[("instance", "app-1:3005")], days(30), grown)
        .postgres(&[("instance", "db-1:9187")], days(30), move |at| 5.0 + 0.24 * grown(at), 100.0)
        .gauge("worker_pool_busy", &workers, days(30), |_| 48.0)
        .gauge("worker_pool_size", &workers, days(30), |_| 50.0);
    let claims = vec![
        next("postgres.connections", "db-1"),
        says("outside the roadmap is above 90%"),
        says_nothing_of("a warning: concurrent users"),
    ];
    Stack::new("time: connections that run out beside a full pool of the project's own", data, claims)
}

/// A pool that takes no more than 60 of 97 connections, reached at the peaks of a growing load: what is not measured is no
/// warning.
fn capped() -> Stack {
    let grown = |at: i64| users(at) * (1.0 + 0.012 * (at - END) as f64 / DAY as f64);
    let data = Backfill::default().users(&[("instance", "app-1:3005")], days(30), grown).postgres(
        &[("instance", "db-1:9187")],
        days(30),
        move |at| (8.0 + 0.21 * grown(at)).min(60.0),
        100.0,
    );
    let claims = vec![
        next("postgres.connections", "db-1"),
        says("a cap of 60 connections"),
        says_nothing_of("run out next"),
        says_nothing_of("; a warning:"),
    ];
    Stack::new("time: a pool with a cap below the limit", data, claims)
}

/// Budgets of 1,000 dollars that are reset: 110 dollars a day are too many for a month, and 140 are not for a week of which
/// 97% are spent two hours before its end.
fn budgets() -> Vec<Stack> {
    let october = 1_759_276_800;
    let first = |data: Backfill| data.users(&[("instance", "app-1:3005")], days(20), users);
    let month = |data| team(data, "search", 110.0, october, 31 * DAY);
    let week = |data| team(data, "support", 140.0, END + 2 * 3600, 7 * DAY);
    vec![
        Stack::new(
            "time: a budget that is spent before its reset",
            week(month(first(Backfill::default()))),
            vec![next("llm.budget", "team search"), verdict("warning"), state("llm.budget", &["warning"])],
        ),
        Stack::new(
            "time: a budget that is nearly spent at its reset",
            week(first(Backfill::default())),
            vec![clear(), state("llm.budget", &["ok"])],
        ),
    ]
}

/// A team whose budget is reset every `period` seconds; one of the resets is at `reset`.
fn team(data: Backfill, name: &str, per_day: f64, reset: i64, period: i64) -> Backfill {
    let labels = [("team", "id-1"), ("team_alias", name), ("instance", "litellm:4000")];
    let since = move |at: i64| (at - reset).rem_euclid(period) as f64;
    let left = move |at| 1000.0 - since(at) / DAY as f64 * per_day;
    data.gauge("litellm_team_max_budget_metric", &labels, days(20), |_| 1000.0)
        .gauge("litellm_remaining_team_budget_metric", &labels, days(20), left)
        .gauge("litellm_team_budget_remaining_hours_metric", &labels, days(20), move |at| {
            (period as f64 - since(at)) / 3600.0
        })
}
