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
    let mut reading = interpret(&settings(), &read_table(text).unwrap(), now());
    assert_eq!(reading.gaps, []);
    reading.observations.remove(0)
}

#[track_caller]
fn check_mistakes(text: &str, expected: &[&str]) {
    let told = read_table(text).unwrap_err();
    let found: Vec<&str> = told.split("; ").filter(|part| part.starts_with("line ")).collect();
    assert_eq!(found.len(), expected.len(), "{told}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{told}");
    }
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
fn every_mistake_has_its_line() {
    check_mistakes(
        "date,value\n2026-11-01,\"1,234\"\n2026-11-02,$5\n2026-11-03,1,234\n20.11.2026,1\n2026-11-05,many\n",
        &[
            "line 2: `1,234` has separators",
            "line 3: `$5` has a unit",
            "line 4: two fields",
            "line 5: `20.11.2026`",
            "line 6: `many` is not a number",
        ],
    );
    check_mistakes(
        "date,value\n2026-11-01,1\n2026-11-02,2\n2026-11-01,3\n",
        &["line 4: 2026-11-01 stands in line 2"],
    );
    check_mistakes(
        "date,value\n2026-11-31,1\n2026-11-30,NaN\n2026-11-29,1e3\n",
        &["line 2", "line 3", "line 4"],
    );
    check_mistakes("day;users\n2026-11-01;1\n", &["line 1: the header is `date,value`, with a comma"]);
    check_mistakes("2026-11-01,1\n", &["line 1: the header"]);
    check_mistakes("date,value\n\"2026-11-01,1\n", &["line 2: a quotation mark"]);
    assert_eq!(read_table(" \n"), Err("the file is empty".to_owned()));
}

#[test]
fn many_mistakes_are_counted() {
    let told = read_table(&format!("date,value\n{}", "x,1\n".repeat(8))).unwrap_err();
    assert!(told.ends_with("; and 3 more"), "{told}");
}

#[test]
fn what_is_too_old_is_told_and_not_used() {
    for (day, reason) in
        [("2026-10-07", None), ("2026-10-05", Some(Reason::Stopped)), ("2027-01-01", Some(Reason::Empty))]
    {
        let rows = read_table(&format!("date,value\n{day},5\n")).unwrap();
        let reading = interpret(&settings(), &rows, now());
        assert_eq!(reading.gaps.first().map(|gap| gap.reason), reason, "{day}");
        assert_eq!(reading.observations.len(), usize::from(reason.is_none()), "{day}");
    }
}

#[test]
fn the_future_is_left_out() {
    let rows = read_table("date,value\n2026-11-20,5\n2026-11-21,6\n").unwrap();
    let reading = interpret(&settings(), &rows, now());
    assert_eq!(reading.observations[0].values.values(), [5.0]);
    assert_eq!(reading.report.notes, ["rows of days to come are left out: 1"]);
}
