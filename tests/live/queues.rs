//! Job queues in Redis, filled by the real packages.

use scale_advisor::snapshot::{Reason, Snapshot};

use crate::support::{
    bullmq::{self, PACKAGES},
    redis::{client, gap, observed, read, read_with, send, settings, start, value},
};

/// What every version must show of the same jobs.
fn check_busy_queue(package: &str, version: &str, snapshot: &Snapshot) {
    let intent = Some("intent");
    let depth = observed(snapshot, "queue.depth", intent);
    assert_eq!(depth.values.values(), [504.0], "{package}: {}", snapshot.to_json());
    assert_eq!(depth.attributes["delayed"], "3", "{package}");
    assert_eq!(depth.attributes["active"], "0", "{package}");
    assert_eq!(observed(snapshot, "queue.failed", intent).values.values(), [2.0], "{package}");
    let age = value(snapshot, "queue.oldest_age", intent);
    assert!((600.0..660.0).contains(&age), "{package}: oldest waits {age} s");
    let took = value(snapshot, "queue.job_duration", intent);
    assert!((0.04..1.0).contains(&took), "{package}: jobs took {took} s");
    let told = depth.attributes["system"].as_str();
    let is_told = package.starts_with("bullmq") && package != "bullmq1";
    assert_eq!(told, if is_told { format!("BullMQ {version}") } else { "Bull or BullMQ 1".to_owned() });
}

#[test]
fn five_hundred_waiting_jobs_of_every_major_version() {
    for (package, _, version) in PACKAGES {
        let server = start(&[]);
        bullmq::fill(
            package,
            server.port,
            "intent",
            r#"{"complete":3,"fail":2,"waiting":500,"prioritized":4,"delayed":3,"age":600000}"#,
        );
        bullmq::fill(package, server.port, "mail", r#"{"paused":true,"waiting":7}"#);
        let snapshot = read(server.port);
        check_busy_queue(package, version, &snapshot);
        let mail = observed(&snapshot, "queue.depth", Some("mail"));
        assert_eq!(mail.values.values(), [7.0], "{package}");
        assert_eq!(mail.attributes["paused"], "true", "{package}");
        assert!(value(&snapshot, "queue.oldest_age", Some("mail")) < 60.0, "{package}");
    }
}

#[test]
fn prioritised_jobs_alone_have_an_age() {
    let server = start(&[]);
    bullmq::fill("bullmq5", server.port, "intent", r#"{"prioritized":4,"age":600000}"#);
    let snapshot = read(server.port);
    assert!((600.0..660.0).contains(&value(&snapshot, "queue.oldest_age", Some("intent"))));
}

#[test]
fn an_empty_queue_is_measured_as_empty() {
    let server = start(&[]);
    bullmq::fill("bullmq5", server.port, "intent", r#"{"complete":1}"#);
    let snapshot = read(server.port);
    assert_eq!(observed(&snapshot, "queue.depth", Some("intent")).values.values(), [0.0]);
    let age = observed(&snapshot, "queue.oldest_age", Some("intent"));
    assert_eq!((age.values.values(), age.notes[0].as_str()), ([0.0].as_slice(), "no job waits"));
}

#[test]
fn named_queues_are_read_without_a_search() {
    let server = start(&["--rename-command", "SCAN", ""]);
    bullmq::fill("bullmq5", server.port, "intent", r#"{"waiting":2}"#);
    let mut named = settings("redis://127.0.0.1:PORT", server.port);
    named.queues = Some(vec!["intent".to_owned(), "typo".to_owned()]);
    let snapshot = read_with(named.clone());
    assert_eq!(observed(&snapshot, "queue.depth", Some("intent")).values.values(), [2.0]);
    assert!(snapshot.observations.iter().all(|found| found.instance.as_deref() != Some("typo")));
    assert!(snapshot.sources[0].notes.iter().any(|note| note.contains("queue typo: it has no keys")));
    named.queues = Some(vec!["typo".to_owned()]);
    assert_eq!(gap(&read_with(named), "queue.depth").reason, Reason::NotApplicable);
}

#[test]
fn another_prefix_and_another_database_are_read() {
    let server = start(&[]);
    let mut admin = client(server.port);
    for command in ["SELECT 2", "SET {jobs}:mail:id 1", "LPUSH {jobs}:mail:wait 1"] {
        send(&mut admin, command);
    }
    let mut elsewhere = settings("redis://127.0.0.1:PORT/2", server.port);
    elsewhere.prefix = "{jobs}".to_owned();
    assert_eq!(observed(&read_with(elsewhere), "queue.depth", Some("mail")).values.values(), [1.0]);
    assert!(gap(&read(server.port), "queue.depth").hint.as_ref().unwrap().contains("prefix"));
}

#[test]
fn the_search_has_a_bound_and_says_so() {
    let server = start(&["--enable-debug-command", "yes"]);
    let mut admin = client(server.port);
    send(&mut admin, "DEBUG POPULATE 1100000 key 1");
    let snapshot = read(server.port);
    // A million keys, or fewer where the machine takes longer than the search may.
    let detail = &gap(&snapshot, "queue.depth").detail;
    let seen = detail.split_once("the search for queues ended after about ").and_then(|(_, rest)| {
        rest.split_once(" of 1100000 keys").and_then(|(number, _)| number.parse::<u64>().ok())
    });
    assert!(seen.is_some_and(|seen| (1..1_100_000).contains(&seen)), "{}", snapshot.to_json());
}

#[test]
fn keys_of_another_kind_are_no_queue() {
    let server = start(&[]);
    let mut admin = client(server.port);
    for command in
        ["SET bull:odd:id 1", "SET bull:odd:wait text", "SET bull:mail:id 1", "LPUSH bull:mail:wait 0:5 7"]
    {
        send(&mut admin, command);
    }
    let snapshot = read(server.port);
    let depth: Vec<_> =
        snapshot.observations.iter().filter(|found| found.signal.as_str() == "queue.depth").collect();
    assert_eq!(depth.len(), 1);
    assert!(
        snapshot.sources[0].notes.iter().any(|note| note.contains("WRONGTYPE")),
        "{}",
        snapshot.to_json()
    );
}
