//! Resources that no signal reads: found outside the catalogue, near their limits.

use super::Verdict;
use crate::snapshot::{AT_LIMIT, Confidence, DiscoveredResource, Discovery, Snapshot};

/// What is near its limit and read by nothing, the fullest first.
pub(super) fn assess(snapshot: &Snapshot) -> Vec<DiscoveredResource> {
    snapshot.discovery.iter().flat_map(Discovery::outside_catalogue).cloned().collect()
}

/// Whether so much is used that the verdict cannot be that all is well.
pub fn is_at_limit(resource: &DiscoveredResource) -> bool {
    resource.utilization >= AT_LIMIT
}

/// Whether there is no doubt that it is a resource.
pub fn is_sure(resource: &DiscoveredResource) -> bool {
    resource.confidence == Confidence::High
}

/// A verdict with what was found. A clearly identified resource that is nearly full needs attention; for one that may
/// not be a resource at all, the verdict is unknown.
pub(super) fn raised(verdict: Verdict, snapshot: &Snapshot) -> Verdict {
    let found = snapshot.discovery.iter().flat_map(Discovery::outside_catalogue);
    let worst = found
        .filter(|resource| is_at_limit(resource))
        .map(|resource| if is_sure(resource) { Verdict::Warning } else { Verdict::Unknown })
        .max();
    worst.map_or(verdict, |worst| verdict.max(worst))
}
