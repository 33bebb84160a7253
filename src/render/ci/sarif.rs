//! SARIF 2.1.0, for code scanning: a rule for each case, a result for each that is not fine.
//!
//! The types hold the part of the format that is written here.

use std::fmt::Write;

use serde::Serialize;

use super::{Case, Cases, Level};
use crate::render::{json::pretty, safe};

#[derive(Debug, Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    results: Vec<ResultEntry<'a>>,
    properties: About,
}

#[derive(Debug, Serialize)]
struct About {
    subject: String,
    headline: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Debug, Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'a str,
    rules: Vec<Rule<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Message,
    /// How to see a rule that is built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Message>,
}

#[derive(Debug, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultEntry<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Debug, Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
}

/// The one fingerprint that GitHub tells alerts apart by.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fingerprints {
    primary_location_line_hash: String,
}

#[derive(Debug, Serialize)]
struct Suppression {
    kind: &'static str,
    justification: String,
}

pub(super) fn render(cases: &Cases) -> String {
    let mut rules: Vec<&Case> = Vec::new();
    for case in &cases.cases {
        if !rules.iter().any(|rule| rule.id == case.id) {
            rules.push(case);
        }
    }
    let results = cases.told().into_iter().map(|case| result(case, &rules)).collect();
    let rules = rules.into_iter().map(rule).collect();
    pretty(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: Driver { name: "scale-advisor", version: &cases.version, rules } },
            column_kind: "unicodeCodePoints",
            results,
            properties: About {
                subject: safe(&cases.subject),
                headline: safe(&cases.headline),
                notes: cases.notes.iter().map(|note| safe(note)).collect(),
            },
        }],
    })
}

fn rule(case: &Case) -> Rule<'_> {
    let help = case.explain().map(|command| message(&format!("Run `{command}`")));
    Rule { id: &case.id, short_description: message(&case.title), help }
}

fn result<'a>(case: &'a Case, rules: &[&Case]) -> ResultEntry<'a> {
    let place = case.place.iter().map(|place| Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(&place.file) },
            region: Region { start_line: place.line },
        },
    });
    let accepted =
        case.acknowledged.iter().map(|reason| Suppression { kind: "external", justification: safe(reason) });
    ResultEntry {
        rule_id: &case.id,
        rule_index: rules.iter().position(|rule| rule.id == case.id).unwrap_or_default(),
        level: match case.level() {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
        message: message(&case.text()),
        locations: place.collect(),
        partial_fingerprints: Fingerprints { primary_location_line_hash: case.fingerprint() },
        suppressions: accepted.collect(),
    }
}

/// Plain text: brackets would make links of it, and braces are placeholders.
fn message(text: &str) -> Message {
    let mut escaped = String::with_capacity(text.len());
    for c in safe(text).chars() {
        match c {
            '[' | ']' | '\\' => escaped.extend(['\\', c]),
            '{' | '}' => escaped.extend([c, c]),
            _ => escaped.push(c),
        }
    }
    Message { text: escaped }
}

/// A path as a relative reference (RFC 3986): a colon in it would read as a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::{message, uri};

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("profiles/web-service.toml"), "profiles/web-service.toml");
        assert_eq!(uri("my plans/größe:1.toml"), "my%20plans/gr%C3%B6%C3%9Fe%3A1.toml");
    }

    #[test]
    fn messages_hold_neither_links_nor_placeholders() {
        assert_eq!(message("[x](http://a) {0}\\").text, r"\[x\](http://a) {{0}}\\");
    }
}
