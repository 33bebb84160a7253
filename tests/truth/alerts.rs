//! What exported alerts do on the data of a stack: those of what is critical fire, and none of what is not wrong.
//!
//! The expressions are asked of the server that holds the stack, at each minute that `for` covers, as it would evaluate
//! them itself. `promtool test rules` is fed what they consist of in `tests/program/export.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

use crate::{
    answer::Answer,
    parts::END,
    support::{Server, http::query_range},
};

/// How often rules are evaluated, in seconds.
const INTERVAL: i64 = 60;

/// What the alerts that are exported for a stack do.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Signals whose critical alert fires.
    pub(crate) critical: BTreeSet<String>,
    /// What is wrong.
    pub(crate) faults: Vec<String>,
}

/// Exports the alerts of a stack, and evaluates them in the server that holds it.
pub(crate) fn outcome(server: &Server, project: &Path, arguments: &[String], answer: &Answer) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.env_clear().current_dir(project).args(["export", "alerts", "-q", "--at", "2025-10-09T08:53:40Z"]);
    let output = command.args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let exported = match output.status.code() {
        Some(0) => text,
        // Nothing that is measured there has a limit.
        Some(3) => return Outcome::default(),
        code => {
            let fault = format!("export alerts: {code:?} {}", String::from_utf8_lossy(&output.stderr));
            return Outcome { faults: vec![fault], ..Outcome::default() };
        }
    };
    let firing: BTreeMap<(String, String), String> = rules(&exported)
        .into_iter()
        .filter(|rule| fires(server.port, rule))
        .map(|rule| ((rule.signal, rule.severity), rule.expression))
        .collect();
    let mut faults = Vec::new();
    for ((signal, severity), expression) in &firing {
        if !is_found(answer, signal, severity) {
            faults.push(format!(
                "the {severity} alert on {signal} fires and check finds nothing: {expression}"
            ));
        }
    }
    for signal in critical(answer) {
        let is_skipped = exported.lines().any(|line| line.starts_with(&format!("# Not exported: {signal} ")));
        if !is_skipped && !firing.contains_key(&(signal.clone(), "critical".to_owned())) {
            faults.push(format!("{signal} is critical and its alert does not fire"));
        }
    }
    let critical = firing.into_keys().filter(|(_, severity)| severity == "critical");
    Outcome { critical: critical.map(|(signal, _)| signal).collect(), faults }
}

struct Rule {
    signal: String,
    severity: String,
    expression: String,
    sustained: i64,
}

fn rules(text: &str) -> Vec<Rule> {
    let file: Yaml = serde_yaml_ng::from_str(text).unwrap();
    let groups = file["groups"].as_sequence().unwrap();
    let rules = groups.iter().flat_map(|group| group["rules"].as_sequence().unwrap());
    let text = |value: &Yaml| value.as_str().unwrap().to_owned();
    let rule = |rule: &Yaml| Rule {
        signal: text(&rule["labels"]["signal"]),
        severity: text(&rule["labels"]["severity"]),
        expression: text(&rule["expr"]),
        sustained: rule["for"].as_str().map_or(0, seconds),
    };
    rules.map(rule).collect()
}

/// The seconds of a duration as rules have them: `15m`, `1h30m`.
fn seconds(text: &str) -> i64 {
    let unit = |letter| match letter {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        other => panic!("{other} in the duration {text}"),
    };
    let parts = text.split_inclusive(|letter: char| letter.is_ascii_alphabetic());
    let seconds = |part: &str| {
        let (number, letter) = part.split_at(part.len() - 1);
        number.parse::<i64>().unwrap() * letter.chars().map(unit).sum::<i64>()
    };
    parts.map(seconds).sum()
}

/// Whether the server has a series for which the expression held at every evaluation up to the end.
fn fires(port: u16, rule: &Rule) -> bool {
    let evaluations = rule.sustained / INTERVAL + i64::from(rule.sustained % INTERVAL > 0);
    let from = END - evaluations * INTERVAL;
    let body = query_range(port, &rule.expression, (from, END, INTERVAL));
    let answer: Value = serde_json::from_str(&body).unwrap();
    let series = answer["data"]["result"].as_array().unwrap();
    let all = usize::try_from(evaluations + 1).unwrap();
    series.iter().any(|series| series["values"].as_array().unwrap().len() == all)
}

/// Whether check reports a signal, or what runs out with it, at least this severe.
fn is_found(answer: &Answer, signal: &str, severity: &str) -> bool {
    let severe = if severity == "critical" { &["critical"][..] } else { &["warning", "critical"] };
    findings(answer).any(|finding| {
        finding["signal"] == signal && severe.contains(&finding["verdict"].as_str().unwrap_or_default())
    })
}

/// The signals of which an instance is beyond its critical limit now, as far as Prometheus shows it.
fn critical(answer: &Answer) -> BTreeSet<String> {
    findings(answer)
        .filter(|finding| finding["kind"] == "threshold" && finding["verdict"] == "critical")
        .filter(|finding| ["critical", "saturated"].contains(&finding["state"].as_str().unwrap_or_default()))
        .filter(|finding| finding["origin"]["source"] == "prometheus")
        .filter_map(|finding| finding["signal"].as_str().map(str::to_owned))
        .collect()
}

fn findings(answer: &Answer) -> impl Iterator<Item = &Value> {
    answer.json["findings"].as_array().into_iter().flatten()
}
