//! The cases of an assessment: its findings that indicate faults.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, Cases, Measure, Places};
use crate::render::reason;
use crate::{
    assess::{Assessment, Bottleneck, Finding, Kind, Verdict, is_at_limit, is_sure},
    render::{
        outside::named,
        summary::{headline, key_findings},
    },
    signal::{Quantity, SignalId, Unit},
    snapshot::DiscoveredResource,
};

/// What fails a run.
#[derive(Debug, Clone, Copy)]
pub struct ExitPolicy<'a> {
    /// From which verdict on; `None` judges without failing.
    pub fail_on: Option<Verdict>,
    /// Whether all evidence is needed, because none is named that is.
    pub all_evidence: bool,
    /// Signals that are required and were not measured.
    pub missing: &'a [SignalId],
}

/// The cases of an assessment. Reasons to grow and statements are no faults and therefore no cases.
pub fn cases_of_check(assessment: &Assessment, policy: &ExitPolicy<'_>, places: &Places<'_>) -> Cases {
    let faults: Vec<&Finding> =
        assessment.findings.iter().filter(|finding| finding.kind.is_fault()).collect();
    let shown: BTreeSet<*const Finding> =
        key_findings(&assessment.findings).into_iter().map(std::ptr::from_ref).collect();
    let repeats = |finding: &Finding| match finding.verdict {
        Verdict::Ok => false,
        Verdict::Unknown => finding.signal.is_some_and(|signal| policy.missing.contains(&signal)),
        Verdict::Warning | Verdict::Critical => !shown.contains(&std::ptr::from_ref(finding)),
    };
    let required = policy.missing.iter().map(|signal| required(assessment, *signal, places));
    let judged = faults.iter().zip(places.of(&faults)).map(|(finding, rule)| Case {
        id: finding.id.clone(),
        title: title(finding),
        instance: finding.instance.clone(),
        verdict: finding.verdict,
        message: reason::finding(&finding.reason),
        place: rule.place,
        built_in: rule.built_in,
        counts: counts(finding.verdict, policy) && assessment.silence_of(finding).is_none(),
        repeats: repeats(finding),
        acknowledged: assessment
            .silence_of(finding)
            .filter(|_| finding.verdict != Verdict::Ok)
            .map(|silence| format!("{} (until {})", silence.reason, silence.until)),
    });
    let simulated = assessment.simulated.as_ref().map(|what| format!("SIMULATED: {what}"));
    Cases {
        version: assessment.tool_version.clone(),
        subject: assessment.profile.title.clone(),
        headline: headline(assessment),
        at: assessment.generated_at,
        fail_on: policy.fail_on,
        notes: simulated.into_iter().collect(),
        cases: once(required.chain(judged).chain(outside(assessment, policy))),
        measures: measures(assessment),
    }
}

/// What is nearly full outside the catalogue: no rule names it, so that it has no place in a file.
fn outside(assessment: &Assessment, policy: &ExitPolicy<'_>) -> Vec<Case> {
    let case = |resource: &DiscoveredResource| {
        let verdict = if is_sure(resource) { Verdict::Warning } else { Verdict::Unknown };
        Case {
            id: format!("outside:{}", resource.name()),
            title: format!("{} outside the roadmap", resource.name()),
            instance: resource.instance.clone(),
            verdict,
            message: format!("{} of {}", named(resource), resource.limit),
            place: None,
            built_in: false,
            counts: counts(verdict, policy),
            repeats: false,
            acknowledged: None,
        }
    };
    assessment.outside_roadmap.iter().filter(|resource| is_at_limit(resource)).map(case).collect()
}

/// One case for each rule and instance, which several sources may have measured: the worst, and of equals one
/// that says something of its own. Findings come worst first.
fn once(cases: impl Iterator<Item = Case>) -> Vec<Case> {
    let mut kept: Vec<Case> = Vec::new();
    let mut places: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    for case in cases {
        let place = *places.entry((case.id.clone(), case.instance.clone())).or_insert(kept.len());
        match kept.get_mut(place) {
            None => kept.push(case),
            Some(earlier) if earlier.verdict == case.verdict && earlier.repeats => *earlier = case,
            Some(_) => {}
        }
    }
    kept
}

fn counts(verdict: Verdict, policy: &ExitPolicy<'_>) -> bool {
    match verdict {
        Verdict::Ok => false,
        Verdict::Unknown => policy.fail_on.is_some() && policy.all_evidence,
        Verdict::Warning | Verdict::Critical => policy.fail_on.is_none_or(|limit| verdict >= limit),
    }
}

/// Required evidence that is missing.
fn required(assessment: &Assessment, signal: SignalId, places: &Places<'_>) -> Case {
    let gap = assessment.coverage.gaps.iter().find(|gap| gap.signal == signal);
    let why = gap
        .map_or("no configured source reads it".to_owned(), |gap| format!("{}: {}", gap.source, gap.detail));
    Case {
        id: format!("required:{signal}"),
        title: format!("{signal} is measured"),
        instance: None,
        verdict: Verdict::Unknown,
        message: format!("{signal} is required, but not measured: {why}"),
        place: places.requirement(),
        built_in: false,
        counts: true,
        repeats: false,
        acknowledged: None,
    }
}

fn title(finding: &Finding) -> String {
    let name = finding.id.split_once(':').map_or(finding.id.as_str(), |(_, name)| name);
    let resource = finding.resource.map(|resource| resource.entry().title.as_str());
    match (finding.kind, resource) {
        (Kind::Refusal, Some(resource)) => format!("{resource}: the server lets us in"),
        (Kind::Threshold, Some(resource)) => format!("{resource}: limits of {name}"),
        (Kind::Threshold, None) => format!("limits of {name}"),
        (Kind::Alert, _) => format!("alert {name}"),
        (Kind::Forecast, Some(resource)) => format!("{resource}: time to act"),
        (Kind::Objective, _) => format!("objective {name}"),
        (Kind::Loss, _) => format!("the rest holds without {name}"),
        _ => finding.id.clone(),
    }
}

/// The load, and of every measured resource its value and what is left of it.
fn measures(assessment: &Assessment) -> Vec<Measure> {
    let load = assessment.load.now.and_then(|now| Quantity::new(now, Unit::Count));
    let load = load.map(|value| Measure { label: assessment.load.signal.to_string(), value });
    load.into_iter().chain(assessment.bottlenecks.iter().flat_map(of_resource)).collect()
}

fn of_resource(bottleneck: &Bottleneck) -> Vec<Measure> {
    let label = match (bottleneck.signal, &bottleneck.instance) {
        (Some(signal), Some(instance)) => format!("{signal} {instance}"),
        (Some(signal), None) => signal.to_string(),
        (None, _) => return Vec::new(),
    };
    let room = bottleneck.headroom.and_then(|headroom| Quantity::new(headroom, Unit::Ratio));
    let room = room.map(|value| Measure { label: format!("{label} headroom"), value });
    bottleneck.now.map(|value| Measure { label, value }).into_iter().chain(room).collect()
}
