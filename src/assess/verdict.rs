//! The verdict on a system: its worst finding, what no finding says, and what a team has silenced: that is judged and
//! shown like everything else, and fails no run.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assessment, Finding, Verdict};
use crate::{
    roadmap::{Severity, Silence},
    signal::SignalId,
    snapshot::{AT_LIMIT, Confidence, DiscoveredResource, Discovery, Snapshot},
};

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
    with_discovered(if failed { verdict.max(Verdict::Unknown) } else { verdict }, snapshot)
}

/// Whether one of several servers did not show what others show: findings are about those others.
fn one_of_several_failed(snapshot: &Snapshot) -> bool {
    let refused: BTreeSet<SignalId> =
        snapshot.gaps.iter().filter(|gap| gap.reason.is_failure()).map(|gap| gap.signal).collect();
    !refused.is_empty()
        && snapshot.observations.iter().any(|observation| refused.contains(&observation.signal))
}

/// What is near its limit and read by nothing, the fullest first.
pub(super) fn outside_roadmap(snapshot: &Snapshot) -> Vec<DiscoveredResource> {
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
fn with_discovered(verdict: Verdict, snapshot: &Snapshot) -> Verdict {
    let found = snapshot.discovery.iter().flat_map(Discovery::outside_catalogue);
    let worst = found
        .filter(|resource| is_at_limit(resource))
        .map(|resource| if is_sure(resource) { Verdict::Warning } else { Verdict::Unknown })
        .max();
    worst.map_or(verdict, |worst| verdict.max(worst))
}

/// The silences of a team, and the verdict without what they silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Silenced {
    /// The verdict of everything else, which decides the exit code.
    pub verdict: Verdict,
    /// What became of each silence.
    pub silences: Vec<SilenceOutcome>,
}

/// A silence and what it does today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SilenceOutcome {
    /// What was silenced, until when, and why.
    #[serde(flatten)]
    pub silence: Silence,
    /// What it does.
    pub state: SilenceState,
}

/// What a silence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SilenceState {
    /// It silences at least one finding.
    Used,
    /// It has ended, and what it silenced counts again.
    Expired,
    /// Nothing that it names has a problem.
    Unused,
    /// What it names has become worse than it silences, and counts again.
    Exceeded,
}

impl Silenced {
    /// The silence that a finding falls under.
    fn of_finding(&self, finding: &Finding) -> Option<&Silence> {
        self.in_force().find(|silence| covers(silence, finding))
    }

    /// Whether everything is silenced, what no finding says as well.
    fn is_of_everything(&self) -> bool {
        self.in_force().any(Silence::is_of_everything)
    }

    fn in_force(&self) -> impl Iterator<Item = &Silence> {
        let in_force = self.silences.iter().filter(|outcome| outcome.state == SilenceState::Used);
        in_force.map(|outcome| &outcome.silence)
    }
}

impl Assessment {
    /// The verdict that decides whether a run fails: that of what is not silenced.
    pub fn unsilenced_verdict(&self) -> Verdict {
        self.silenced.as_ref().map_or(self.verdict, |silenced| silenced.verdict)
    }

    /// The silence that a finding falls under.
    pub fn silence_of(&self, finding: &Finding) -> Option<&Silence> {
        self.silenced.as_ref()?.of_finding(finding)
    }

    /// Whether everything is silenced, what no finding says as well.
    pub fn is_silenced(&self) -> bool {
        self.silenced.as_ref().is_some_and(Silenced::is_of_everything)
    }
}

/// What silences do to findings; `None` where there are none.
pub(super) fn silenced(silences: &[Silence], findings: &[Finding], snapshot: &Snapshot) -> Option<Silenced> {
    if silences.is_empty() {
        return None;
    }
    let today = snapshot.taken_at.date_naive();
    let is_wrong = |finding: &&Finding| finding.kind.is_fault() && finding.verdict != Verdict::Ok;
    let outcome = |silence: &Silence| {
        let wrong = || findings.iter().filter(is_wrong);
        let is_used = wrong().any(|finding| covers(silence, finding))
            || silence.is_of_everything() && overall(findings, snapshot) != Verdict::Ok;
        let state = match (silence.until < today, is_used) {
            (true, _) => SilenceState::Expired,
            (false, true) => SilenceState::Used,
            (false, false) if wrong().any(|finding| names(silence, finding)) => SilenceState::Exceeded,
            (false, false) => SilenceState::Unused,
        };
        SilenceOutcome { silence: silence.clone(), state }
    };
    let mut silenced = Silenced { verdict: Verdict::Ok, silences: silences.iter().map(outcome).collect() };
    if silenced.is_of_everything() {
        return Some(silenced);
    }
    let others = || findings.iter().filter(|finding| silenced.of_finding(finding).is_none());
    // Where everything is silenced, everything was evaluated and is known.
    let if_none = if findings.is_empty() { Verdict::Unknown } else { Verdict::Ok };
    silenced.verdict = raised(worst(others()).unwrap_or(if_none), snapshot);
    Some(silenced)
}

/// Whether a finding is one that a silence names, and no worse than it silences.
fn covers(silence: &Silence, finding: &Finding) -> bool {
    let worst = match silence.up_to {
        None | Some(Severity::Critical) => Verdict::Critical,
        Some(Severity::Warning) => Verdict::Warning,
    };
    finding.verdict <= worst && names(silence, finding)
}

fn names(silence: &Silence, finding: &Finding) -> bool {
    let is_named = silence.finding.as_deref().is_none_or(|name| {
        finding.id == name
            || finding.signal.is_some_and(|signal| signal.as_str() == name)
            || finding.resource.is_some_and(|resource| resource.as_str() == name)
    });
    is_named && (silence.instance.is_none() || silence.instance == finding.instance)
}
