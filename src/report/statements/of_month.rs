//! What recorded counters show of every statement: a month, and the one before it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    report::Month,
    statements::{CountedDays, DAY_MS, StatementDays, Statements},
};

/// How many statements are reported for each reason.
const LEADING: usize = 5;
/// A mean of fewer calls than this is an anecdote.
const ENOUGH_CALLS: f64 = 20.0;
/// Less of a month than this is not reported.
const ENOUGH_DAYS: f64 = 1.0;
/// Less than this share of the time of all statements is negligible.
const ENOUGH: f64 = 0.01;
const DAY_SECONDS: f64 = 86_400.0;

/// What recorded counters show of the month.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StatementsOfMonth {
    /// Every server with data for a day of the month.
    pub servers: Vec<CountedServer>,
    /// All statements together that clients call.
    pub all: DailyAverage,
    /// The same the month before; null where less than a day of it is known of each server.
    pub all_before: Option<DailyAverage>,
    /// Those that lead in something, by their time.
    pub leading: Vec<LeadingStatement>,
}

/// How much of the two months is known of a server.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CountedServer {
    /// The server and the database.
    pub server: String,
    /// Days of the month, in all, that its counters cover.
    pub days: f64,
    /// The same of the month before.
    pub days_before: f64,
    /// How often counters were reset within the month; some of what happened before that is lost.
    pub resets: u64,
    /// How often rare statements were thrown out within the month; some of what they did is lost.
    pub evictions: u64,
    /// How many statements of other roles were out of sight in either month, at most. What they did is not known, and
    /// where it came into sight in between, it would look like growth.
    pub hidden: u64,
}

/// A statement that leads in something.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LeadingStatement {
    /// The server and the database.
    pub server: String,
    /// The server's number of it.
    pub query: i64,
    /// Its shape, without values.
    pub text: String,
    /// In what it leads.
    pub leads: Vec<Lead>,
    /// Whether functions call it: that time is in the time of their callers as well.
    pub nested: bool,
    /// What it did.
    pub month: DailyAverage,
    /// What it did the month before; null where less than a day of that is known of its server.
    pub before: Option<DailyAverage>,
    /// Of the time of all statements of the month.
    pub share: f64,
}

/// In what a statement leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// Most time in all, and at least 1% of that of all statements.
    MostExpensive,
    /// The longest mean, of those that ran 20 times in the month and take longer than all on average.
    Slowest,
    /// Most time more than the month before, and at least 1% of that of all statements.
    FastestGrowing,
}

/// Work on an average day of those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct DailyAverage {
    /// How often.
    pub calls: f64,
    /// How long in all, in seconds.
    pub seconds: f64,
}

impl DailyAverage {
    /// How long on average, in seconds; `None` where nothing ran.
    pub fn mean_seconds(&self) -> Option<f64> {
        (self.calls > 0.0).then(|| self.seconds / self.calls)
    }

    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.seconds += other.seconds;
    }
}

/// `None` where no server has data for a day of the month. What happened in less is not reported by the day.
pub(super) fn of_month(statements: &Statements, month: Month) -> Option<StatementsOfMonth> {
    let servers: BTreeMap<&str, CountedServer> = statements
        .servers
        .iter()
        .map(|server| (server.server.as_str(), counted(server, month)))
        .filter(|(_, server)| server.days >= ENOUGH_DAYS)
        .collect();
    if servers.is_empty() {
        return None;
    }
    let every = || statements.statements.iter();
    let mut all = together(every(), &servers, month);
    // The time of what functions call is in that of their callers already.
    let outermost = together(every().filter(|statement| statement.name.toplevel), &servers, month);
    let total = sum(outermost.iter().map(|statement| statement.month));
    let total_before = servers
        .values()
        .all(CountedServer::compares)
        .then(|| sum(outermost.iter().filter_map(|statement| statement.before)));
    for statement in &mut all {
        statement.share = if total.seconds > 0.0 { statement.month.seconds / total.seconds } else { 0.0 };
    }
    // What has no text is this program's own, transaction control, or too little to have been looked up.
    all.retain(|statement| !statement.text.is_empty());
    lead(&mut all, Lead::MostExpensive, |statement| {
        Some(statement.month.seconds).filter(|seconds| *seconds >= ENOUGH * total.seconds)
    });
    lead(&mut all, Lead::Slowest, |statement| {
        let often =
            statement.month.calls * servers.get(statement.server.as_str()).map_or(0.0, |server| server.days);
        let slow = |mean: &f64| total.mean_seconds().is_some_and(|average| *mean > average);
        statement.month.mean_seconds().filter(slow).filter(|_| often >= ENOUGH_CALLS)
    });
    lead(&mut all, Lead::FastestGrowing, |statement| {
        let growth = statement.before.map(|before| statement.month.seconds - before.seconds);
        growth.filter(|growth| *growth >= ENOUGH * total.seconds)
    });
    all.retain(|statement| !statement.leads.is_empty());
    all.sort_by(|left, right| {
        right.month.seconds.total_cmp(&left.month.seconds).then(left.query.cmp(&right.query))
    });
    let servers = servers.into_values().collect();
    Some(StatementsOfMonth { servers, all: total, all_before: total_before, leading: all })
}

impl CountedServer {
    /// Whether enough of the month before is known to hold this one against it.
    fn compares(&self) -> bool {
        self.days_before >= ENOUGH_DAYS && self.hidden == 0
    }
}

/// The day with which a month begins, counted from the beginning of 1970, and the first one after it.
fn days_of(month: Month) -> std::ops::Range<i64> {
    let day = |at: DateTime<Utc>| at.timestamp_millis().div_euclid(DAY_MS);
    day(month.begin())..day(month.end())
}

fn counted(server: &CountedDays, month: Month) -> CountedServer {
    let within = |month: Month| {
        let days = days_of(month);
        server.days.iter().filter(move |day| days.contains(&day.day))
    };
    let known = |month: Month| total(within(month).map(|day| day.seconds)) / DAY_SECONDS;
    CountedServer {
        server: server.server.clone(),
        days: known(month),
        days_before: known(month.previous()),
        resets: within(month).map(|day| day.resets).sum(),
        evictions: within(month).map(|day| day.evictions).sum(),
        hidden: within(month).chain(within(month.previous())).map(|day| day.hidden).max().unwrap_or(0),
    }
}

/// Every statement, whichever roles run it.
fn together<'a>(
    statements: impl Iterator<Item = &'a StatementDays>,
    servers: &BTreeMap<&str, CountedServer>,
    month: Month,
) -> Vec<LeadingStatement> {
    let mut all: BTreeMap<(&str, i64, i64), LeadingStatement> = BTreeMap::new();
    for statement in statements {
        let Some(server) = servers.get(statement.name.server.as_str()) else { continue };
        let before = server.compares().then(|| work(statement, month.previous(), server.days_before));
        let found = all
            .entry((&statement.name.server, statement.name.database, statement.name.query))
            .or_insert_with(|| LeadingStatement {
                server: statement.name.server.clone(),
                query: statement.name.query,
                text: String::new(),
                leads: Vec::new(),
                nested: false,
                month: DailyAverage::default(),
                before: before.map(|_| DailyAverage::default()),
                share: 0.0,
            });
        found.nested |= !statement.name.toplevel;
        found.month.add(work(statement, month, server.days));
        if let (Some(sum), Some(before)) = (&mut found.before, before) {
            sum.add(before);
        }
        if let Some(text) = &statement.text {
            found.text.clone_from(text);
        }
    }
    all.into_values().collect()
}

fn work(statement: &StatementDays, month: Month, known_days: f64) -> DailyAverage {
    let days = days_of(month);
    let within = || statement.days.iter().filter(|day| days.contains(&day.day));
    DailyAverage {
        calls: total(within().map(|day| day.calls)) / known_days,
        seconds: total(within().map(|day| day.seconds)) / known_days,
    }
}

/// The sum; 0 of nothing, where `sum` gives -0, which pages would show.
fn total(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

fn sum(work: impl Iterator<Item = DailyAverage>) -> DailyAverage {
    work.fold(DailyAverage::default(), |mut sum, part| {
        sum.add(part);
        sum
    })
}

/// Marks those that lead in something that not every statement has.
fn lead(all: &mut [LeadingStatement], lead: Lead, by: impl Fn(&LeadingStatement) -> Option<f64>) {
    let size = |statement: &LeadingStatement| by(statement).filter(|size| *size > 0.0);
    // The number of the statement decides between equals, so that nothing depends on chance.
    all.sort_by(|left, right| {
        let [mine, theirs] = [left, right].map(|statement| size(statement).unwrap_or(0.0));
        theirs.total_cmp(&mine).then(left.query.cmp(&right.query))
    });
    for statement in all.iter_mut().take(LEADING).filter(|statement| size(statement).is_some()) {
        statement.leads.push(lead);
    }
}

#[cfg(test)]
mod tests {
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
        let told =
            found([roles.to_vec(), vec![statement(-1, 10, (1.0, 6.0), (1.0, 6.0))]].concat(), DAY_SECONDS);
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
        let brief = Statements {
            servers: vec![server(1.0)],
            statements: vec![statement(1, 10, (0.0, 0.0), (5.0, 0.1))],
        };
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
        let shares: Vec<_> =
            told.leading.iter().map(|statement| (statement.nested, statement.share)).collect();
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
}
