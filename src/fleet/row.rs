//! What is kept of a service's assessment: what tells when to act, and why what is unknown is unknown.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Change;
use crate::{
    assess::{
        Assessment, Bottleneck, Finding, FindingReason, Load, SilenceOutcome, SilenceState, Status, Verdict,
        is_at_limit, is_sure,
    },
    roadmap::Silence,
    signal::SignalId,
    snapshot::{AmbiguousScope, DiscoveredResource, Labels},
};

/// The version of a row's shape.
const SCHEMA: &str = "scale-advisor/fleet/1";
/// How many reasons for what is unknown, and how many resources outside the roadmap, are kept.
const MOST_REASONS: usize = 3;

/// One service and when to act on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Always `scale-advisor/fleet/1`.
    pub schema: String,
    /// The labels that name it.
    pub service: Labels,
    /// Their values together: `shop/checkout`.
    pub name: String,
    /// Who owns it, as far as that is known.
    pub owner: Option<String>,
    /// The id of the roadmap it was assessed with.
    pub profile: String,
    /// Since when it has existed, and whether it still does.
    pub standing: Standing,
    /// When it was evaluated.
    pub generated_at: DateTime<Utc>,
    /// Its state; unknown where it could not be evaluated.
    pub verdict: Verdict,
    /// The same without what is silenced, which decides the exit code.
    pub unsilenced_verdict: Verdict,
    /// Why it could not be evaluated at all; null where it was.
    pub unjudged: Option<Unjudged>,
    /// By when to act: at once where something is critical or saturated, else the date of the next bottleneck.
    pub act_by: Option<DateTime<Utc>>,
    /// The unused share of the resource with the least headroom.
    pub headroom: Option<f64>,
    /// Its load, without the forecast.
    pub load: Option<Load>,
    /// The phase that holds its load.
    pub phase: Option<u64>,
    /// What runs out next; null where nothing is near its limit.
    pub next_bottleneck: Option<Bottleneck>,
    /// Where nothing is near its limit: what has least headroom.
    pub tightest: Option<Bottleneck>,
    /// Resources near their limits outside the roadmap, the first few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside_roadmap: Vec<DiscoveredResource>,
    /// What could not be evaluated, the first few.
    pub unknown: Vec<UnknownFinding>,
    /// How many could not be evaluated.
    pub unknown_count: usize,
    /// The names of the others that could not be evaluated.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub further_unknown: BTreeSet<String>,
    /// What is wrong: each finding with a warning or worse, and what is at its limit outside the roadmap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// The silences that apply to it, and those of this service alone that have ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<SilenceOutcome>,
    /// What has changed since an earlier run; null where it was compared with none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The signals that the settings require and that were not measured.
    pub missing: Vec<SignalId>,
}

/// Since when a service has existed, and whether it still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Standing {
    /// For a week or longer.
    Present,
    /// For less than that.
    Appeared {
        /// When it was first seen, to six hours.
        at: DateTime<Utc>,
    },
    /// It has no series any more.
    Vanished {
        /// When it was last seen, to six hours.
        at: DateTime<Utc>,
    },
}

/// Why a service could not be evaluated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Unjudged {
    /// It has no series any more.
    Vanished,
    /// Its load comes from several places, and nothing says that they are one.
    SeveralPlaces {
        /// The labels that tell them apart, with their values.
        places: Vec<AmbiguousScope>,
    },
    /// Its label names a roadmap that does not exist.
    UnknownProfile {
        /// What the label says.
        profile: String,
    },
    /// It was not read: the server stopped answering, or the budget of samples was too small.
    NotRead {
        /// What happened.
        detail: String,
    },
}

/// A finding that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnknownFinding {
    /// Its name, such as `threshold:postgres.connections`.
    pub id: String,
    /// Why.
    pub reason: FindingReason,
}

impl Row {
    /// A service that was not judged.
    pub fn unjudged(
        name: String,
        service: Labels,
        why: Unjudged,
        standing: Standing,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            service,
            name,
            owner: None,
            profile: String::new(),
            standing,
            generated_at: now,
            verdict: Verdict::Unknown,
            unsilenced_verdict: Verdict::Unknown,
            unjudged: Some(why),
            act_by: None,
            headroom: None,
            load: None,
            phase: None,
            next_bottleneck: None,
            tightest: None,
            outside_roadmap: Vec::new(),
            unknown: Vec::new(),
            unknown_count: 0,
            further_unknown: BTreeSet::new(),
            problems: Vec::new(),
            silences: Vec::new(),
            change: None,
            missing: Vec::new(),
        }
    }

    /// What is kept of an assessment, of which `own` are the silences of this service alone.
    pub fn new(
        name: String,
        service: Labels,
        assessment: Assessment,
        standing: Standing,
        own: &[Silence],
    ) -> Self {
        let now = assessment.generated_at;
        let (verdict, unsilenced_verdict) = (assessment.verdict, assessment.unsilenced_verdict());
        let is_unknown = |finding: &&Finding| {
            finding.verdict == Verdict::Unknown
                && finding.kind.is_fault()
                && assessment.silence_of(finding).is_none()
        };
        let unknown: Vec<UnknownFinding> = assessment
            .findings
            .iter()
            .filter(is_unknown)
            .map(|finding| UnknownFinding { id: finding.id.clone(), reason: finding.reason.clone() })
            .collect();
        let further_unknown = unknown.iter().skip(MOST_REASONS).map(|finding| finding.id.clone()).collect();
        let problems = problems(&assessment);
        let outcomes = assessment.silenced.iter().flat_map(|silenced| &silenced.silences);
        let is_of_row = |outcome: &&SilenceOutcome| match outcome.state {
            SilenceState::Used | SilenceState::Exceeded => true,
            SilenceState::Expired => own.contains(&outcome.silence),
            SilenceState::Unused => false,
        };
        let silences = outcomes.filter(is_of_row).cloned().collect();
        let next = assessment.next_bottleneck;
        let tightest = match next {
            Some(_) => None,
            None => tightest(assessment.bottlenecks),
        };
        Self {
            schema: SCHEMA.to_owned(),
            service,
            name,
            owner: None,
            profile: assessment.profile.id,
            standing,
            generated_at: now,
            verdict,
            unsilenced_verdict,
            unjudged: None,
            act_by: act_by(verdict, next.as_ref(), now),
            headroom: next.as_ref().or(tightest.as_ref()).and_then(|resource| resource.headroom),
            load: Some(Load { forecast: None, ..assessment.load }),
            phase: assessment.phase.current,
            next_bottleneck: next,
            tightest,
            outside_roadmap: assessment.outside_roadmap.into_iter().take(MOST_REASONS).collect(),
            unknown_count: unknown.len(),
            unknown: unknown.into_iter().take(MOST_REASONS).collect(),
            further_unknown,
            problems,
            silences,
            change: None,
            missing: Vec::new(),
        }
    }

    /// The same with its owner.
    #[must_use]
    pub fn owned_by(self, owner: Option<String>) -> Self {
        Self { owner, ..self }
    }

    /// The same, which could not be judged, with the silences of this service: those of everything hold.
    #[must_use]
    pub fn silenced_by(self, silences: &[Silence]) -> Self {
        let today = self.generated_at.date_naive();
        let of_all = silences.iter().filter(|silence| silence.is_of_everything());
        let outcome = |silence: &Silence| {
            let state = if silence.until < today { SilenceState::Expired } else { SilenceState::Used };
            SilenceOutcome { silence: silence.clone(), state }
        };
        let row = Self { silences: of_all.map(outcome).collect(), ..self };
        if row.is_silenced() { Self { unsilenced_verdict: Verdict::Ok, ..row } } else { row }
    }

    /// Whether everything about it is silenced.
    pub fn is_silenced(&self) -> bool {
        let used = self.silences.iter().filter(|outcome| outcome.state == SilenceState::Used);
        used.into_iter().any(|outcome| outcome.silence.is_of_everything())
    }

    /// Whether evidence is missing that is not silenced. `all_evidence` says that each finding needs its own.
    pub fn lacks_evidence(&self, all_evidence: bool) -> bool {
        !self.is_silenced() && (self.unjudged.is_some() || all_evidence && self.unknown_count > 0)
    }
}

/// By when to act: now on what is critical or saturated.
fn act_by(verdict: Verdict, next: Option<&Bottleneck>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let is_over = verdict == Verdict::Critical
        || next.is_some_and(|next| next.verdict == Verdict::Critical || next.status == Status::Saturated);
    if is_over {
        return Some(now);
    }
    next.and_then(|next| next.act_by.as_ref()).and_then(|act_by| act_by.date)
}

/// The measured resource with least headroom.
fn tightest(bottlenecks: Vec<Bottleneck>) -> Option<Bottleneck> {
    let measured = bottlenecks.into_iter().filter(|resource| resource.headroom.is_some());
    let headroom = |resource: &Bottleneck| resource.headroom.unwrap_or(f64::INFINITY);
    measured.min_by(|a, b| headroom(a).total_cmp(&headroom(b)))
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Its name, such as `threshold:postgres.connections`; `outside:` and a metric outside the roadmap.
    pub id: String,
    /// The instance, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// How bad it is: a warning, or critical.
    pub verdict: Verdict,
    /// Whether it is silenced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silenced: bool,
}

/// What is wrong, each thing once, in the order of the names.
pub(super) fn problems(assessment: &Assessment) -> Vec<Problem> {
    let is_wrong = |finding: &&Finding| finding.kind.is_fault() && finding.verdict >= Verdict::Warning;
    let of_finding = |finding: &Finding| Problem {
        id: finding.id.clone(),
        instance: finding.instance.clone(),
        verdict: finding.verdict,
        silenced: assessment.silence_of(finding).is_some(),
    };
    let outside = assessment.outside_roadmap.iter().filter(|found| is_at_limit(found) && is_sure(found));
    let of_outside = outside.map(|found| Problem {
        id: format!("outside:{}", found.metrics.first().map_or("", String::as_str)),
        instance: found.instance.clone(),
        verdict: Verdict::Warning,
        silenced: assessment.is_silenced(),
    });
    let mut problems: BTreeMap<(String, Option<String>), Problem> = BTreeMap::new();
    for problem in assessment.findings.iter().filter(is_wrong).map(of_finding).chain(of_outside) {
        let key = (problem.id.clone(), problem.instance.clone());
        match problems.get(&key) {
            Some(known) if known.verdict >= problem.verdict => {}
            _ => _ = problems.insert(key, problem),
        }
    }
    problems.into_values().collect()
}
