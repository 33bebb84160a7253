//! History with holes, with samples that are no numbers, and of shapes that mislead.

use super::{
    history::{AT, END, day},
    program::{Judged, Project},
};
use crate::support::prometheus::{Backfill, Span};

/// Response times in pieces: from and to in minutes before the end, both included, and seconds.
fn latency(pieces: &[(i64, i64, f64)]) -> Backfill {
    let mut history = Backfill::default();
    for (from, to, seconds) in pieces {
        let end = day().to;
        let span = Span { from: end - from * 60, to: end - to * 60, step: 60 };
        history = history.gauge("latency_seconds", &[("instance", "app-1")], span, |_| *seconds);
    }
    history
}

/// Judges a web service whose response times come from a query of its own.
fn judge(history: Backfill) -> Judged {
    let server = history.gauge("failures", &[], day(), |_| 0.001).prometheus();
    let project = Project::new(&format!(
        "absent = [\"users\", \"queue\", \"host\", \"node\", \"postgres\", \"redis\"]\n\
         [signals.\"http.latency\"]\nprometheus = \"latency_seconds\"\n\
         [signals.\"http.errors\"]\nprometheus = \"failures\"\n\
         [sources.prometheus]\nurl = \"{}\"",
        server.url()
    ));
    project.check(AT)
}

/// How the alert for two seconds over ten minutes stands.
fn slow_for_ten_minutes(pieces: &[(i64, i64, f64)]) -> String {
    judge(latency(pieces)).finding("alert:response-time-warning")["verdict"].as_str().unwrap().to_owned()
}

#[track_caller]
fn expect_gap(history: Backfill, reason: &str, words: &str) {
    let judged = judge(history);
    let gap = judged.gap("http.latency");
    assert_eq!(gap["reason"], reason, "{gap:#}");
    assert!(gap["detail"].as_str().unwrap().contains(words), "{gap:#}");
    for finding in ["threshold:http.latency", "alert:response-time-critical", "objective:response-time"] {
        assert_eq!(judged.finding(finding)["verdict"], "unknown");
    }
    assert_eq!(judged.finding("objective:errors")["verdict"], "ok");
    assert_eq!(judged.part("/verdict"), "unknown", "{}", judged.page);
}

#[test]
fn no_answer_is_not_a_good_one() {
    expect_gap(Backfill::default(), "empty", "nothing");
}

#[test]
fn samples_that_are_no_numbers_are_not_good_ones() {
    expect_gap(latency(&[(1440, 0, f64::NAN)]), "not_finite", "NaN");
    expect_gap(latency(&[(1440, 0, f64::INFINITY)]), "not_finite", "infinit");
}

#[test]
fn two_series_where_one_is_expected_are_listed() {
    let second = [("instance", "app-2")];
    let history = latency(&[(1440, 0, 0.1)]).gauge("latency_seconds", &second, day(), |_| 9.0);
    expect_gap(history, "several_series", "app-2");
}

#[test]
fn one_sample_that_is_no_number_spoils_nothing() {
    judge(latency(&[(1440, 701, 0.1), (700, 700, f64::NAN), (699, 0, 0.1)])).expect_ok();
}

#[test]
fn a_breach_counts_from_exactly_its_duration_on() {
    assert_eq!(slow_for_ten_minutes(&[(1440, 11, 0.1), (10, 0, 3.0)]), "warning");
    assert_eq!(slow_for_ten_minutes(&[(1440, 10, 0.1), (9, 0, 3.0)]), "unknown");
    // What is over is an event of the past.
    let over = judge(latency(&[(1440, 701, 0.1), (700, 600, 3.0), (599, 0, 0.1)]));
    assert_eq!(over.finding("alert:response-time-warning")["verdict"], "ok");
    let past = &over.finding("threshold:http.latency")["reason"]["evaluation"]["limit"]["past"];
    assert_eq!(past["began"], "2025-10-08T21:13:40Z", "{past:#}");
}

#[test]
fn short_holes_neither_break_nor_complete_a_breach() {
    for hole in [1, 2] {
        let pieces = [(1440, 11, 0.1), (10, 6, 3.0), (5 - hole, 0, 3.0)];
        assert_eq!(slow_for_ten_minutes(&pieces), "warning", "{hole} samples are missing");
    }
}

#[test]
fn a_long_hole_in_a_breach_leaves_it_unknown() {
    let pieces = [(1440, 31, 0.1), (30, 21, 3.0), (5, 0, 3.0)];
    assert_eq!(slow_for_ten_minutes(&pieces), "unknown");
}

#[test]
fn three_samples_are_no_history() {
    assert_eq!(slow_for_ten_minutes(&[(2, 0, 3.0)]), "unknown");
}

#[test]
fn up_and_down_is_not_sustained() {
    let history = Backfill::default();
    let saw = history.gauge("latency_seconds", &[], day(), |at| if at / 60 % 10 < 8 { 3.0 } else { 0.1 });
    let judged = judge(saw);
    let alert = judged.finding("alert:response-time-warning");
    assert_eq!((&alert["verdict"], &alert["state"]), (&"unknown".into(), &"pending".into()), "{alert:#}");
    assert_eq!(alert["sustained"]["longest_seconds"], 420.0, "{alert:#}");
}

#[test]
fn a_step_is_judged_by_what_it_led_to() {
    let judged = judge(latency(&[(1440, 720, 0.05), (719, 0, 1.5)]));
    let threshold = judged.finding("threshold:http.latency");
    assert_eq!((&threshold["value"]["value"], &threshold["verdict"]), (&1.5.into(), &"ok".into()));
}

#[test]
fn flat_at_the_ceiling_is_more_demand_than_is_seen() {
    let database = [("instance", "db-1")];
    let clamped = |at| if at > END - 3 * 3600 { 97.0 } else { 60.0 };
    let server = Backfill::default()
        .gauge("pg_stat_activity_count", &database, day(), clamped)
        .gauge("pg_settings_max_connections", &database, day(), |_| 100.0)
        .gauge("pg_settings_superuser_reserved_connections", &database, day(), |_| 3.0)
        .prometheus();
    let project = Project::new(&format!("[sources.prometheus]\nurl = \"{}\"", server.url()));
    let judged = project.check(AT);
    let next = judged.part("/next_bottleneck");
    assert_eq!((&next["resource"], &next["status"]), (&"postgres.connections".into(), &"saturated".into()));
    assert_eq!(next["headroom"], 0.0);
    let flat = next["reason"]["evaluation"]["flat_seconds"].as_f64().unwrap();
    assert!((flat - 3.0 * 3600.0).abs() <= 120.0, "{next:#}");
}
