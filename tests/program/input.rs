//! Input that cannot be used: every message says what, where, and what to do; the exit code is 2.

use std::path::Path;

use super::{
    DEAD, NOTHING,
    binary::{program, ran},
    folder, says, scenario, write,
};

/// Runs `check` with these settings and arguments and expects the error on standard error only.
#[track_caller]
fn refused(settings: &str, arguments: &[&str], words: &[&str]) -> String {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", settings);
    let run = ran(program(folder.path()).arg("check").args(arguments));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    says(&run.stderr, words);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run.stderr
}

/// Writes a text and judges it as a snapshot.
#[track_caller]
fn no_snapshot(text: &str, words: &[&str]) {
    let folder = folder();
    let path = write(folder.path(), "snapshot.json", text);
    refused(NOTHING, &["--snapshot", path.to_str().unwrap()], &[&["snapshot.json"], words].concat());
}

#[test]
fn no_source_that_answers_names_all_that_were_tried() {
    let addresses = ["http", "postgres", "redis"].map(|scheme| format!("{scheme}://{DEAD}"));
    let [prometheus, postgres, redis] = &addresses;
    let flags = ["--prometheus", prometheus, "--postgres", postgres, "--redis", redis];
    let words = ["no source answered", "prometheus at", "postgres at", "redis at", "127.0.0.1:1", "refused"];
    refused(NOTHING, &flags, &words);
}

#[test]
fn five_mistakes_are_five_diagnostics() {
    let settings = "\
profle = \"web-service\"
absent = [\"redsi\"]
[thresholds.\"host.cpu\"]
warning = \"5s\"
[plan]
phase = -1
[sources.prometheus]
url = \"${NOT_SET}\"
";
    let words = [
        "profle",
        "did you mean `profile`?",
        "did you mean `redis`?",
        "`host.cpu` is measured in percent, not in time",
        "NOT_SET",
        "phase = -1",
        "has errors",
    ];
    let stderr = refused(settings, &[], &words);
    assert_eq!(stderr.matches("error[").count(), 5, "{stderr}");
    for line in [1, 2, 4, 6, 8] {
        says(&stderr, &[&format!("scale-advisor.toml:{line}:")]);
    }
}

#[test]
fn settings_that_are_no_toml_are_refused_with_their_place() {
    refused("profile = \n", &[], &["scale-advisor.toml:1:"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    refused(NOTHING, &["--config", "nowhere.toml"], &["nowhere.toml"]);
    refused(NOTHING, &["--snapshot", "nowhere.json"], &["cannot read the snapshot nowhere.json"]);
    refused(NOTHING, &["--profile", "./nowhere.toml", "--demo"], &["nowhere.toml"]);
}

#[test]
fn an_unknown_roadmap_is_told_with_its_neighbour() {
    refused(
        NOTHING,
        &["--profile", "web-servce"],
        &["unknown roadmap `web-servce`", "did you mean `web-service`?"],
    );
    refused(NOTHING, &["--profile", "zzzz"], &["web-service", "node-queue-chat", "path to a .toml file"]);
}

#[test]
fn a_roadmap_with_mistakes_is_not_used() {
    let folder = folder();
    let roadmap = write(folder.path(), "mine.toml", "schema = 1\nid = \"mine\"\ntitel = \"Mine\"\n");
    let words = ["mine.toml:3:", "titel", "did you mean `title`?", "has errors"];
    refused(NOTHING, &["--profile", roadmap.to_str().unwrap()], &words);
}

#[test]
fn a_snapshot_that_is_damaged_or_foreign_is_told_with_its_place() {
    let whole = std::fs::read_to_string(scenario("healthy").join("snapshot.json")).unwrap();
    for share in [1, 3, 7] {
        no_snapshot(&whole[..whole.len() * share / 8], &["line ", "column "]);
    }
    no_snapshot("", &["line 1"]);
    no_snapshot("{}", &["no `schema` key"]);
    no_snapshot("{\"hello\": [1, 2]}", &["no `schema` key"]);
    no_snapshot("[1, 2, 3]", &["line 1"]);
    no_snapshot("<html>502 Bad Gateway</html>", &["line 1 column 1"]);
    no_snapshot(&whole.replace("snapshot/2", "snapshot/7"), &["snapshot/7", "scale-advisor/snapshot/2"]);
    no_snapshot(&whole.replace("host.cpu", "host.cpus"), &["unknown signal `host.cpus`", "line "]);
    no_snapshot(&whole.replacen("\"values\":[", "\"values\":[1e999,", 1), &["line "]);
}

#[test]
fn times_beyond_all_dates_are_refused() {
    let whole = std::fs::read_to_string(scenario("healthy").join("snapshot.json")).unwrap();
    let early = whole.replacen(
        "\"from_ms\":",
        "\"from_ms\":-9223372036854775807,\"step_ms\":9,\"values\":[1,2]},\"x\":{\"from_ms\":",
        1,
    );
    no_snapshot(&early, &["grid"]);
}

#[test]
fn a_snapshot_that_is_no_text_is_refused() {
    let folder = folder();
    let path = folder.path().join("snapshot.json");
    std::fs::write(&path, [0x7b, 0xff, 0xfe, 0x00]).unwrap();
    refused(NOTHING, &["--snapshot", path.to_str().unwrap()], &["cannot read the snapshot"]);
    refused(NOTHING, &["--snapshot", folder.path().to_str().unwrap()], &["cannot read the snapshot"]);
}

#[test]
fn a_result_that_cannot_be_written_is_told_before_the_work() {
    // The dead address would be tried first if the work began.
    let output = ["--prometheus", "http://127.0.0.1:1", "--output", "no/such/folder/result.json"];
    let stderr = refused(NOTHING, &output, &["cannot write to no/such/folder/result.json"]);
    assert!(!stderr.contains("127.0.0.1"), "{stderr}");
}

#[test]
fn wrong_usage_is_told_by_the_argument() {
    let cases: [(&[&str], &str); 7] = [
        (&["--window", "soon"], "soon"),
        (&["--window", "0s"], "greater than zero"),
        (&["--format", "pdf"], "possible values: text, wide, json"),
        (&["--fail-on", "ok"], "warning, critical"),
        (&["--at", "yesterday"], "2026-11-20"),
        (&["--demo", "--snapshot", "x"], "--snapshot"),
        (&["--postgres", "mysql://db"], "PostgreSQL"),
    ];
    for (arguments, word) in cases {
        refused(NOTHING, arguments, &[word]);
    }
}

#[test]
fn a_moment_ahead_is_refused() {
    let folder = folder();
    for command in ["check", "collect", "record", "record --since 2d", "forecast", "report"] {
        let words = command.split(' ').chain(["--at", "2999-01-01T00:00:00Z"]);
        let run = ran(program(folder.path()).args(words));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{command}: {run:?}");
        says(&run.stderr, &["--at 2999-01-01T00:00:00Z is in the future", "the current time is"]);
    }
}

#[test]
fn the_settings_of_a_folder_above_are_found() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", "profle = \"x\"\n");
    let below: &Path = &folder.path().join("a/b");
    std::fs::create_dir_all(below).unwrap();
    let run = ran(program(below).arg("check"));
    assert_eq!(run.code, 2);
    says(&run.stderr, &["profle"]);
}
