//! The demo's pages in `reports/demo` are what the program writes; `UPDATE=1` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What `check --demo` writes to standard output, in an environment of its own.
fn check_demo(arguments: &[&str]) -> String {
    demo("check", arguments)
}

fn demo(what: &str, arguments: &[&str]) -> String {
    let empty = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    let first = if what == "export" { &[what][..] } else { &[what, "--demo"] };
    command.args(first).args(arguments);
    let output = command.env_clear().env("COLUMNS", "100").current_dir(empty.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn compare(name: &str, written: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("reports/demo").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, written).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    assert!(expected == written, "reports/demo/{name} is out of date: run `UPDATE=1 cargo test --test demo`");
}

#[test]
fn the_page_is_what_the_program_writes() {
    let page = check_demo(&[]);
    assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
    compare("check.txt", &page);
}

#[test]
fn the_forecast_is_what_the_program_writes() {
    let page = demo("forecast", &["--users", "1000"]);
    assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
    compare("forecast.txt", &page);
}

/// The picture in the README, drawn by `scripts/picture` from what the program writes on a terminal.
#[test]
fn the_picture_is_what_the_program_writes() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let page = check_demo(&["--color", "always"]);
    let mut picture = Command::new(root.join("scripts/picture"))
        .arg("scale-advisor check --demo")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    picture.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = picture.wait_with_output().unwrap();
    assert!(output.status.success());
    let drawn = String::from_utf8(output.stdout).unwrap();
    let path = root.join("docs/check.svg");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &drawn).unwrap();
    }
    let shown = fs::read_to_string(&path).unwrap();
    assert!(shown == drawn, "docs/check.svg is out of date: run `UPDATE=1 cargo test --test demo`");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let document = roxmltree::Document::parse(&drawn).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    let texts: Vec<&str> = texts.filter_map(|node| node.text()).collect();
    assert_eq!(words(&texts.join(" ")), words(&check_demo(&[])), "the picture says something else");
    assert!(fs::read_to_string(root.join("README.md")).unwrap().contains("](docs/check.svg)"));
}

#[test]
fn the_json_is_what_the_program_writes() {
    compare("check.json", &check_demo(&["--format", "json"]));
}

#[test]
fn the_files_for_ci_are_what_the_program_writes() {
    for (format, name) in [
        ("github", "check.github.txt"),
        ("gitlab", "check.gitlab.json"),
        ("junit", "check.junit.xml"),
        ("openmetrics", "check.openmetrics.txt"),
        ("sarif", "check.sarif"),
    ] {
        compare(name, &check_demo(&["--format", format]));
    }
}

#[test]
fn the_exports_are_what_the_program_writes() {
    for (arguments, name) in [
        (&["alerts"][..], "alerts.yaml"),
        (&["alerts", "--format", "prometheusrule"], "alerts.prometheusrule.yaml"),
        (&["rules"], "rules.yaml"),
        (&["dashboard"], "dashboard.json"),
    ] {
        let (what, further) = arguments.split_first().unwrap();
        compare(name, &demo("export", &[&[*what, "--demo"], further].concat()));
    }
}

#[test]
fn the_summary_of_a_github_job_is_what_the_program_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.md");
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.args(["check", "--demo", "--format", "github"]).env_clear().env("GITHUB_STEP_SUMMARY", &path);
    assert!(command.current_dir(folder.path()).output().unwrap().status.success());
    compare("check.github.md", &fs::read_to_string(path).unwrap());
}

#[test]
fn the_lines_for_nagios_are_what_the_program_writes() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.args(["check", "--demo", "--format", "nagios"]).env_clear().current_dir(folder.path());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    compare("check.nagios.txt", &String::from_utf8(output.stdout).unwrap());
}

/// `gate` on two builds of the demo's company, one of which carries less.
#[test]
fn the_judgements_of_a_build_are_what_the_program_writes() {
    let top = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    for name in ["before.csv", "after.csv", "scale-advisor.toml"] {
        fs::copy(top.join("tests/fixtures/gate").join(name), folder.path().join(name)).unwrap();
    }
    fs::copy(top.join("reports/demo/check.json"), folder.path().join("today.json")).unwrap();
    for (format, name, code) in [
        ("text", "gate.txt", 1),
        ("json", "gate.json", 1),
        ("markdown", "gate.md", 1),
        ("html", "gate.html", 1),
        ("github", "gate.github.txt", 1),
        ("gitlab", "gate.gitlab.json", 1),
        ("junit", "gate.junit.xml", 1),
        ("nagios", "gate.nagios.txt", 2),
        ("openmetrics", "gate.openmetrics.txt", 1),
        ("sarif", "gate.sarif", 1),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
        command.args(["gate", "--baseline", "before.csv", "--candidate", "after.csv", "--format", format]);
        command
            .args(["--assessment", "today.json", "--at", "2026-11-21T12:00:00Z"])
            .current_dir(folder.path());
        let summary = folder.path().join("summary.md");
        command.env_clear().env("COLUMNS", "100").env("GITHUB_STEP_SUMMARY", &summary);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        compare(name, &String::from_utf8(output.stdout).unwrap());
        if format == "github" {
            compare("gate.github.md", &fs::read_to_string(summary).unwrap());
        }
    }
}

#[test]
fn the_demo_says_that_it_is_simulated_and_names_no_machine() {
    let (page, json) = (check_demo(&["--verbose"]), check_demo(&["--format", "json"]));
    for text in [&page, &json] {
        assert!(text.contains("a fictional company"), "{text}");
        assert!(!text.contains("127.0.0.1") && !text.contains("localhost"), "{text}");
    }
    assert!(page.contains("PostgreSQL connections"), "{page}");
}

/// The report in every format: all files beneath a folder, by their paths.
fn report(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files.extend(report(&path).into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text)));
        } else {
            files.insert(name, fs::read_to_string(path).unwrap());
        }
    }
    files
}

#[test]
fn the_report_is_what_the_program_writes() {
    let empty = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    let output = command.args(["report", "--demo"]).env_clear().current_dir(empty.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = "reports/2026-10-node-queue-chat.html\nreports/2026-10-node-queue-chat.md\nreports/2026-10-node-queue-chat.json\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), said);
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("reports/examples");
    let written = report(&empty.path().join("reports"));
    if std::env::var_os("UPDATE").is_some() {
        let _ = fs::remove_dir_all(&kept);
        for (name, text) in &written {
            fs::create_dir_all(kept.join(name).parent().unwrap()).unwrap();
            fs::write(kept.join(name), text).unwrap();
        }
    }
    let kept = report(&kept);
    assert_eq!(kept.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>());
    let other: Vec<&String> = written.keys().filter(|name| kept[*name] != written[*name]).collect();
    assert!(
        other.is_empty(),
        "reports/examples is out of date: {other:?}; run `UPDATE=1 cargo test --test demo`"
    );
}
