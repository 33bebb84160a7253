//! What was found beyond its limit.

use super::page::{Page, verdict_style, verdict_word};
use crate::render::reason;
use crate::{
    assess::Finding,
    render::{View, summary::key_findings},
};

/// How many findings a page shows.
const SHOWN: usize = 10;

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let findings: Vec<&Finding> = if view.verbose {
        view.assessment.findings.iter().collect()
    } else {
        key_findings(&view.assessment.findings)
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
        let text = format!("{}: {}{origin}", finding.id, reason::finding(&finding.reason));
        page.entry(verdict_word(finding.verdict), verdict_style(finding.verdict), &text);
    }
    if findings.len() > shown {
        page.text(&format!("and {} more (-v shows all)", findings.len() - shown));
    }
}
