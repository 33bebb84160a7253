//! `explain`: every id in the output has an explanation, and it says what the program does.

use serde_json::Value;

use super::{
    binary::{program, ran},
    folder, says,
};

fn explained(id: &str) -> String {
    explained_by("node-queue-chat", id)
}

fn explained_by(roadmap: &str, id: &str) -> String {
    let folder = folder();
    let run = ran(program(folder.path()).args(["explain", "--profile", roadmap, id]));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{id}");
    run.stdout
}

#[test]
fn every_finding_has_an_explanation() {
    let folder = folder();
    let run = ran(program(folder.path()).args(["check", "--demo", "--format", "json"]));
    let assessment: Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = assessment["findings"].as_array().unwrap();
    assert!(findings.len() > 20);
    for finding in findings {
        explained(finding["id"].as_str().unwrap());
    }
}

#[test]
fn every_kind_of_advice_has_an_explanation() {
    says(
        &explained_by("node-qdrant-saas", "symptom:milestone-500:2"),
        &["symptom", "Dashboard load time > 2 s"],
    );
    says(&explained_by("node-qdrant-saas", "milestone-500"), &["PostgreSQL connection pool exhausted"]);
    says(&explained_by("node-qdrant-saas", "endpoints"), &["load test", "Passed when"]);
    says(&explained_by("socketio-mongo-chat", "benchmark:1"), &["benchmark", "message latency"]);
    says(
        &explained_by("socketio-mongo-chat", "statement:limitation:1"),
        &["limitation", "Single point of failure"],
    );
    says(&explained_by("node-agent-platform", "playbook:pool-exhausted"), &["playbook", "Seen when", "- "]);
    says(&explained_by("node-agent-platform", "playbook-pool-exhausted"), &["Connection pool exhausted"]);
    says(&explained("trigger:phase-2"), &["phase", "Entered when"]);
}

#[test]
fn the_percentile_is_the_one_that_is_used() {
    says(&explained("postgres.cache_hit"), &["lower is worse", "5th percentile"]);
    says(&explained("host.cpu"), &["higher is worse", "95th percentile"]);
}
