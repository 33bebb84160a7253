//! What CI systems and monitoring are given: exit codes, places of rules, the summary of a GitHub job.

use std::process::Command;

use serde_json::Value;

use super::{
    binary::{program, ran},
    check, folder, says, scenario, write,
};

/// `check` of a scenario in a format, without its own `[gate]`, with further settings.
fn check_with(folder: &std::path::Path, name: &str, settings: &str, format: &str) -> Command {
    let own = std::fs::read_to_string(scenario(name).join("scale-advisor.toml")).unwrap();
    let own: String = own
        .split_inclusive('\n')
        .filter(|line| !line.contains("require") && !line.contains("[gate]"))
        .collect();
    write(folder, "scale-advisor.toml", &format!("{own}{settings}"));
    let mut command = program(folder);
    command.args(["check", "--format", format, "--snapshot"]).arg(scenario(name).join("snapshot.json"));
    command
}

#[track_caller]
fn nagios(name: &str, settings: &str, arguments: &[&str], expected: (i32, &str)) {
    let folder = folder();
    let run = ran(check_with(folder.path(), name, settings, "nagios").args(arguments));
    let begin = format!("SCALE-ADVISOR {} - ", expected.1);
    assert!(run.code == expected.0 && run.stdout.starts_with(&begin), "{name} {arguments:?}: {run:#?}");
}

#[test]
fn nagios_ends_with_the_codes_of_plugins() {
    nagios("healthy", "", &[], (0, "OK"));
    nagios("maxmemory-zero", "", &[], (1, "WARNING"));
    nagios("cpu-20-minutes", "", &[], (2, "CRITICAL"));
    nagios("everything-unknown", "", &[], (3, "UNKNOWN"));
    nagios("all-clear-but-gaps", "", &[], (3, "UNKNOWN"));
    // With --fail-on only what that would fail counts.
    nagios("maxmemory-zero", "", &["--fail-on", "critical"], (0, "OK"));
    nagios("maxmemory-zero", "", &["--fail-on", "warning"], (1, "WARNING"));
    nagios("everything-unknown", "", &["--fail-on", "critical"], (3, "UNKNOWN"));
    nagios("healthy", "[gate]\nrequire = [\"redis.memory\"]\n", &[], (3, "UNKNOWN"));
    nagios(
        "all-clear-but-gaps",
        "[gate]\nrequire = [\"http.latency\"]\n",
        &["--fail-on", "warning"],
        (0, "OK"),
    );
}

#[test]
fn nagios_takes_a_failure_for_unknown() {
    let folder = folder();
    let run = ran(program(folder.path()).args(["check", "--format", "nagios", "--snapshot", "missing.json"]));
    assert_eq!(run.code, 3, "{run:#?}");
    assert!(
        run.stdout.starts_with("SCALE-ADVISOR UNKNOWN - ") && run.stdout.lines().count() == 1,
        "{run:#?}"
    );
    says(&run.stderr, &["error: "]);
}

#[test]
fn junit_shows_the_unknown_as_the_run_takes_it() {
    let folder = folder();
    let xml = |settings: &str, arguments: &[&str]| {
        ran(check_with(folder.path(), "all-clear-but-gaps", settings, "junit").args(arguments))
    };
    let run = xml("", &[]);
    says(&run.stdout, &["errors=\"0\"", "<skipped "]);
    let run = xml("", &["--fail-on", "critical"]);
    assert_eq!(run.code, 3);
    says(&run.stdout, &["<error ", "skipped=\"0\""]);
    // What is required and missing is an error of its own, and the only one.
    let run = xml("[gate]\nrequire = [\"redis.memory\"]\n", &[]);
    assert_eq!(run.code, 3);
    says(&run.stdout, &["errors=\"1\"", "redis.memory is required, but not measured", "<skipped "]);
}

#[test]
fn no_case_stands_twice() {
    let folder = folder();
    let demo =
        |format: &str| ran(program(folder.path()).args(["check", "--demo", "--format", format])).stdout;
    let xml = demo("junit");
    let names: Vec<&str> = xml.lines().filter(|line| line.contains("<testcase ")).collect();
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert!(names.len() > 20 && distinct.len() == names.len(), "{names:#?}");
}

/// File and line of each result in SARIF, by rule.
fn places(text: &str) -> Vec<(String, String, u64)> {
    let log: Value = serde_json::from_str(text).unwrap();
    let place = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let line = place["region"]["startLine"].as_u64().unwrap();
        (word(&result["ruleId"]), word(&place["artifactLocation"]["uri"]), line)
    };
    log["runs"][0]["results"].as_array().unwrap().iter().map(place).collect()
}

#[test]
fn results_point_to_the_lines_of_their_rules() {
    let folder = folder();
    let profile = r#"schema = 1
id = "ours"
title = "Ours"
summary = "For a test."
currency = "USD"
load = { signal = "users.concurrent", unit = "users" }
phases = [{ number = 1, title = "Start", users = [0], actions = [] }]

[[objectives]]
id = "calm"
title = "CPU stays calm"
when_met = { signal = "host.cpu", below = "10%" }

[[alerts]]
id = "hot"
severity = "critical"
when = { signal = "host.cpu", above = "80%", for = "10m" }
"#;
    std::fs::create_dir(folder.path().join("our plans")).unwrap();
    write(folder.path(), "our plans/ours.toml", profile);
    let settings = "profile = \"ours.toml\"\n\n[sources.host]\nenabled = false\n\n[thresholds.\"host.memory\"]\nwarning = \"1%\"\n\n[gate]\nrequire = [\"redis.memory\"]\n";
    write(folder.path(), "our plans/scale-advisor.toml", settings);
    let check = |from: &str| {
        let mut command = program(&folder.path().join(from));
        command
            .args(["check", "--format", "sarif", "--snapshot"])
            .arg(scenario("cpu-20-minutes").join("snapshot.json"));
        command
    };
    let run = ran(check("our plans").env("GITHUB_WORKSPACE", folder.path().canonicalize().unwrap()));
    let found = places(&run.stdout);
    let at = |rule: &str| found.iter().find(|place| place.0 == rule).map(|place| (place.1.as_str(), place.2));
    assert_eq!(at("alert:hot"), Some(("our%20plans/ours.toml", 14)), "{found:#?}");
    assert_eq!(at("objective:calm"), Some(("our%20plans/ours.toml", 9)));
    assert_eq!(at("required:redis.memory"), Some(("our%20plans/scale-advisor.toml", 10)));
    // Without a repository that is known, paths start where the program does.
    let found = places(&ran(&mut check("our plans")).stdout);
    assert!(found.iter().any(|place| place.1 == "ours.toml"), "{found:#?}");
}

#[test]
fn limits_point_to_whoever_set_them() {
    let folder = folder();
    let settings = "[thresholds.\"host.cpu\"]\ncritical = \"60%\"\n";
    let run = ran(&mut check_with(folder.path(), "cpu-20-minutes", settings, "sarif"));
    let own = std::fs::read_to_string(folder.path().join("scale-advisor.toml")).unwrap();
    let line = own.lines().position(|line| line == "[thresholds.\"host.cpu\"]").unwrap() as u64 + 1;
    let found = places(&run.stdout);
    let expected = ("threshold:host.cpu".to_owned(), "scale-advisor.toml".to_owned(), line);
    assert!(found.contains(&expected), "{found:#?}");
}

#[test]
fn limits_of_a_definition_point_to_its_table() {
    let folder = folder();
    let definition =
        "[resources.\"shop.seats\"]\nunit = \"seats\"\nusage = \"shop_seats_used\"\nlimit = 100\n";
    let settings = format!(
        "profile = \"web-service\"\n\n{definition}critical = \"90%\"\n\n[thresholds.\"host.cpu\"]\ncritical = \"99%\"\n"
    );
    write(folder.path(), "scale-advisor.toml", &settings);
    let mut snapshot: Value = serde_json::from_str(
        &std::fs::read_to_string(scenario("cpu-20-minutes").join("snapshot.json")).unwrap(),
    )
    .unwrap();
    let observations = snapshot["observations"].as_array_mut().unwrap();
    let mut seats =
        observations.iter().find(|observation| observation["signal"] == "host.memory").unwrap().clone();
    seats["signal"] = "shop.seats".into();
    let values = seats["values"]["values"].as_array_mut().unwrap();
    for value in values {
        *value = 0.97.into();
    }
    observations.push(seats);
    let snapshot = write(folder.path(), "snapshot.json", &snapshot.to_string());
    let mut command = program(folder.path());
    let run = ran(command.args(["check", "--format", "sarif", "--snapshot"]).arg(snapshot));
    let found = places(&run.stdout);
    let expected = ("threshold:shop.seats".to_owned(), "scale-advisor.toml".to_owned(), 3);
    assert!(found.contains(&expected), "{found:#?}\n{}", run.stderr);
}

#[test]
fn github_gets_a_summary_behind_what_is_there() {
    let folder = folder();
    let path = write(folder.path(), "summary.md", "# Before\n");
    let github = |path: &std::path::Path| {
        let mut command = check(folder.path(), "cpu-20-minutes");
        ran(command.args(["--format", "github", "--fail-on", "critical"]).env("GITHUB_STEP_SUMMARY", path))
    };
    let run = github(&path);
    assert_eq!(run.code, 1);
    says(&run.stdout, &["::error file="]);
    let summary = std::fs::read_to_string(&path).unwrap();
    assert!(summary.starts_with("# Before\n## 🔴 Critical: "), "{summary}");
    // A file that is almost full stays below the limit of what is shown.
    let almost = "x".repeat((1 << 20) - 700);
    std::fs::write(&path, &almost).unwrap();
    assert_eq!(github(&path).code, 1);
    assert!(std::fs::metadata(&path).unwrap().len() <= 1 << 20);
    // One that cannot be written is told.
    let run = github(&folder.path().join("no/such/folder.md"));
    assert_eq!(run.code, 2);
    says(&run.stderr, &["GITHUB_STEP_SUMMARY"]);
}

#[test]
fn no_other_format_touches_the_summary() {
    let folder = folder();
    let path = write(folder.path(), "summary.md", "");
    let mut command = check(folder.path(), "cpu-20-minutes");
    ran(command.args(["--format", "junit"]).env("GITHUB_STEP_SUMMARY", &path));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "");
}
