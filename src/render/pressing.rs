//! Which findings a reader in a hurry must see.

use crate::assess::{Finding, Kind, Verdict};

/// Warnings and worse that are faults. A limit that came from an alert which fires as well is told once.
pub(super) fn pressing(findings: &[Finding]) -> Vec<&Finding> {
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
