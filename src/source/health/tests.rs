//! Tests of reading documents.

use crate::source::Search;
use chrono::{DateTime, TimeDelta};
use reqwest::StatusCode;

use super::*;
use crate::{
    signal::{Quantity, Unit},
    snapshot::{Reason, Window},
};

fn request() -> Request {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let window = Window { from: now - TimeDelta::days(1), to: now, step_seconds: 60 };
    Request {
        now,
        window,
        past: None,
        search: Search::No,
        sample: crate::source::SampleTime::exactly(std::time::Duration::ZERO),
        deadline: std::time::Duration::from_secs(1),
    }
}

fn pick(pointer: &str, capacity: Option<&str>, scale: f64) -> Pick {
    Pick { pointer: pointer.to_owned(), capacity: capacity.map(str::to_owned), scale }
}

/// What is read of a document with these picks, by the signals' names.
fn reading(status: u16, document: &str, picks: &[(&str, Pick)]) -> SourceResult {
    let mut settings = Settings::new("http://app/health").unwrap();
    for (signal, pick) in picks {
        settings.values.insert(SignalId::find(signal).unwrap(), pick.clone());
    }
    let status = StatusCode::from_u16(status).unwrap();
    interpret(&settings, &request(), &Document { status, json: answer::parse(document.as_bytes()) })
}

/// The value of a signal, or why there is none.
#[track_caller]
fn value(reading: &SourceResult, signal: &str) -> Result<f64, Reason> {
    let found = reading.observations.iter().find(|observation| observation.signal.as_str() == signal);
    let gap = reading.gaps.iter().find(|gap| gap.signal.as_str() == signal);
    found.map(|found| found.values.last().1).ok_or_else(|| gap.unwrap().reason)
}

#[track_caller]
fn check_health(status: u16, document: &str, expected: Result<f64, Reason>) {
    assert_eq!(value(&reading(status, document, &[]), HEALTHY), expected, "{document}");
}

#[test]
fn the_words_of_common_frameworks_are_known() {
    check_health(200, r#"{"status":"UP"}"#, Ok(1.0));
    check_health(200, r#"{"status":"ok"}"#, Ok(1.0));
    check_health(200, r#"{"status":true}"#, Ok(1.0));
    check_health(200, r#"{"status":"Degraded"}"#, Ok(0.5));
    check_health(200, r#"{"status":"warn"}"#, Ok(0.5));
    check_health(200, r#"{"status":"OUT_OF_SERVICE"}"#, Ok(0.0));
    check_health(503, r#"{"status":"fail"}"#, Ok(0.0));
}

#[test]
fn the_http_status_decides_where_the_document_says_nothing() {
    check_health(200, r#"{"uptime":5}"#, Ok(1.0));
    check_health(200, "OK", Ok(1.0));
    check_health(500, "Internal Server Error", Ok(0.0));
    check_health(503, r#"{"status":"ok"}"#, Ok(0.0));
}

#[test]
fn a_word_nobody_explained_is_not_guessed() {
    check_health(200, r#"{"status":"running"}"#, Err(Reason::UnexpectedReply));
    check_health(200, r#"{"status":7}"#, Err(Reason::UnexpectedReply));
}

#[test]
fn a_place_that_was_named_must_exist() {
    let words = Words::default();
    let document = Document { status: StatusCode::OK, json: answer::parse(br#"{"a":{"state":"up"}}"#) };
    assert!((standing::judge(&document, Some("/a/state"), &words).unwrap().value - 1.0).abs() < 1e-9);
    let failure = standing::judge(&document, Some("/b"), &words).unwrap_err();
    assert_eq!(failure.reason, Reason::NeverExisted);
}

#[test]
fn shares_are_parts_of_their_whole() {
    let pool = pick("/pool/active", Some("/pool/total"), 1.0);
    let document = r#"{"status":"ok","pool":{"total":20,"idle":5,"active":15}}"#;
    let reading = reading(200, document, &[("app.pool", pool)]);
    let found =
        reading.observations.iter().find(|observation| observation.signal.as_str() == "app.pool").unwrap();
    assert_eq!(found.values.values(), [0.75]);
    assert_eq!(found.capacity(), Quantity::new(20.0, Unit::Count));
    assert_eq!(found.origin.query, "/pool/active / /pool/total");
}

#[test]
fn numbers_come_with_and_without_units() {
    let document = r#"{"jobs":12,"p95":"250ms","slow":250,"cpu":"85%","load":85,"text":"7"}"#;
    for (signal, pick, expected) in [
        ("queue.depth", pick("/jobs", None, 1.0), 12.0),
        ("queue.depth", pick("/text", None, 1.0), 7.0),
        ("http.latency", pick("/p95", None, 1.0), 0.25),
        ("http.latency", pick("/slow", None, 0.001), 0.25),
        ("host.cpu", pick("/cpu", None, 1.0), 0.85),
        ("host.cpu", pick("/load", None, 0.01), 0.85),
    ] {
        let found = value(&reading(200, document, &[(signal, pick)]), signal).unwrap();
        assert!((found - expected).abs() < 1e-9, "{signal}: {found}");
    }
}

#[test]
fn what_is_no_number_is_named_for_what_it_is() {
    let document = r#"{"pool":{"total":0,"used":1,"state":"busy","list":[1]},"none":null}"#;
    let whole = pick("/pool/used", Some("/pool/total"), 1.0);
    assert_eq!(value(&reading(200, document, &[("app.pool", whole)]), "app.pool"), Err(Reason::NotFinite));
    for (pointer, reason, words) in [
        ("/pool/state", Reason::UnexpectedReply, "`busy`, not a plain number"),
        ("/pool/list", Reason::UnexpectedReply, "a list"),
        ("/pool", Reason::UnexpectedReply, "an object"),
        ("/none", Reason::Empty, "null"),
        ("/pool/free", Reason::NeverExisted, "/pool has list, state, total, used"),
        ("/poool/free", Reason::NeverExisted, "the document has none, pool"),
    ] {
        let reading = reading(200, document, &[("queue.depth", pick(pointer, None, 1.0))]);
        assert_eq!((reading.gaps[0].reason, reading.gaps.len()), (reason, 1), "{pointer}");
        assert!(reading.gaps[0].detail.contains(words), "{}", reading.gaps[0].detail);
    }
    let text = reading(200, "<html>", &[("queue.depth", pick("/jobs", None, 1.0))]);
    assert!(text.gaps[0].detail.contains("a page in HTML"), "{}", text.gaps[0].detail);
}
