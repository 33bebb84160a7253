//! The verdict on a system: its worst finding, and what no finding says.

use std::collections::BTreeSet;

use super::{Finding, Verdict, outside};
use crate::{signal::SignalId, snapshot::Snapshot};

/// The worst finding. Reasons to grow are not faults, so triggers do not count. Nothing found in nothing
/// measured is unknown, and so at best is a system of which a source could not be read.
pub(super) fn overall(findings: &[Finding], snapshot: &Snapshot) -> Verdict {
    raised(worst(findings).unwrap_or(Verdict::Unknown), snapshot)
}

/// The worst of some findings that indicate faults; `None` where none of them does.
pub(super) fn worst<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Option<Verdict> {
    findings.into_iter().filter(|finding| finding.kind.is_fault()).map(|finding| finding.verdict).max()
}

/// A verdict with what no finding says: sources that could not be read, and what is full outside the roadmap.
pub(super) fn raised(verdict: Verdict, snapshot: &Snapshot) -> Verdict {
    let failed =
        snapshot.sources.iter().any(|source| source.failure().is_some()) || one_of_several_failed(snapshot);
    outside::raised(if failed { verdict.max(Verdict::Unknown) } else { verdict }, snapshot)
}

/// Whether one of several servers did not show what others show: findings are about those others.
fn one_of_several_failed(snapshot: &Snapshot) -> bool {
    let refused: BTreeSet<SignalId> =
        snapshot.gaps.iter().filter(|gap| gap.reason.is_failure()).map(|gap| gap.signal).collect();
    !refused.is_empty()
        && snapshot.observations.iter().any(|observation| refused.contains(&observation.signal))
}
