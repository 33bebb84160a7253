//! Tests of reading files of dates and values.

use super::*;

const NOW: &str = "2026-11-20T16:40:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn settings() -> Settings {
    let signal = SignalId::find("users.registered").unwrap();
    Settings { path: PathBuf::new(), name: "users.csv".to_owned(), signal }
}

#[track_caller]
fn observed(text: &str) -> Observation {
    let mut reading = interpret(&settings(), &read_daily(text).unwrap(), now());
    assert_eq!(reading.gaps, []);
    reading.observations.remove(0)
}

#[test]
fn days_in_any_order_and_with_holes_become_a_series() {
    let found = observed(
        "\u{feff}Date,Value\r\n2026-11-18,300\r\n\r\n2026-11-15,-100.5\r\n\"2026-11-16\", 200\r\n2026-11-17,\r\n",
    );
    assert_eq!(found.values.values(), [-100.5, 200.0, 300.0]);
    let days: Vec<i64> = found.values.at_ms().iter().map(|at| at / DAY_MS).collect();
    assert_eq!(days, [20_772, 20_773, 20_775]);
    assert_eq!(found.origin.query, "users.csv, line 2 (2026-11-18)");
    assert_eq!(found.notes, ["the newest value is of 2026-11-18, 2 days ago"]);
}

#[test]
fn instants_count_for_their_day_in_utc() {
    let found = observed("date,value\n2026-11-19T23:30:00-02:00,7\n2026-11-18T00:00:00Z,6\n");
    let days: Vec<i64> = found.values.at_ms().iter().map(|at| at / DAY_MS).collect();
    assert_eq!(days, [20_775, 20_777]);
}

#[test]
fn what_is_too_old_is_told_and_not_used() {
    for (day, reason) in
        [("2026-10-07", None), ("2026-10-05", Some(Reason::Stopped)), ("2027-01-01", Some(Reason::Empty))]
    {
        let rows = read_daily(&format!("date,value\n{day},5\n")).unwrap();
        let reading = interpret(&settings(), &rows, now());
        assert_eq!(reading.gaps.first().map(|gap| gap.reason), reason, "{day}");
        assert_eq!(reading.observations.len(), usize::from(reason.is_none()), "{day}");
    }
}

#[test]
fn the_future_is_left_out() {
    let rows = read_daily("date,value\n2026-11-20,5\n2026-11-21,6\n").unwrap();
    let reading = interpret(&settings(), &rows, now());
    assert_eq!(reading.observations[0].values.values(), [5.0]);
    assert_eq!(reading.report.notes, ["rows with future dates are left out: 1"]);
}
