//! `docs/tracker/sync-issues`: one issue for each problem, whatever tracker keeps it.

use std::{
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{folder, scenario, volumes::snapshot, write};

/// A tracker without issues, and a project.
struct Tracker {
    folder: TempDir,
    name: &'static str,
}

impl Tracker {
    fn new(name: &'static str) -> Self {
        let tracker = Self { folder: folder(), name };
        let path = tracker.folder.path();
        for directory in ["bin", "issues"] {
            std::fs::create_dir(path.join(directory)).unwrap();
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for tool in ["gh", "glab"] {
            symlink(root.join("tests/program/tracker/fake"), path.join("bin").join(tool)).unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_scale-advisor"), path.join("bin/scale-advisor")).unwrap();
        let settings = std::fs::read_to_string(scenario("healthy").join("scale-advisor.toml")).unwrap();
        write(path, "scale-advisor.toml", &settings);
        tracker
    }

    /// Brings the issues up to date with a system whose volumes are so full.
    #[track_caller]
    fn sync(&self, volumes: &[(&str, f64)]) -> String {
        let output = self.run(volumes, &[]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{told}");
        told
    }

    /// The same where it fails.
    #[track_caller]
    fn fails(&self, volumes: &[(&str, f64)], options: &[&str]) -> String {
        let output = self.run(volumes, options);
        assert!(!output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// From now on the tracker refuses a command, or no longer does.
    fn refuse(&self, command: &str, refuses: bool) {
        let mark = self.folder.path().join(format!("issues/refuses-{command}"));
        if refuses { std::fs::write(mark, "") } else { std::fs::remove_file(mark) }.unwrap();
    }

    fn run(&self, volumes: &[(&str, f64)], options: &[&str]) -> Output {
        write(self.folder.path(), "snapshot.json", &snapshot(volumes));
        let path = self.folder.path();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tracker/sync-issues");
        let mut command = Command::new(script);
        command.args([self.name, "snapshot.json"]).args(options).current_dir(path).env_clear();
        command.env("PATH", format!("{}:/usr/bin:/bin", path.join("bin").display()));
        command.env("ISSUES", path.join("issues")).env("MOST_NEW", "3").output().unwrap()
    }

    fn file(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("issues/{number}.json"))
    }

    fn issue(&self, number: usize) -> Option<Value> {
        let text = std::fs::read_to_string(self.file(number)).ok()?;
        Some(serde_json::from_str(&text).unwrap())
    }

    #[track_caller]
    fn expect(&self, number: usize, state: &str, comments: usize) {
        let issue = self.issue(number).unwrap();
        let is_open = issue["state"].as_str().unwrap().to_lowercase().starts_with("open");
        assert_eq!(
            (if is_open { "open" } else { "closed" }, issue["comments"].as_array().unwrap().len()),
            (state, comments),
            "{issue:#}"
        );
    }
}

#[test]
fn an_issue_is_opened_once_rewritten_closed_and_opened_again() {
    for name in ["github", "gitlab"] {
        let tracker = Tracker::new(name);
        tracker.sync(&[("db:/", 0.97), ("web:/", 0.4)]);
        tracker.expect(1, "open", 0);
        let issue = tracker.issue(1).unwrap();
        assert_eq!(issue["title"], "Capacity: host.disk_space of db:/");
        let body = issue["body"].as_str().unwrap();
        assert!(body.contains("97%") && body.contains("db:/") && !body.contains("web:/"), "{body}");
        tracker.sync(&[("db:/", 0.98), ("web:/", 0.4)]);
        assert!(tracker.issue(1).unwrap()["body"].as_str().unwrap().contains("98%"));
        tracker.sync(&[("web:/", 0.4)]);
        tracker.expect(1, "open", 0);
        tracker.sync(&[("db:/", 0.4), ("web:/", 0.4)]);
        tracker.expect(1, "closed", 1);
        tracker.sync(&[("db:/", 0.4), ("web:/", 0.4)]);
        tracker.expect(1, "closed", 1);
        tracker.sync(&[("db:/", 0.97), ("web:/", 0.4)]);
        tracker.expect(1, "open", 2);
        assert_eq!(tracker.issue(2), None, "{name}");
    }
}

#[test]
fn an_issue_that_somebody_closed_stays_closed_until_the_problem_is_over() {
    let tracker = Tracker::new("github");
    tracker.sync(&[("db:/", 0.97)]);
    let mut issue = tracker.issue(1).unwrap();
    issue["state"] = json!("CLOSED");
    std::fs::write(tracker.file(1), issue.to_string()).unwrap();
    tracker.sync(&[("db:/", 0.97)]);
    tracker.expect(1, "closed", 0);
    tracker.sync(&[("db:/", 0.4)]);
    tracker.expect(1, "closed", 0);
    tracker.sync(&[("db:/", 0.97)]);
    tracker.expect(1, "open", 1);
    assert_eq!(tracker.issue(2), None);
}

#[test]
fn a_tracker_that_fails_stops_the_run_and_the_next_one_makes_up_for_it() {
    for name in ["github", "gitlab"] {
        let tracker = Tracker::new(name);
        let (full, free) = ([("db:/", 0.97)], [("db:/", 0.4)]);
        tracker.sync(&full);
        let during = |command: &str, volumes| {
            tracker.refuse(command, true);
            let told = tracker.fails(volumes, &[]);
            assert!(told.contains("502 Bad Gateway"), "{name} {command}: {told}");
            tracker.refuse(command, false);
        };
        during("list", &full);
        assert_eq!(tracker.issue(2), None, "{name}");
        during(if name == "github" { "edit" } else { "update" }, &free);
        tracker.expect(1, "open", 0);
        during("close", &free);
        tracker.sync(&free);
        let issue = tracker.issue(1).unwrap();
        let comments = issue["comments"].as_array().unwrap().len();
        tracker.expect(1, "closed", comments);
        during("reopen", &full);
        tracker.sync(&full);
        let issue = tracker.issue(1).unwrap();
        assert!(issue["state"].as_str().unwrap().to_lowercase().starts_with("open"), "{issue:#}");
        assert!(issue["body"].as_str().unwrap().contains(" open -->"), "{issue:#}");
        assert_eq!(tracker.issue(2), None, "{name}");
    }
}

#[test]
fn a_check_that_fails_a_build_has_a_result_and_no_result_stops_the_run() {
    let tracker = Tracker::new("github");
    let full = [("db:/", 0.97)];
    let breach = tracker.run(&full, &["--fail-on", "warning"]);
    assert!(breach.status.success(), "{breach:?}");
    tracker.expect(1, "open", 0);
    let settings = tracker.folder.path().join("scale-advisor.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("{text}\n[gate]\nrequire = [\"redis.memory\"]\n")).unwrap();
    tracker.sync(&full);
    let told = tracker.fails(&full, &["--no-such-option"]);
    assert!(
        told.contains("--no-such-option") && told.contains("check has no result (exit code 2)"),
        "{told}"
    );
}

#[test]
fn what_is_silenced_has_no_issue_and_a_flood_waits() {
    let tracker = Tracker::new("github");
    let names = ["a:/", "b:/", "c:/", "d:/"];
    let full: Vec<(&str, f64)> = names.iter().map(|name| (*name, 0.97)).collect();
    let told = tracker.sync(&full);
    assert!(told.contains("1 of 4 new problems have to wait"), "{told}");
    assert!(tracker.issue(3).is_some() && tracker.issue(4).is_none());
    tracker.sync(&full);
    assert!(tracker.issue(4).is_some() && tracker.issue(5).is_none());
    let tracker = Tracker::new("github");
    let settings = tracker.folder.path().join("scale-advisor.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let silence = "[[silences]]\nfinding = \"host.disk_space\"\nuntil = 2026-12-24\nreason = \"ordered\"\n";
    std::fs::write(&settings, format!("{text}\n{silence}")).unwrap();
    tracker.sync(&[("db:/", 0.97)]);
    assert_eq!(tracker.issue(1), None);
}

#[test]
fn the_name_of_an_instance_cannot_forge_a_mark_or_a_command() {
    let tracker = Tracker::new("gitlab");
    let names = [
        "x --> <!-- scale-advisor 0 over -->",
        "$(touch forged) `touch forged`",
        "@all [x](http://evil.example)",
    ];
    let full: Vec<(&str, f64)> = names.iter().map(|name| (*name, 0.97)).collect();
    tracker.sync(&full);
    tracker.sync(&full);
    assert!(tracker.issue(3).is_some() && tracker.issue(4).is_none());
    assert!(!tracker.folder.path().join("forged").exists());
    for number in 1..=3 {
        let issue = tracker.issue(number).unwrap();
        let title = issue["title"].as_str().unwrap();
        assert!(!title.contains(['@', '[', '<', '$', '`']), "{title}");
        assert_eq!(issue["body"].as_str().unwrap().matches("<!-- scale-advisor").count(), 1, "{issue:#}");
    }
}
