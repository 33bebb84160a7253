//! Scenarios: a configuration and a snapshot through the real program, against the output they must give.
//!
//! Each folder holds `scale-advisor.toml`, `snapshot.json`, `args` (more arguments, one on a line), `exit` (the
//! exit code), `expected.json` and `expected.txt`; a folder with `plan` (arguments, one on a line) also holds the
//! `plan.json`, `plan.txt` and `plan.md` that the command of that name gives. `UPDATE=1 cargo test --test scenarios` rewrites what is
//! expected; read the difference before keeping it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/binary.rs"]
mod binary;
mod charts;
mod generate;
#[path = "../support/numbers.rs"]
mod numbers;
mod plans;
mod roadmaps;
mod scene;
mod schema;
mod views;
mod zones;

use std::path::{Path, PathBuf};

use binary::{Ran, program, ran};
use scale_advisor::roadmap::builtin_ids;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// The scenarios' folders in the order of their names.
fn scenarios() -> Vec<PathBuf> {
    generate::update();
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 15, "scenarios are missing from {}", folder().display());
    folders
}

fn read(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares a text with a file, or writes it there when asked to; what differs is told.
fn compare(path: &Path, text: &str, wrong: &mut Vec<String>) {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == text {
        return;
    }
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(path, text).unwrap();
    }
    let lines = expected.lines().zip(text.lines()).enumerate();
    let first = lines.into_iter().find(|(_, (before, after))| before != after);
    let told = first.map_or_else(
        || "one is longer than the other".to_owned(),
        |(number, (before, after))| format!("line {}:\n  expected {before}\n  found    {after}", number + 1),
    );
    wrong.push(format!("{}: {told}", path.display()));
}

/// Judges a scenario's snapshot.
fn check(folder: &Path, more: &[&str]) -> Ran {
    let args = read(folder, "args");
    judge("check", folder, &args.lines().chain(more.iter().copied()).collect::<Vec<_>>())
}

/// A command that replays a scenario's snapshot.
fn judge(command_name: &str, folder: &Path, arguments: &[&str]) -> Ran {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = program(elsewhere.path());
    command.env("COLUMNS", "100").arg(command_name);
    command.arg("--config").arg(folder.join("scale-advisor.toml"));
    command.arg("--snapshot").arg(folder.join("snapshot.json"));
    command.args(arguments);
    ran(&mut command)
}

/// Blanks what changes with every release and with every word in a roadmap, but is no part of an assessment, and puts
/// each entry of a list on a line of its own.
fn settled(json: &str) -> String {
    let mut value: Value = serde_json::from_str(json).unwrap();
    value["tool_version"] = "…".into();
    value["profile"]["digest"] = "…".into();
    let fields = value.as_object().unwrap().iter().map(|(name, value)| match value {
        Value::Array(entries) if !entries.is_empty() => {
            let entries: Vec<String> = entries.iter().map(Value::to_string).collect();
            format!("{name:?}: [\n{}\n]", entries.join(",\n"))
        }
        value => format!("{name:?}: {value}"),
    });
    format!("{{\n{}\n}}\n", fields.collect::<Vec<_>>().join(",\n"))
}

#[test]
fn every_scenario_gives_what_is_expected() {
    let mut wrong = Vec::new();
    for folder in scenarios() {
        let json = check(&folder, &["--format", "json"]);
        let text = check(&folder, &[]);
        assert_eq!((json.stderr.as_str(), text.stderr.as_str()), ("", ""), "{}", folder.display());
        assert_eq!(json.code, text.code, "{}", folder.display());
        compare(&folder.join("exit"), &format!("{}\n", json.code), &mut wrong);
        compare(&folder.join("expected.json"), &settled(&json.stdout), &mut wrong);
        compare(&folder.join("expected.txt"), &text.stdout, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}\nUPDATE=1 rewrites what is expected", wrong.join("\n"));
}

#[test]
fn judging_twice_gives_the_same_bytes() {
    for folder in scenarios() {
        for format in ["json", "text"] {
            let judge = || check(&folder, &["--format", format]).stdout;
            assert_eq!(judge(), judge(), "{}", folder.display());
        }
    }
}

#[test]
fn every_built_in_roadmap_is_used() {
    let settings: String = scenarios().iter().map(|folder| read(folder, "scale-advisor.toml")).collect();
    for profile in builtin_ids() {
        assert!(settings.contains(&format!("profile = \"{profile}\"")), "no scenario uses {profile}");
    }
}
