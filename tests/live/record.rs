//! `record` from a real server: the past, day by day.

use scale_advisor::history::{HOUR_MS, Range, Resolution, Store, StoredSeries};

use crate::{
    check::program::Project,
    support::prometheus::{Backfill, Span},
};

/// 9 October 2025, 08:53:40 UTC.
const END: i64 = 1_760_000_020;
const AT: &str = "2025-10-09T08:53:40Z";
const DAY: i64 = 86_400;

/// Users at an instant: no two hours are the same.
fn users(at: i64) -> f64 {
    ((at / 60) % 977) as f64
}

fn hours(project: &Project) -> Vec<StoredSeries> {
    let store = Store::read_file(&project.path("history.db")).unwrap();
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    store.rollups(Resolution::Hour, None, Range::ALL).unwrap()
}

#[test]
fn the_past_is_recorded_day_by_day_and_again_changes_nothing() {
    // The server knows the last two days and a half.
    let server = Backfill::default()
        .gauge("websocket_active_connections", &[("job", "app")], Span::before(END, DAY * 5 / 2, 60), users)
        .prometheus();
    let project =
        Project::new(&format!("history = \"history.db\"\n[sources.prometheus]\nurl = \"{}\"", server.url()));
    let record = |more: &str| {
        let run = project.run(&format!("record -q --step 60s --at {AT} {more}"));
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        hours(&project)
    };
    let found = record("--since 6d");
    let users_of = found.iter().find(|kept| kept.series.signal == "users.concurrent").unwrap();
    // From 6 October, 20:53, to 9 October, 08:53: 62 hours, of which the first and the last are not full.
    assert_eq!(users_of.rollups.len(), 61);
    for hour in &users_of.rollups[1..60] {
        let from = hour.period * HOUR_MS / 1000;
        let values: Vec<f64> = (0..60).map(|minute| users(from + minute * 60)).collect();
        assert_eq!((hour.count, hour.minutes), (60, 60));
        assert_eq!((hour.min, hour.last), (values.iter().copied().fold(f64::MAX, f64::min), values[59]));
        assert!((hour.mean - values.iter().sum::<f64>() / 60.0).abs() < 1e-9, "{hour:?}");
    }
    assert_eq!(record("--since 6d"), found);
    assert_eq!(record("--window 3h"), found);
}
