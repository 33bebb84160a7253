//! A queue that falls behind.

use super::program::{Expected, Project};
use crate::support::{bullmq, redis::start};

#[test]
fn five_hundred_waiting_jobs_are_found_in_their_queue() {
    let server = start(&[]);
    bullmq::fill("bullmq5", server.port, "intent", r#"{"complete":2,"waiting":500}"#);
    bullmq::fill("bullmq5", server.port, "mail", r#"{"complete":2,"waiting":3}"#);
    let project = Project::new(&format!("[sources.redis]\nurl = \"redis://127.0.0.1:{}\"", server.port));
    let judged = project.check("--sample 500ms");
    judged.expect(&Expected {
        verdict: "warning",
        resource: "queue.workers",
        instance: Some("intent"),
        now: (500.0, 500.0),
        limit: 1000.0,
        headline: "Workers of the intent queue run out next",
    });
    assert!(judged.page.contains("waiting jobs of intent: 500"), "{}", judged.page);
}
