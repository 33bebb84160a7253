//! How a system stands, from its assessment.

use std::collections::BTreeMap;

use crate::{
    assess::{Assessment, Bottleneck, Finding, Kind, State, Verdict, is_at_limit, is_sure},
    notify::{Aspect, Check, CheckState, Standing, Subject},
    render::{outside::named, reason, view::deadline_and_action},
};

/// What messages about an assessment can be about: the findings that tell of faults, by signal and instance, so that a
/// limit of the roadmap and one of the project are one check; what is full outside the roadmap; and sources that failed.
pub fn standing(assessment: &Assessment) -> Standing {
    let mut checks: BTreeMap<Subject, Check> = BTreeMap::new();
    for finding in assessment.findings.iter().filter(|finding| finding.kind.is_fault()) {
        let check = Check { title: title(finding), state: state(assessment, finding) };
        let place = checks.entry(subject(finding)).or_insert_with(|| check.clone());
        if urgency(&check.state) > urgency(&place.state) {
            *place = check;
        }
    }
    for resource in
        assessment.outside_roadmap.iter().filter(|resource| is_at_limit(resource) && is_sure(resource))
    {
        let subject = Subject {
            name: resource.name().to_owned(),
            instance: resource.instance.clone(),
            aspect: Aspect::Limit,
        };
        let message = format!("{} of {}, outside the roadmap", named(resource), resource.limit);
        let state = CheckState::Wrong { verdict: Verdict::Warning, message };
        checks.entry(subject).or_insert(Check { title: resource.name().to_owned(), state });
    }
    for gap in assessment.coverage.gaps.iter().filter(|gap| gap.reason.is_of_source()) {
        let subject = Subject { name: gap.source.clone(), instance: None, aspect: Aspect::Source };
        let state = CheckState::Wrong { verdict: Verdict::Unknown, message: gap.explained() };
        checks.entry(subject).or_insert(Check { title: gap.source.clone(), state });
    }
    let next = assessment.next_bottleneck.as_ref().map(next_subject);
    let is_silenced =
        |subject: &Subject| checks.get(subject).is_some_and(|check| check.state == CheckState::Silenced);
    let next = next.filter(|subject| !is_silenced(subject));
    Standing { verdict: Some(verdict(assessment, &checks)), next, checks }
}

/// By when to do what, where something that is not silenced is wrong.
pub fn act(assessment: &Assessment) -> Option<String> {
    let is_wrong = assessment.unsilenced_verdict() >= Verdict::Warning;
    deadline_and_action(assessment).filter(|_| is_wrong)
}

/// The verdict without what is silenced, and without what only has to last longer to be sure.
fn verdict(assessment: &Assessment, checks: &BTreeMap<Subject, Check>) -> Verdict {
    let verdict = assessment.unsilenced_verdict();
    let is_pending = |check: &Check| check.state == CheckState::Pending;
    let is_unknown = |check: &Check| {
        matches!(check.state, CheckState::Unknown | CheckState::Wrong { verdict: Verdict::Unknown, .. })
    };
    let only_pending = checks.values().any(is_pending)
        && !checks.values().any(is_unknown)
        && assessment.outside_roadmap.is_empty();
    if verdict == Verdict::Unknown && only_pending { Verdict::Ok } else { verdict }
}

fn subject(finding: &Finding) -> Subject {
    let aspect = if finding.kind == Kind::Forecast { Aspect::ActBy } else { Aspect::Limit };
    let resource = finding.resource.map(|resource| resource.to_string());
    let name = finding.signal.map(|signal| signal.to_string()).or(resource);
    Subject { name: name.unwrap_or_else(|| finding.id.clone()), instance: finding.instance.clone(), aspect }
}

fn next_subject(bottleneck: &Bottleneck) -> Subject {
    let name = bottleneck.signal.map_or_else(|| bottleneck.resource.to_string(), |signal| signal.to_string());
    Subject { name, instance: bottleneck.instance.clone(), aspect: Aspect::Limit }
}

fn title(finding: &Finding) -> String {
    let instance = finding.instance.as_deref();
    finding
        .signal
        .map(|signal| signal.entry().of_instance(instance))
        .or_else(|| finding.resource.map(|resource| resource.entry().of_instance(instance)))
        .unwrap_or_else(|| finding.id.clone())
}

fn state(assessment: &Assessment, finding: &Finding) -> CheckState {
    let is_silenced = finding.verdict != Verdict::Ok && assessment.silence_of(finding).is_some();
    match finding.verdict {
        _ if is_silenced => CheckState::Silenced,
        Verdict::Ok => CheckState::Fine,
        _ if finding.state == State::Pending => CheckState::Pending,
        Verdict::Unknown => CheckState::Unknown,
        verdict => CheckState::Wrong { verdict, message: reason::finding(&finding.reason) },
    }
}

/// Which of several checks of a subject counts. One of them may not be measured where another is.
fn urgency(state: &CheckState) -> u8 {
    match state {
        CheckState::Unknown => 0,
        CheckState::Fine => 1,
        CheckState::Pending => 2,
        CheckState::Silenced => 3,
        CheckState::Wrong { verdict: Verdict::Critical, .. } => 5,
        CheckState::Wrong { .. } => 4,
    }
}
