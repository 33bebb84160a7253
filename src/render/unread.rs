//! Sources that did not let us in or did not answer.

use crate::assess::Assessment;

/// A line for each reason.
pub(super) fn lines(assessment: &Assessment) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for gap in assessment.coverage.gaps.iter().filter(|gap| gap.reason.is_of_source()) {
        let line = format!("{}: {}", gap.source, gap.explained());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
