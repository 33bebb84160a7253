//! Standard output holds the result and nothing else; the rest goes to standard error.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{
    binary::{program, ran},
    check, folder, says, scenario,
};

#[test]
fn json_parses_whatever_else_is_asked_for() {
    let folder = folder();
    for more in [&["-v"][..], &["--color", "always"], &["-v", "--color", "always", "--fail-on", "critical"]] {
        let run = ran(check(folder.path(), "cpu-20-minutes").args(["--format", "json"]).args(more));
        let assessment: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(assessment["schema"], "scale-advisor/assessment/2");
        assert_eq!(assessment["next_bottleneck"]["resource"], "host.cpu");
        assert!(!run.stdout.contains('\u{1b}'));
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = folder();
    let mut command = check(folder.path(), "queue-behind");
    let command = command.args(["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // As `head -1`: one line, then the pipe is closed. The rest is larger than a pipe holds only sometimes,
    // so the first line is read through the smallest buffer there is.
    let mut first = String::new();
    BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "{\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = folder();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    for format in ["text", "json"] {
        let mut command = check(folder.path(), "queue-behind");
        command.args(["--format", format]).stdout(writer.try_clone().unwrap()).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
    }
}

#[test]
fn a_file_gets_what_standard_output_would_have() {
    let folder = folder();
    let shown = ran(check(folder.path(), "healthy").args(["--format", "json"])).stdout;
    let run = ran(check(folder.path(), "healthy").args(["--format", "json", "-o", "result.json"]));
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(folder.path().join("result.json")).unwrap(), shown);
}

#[test]
fn a_full_disk_is_told() {
    let folder = folder();
    let run = ran(check(folder.path(), "healthy").args(["--output", "/dev/full"]));
    assert_eq!(run.code, 2);
    says(&run.stderr, &["cannot write to /dev/full"]);
}

/// What a program's end tells with nothing but standard output given to it.
fn ended_into(mut command: Command, stdout: impl Into<Stdio>) -> (Option<i32>, String) {
    let command = command.stdout(stdout).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn whatever_is_shown_tells_of_a_full_device_and_not_of_a_closed_pipe() {
    let folder = folder();
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let shown = [
        &["--help"][..],
        &["--version"],
        &["help", "check"],
        &["profiles", "list"],
        &["profiles", "show", "web-service"],
        &["completions", "bash"],
        &["schema", "assessment"],
        &["man"],
        &["check", "--demo"],
        &["check", "--demo", "--format", "json"],
        &["forecast", "--demo"],
    ];
    for arguments in shown {
        let command = || {
            let mut command = program(folder.path());
            command.args(arguments);
            command
        };
        let (code, told) = ended_into(command(), full());
        assert_eq!(code, Some(2), "{arguments:?} {told}");
        says(&told, &["error: cannot write to standard output", "No space left"]);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (code, told) = ended_into(command(), writer);
        assert_eq!((code, told.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_monitor_that_cannot_be_told_is_not_told_of_a_fault() {
    let folder = folder();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = check(folder.path(), "healthy");
    command.args(["--format", "nagios"]);
    assert_eq!(ended_into(command, full).0, Some(3));
}

#[test]
fn a_simulated_system_is_said_to_be_one() {
    let folder = folder();
    let text = std::fs::read_to_string(scenario("healthy").join("snapshot.json")).unwrap();
    let simulated = text.replacen("\"window\":", "\"simulated\":\"made up for a test\",\"window\":", 1);
    let path = super::write(folder.path(), "snapshot.json", &simulated);
    let judge = |format: &str| {
        let mut command = program(folder.path());
        command.args(["check", "--profile", "web-service", "--format", format, "--snapshot"]).arg(&path);
        ran(&mut command).stdout
    };
    says(&judge("text"), &["Demo data: made up for a test"]);
    says(&judge("json"), &["\"simulated\": \"made up for a test\""]);
}
