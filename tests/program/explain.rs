//! `explain`: every id in the output has an explanation, and it says what the program does.

use serde_json::Value;

use super::{
    binary::{program, ran},
    folder, says,
};

fn explained(id: &str) -> String {
    let folder = folder();
    let run = ran(program(folder.path()).args(["explain", "--profile", "node-queue-chat", id]));
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
fn the_percentile_is_the_one_that_is_used() {
    says(&explained("postgres.cache_hit"), &["lower is worse", "5th percentile"]);
    says(&explained("host.cpu"), &["higher is worse", "95th percentile"]);
}
