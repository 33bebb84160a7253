//! What a team has silenced: it is judged and shown like everything else, and fails no run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assessment, Finding, Verdict, verdict};
use crate::{
    roadmap::{Severity, Silence},
    snapshot::Snapshot,
};

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
pub(super) fn assess(silences: &[Silence], findings: &[Finding], snapshot: &Snapshot) -> Option<Silenced> {
    if silences.is_empty() {
        return None;
    }
    let today = snapshot.taken_at.date_naive();
    let is_wrong = |finding: &&Finding| finding.kind.is_fault() && finding.verdict != Verdict::Ok;
    let outcome = |silence: &Silence| {
        let wrong = || findings.iter().filter(is_wrong);
        let is_used = wrong().any(|finding| covers(silence, finding))
            || silence.is_of_everything() && verdict::overall(findings, snapshot) != Verdict::Ok;
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
    silenced.verdict = verdict::raised(verdict::worst(others()).unwrap_or(if_none), snapshot);
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
