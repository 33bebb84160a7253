//! Counters that were reset, thrown out, lost, hidden, or are somebody else's.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const DAY: i64 = 86_400;
/// Noon of a day.
const NOON: i64 = 20_000 * DAY + DAY / 2;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn count(query: i64, calls: f64, seconds: f64) -> StatementCount {
    let (since, text) = (None, None);
    StatementCount { role: 10, query, toplevel: true, calls, seconds, since, text }
}

/// A server that was started long ago and reports resets, sampled so many seconds after noon.
fn look(after_noon: i64, statements: &[StatementCount]) -> StatementSnapshot {
    StatementSnapshot {
        server: "db:5432/shop".to_owned(),
        at: at(NOON + after_noon),
        started: at(NOON - 90 * DAY),
        counting_since: Some(at(NOON - 60 * DAY)),
        evictions: Some(0),
        hidden: 0,
        complete: true,
        database: 5,
        statements: statements.to_vec(),
    }
}

/// The same of a version that reports no resets.
fn old(look: StatementSnapshot) -> StatementSnapshot {
    StatementSnapshot { counting_since: None, evictions: None, ..look }
}

/// Calls of each statement, in all days together.
fn calls(growth: &Growth) -> Vec<(i64, f64)> {
    let of = |days: &[StatementDay]| days.iter().map(|day| day.calls).sum();
    growth.statements.iter().map(|(name, days)| (name.query, of(days))).collect()
}

fn known(growth: &Growth) -> f64 {
    growth.counted.iter().map(|day| day.seconds).sum()
}

#[test]
fn differences_are_what_happened() {
    let before = look(0, &[count(1, 10.0, 2.0), count(2, 5.0, 1.0)]);
    let after = look(60, &[count(1, 14.0, 6.0), count(2, 5.0, 1.0), count(3, 2.0, 0.5)]);
    let found = growth(Some(&before), &after).unwrap();
    assert_eq!(calls(&found), [(1, 4.0), (3, 2.0)]);
    assert_eq!(found.statements[0].1, [StatementDay { day: 20_000, calls: 4.0, seconds: 4.0 }]);
    assert_eq!(
        found.counted,
        [CountedDay { day: 20_000, seconds: 60.0, resets: 0, evictions: 0, hidden: 0 }]
    );
}

#[test]
fn the_first_look_and_looks_that_are_not_newer_tell_nothing() {
    let first = look(0, &[count(1, 10.0, 2.0)]);
    assert_eq!(growth(None, &first), Some(Growth::default()));
    assert_eq!(growth(Some(&first), &first), None);
    assert_eq!(growth(Some(&look(60, &[])), &first), None);
}

#[test]
fn work_is_not_spread_over_a_quarter_of_a_year() {
    let before = look(0, &[count(1, 0.0, 0.0)]);
    let days = |days| growth(Some(&before), &look(days * DAY, &[count(1, 8.0, 1.0)])).unwrap().counted.len();
    assert_eq!((days(92), days(93)), (93, 0));
}

#[test]
fn what_happened_over_midnight_is_shared_by_the_days() {
    let before = look(0, &[count(1, 0.0, 0.0)]);
    let found = growth(Some(&before), &look(2 * DAY, &[count(1, 8.0, 16.0)])).unwrap();
    let day = |day, calls, seconds| StatementDay { day, calls, seconds };
    assert_eq!(found.statements[0].1, [day(20_000, 2.0, 4.0), day(20_001, 4.0, 8.0), day(20_002, 2.0, 4.0)]);
    let midnight = growth(Some(&before), &look(DAY / 2, &[count(1, 8.0, 16.0)])).unwrap();
    assert_eq!(midnight.counted.iter().map(|day| day.day).collect::<Vec<_>>(), [20_000]);
}

#[test]
fn a_reset_of_everything_leaves_what_came_after_it() {
    let before = look(0, &[count(1, 10.0, 2.0), count(2, 10.0, 2.0)]);
    let after = look(100, &[count(1, 14.0, 6.0), count(3, 1.0, 1.0)]);
    let after = StatementSnapshot { counting_since: Some(at(NOON + 40)), evictions: Some(2), ..after };
    let found = growth(Some(&before), &after).unwrap();
    // 14 since the reset, although 14 - 10 would look like growth as well.
    assert_eq!(calls(&found), [(1, 14.0), (3, 1.0)]);
    assert_eq!(
        found.counted,
        [CountedDay { day: 20_000, seconds: 60.0, resets: 1, evictions: 2, hidden: 0 }]
    );
}

#[test]
fn one_that_was_reset_or_thrown_out_alone_counts_from_nothing() {
    let before = look(0, &[count(1, 10.0, 2.0), count(2, 10.0, 2.0), count(3, 10.0, 2.0)]);
    let after = look(60, &[count(1, 3.0, 1.0), count(2, 11.0, 0.1)]);
    let found = growth(Some(&before), &StatementSnapshot { evictions: Some(1), ..after }).unwrap();
    assert_eq!(calls(&found), [(1, 3.0), (2, 11.0)]);
    assert_eq!(found.counted[0].evictions, 1);
    // It comes back later, larger than it was: the sample in between shows that it was gone.
    let gone = look(60, &[]);
    assert_eq!(calls(&growth(Some(&gone), &look(120, &[count(3, 12.0, 3.0)])).unwrap()), [(3, 12.0)]);
}

#[test]
fn a_statement_that_tells_since_when_it_counts_is_believed() {
    let since = |statement: StatementCount, second: i64| StatementCount {
        since: Some(at(NOON + second)),
        ..statement
    };
    let before = look(0, &[since(count(1, 10.0, 2.0), -500)]);
    let again = look(60, &[since(count(1, 12.0, 3.0), 20), since(count(2, 9.0, 1.0), -500)]);
    // The second was only out of sight before.
    assert_eq!(calls(&growth(Some(&before), &again).unwrap()), [(1, 12.0)]);
    // The extension was replaced by one that reports resets: nothing was reset.
    let untold = look(0, &[count(1, 10.0, 2.0)]);
    let told = look(60, &[since(count(1, 12.0, 3.0), -500)]);
    assert_eq!(calls(&growth(Some(&untold), &told).unwrap()), [(1, 2.0)]);
}

#[test]
fn what_may_only_have_been_out_of_sight_is_not_counted() {
    let seen = look(60, &[count(1, 900.0, 90.0)]);
    for before in [
        StatementSnapshot { hidden: 1, ..look(0, &[]) },
        StatementSnapshot { complete: false, ..look(0, &[]) },
    ] {
        let found = growth(Some(&before), &seen).unwrap();
        assert_eq!((calls(&found), known(&found)), (Vec::new(), 60.0));
    }
}

#[test]
fn counters_of_another_server_are_not_compared() {
    let before = look(0, &[count(1, 10.0, 2.0)]);
    let later = look(60, &[count(1, 500.0, 50.0)]);
    let standby = StatementSnapshot { counting_since: Some(at(NOON - 5)), ..later.clone() };
    assert_eq!(growth(Some(&before), &standby), Some(Growth::default()));
    let standby = old(StatementSnapshot { started: at(NOON - 5), ..later.clone() });
    assert_eq!(growth(Some(&old(before.clone())), &standby), Some(Growth::default()));
    assert_eq!(growth(Some(&old(before)), &later), Some(Growth::default()));
}

#[test]
fn a_restart_keeps_the_counters_of_a_server_that_is_known() {
    let before = look(0, &[count(1, 10.0, 2.0)]);
    let later = StatementSnapshot { started: at(NOON + 30), ..look(60, &[count(1, 12.0, 3.0)]) };
    assert_eq!(calls(&growth(Some(&before), &later).unwrap()), [(1, 2.0)]);
    // An old version does not report whose they are.
    assert_eq!(growth(Some(&old(before)), &old(later)), Some(Growth::default()));
}

#[test]
fn a_database_that_took_the_name_of_another_counts_from_now_on() {
    let before = look(0, &[count(1, 10.0, 2.0)]);
    let renamed = StatementSnapshot { database: 77, ..look(60, &[count(1, 5e6, 2e3)]) };
    assert_eq!(growth(Some(&before), &renamed), Some(Growth::default()));
}

#[test]
fn what_began_while_a_look_was_taken_counts_once() {
    let began = |calls| StatementCount { since: Some(at(NOON)), ..count(1, calls, 1.0) };
    let found = growth(Some(&look(0, &[began(5.0)])), &look(60, &[began(7.0)])).unwrap();
    assert_eq!(calls(&found), [(1, 2.0)]);
}

#[test]
fn another_role_that_sees_other_statements_adds_nothing() {
    let seen_by = |second: i64, query: i64, calls: f64| StatementSnapshot {
        hidden: 2,
        ..look(second, &[count(query, calls, calls)])
    };
    let looks = [seen_by(0, 1, 10.0), seen_by(60, 2, 1.3e6), seen_by(120, 1, 20.0), seen_by(180, 2, 1.4e6)];
    for pair in looks.windows(2) {
        let found = growth(Some(&pair[0]), &pair[1]).unwrap();
        assert_eq!((calls(&found), found.counted[0].hidden), (Vec::new(), 2));
    }
}

#[test]
fn an_old_version_after_a_crash_counts_from_nothing() {
    let before = old(look(0, &[count(1, 10.0, 2.0), count(2, 10.0, 2.0)]));
    let after = old(look(60, &[count(1, 3.0, 0.3), count(4, 1.0, 0.1)]));
    assert_eq!(calls(&growth(Some(&before), &after).unwrap()), [(1, 3.0), (4, 1.0)]);
}

/// What can happen to a server, each in a second of its own.
#[derive(Debug, Clone, Copy)]
enum Event {
    Call(i64),
    Reset,
    ThrownOut(i64),
    Look,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        12 => (0..4_i64).prop_map(Event::Call),
        1 => Just(Event::Reset),
        2 => (0..4_i64).prop_map(Event::ThrownOut),
        4 => Just(Event::Look),
    ];
    prop::collection::vec(event, 0..120)
}

/// A server whose true counts are known, and what samples of it showed.
#[derive(Default)]
struct Simulation {
    /// Calls since, and the second of the first of them.
    counters: BTreeMap<i64, (f64, i64)>,
    reset: i64,
    /// What happened to a statement since the newest sample, and is still counted.
    unseen: BTreeMap<i64, f64>,
    /// What happened between samples and was counted at the later one.
    seen: f64,
    told: f64,
    newest: Option<StatementSnapshot>,
}

impl Simulation {
    fn happens(&mut self, second: i64, event: Event, tells_resets: bool, tells_since: bool) {
        match event {
            Event::Call(query) => {
                self.counters.entry(query).or_insert((0.0, second)).0 += 1.0;
                *self.unseen.entry(query).or_default() += 1.0;
            }
            Event::Reset => {
                self.counters.clear();
                self.unseen.clear();
                self.reset = second;
            }
            Event::ThrownOut(query) => {
                self.counters.remove(&query);
                self.unseen.remove(&query);
            }
            Event::Look => self.look(second, tells_resets, tells_since),
        }
    }

    fn look(&mut self, second: i64, tells_resets: bool, tells_since: bool) {
        let counted = self.counters.iter().map(|(query, (calls, first))| StatementCount {
            since: tells_since.then(|| at(NOON + first)),
            ..count(*query, *calls, *calls)
        });
        let counting_since = tells_resets.then(|| at(NOON + self.reset));
        let now = StatementSnapshot { counting_since, ..look(second, &counted.collect::<Vec<_>>()) };
        let unseen = std::mem::take(&mut self.unseen);
        if self.newest.is_some() {
            self.seen += unseen.values().sum::<f64>();
        }
        let grown = growth(self.newest.as_ref(), &now).unwrap();
        self.told += calls(&grown).iter().map(|(_, calls)| calls).sum::<f64>();
        self.newest = Some(now);
    }
}

proptest! {
    #[test]
    fn nothing_is_invented_and_nothing_that_was_counted_is_lost(events in events(), version in 0..3) {
        let mut server = Simulation::default();
        for (second, event) in (1..).zip(events) {
            server.happens(second, event, version > 0, version > 1);
        }
        let Simulation { told, seen, .. } = server;
        prop_assert!(told <= seen + 1e-9, "{told} of {seen}");
        if version > 1 {
            // Older ones leave it open whether a counter that has grown was reset in between.
            prop_assert!((told - seen).abs() < 1e-9, "{told} of {seen}");
        }
    }

    /// However a range lies, its parts add up to the whole, each on its day.
    #[test]
    fn days_share_all_of_a_stretch(begin in -5 * DAY * 1000..5 * DAY * 1000, length in 0..9 * DAY * 1000) {
        let parts = over_days(begin, begin + length);
        let shares: f64 = parts.iter().map(|part| part.share).sum();
        let seconds: f64 = parts.iter().map(|part| part.seconds).sum();
        prop_assert!((shares - 1.0).abs() < 1e-9);
        prop_assert!((seconds - length as f64 / 1000.0).abs() < 1e-6);
        prop_assert!(parts.iter().all(|part| part.share > 0.0 && part.seconds <= DAY as f64));
        prop_assert!(parts.windows(2).all(|pair| pair[0].day + 1 == pair[1].day));
    }
}
