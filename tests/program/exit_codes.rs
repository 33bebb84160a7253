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

fn silence(finding: &str, instance: &str, until: &str) -> String {
    format!(
        "[[silences]]\nfinding = \"{finding}\"\n{instance}until = {until}\nreason = \"memory is ordered\"\n"
    )
}

#[test]
fn what_is_silenced_fails_no_run_until_its_day() {
    let of = |finding, instance, until| silence(finding, instance, until);
    // The scenarios end on 20 November 2026.
    for format in ["text", "json", "github", "junit", "sarif"] {
        let arguments = ["--fail-on", "warning", "--format", format];
        code("maxmemory-zero", &of("redis.memory", "", "2026-11-20"), &arguments, 0);
        code("maxmemory-zero", &of("threshold:redis.memory", "", "2027-01-31"), &arguments, 0);
        code("maxmemory-zero", &of("redis.memory", "", "2026-11-19"), &arguments, 1);
        code("maxmemory-zero", &of("host.cpu", "", "2027-01-31"), &arguments, 1);
        code("maxmemory-zero", &of("redis.memory", "instance = \"other\"\n", "2027-01-31"), &arguments, 1);
    }
    // What is silenced is no missing evidence, either; what else is missing is.
    code("everything-unknown", &of("host.cpu", "", "2027-01-31"), &["--fail-on", "critical"], 3);
    code("maxmemory-zero", "[[silences]]\nfinding = \"redis.memory\"\nuntil = 2027-01-31\n", &[], 2);
}

#[test]
fn a_part_that_is_assumed_gone_changes_no_exit_code() {
    let name = "zones-one-saturates-the-rest";
    let without_domains = "zone-asked-with-only-instance";
    code(without_domains, "", &["--lose", "zone=eu-1a", "--fail-on", "critical"], 3);
    code(without_domains, "", &["--fail-on", "critical"], 3);
    code(name, "", &["--fail-on", "warning"], 1);
    plan_code(name, &["--lose", "zone=eu-1a"], 0, &["saturates today", "lost completely", "cache-1:9121"]);
    plan_code(name, &["--lose", "zone=eu-1b", "--lose", "zone=eu-1a"], 0, &["zone=eu-1b and zone=eu-1a"]);
    plan_code(name, &["--lose", "zone=eu-9"], 2, &["has zone=eu-9; values found: eu-1a, eu-1b, eu-1c"]);
    plan_code(name, &["--lose", "rack=1"], 2, &["the label `rack`; labels found: instance, job, zone"]);
    plan_code(name, &["--lose", "zone"], 2, &["expected a label and its value, such as zone=a"]);
    plan_code("healthy", &["--lose", "zone=a"], 2, &["labels come from Prometheus alone"]);
    // What is known of one of the zones is silenced like any other finding.
    let silence = "[[silences]]\nfinding = \"loss:zone=eu-1a\"\nuntil = 2027-01-31\nreason = \"a\"\n\
                   [[silences]]\nfinding = \"loss:zone=eu-1b\"\nuntil = 2027-01-31\nreason = \"b\"\n\
                   [gate]\nrequire = [\"http.latency\"]\n";
    code(name, silence, &["--fail-on", "warning"], 0);
}

/// Plans a scenario under other limits.
#[track_caller]
fn plan_code(name: &str, arguments: &[&str], expected: i32, words: &[&str]) {
    let folder = folder();
    let settings = scenario(name).join("scale-advisor.toml");
    let mut command = super::binary::program(folder.path());
    command.arg("plan").arg("--config").arg(settings);
    command.arg("--snapshot").arg(scenario(name).join("snapshot.json")).args(arguments);
    let run = ran(&mut command);
    let said = format!("{}{}", run.stdout, run.stderr);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(run.code, expected, "{name} {arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{name} {arguments:?}: {word} is not in: {said}");
    }
}

#[test]
fn a_limit_that_is_lowered_too_far_is_a_breach() {
    let set = |limit: &'static str| ["--set", limit];
    plan_code("connections-90-percent", &set("postgres.connections=300"), 0, &["→ 300"]);
    plan_code("connections-90-percent", &set("postgres.connections=50"), 1, &["→ 50", "too small"]);
    plan_code("connections-90-percent", &set("postgres.conections=50"), 2, &["no signal"]);
    plan_code("connections-90-percent", &set("kafka.partitions=50"), 2, &["is not measured"]);
}

#[test]
fn replicas_are_supposed_by_their_workload() {
    let name = "zones-rest-holds";
    plan_code(
        name,
        &["--replicas", "app=6"],
        0,
        &["app 3 → 6 replicas", "headroom at most", "shared by all"],
    );
    plan_code(name, &["--replicas", "app=1"], 3, &["app 3 → 1 replicas", "perhaps too few"]);
    plan_code(name, &["--replicas", "db=6"], 2, &["of the replicas of `db`; measured: app"]);
    plan_code(name, &["--replicas", "app=none"], 2, &["is not of the form WORKLOAD=COUNT"]);
    let folder = folder();
    let diff = "--- a/app.yaml\n+++ b/app.yaml\n@@ -1,2 +1,2 @@\n kind: Deployment\n-  replicas: 3\n+  replicas: 1\n";
    let file = write(folder.path(), "app.diff", diff).display().to_string();
    plan_code(name, &["--from-diff", &file], 3, &["app 3 → 1 replicas", "perhaps too few"]);
    let other = write(folder.path(), "other.diff", &diff.replace("app", "mail")).display().to_string();
    plan_code(name, &["--from-diff", &other], 3, &["no workload of that name and number is measured"]);
}

#[test]
fn a_diff_is_judged_by_the_limits_that_it_changes() {
    let folder = folder();
    let diff = |name: &str, from: u32, to: u32| {
        let text = format!(
            "--- a/postgresql.conf\n+++ b/postgresql.conf\n@@ -1 +1 @@\n-max_connections = {from}\n+max_connections = {to}\n"
        );
        write(folder.path(), name, &text).display().to_string()
    };
    let judged = |file: &str, code: i32, words: &[&str]| {
        plan_code("connections-90-percent", &["--from-diff", file], code, words);
    };
    judged(&diff("raised", 100, 300), 0, &["→ 297"]);
    judged(&diff("lowered", 100, 50), 1, &["→ 47", "too small"]);
    // Of a server that has another value nothing is known.
    judged(&diff("other", 500, 50), 3, &["postgresql.conf:1 max_connections 500 → 50", "no limit matches"]);
    judged(&diff("other-raised", 500, 600), 0, &["postgresql.conf:1 max_connections 500 → 600"]);
    let unrelated = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";
    let unrelated = write(folder.path(), "unrelated", unrelated).display().to_string();
    judged(&unrelated, 0, &["changes no replica count and no known limit"]);
    let nonsense = write(folder.path(), "nonsense", "hello").display().to_string();
    judged(&nonsense, 2, &["neither a unified diff"]);
    judged("missing.diff", 2, &["cannot read missing.diff"]);
}
