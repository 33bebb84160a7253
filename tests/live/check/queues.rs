//! A queue that falls behind.

use serde_json::Value;

use super::program::{Expected, Judged, Project};
use crate::support::{
    Server, bullmq,
    redis::{client, start},
};

fn project(server: &Server) -> Project {
    Project::new(&format!("[sources.redis]\nurl = \"redis://127.0.0.1:{}\"", server.port))
}

#[test]
fn five_hundred_waiting_jobs_are_found_in_their_queue() {
    let server = start(&[]);
    bullmq::fill("bullmq5", server.port, "intent", r#"{"complete":2,"waiting":500}"#);
    bullmq::fill("bullmq5", server.port, "mail", r#"{"complete":2,"waiting":3}"#);
    let judged = project(&server).check("--sample 500ms");
    judged.expect(&Expected {
        verdict: "warning",
        resource: "queue.workers",
        instance: Some("intent"),
        now: (500.0, 500.0),
        limit: 200.0,
        headline: "Queue depth of intent",
    });
    assert!(judged.page.contains("Queue depth of intent: 500"), "{}", judged.page);
}

#[test]
fn a_queue_beyond_its_limit_is_critical_and_has_no_headroom() {
    let server = start(&[]);
    bullmq::fill("bullmq5", server.port, "intent", r#"{"waiting":1250}"#);
    let judged = project(&server).check("--sample 300ms");
    let next = judged.part("/next_bottleneck");
    assert_eq!((&next["resource"], &next["state"]), (&"queue.workers".into(), &"critical".into()));
    assert_eq!((&next["verdict"], &next["headroom"]), (&"critical".into(), &Value::Null));
}

#[test]
fn progress_never_reaches_the_json() {
    let server = start(&[]);
    ::redis::cmd("SET").arg("key").arg(1).exec(&mut client(server.port)).unwrap();
    let run = project(&server).run("check --verbose --format json --sample 1500ms");
    assert_eq!((run.code, run.err.as_str()), (0, "reading redis …\n"));
    assert_eq!(Judged::from_json(&run.out).part("/schema"), "scale-advisor/assessment/2");
}
