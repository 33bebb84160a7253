//! Celery, RQ and Sidekiq, filled by the real packages, and all systems in one server.

use scale_advisor::snapshot::{Reason, Snapshot, Status};

use crate::support::{
    bullmq, queues,
    redis::{client, gap, observed, read, read_with, send, settings, start, value},
    wait_until,
};

#[track_caller]
fn check_depth(snapshot: &Snapshot, queue: &str, system: &str, depth: f64) {
    let found = observed(snapshot, "queue.depth", Some(queue));
    assert_eq!((found.values.values(), found.attributes["system"].as_str()), ([depth].as_slice(), system));
}

#[track_caller]
fn check_note(snapshot: &Snapshot, words: &str) {
    let notes = &snapshot.sources[0].notes;
    assert!(notes.iter().any(|note| note.contains(words)), "{notes:?}");
}

#[test]
fn celerys_priorities_count() {
    let server = start(&[]);
    queues::send_tasks(
        server.port,
        r#"[{"count": 50}, {"count": 4, "priority": 9}, {"count": 2, "priority": 3}, {"count": 7, "queue": "mail"}]"#,
    );
    let snapshot = read(server.port);
    check_depth(&snapshot, "celery", "Celery", 56.0);
    check_depth(&snapshot, "mail", "Celery", 7.0);
    assert_eq!(gap(&snapshot, "queue.oldest_age").reason, Reason::NotApplicable);
    assert!(gap(&snapshot, "queue.oldest_age").detail.contains("do not contain the time they were sent"));
    let mut named = settings("redis://127.0.0.1:PORT", server.port);
    named.queues = Some(vec!["mail".to_owned()]);
    let snapshot = read_with(named);
    check_depth(&snapshot, "mail", "Celery", 7.0);
    assert_eq!(
        snapshot
            .observations
            .iter()
            .filter(|observation| observation.signal.as_str() == "queue.depth")
            .count(),
        1
    );
}

#[test]
fn what_celerys_workers_hold_still_waits_unless_its_time_has_not_come() {
    let server = start(&[]);
    let count = |command: &str, key: &str| -> u64 {
        redis::cmd(command).arg(key).query(&mut client(server.port)).unwrap()
    };
    queues::send_tasks(server.port, r#"[{"count": 2, "countdown": 3600}]"#);
    let _worker = queues::celery_worker(server.port, || count("HLEN", "unacked") == 2);
    queues::send_tasks(server.port, r#"[{"count": 10}]"#);
    // One of them begins and is acknowledged by that.
    wait_until("the worker works", || {
        let held = count("HLEN", "unacked");
        held > 2 && held + count("LLEN", "celery") == 11
    });
    let snapshot = read(server.port);
    check_depth(&snapshot, "celery", "Celery", 9.0);
    let depth = observed(&snapshot, "queue.depth", Some("celery"));
    assert_eq!(depth.attributes["delayed"], "2");
    assert!(depth.notes[0].contains("of them lie with workers"), "{:?}", depth.notes);
    assert!(snapshot.observations.iter().all(
        |observation| observation.instance.is_none() || observation.instance.as_deref() == Some("celery")
    ));
}

#[test]
fn rqs_oldest_job_stands_behind_those_put_in_front() {
    let server = start(&[]);
    queues::fill_rq(server.port, &[]);
    let snapshot = read(server.port);
    check_depth(&snapshot, "intent", "RQ", 6.0);
    let depth = observed(&snapshot, "queue.depth", Some("intent"));
    assert_eq!((depth.attributes["delayed"].as_str(), depth.attributes["active"].as_str()), ("3", "0"));
    assert!(!depth.attributes.contains_key("paused"));
    let age = value(&snapshot, "queue.oldest_age", Some("intent"));
    assert!((600.0..660.0).contains(&age), "{age}");
    let took = value(&snapshot, "queue.job_duration", Some("intent"));
    assert!((0.2..0.5).contains(&took), "{took}");
    assert_eq!(observed(&snapshot, "queue.failed", Some("intent")).values.values(), [2.0]);
}

#[test]
fn suspended_workers_of_rq_take_no_job() {
    let server = start(&[]);
    queues::fill_rq(server.port, &["suspend"]);
    let snapshot = read(server.port);
    assert_eq!(observed(&snapshot, "queue.depth", Some("intent")).attributes["paused"], "true");
}

#[test]
fn sidekiqs_queues_are_read_by_its_registry() {
    let server = start(&[]);
    queues::push_sidekiq(server.port);
    let snapshot = read(server.port);
    check_depth(&snapshot, "intent", "Sidekiq", 5.0);
    check_depth(&snapshot, "mail", "Sidekiq", 2.0);
    assert!(value(&snapshot, "queue.oldest_age", Some("intent")) < 60.0);
    assert_eq!(gap(&snapshot, "queue.failed").reason, Reason::NotApplicable);
    check_note(&snapshot, "0 jobs to retry, 3 scheduled and 0 dead");
}

#[test]
fn sidekiq_8_tells_milliseconds() {
    // Debian has Sidekiq 6.4; this is a job as version 8 is documented to write it.
    let server = start(&[]);
    let mut admin = client(server.port);
    let then = chrono::Utc::now().timestamp_millis() - 600_000;
    let job =
        |at: i64| format!("{{\"class\":\"Task\",\"args\":[],\"created_at\":{at},\"enqueued_at\":{at}}}");
    send(&mut admin, "SADD queues intent idle");
    send(&mut admin, &format!("LPUSH queue:intent {} {}", job(then), job(then + 500_000)));
    let snapshot = read(server.port);
    assert!((600.0..660.0).contains(&value(&snapshot, "queue.oldest_age", Some("intent"))));
    assert_eq!(observed(&snapshot, "queue.depth", Some("idle")).values.values(), [0.0]);
}

#[test]
fn systems_that_use_the_same_name_are_told_apart() {
    let server = start(&[]);
    bullmq::fill("bullmq5", server.port, "mail", r#"{"waiting":3}"#);
    queues::send_tasks(server.port, r#"[{"count": 4, "queue": "mail"}]"#);
    queues::push_sidekiq(server.port);
    let snapshot = read(server.port);
    check_depth(&snapshot, "bullmq:mail", "BullMQ 5.81.5", 3.0);
    check_depth(&snapshot, "celery:mail", "Celery", 4.0);
    check_depth(&snapshot, "sidekiq:mail", "Sidekiq", 2.0);
    check_depth(&snapshot, "intent", "Sidekiq", 5.0);
    check_note(&snapshot, "Celery keeps the queues celery:mail");
}

#[test]
fn other_programs_keys_are_no_queues() {
    let server = start(&[]);
    let mut admin = client(server.port);
    for command in ["SET queues 1", "HSET rq:queues a b", "SADD _kombu.binding.x nonsense", "SET unacked 1"] {
        send(&mut admin, command);
    }
    let snapshot = read(server.port);
    assert_eq!(snapshot.sources[0].status, Status::Answered);
    assert_eq!(gap(&snapshot, "queue.depth").reason, Reason::NotApplicable);
    send(&mut admin, "DEL queues");
    send(&mut admin, "SADD queues a b");
    assert_eq!(gap(&read(server.port), "queue.depth").reason, Reason::NotApplicable);
}
