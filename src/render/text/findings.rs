//! What was found beyond its limit.

use super::page::{Page, verdict_style, verdict_word};
use crate::{
    assess::{Finding, Kind, Verdict},
    render::View,
};

/// How many findings a page shows.
const SHOWN: usize = 10;

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let findings: Vec<&Finding> = if view.verbose {
        view.assessment.findings.iter().collect()
    } else {
        pressing(&view.assessment.findings)
    };
    if findings.is_empty() {
        return;
    }
    page.heading("Findings");
    let shown = if view.verbose { findings.len() } else { SHOWN };
    for finding in findings.iter().take(shown) {
        let origin = match &finding.origin {
            Some(origin) if view.verbose => {
                format!(" [{}: {}; {} samples]", origin.source, origin.query, finding.samples)
            }
            _ => String::new(),
        };
        let text = format!("{}: {}{origin}", finding.id, finding.because);
        page.entry(verdict_word(finding.verdict), verdict_style(finding.verdict), &text);
    }
    if findings.len() > shown {
        page.text(&format!("and {} more (-v shows all)", findings.len() - shown));
    }
}

/// Warnings and worse that are faults. A limit that came from an alert which fires as well is told once.
fn pressing(findings: &[Finding]) -> Vec<&Finding> {
    let alerted = |finding: &Finding| {
        finding.kind == Kind::Threshold
            && findings.iter().any(|other| {
                other.kind == Kind::Alert
                    && other.verdict == finding.verdict
                    && (other.signal, &other.instance) == (finding.signal, &finding.instance)
            })
    };
    let fault = |finding: &&Finding| finding.verdict >= Verdict::Warning && finding.kind.is_fault();
    findings.iter().filter(fault).filter(|finding| !alerted(finding)).collect()
}
