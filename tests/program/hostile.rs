//! Text that servers forged: names, messages and queries reach no terminal as they are.

use std::path::PathBuf;

use super::{
    binary::{Ran, program, ran},
    folder, says, write,
};

/// Clears the screen, forges a line, hides and reorders text, and asks the terminal for something.
const FORGED: &str = "intent\u{1b}[2J\u{1b}]0;owned\u{7}\nOK  Nothing is near its limit\r\u{9b}31m\u{202e}live\u{2066}\u{200b}\u{feff}\u{e0041}\u{8}";

/// A snapshot with forged text in every place that a server fills.
fn snapshot(folder: &std::path::Path) -> PathBuf {
    let forged = serde_json::to_string(FORGED).unwrap();
    let text = format!(
        r#"{{"schema":"scale-advisor/snapshot/1","taken_at":"2026-11-20T16:40:00Z","tool_version":{forged},
"simulated":{forged},
"window":{{"from":"2026-11-20T14:40:00Z","to":"2026-11-20T16:40:00Z","step_seconds":60}},
"sources":[{{"source":{forged},"address":{forged},"status":"answered","version":{forged},"notes":[{forged}],"hint":{forged}}}],
"observations":[
{{"signal":"queue.depth","instance":{forged},"values":{{"from_ms":1795192800000,"step_ms":0,"values":[5000]}},"origin":{{"source":{forged},"query":{forged}}},"notes":[{forged}]}},
{{"signal":"redis.memory","instance":{forged},"values":{{"from_ms":1795192800000,"step_ms":0,"values":[0.99]}},"origin":{{"source":"redis","query":"INFO"}},"attributes":{{"maxmemory_policy":{forged}}}}}
],
"gaps":[{{"signal":"users.concurrent","source":{forged},"reason":"query_failed","detail":{forged},"hint":{forged}}}],
"exhausted":[{{"resource":"postgres.connections","source":{forged},"message":{forged}}}],
"discovery":{{"resources":[{{"usage":{forged},"limit":{forged},"utilization":0.97,"metrics":[{forged}],"instance":{forged},
"confidence":"high","definition":{{"usage":{forged},"limit":{forged},"unit":{forged}}},"source":{forged}}},
{{"usage":"a_used","limit":"a_limit","utilization":0.96,"metrics":["a_used","a_limit"],"instance":{forged},
"confidence":"low","definition":{{"usage":"a_used","limit":"a_limit","unit":"count"}},"source":"prometheus"}}],
"loads":[{{"signal":"users.concurrent","metric":{forged},"query":{forged}}}],
"not_searched":[{{"source":{forged},"reason":{{"kind":"failed","detail":{forged}}}}}]}}}}"#
    );
    write(folder, "snapshot.json", &text)
}

/// Nothing but our own line breaks and printable text.
#[track_caller]
pub(crate) fn harmless(text: &str) {
    let harmful = |c: char| {
        c != '\n' && c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0041}')
    };
    let found = text.chars().find(|c| harmful(*c));
    assert_eq!(found, None, "{text:?}");
    let forged = text.lines().find(|line| line.trim_start().starts_with("OK  Nothing"));
    assert_eq!(forged, None, "{text}");
}

pub(crate) fn check(arguments: &[&str]) -> Ran {
    let folder = folder();
    let path = snapshot(folder.path());
    ran(program(folder.path())
        .args(["check", "--profile", "node-queue-chat"])
        .args(arguments)
        .arg("--snapshot")
        .arg(path))
}

#[test]
fn pages_show_it_as_text() {
    for arguments in [&[][..], &["-v"]] {
        let run = check(arguments);
        harmless(&run.stdout);
        harmless(&run.stderr);
        says(&run.stdout, &["intent", "CRITICAL"]);
    }
}

#[test]
fn json_carries_it_unchanged_but_escaped() {
    let run = check(&["--format", "json"]);
    harmless(&run.stdout);
    let assessment: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(assessment["simulated"], FORGED);
}

#[test]
fn what_was_found_is_shown_as_text() {
    let folder = folder();
    let path = snapshot(folder.path());
    for arguments in [&["discover"][..], &["discover", "-v"], &["doctor", "-v"]] {
        for format in ["text", "markdown", "html"] {
            let mut command = program(folder.path());
            let run = ran(command.args(arguments).args(["--format", format, "--snapshot"]).arg(&path));
            harmless(&run.stdout);
            harmless(&run.stderr);
            says(&run.stdout, &["intent", "97%"]);
        }
    }
    let run = ran(program(folder.path()).args(["discover", "--format", "json", "--snapshot"]).arg(&path));
    harmless(&run.stdout);
    let found: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let usage = found["resources"][0]["usage"].as_str().unwrap();
    assert!(usage.starts_with("intent") && !usage.contains(char::is_control), "{usage:?}");
    let run = ran(program(folder.path()).args(["discover", "--format", "toml", "--snapshot"]).arg(&path));
    harmless(&run.stdout);
    let tables: toml::Table = run.stdout.parse().unwrap();
    assert_eq!(tables["resources"]["a.used"]["usage"].as_str(), Some("a_used"), "{}", run.stdout);
    assert_eq!(tables["resources"].as_table().unwrap().len(), 1, "a forged query is no definition");
}

#[test]
fn ci_formats_show_it_as_text() {
    for format in ["github", "gitlab", "junit", "nagios", "openmetrics", "sarif"] {
        let run = check(&["--format", format]);
        harmless(&run.stdout);
        says(&run.stdout, &["intent"]);
    }
}

#[test]
fn messages_about_files_show_it_as_text() {
    let folder = folder();
    let name = "evil\u{1b}[2J.json";
    write(folder.path(), name, "{\"schema\": \"\u{202e}x\"}");
    let run = ran(program(folder.path()).args(["check", "--snapshot", name]));
    assert_eq!(run.code, 2);
    harmless(&run.stderr);
    let run = ran(program(folder.path()).args(["check", "--profile", "\u{1b}[2Jweb"]));
    assert_eq!(run.code, 2);
    harmless(&run.stderr);
    let run = ran(program(folder.path()).args(["check", "--output", "no/\u{1b}[2J/x"]));
    harmless(&run.stderr);
}

#[test]
fn what_a_history_keeps_of_it_is_harmless_wherever_it_is_shown() {
    let folder = folder();
    let file = snapshot(folder.path());
    let run = ran(program(folder.path()).args(["record", "--snapshot"]).arg(&file));
    assert_eq!(run.code, 0, "{}", run.stderr);
    harmless(&run.stderr);
    for arguments in [&["show"][..], &["verify"], &["export"], &["export", "--format", "jsonl"]] {
        let run = ran(program(folder.path()).arg("history").args(arguments));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        harmless(&run.stdout);
    }
}

#[test]
fn diagnostics_show_it_as_text() {
    let folder = folder();
    let settings =
        "profile = \"web-service\"\n\"evil\\u001b[2J\" = 1\n# \u{202e}reversed\n\"\u{202e}x\" = 2\n";
    write(folder.path(), "scale-advisor.toml", settings);
    let run = ran(program(folder.path()).arg("check"));
    assert_eq!(run.code, 2);
    harmless(&run.stderr);
}
