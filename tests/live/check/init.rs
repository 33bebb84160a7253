//! `init` beside a Prometheus that several environments share.

use super::{
    history::{AT, day},
    program::{Project, Run},
};
use crate::support::{Server, prometheus::Backfill};

/// Users of production and of a load test.
fn shared() -> Server {
    Backfill::default()
        .gauge("websocket_active_connections", &[("instance", "a:3005"), ("env", "prod")], day(), |_| 900.0)
        .gauge("websocket_active_connections", &[("instance", "b:3005"), ("env", "staging")], day(), |_| {
            100.0
        })
        .prometheus()
}

/// A project whose settings `init` writes.
fn init(project: &Project, server: &Server, arguments: &str) -> Run {
    project.run(&format!(
        "init -q --yes --force --window 1h --profile node-queue-chat --prometheus {} {AT} {arguments}",
        server.url()
    ))
}

fn settings(project: &Project) -> String {
    std::fs::read_to_string(project.path("scale-advisor.toml")).unwrap()
}

/// The load that `check` finds with those settings.
fn load(project: &Project) -> serde_json::Value {
    let run = project.run(&format!("check -q --window 1h --format json {AT}"));
    assert_eq!(run.code, 0, "{}", run.err);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    json["load"]["now"].clone()
}

#[test]
fn without_a_terminal_the_scope_is_left_to_choose_and_listed() {
    let server = shared();
    let project = Project::new("");
    let run = init(&project, &server, "");
    assert_eq!(run.code, 0, "{}", run.err);
    for part in ["90.0%  --match env=prod", "10.0%  --match env=staging", "--match, or in [scope] of"] {
        assert!(run.err.contains(part), "{}", run.err);
    }
    let written = settings(&project);
    for part in ["#    90.0%  --match env=prod\n", "#    10.0%  --match env=staging\n"] {
        assert!(written.contains(part), "{written}");
    }
    let undecided = project.run(&format!("check -q --window 1h {AT}"));
    assert_eq!(undecided.code, 2, "{}", undecided.out);
    assert!(undecided.err.contains("no scope chosen"), "{}", undecided.err);
    let chosen = written.replace("#[scope]\n#match.env", "[scope]\nmatch.env");
    std::fs::write(project.path("scale-advisor.toml"), chosen).unwrap();
    assert_eq!(load(&project), 900.0);
}

#[test]
fn a_scope_that_is_given_is_written_down() {
    let server = shared();
    for (flag, expected) in [("--match env=staging", 100.0), ("--together env", 1000.0)] {
        let project = Project::new("");
        let run = init(&project, &server, flag);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
        assert_eq!(load(&project), expected, "{}", settings(&project));
    }
    let project = Project::new("");
    let twice = init(&project, &server, "--match env!=prod --match env!=dev");
    assert_eq!(twice.code, 2);
    assert!(twice.err.contains("--match env is given more than once"), "{}", twice.err);
}
