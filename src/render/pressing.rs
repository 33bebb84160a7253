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
    let fault = |finding: &&Finding| finding.verdict >= Verdict::Warning && finding.kind.is_fault();
    findings.iter().filter(fault).filter(|finding| !alerted(finding)).collect()
}
