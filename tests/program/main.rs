//! The program from outside: bad input, exit codes, secrets, terminals, and text that servers forged.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod atomic;
mod autoscaled;
#[allow(dead_code, reason = "the benchmark uses the rest")]
#[path = "../support/autoscaling/mod.rs"]
mod autoscaling;
#[path = "../support/binary.rs"]
mod binary;
mod cases;
mod ci;
mod ci_examples;
mod conventions;
mod crash;
mod diffs;
mod exit_codes;
mod explain;
mod export;
mod export_dashboard;
mod export_scaling;
mod forecast;
mod gate;
mod gate_formats;
mod gate_losses;
mod history;
mod history_read_only;
mod hostile;
#[path = "../support/hostile_texts.rs"]
mod hostile_texts;
mod inert;
mod init;
mod input;
mod limits;
mod llm;
mod on_terminal;
mod output;
mod packages;
mod prices;
mod report;
mod report_hostile;
mod secrets;
mod statements;
mod terminal;
#[path = "../support/timeline.rs"]
mod timeline;
mod tracker;
mod usl;
mod validity;
#[path = "../support/volumes.rs"]
mod volumes;
mod watch;

use std::path::{Path, PathBuf};

use binary::program;
use tempfile::TempDir;

/// Settings that read nothing of this machine.
const NOTHING: &str = "[sources.host]\nenabled = false\n";

/// A port on which nothing listens, so that a connection is refused at once.
const DEAD: &str = "127.0.0.1:1";

/// An empty folder to start the program in.
fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A folder of the scenarios.
fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name)
}

/// `check` of a scenario's snapshot with its settings.
fn check(folder: &Path, scenario_name: &str) -> std::process::Command {
    let mut command = program(folder);
    command.arg("check").arg("--config").arg(scenario(scenario_name).join("scale-advisor.toml"));
    command.arg("--snapshot").arg(scenario(scenario_name).join("snapshot.json"));
    command
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no `{word}` in:\n{text}");
    }
}

/// What a picture says to those who do not see it; a picture is XML that refers to nothing outside.
fn alternative(picture: &str) -> String {
    let document = roxmltree::Document::parse(picture).unwrap();
    let root = document.root_element();
    assert_eq!((root.tag_name().name(), root.attribute("role")), ("svg", Some("img")));
    assert!(!picture.contains("href") && !picture.contains("url("), "{picture}");
    let text = |name: &str| {
        let child = root.children().find(|child| child.tag_name().name() == name);
        child.and_then(|child| child.text()).unwrap_or_default().to_owned()
    };
    assert!(!text("title").is_empty());
    text("desc")
}
