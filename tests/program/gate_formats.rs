//! `gate` for CI systems and monitoring: exit codes, places of rules, the summary of a GitHub job.

use std::path::Path;

use serde_json::Value;

use super::{
    binary::{Ran, program, ran},
    folder,
    gate::{BASE, LOWER, SLOWER, gate},
    says, write,
};

const RESTLESS: &str = "p95_ms\n150\n260\n205\n180\n230\n";
const RESTLESS_TOO: &str = "p95_ms\n155\n270\n212\n186\n238\n";

fn written(base: &str, candidate: &str, settings: &str) -> tempfile::TempDir {
    let folder = folder();
    write(folder.path(), "base.csv", base);
    write(folder.path(), "cand.csv", candidate);
    write(folder.path(), "scale-advisor.toml", settings);
    folder
}

fn compare(folder: &Path, more: &[&str]) -> Ran {
    gate(folder, &[&["--baseline", "base.csv", "--candidate", "cand.csv"][..], &LOWER, more].concat())
}

/// What a format of a gate writes, of a pass, a loss, and of what is open.
pub(super) fn outputs(format: &str) -> Vec<(String, String)> {
    let all = [("pass", BASE, BASE), ("loss", BASE, SLOWER), ("open", RESTLESS, RESTLESS_TOO)];
    let output = |(name, base, candidate): (&str, &str, &str)| {
        let folder = written(base, candidate, "[gate]\n");
        (format!("gate: {name}"), compare(folder.path(), &["--format", format]).stdout)
    };
    all.map(output).to_vec()
}

#[test]
fn nagios_ends_with_the_codes_of_plugins() {
    for (candidate, settings, code, state) in [
        (BASE, "", 0, "OK"),
        (SLOWER, "", 2, "CRITICAL"),
        (RESTLESS, "", 3, "UNKNOWN"),
        (RESTLESS, "[gate]\non_inconclusive = \"pass\"\n", 0, "OK"),
        (RESTLESS, "[gate]\non_inconclusive = \"fail\"\n", 2, "CRITICAL"),
    ] {
        let base = if candidate == RESTLESS { RESTLESS_TOO } else { BASE };
        let folder = written(base, candidate, settings);
        let run = compare(folder.path(), &["--format", "nagios"]);
        let begin = format!("SCALE-ADVISOR {state} - ");
        assert!(run.code == code && run.stdout.starts_with(&begin), "{settings}: {run:#?}");
        says(&run.stdout, &["'p95_ms'="]);
    }
    let folder = written(BASE, "", "");
    let run = compare(folder.path(), &["--format", "nagios"]);
    assert_eq!(run.code, 3, "{run:#?}");
    says(&run.stdout, &["SCALE-ADVISOR UNKNOWN - cannot use cand.csv"]);
    says(&run.stderr, &["error: "]);
}

#[test]
fn every_other_format_ends_as_the_page_does() {
    for (base, candidate, code) in [(BASE, BASE, 0), (BASE, SLOWER, 1), (RESTLESS, RESTLESS_TOO, 3)] {
        let folder = written(base, candidate, "");
        for format in ["text", "json", "markdown", "github", "gitlab", "junit", "openmetrics", "sarif"] {
            let run = compare(folder.path(), &["--format", format]);
            assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{format}: {run:#?}");
            assert!(!run.stdout.is_empty(), "{format}");
        }
    }
}

#[test]
fn what_has_no_direction_is_unknown_in_every_format() {
    let runs = |orders: u32| format!("p95_ms,orders\n{}", format!("200,{orders}\n").repeat(5));
    let folder = written(&runs(10), &runs(90), "");
    for (format, words) in [
        ("junit", "<error message=\"orders: direction unknown"),
        ("nagios", "1 unknown"),
        ("openmetrics", "gate_metric_verdict{metric=\"orders\",verdict=\"inconclusive\"} 1"),
        ("sarif", "\"ruleId\": \"metric:orders\""),
        ("gitlab", "metric:orders"),
        ("github", "metric%3Aorders"),
        ("markdown", "- **❔ INCONCLUSIVE** orders: "),
        ("html", "<strong>INCONCLUSIVE</strong> orders: "),
        ("json", "\"inconclusive\": true"),
    ] {
        let run = compare(folder.path(), &["--format", format]);
        assert_eq!(run.code, 3, "{format}: {run:#?}");
        says(&run.stdout, &[words]);
    }
}

#[test]
fn results_point_to_the_lines_of_their_rules() {
    let settings = "# ours\n[gate]\nmargin = \"4%\"\n\n[gate.margins]\np95_ms = \"3%\"\n";
    let folder = written(BASE, SLOWER, settings);
    let run = compare(folder.path(), &["--format", "sarif"]);
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"metric:p95_ms".into(), &"error".into()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "scale-advisor.toml");
    assert_eq!(place["region"]["startLine"], 6);

    let text =
        "latency_p95_ms,error_ratio,throughput\n260,0.001,900\n150,0.001,900\n150,0.001,900\n150,0.001,900\n";
    write(folder.path(), "scale-advisor.toml", "profile = \"node-queue-chat\"\n");
    write(folder.path(), "runs.csv", text);
    let arguments = ["--baseline", "runs.csv", "--candidate", "runs.csv", "--format", "github"];
    let run = gate(folder.path(), &arguments);
    assert_eq!(run.code, 1, "{run:#?}");
    // A built-in rule is in no file of the repository: the line that chooses the roadmap, and how to see the rule.
    says(
        &run.stdout,
        &[
            "::error file=scale-advisor.toml,line=1,title=critical objective",
            "scale-advisor explain objective:response-time",
        ],
    );
}

#[test]
fn github_gets_a_summary_with_the_loss() {
    let folder = written(BASE, SLOWER, "");
    let path = write(folder.path(), "summary.md", "# Before\n");
    let mut command = program(folder.path());
    command.args(["gate", "--baseline", "base.csv", "--candidate", "cand.csv", "--format", "github"]);
    let run = ran(command.args(LOWER).env("GITHUB_STEP_SUMMARY", &path));
    assert_eq!(run.code, 1, "{run:#?}");
    says(&run.stdout, &["::error file=scale-advisor.toml,line=1,title=critical metric%3Ap95\u{5f}ms::"]);
    let summary = std::fs::read_to_string(&path).unwrap();
    assert!(summary.starts_with("# Before\n## 🔴 Critical: "), "{summary}");
    says(&summary, &["rose by 18.5%", "5 runs of the candidate against 5 of the baseline"]);
}

#[test]
fn gauges_tell_of_the_verdicts() {
    let folder = written(BASE, SLOWER, "");
    let text = compare(folder.path(), &["--format", "openmetrics"]).stdout;
    says(&text, &["scale_advisor_gate_outcome{outcome=\"fail\"} 1\n", "\n# EOF\n"]);
    says(&text, &["scale_advisor_gate_metric_verdict{metric=\"p95_ms\",verdict=\"fail\"} 1\n"]);
    says(&text, &["scale_advisor_gate_metric_shift_ratio{metric=\"p95_ms\"} 0.185"]);
    says(&text, &["scale_advisor_gate_metric_median{metric=\"p95_ms\",unit=\"ms\",side=\"baseline\"} 205\n"]);
}

/// A summary of k6 with a limit of its own that was broken, whose name wants to be more than a name.
fn forged(median: f64) -> String {
    let name = "p(95)\u{1b}[2J\u{202e}<img src=x>@team`|\n::error::x";
    serde_json::json!({"metrics": {
        "http_reqs": {"count": 9, "rate": 1.5},
        "http_req_failed": {"passes": 0, "fails": 9, "value": 0},
        "http_req_duration": {"avg": 1, "min": 1, "med": median, "max": 1, "p(90)": 1, "p(95)": 1, "thresholds": {name: true}},
    }, "root_group": {"name": "", "path": "", "id": "", "groups": {}, "checks": {}}})
    .to_string()
}

#[test]
fn forged_names_stay_names_on_every_way_out() {
    let folder = written(&forged(1.0), &forged(1.5), "");
    for format in
        ["text", "json", "markdown", "html", "github", "gitlab", "junit", "nagios", "openmetrics", "sarif"]
    {
        let run =
            gate(folder.path(), &["--baseline", "base.csv", "--candidate", "cand.csv", "--format", format]);
        assert_eq!(run.code, if format == "nagios" { 2 } else { 1 }, "{format}: {run:#?}");
        let harmful = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert_eq!(run.stdout.chars().find(|c| harmful(*c)), None, "{format}: {run:#?}");
        assert!(!run.stdout.lines().any(|line| line.starts_with("::error::")), "{format}: {run:#?}");
        says(
            &run.stdout,
            &[if format == "openmetrics" { "gate_limits{verdict=\"fail\"} 1" } else { "p(95)" }],
        );
        if matches!(format, "markdown" | "html" | "junit" | "nagios") {
            assert!(!run.stdout.contains("<img"), "{format}: {run:#?}");
        }
        if format == "markdown" {
            assert!(!run.stdout.contains("@team"), "{run:#?}");
        }
    }
}
