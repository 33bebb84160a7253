//! Exit codes: 0 assessed, 1 a breach, 3 evidence missing; a breach wins.

use super::{binary::ran, check, folder, scenario, write};

/// Judges a scenario with more settings and arguments.
#[track_caller]
fn code(name: &str, settings: &str, arguments: &[&str], expected: i32) {
    let folder = folder();
    let own = std::fs::read_to_string(scenario(name).join("scale-advisor.toml")).unwrap();
    let own: String = own
        .split_inclusive('\n')
        .filter(|line| !line.contains("require") && !line.contains("[gate]"))
        .collect();
    let path = write(folder.path(), "settings.toml", &format!("{own}{settings}"));
    let mut command = super::binary::program(folder.path());
    command
        .arg("check")
        .arg("--config")
        .arg(path)
        .arg("--snapshot")
        .arg(scenario(name).join("snapshot.json"));
    let run = ran(command.args(arguments));
    assert_eq!(run.code, expected, "{name} {arguments:?} {settings}\n{}{}", run.stdout, run.stderr);
}

const REQUIRE: &str = "[gate]\nrequire = [\"http.latency\", \"http.errors\"]\n";

#[test]
fn without_fail_on_whatever_was_found_was_assessed() {
    for name in
        ["healthy", "cpu-20-minutes", "everything-unknown", "all-clear-but-gaps", "connections-refused"]
    {
        code(name, "", &[], 0);
    }
}

#[test]
fn fail_on_lets_nothing_of_its_severity_pass() {
    code("healthy", "", &["--fail-on", "warning"], 0);
    code("maxmemory-zero", "", &["--fail-on", "warning"], 1);
    code("maxmemory-zero", "", &["--fail-on", "critical"], 0);
    code("cpu-20-minutes", "", &["--fail-on", "critical"], 1);
    code("connections-refused", "", &["--fail-on", "critical"], 1);
}

#[test]
fn what_is_unknown_does_not_pass() {
    code("everything-unknown", "", &["--fail-on", "critical"], 3);
    code("all-clear-but-gaps", "", &["--fail-on", "warning"], 3);
}

#[test]
fn required_evidence_that_is_missing_is_inconclusive() {
    code("healthy", REQUIRE, &[], 0);
    code("healthy", REQUIRE, &["--fail-on", "warning"], 0);
    code("all-clear-but-gaps", REQUIRE, &[], 3);
    code("all-clear-but-gaps", REQUIRE, &["--fail-on", "warning"], 3);
    // What is not required may be missing.
    code("all-clear-but-gaps", "[gate]\nrequire = [\"http.latency\"]\n", &["--fail-on", "warning"], 0);
    // Nobody called for a database, nor is there one: but it is required.
    code("healthy", "[gate]\nrequire = [\"redis.memory\"]\n", &["--fail-on", "warning"], 3);
}

#[test]
fn a_breach_wins_over_missing_evidence() {
    code("cpu-20-minutes", "[gate]\nrequire = [\"redis.memory\"]\n", &["--fail-on", "critical"], 1);
    code("connections-refused", "", &["--fail-on", "critical"], 1);
}

#[test]
fn the_format_changes_nothing() {
    for format in ["text", "json", "markdown", "github", "gitlab", "junit", "openmetrics", "sarif"] {
        code("cpu-20-minutes", "", &["--fail-on", "critical", "--format", format], 1);
        code("everything-unknown", "", &["--fail-on", "critical", "--format", format], 3);
    }
}

#[test]
fn judging_a_snapshot_twice_gives_the_same_bytes() {
    let folder = folder();
    let judge = || ran(check(folder.path(), "queue-behind").args(["--format", "json", "-v"])).stdout;
    assert_eq!(judge(), judge());
}
