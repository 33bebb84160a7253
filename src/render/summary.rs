//! What stands first: the headline, the findings a reader in a hurry must see, and the sources that failed.

use crate::{
    assess::{Assessment, Bottleneck, Finding, Kind, Verdict},
    signal::Role,
};

/// The verdict in one sentence.
pub(super) fn headline(assessment: &Assessment) -> String {
    match (&assessment.next_bottleneck, assessment.verdict) {
        (Some(bottleneck), verdict) if bottleneck.verdict < verdict => {
            format!("{}{}", capitalised(&sentence(bottleneck)), worse(assessment))
        }
        (Some(bottleneck), _) => capitalised(&sentence(bottleneck)),
        (None, Verdict::Ok) => "Nothing is near its limit".to_owned(),
        (None, Verdict::Unknown) if assessment.coverage.measured == 0 => {
            "Nothing could be measured".to_owned()
        }
        (None, Verdict::Unknown) => {
            let unknown =
                assessment.findings.iter().filter(|finding| finding.verdict == Verdict::Unknown).count();
            let checks = if unknown == 1 { "check" } else { "checks" };
            format!("Nothing that was measured is near its limit; {unknown} {checks} could not be made")
        }
        (None, Verdict::Warning | Verdict::Critical) => {
            "No resource is near its limit, but there are findings".to_owned()
        }
    }
}

/// What makes the verdict worse than that of the resource that runs out next.
fn worse(assessment: &Assessment) -> String {
    let verdict = assessment.verdict;
    let Some(finding) = assessment.findings.iter().find(|finding| finding.verdict == verdict) else {
        return String::new();
    };
    let name = finding
        .signal
        .map_or_else(|| finding.id.clone(), |signal| signal.entry().of_instance(finding.instance.as_deref()));
    let word = if verdict == Verdict::Critical { "critical" } else { "a warning" };
    format!("; {word}: {name}")
}

/// What happens to the resource, as a sentence.
pub(super) fn sentence(bottleneck: &Bottleneck) -> String {
    let resource = bottleneck.resource.entry();
    let subject = resource.of_instance(bottleneck.instance.as_deref());
    let symptom = bottleneck.signal.is_some_and(|signal| signal.entry().role == Role::Symptom);
    let (run, are) = if resource.plural { ("run", "are") } else { ("runs", "is") };
    match (symptom, resource.runs_out) {
        (true, _) => format!("{subject} {are} beyond the limit; no measured resource explains it"),
        (false, true) => format!("{subject} {run} out next"),
        (false, false) => format!("{subject} {are} the next bottleneck"),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Warnings and worse that are faults. A limit that came from an alert which fires as well is told once.
pub(super) fn key_findings(findings: &[Finding]) -> Vec<&Finding> {
    let alerted = |finding: &Finding| {
        finding.kind == Kind::Threshold
            && findings.iter().any(|other| {
                other.kind == Kind::Alert
                    && other.verdict == finding.verdict
                    && (other.signal, &other.instance) == (finding.signal, &finding.instance)
            })
    };
    // Where a history tells as much, one reading of the same signal adds nothing.
    let outdone = |finding: &Finding| {
        let history = |other: &Finding| other.samples > 1 && other.verdict >= finding.verdict;
        finding.kind == Kind::Threshold
            && finding.samples == 1
            && findings.iter().any(|other| {
                other.kind == Kind::Threshold && other.signal == finding.signal && history(other)
            })
    };
    let fault = |finding: &&Finding| finding.verdict >= Verdict::Warning && finding.kind.is_fault();
    findings.iter().filter(fault).filter(|finding| !alerted(finding) && !outdone(finding)).collect()
}

/// A line for each reason.
pub(super) fn unavailable_sources(assessment: &Assessment) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for gap in assessment.coverage.gaps.iter().filter(|gap| gap.reason.is_of_source()) {
        let line = format!("{}: {}", gap.source, gap.explained());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
