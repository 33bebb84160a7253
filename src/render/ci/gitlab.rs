//! GitLab's code quality report: a JSON array of what is not fine.

use serde::Serialize;

use super::{Case, Cases};
use crate::{
    assess::Verdict,
    render::{json::pretty, safe},
};

/// The placeholder file of a rule that is defined in none: GitLab wants one.
const NO_FILE: &str = "scale-advisor.toml";

#[derive(Debug, Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: usize,
}

pub(super) fn render(cases: &Cases) -> String {
    pretty(&cases.told().into_iter().map(issue).collect::<Vec<_>>())
}

fn issue(case: &Case) -> Issue {
    let (path, begin) =
        case.place.as_ref().map_or((NO_FILE, 1), |place| (place.file.trim_start_matches("./"), place.line));
    let description = match &case.acknowledged {
        Some(reason) => format!("acknowledged: {}: {}", safe(reason), case.text_with_rule()),
        None => case.text_with_rule(),
    };
    Issue {
        description,
        check_name: safe(&case.id),
        fingerprint: case.fingerprint(),
        severity: severity(case),
        location: Location { path: safe(path), lines: Lines { begin } },
    }
}

fn severity(case: &Case) -> &'static str {
    match (case.verdict, &case.acknowledged) {
        (_, Some(_)) | (Verdict::Ok, None) => "info",
        (Verdict::Unknown, None) => "minor",
        (Verdict::Warning, None) => "major",
        (Verdict::Critical, None) => "critical",
    }
}
