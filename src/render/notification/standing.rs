//! How a system stands, from its assessment.

use std::collections::BTreeMap;

use crate::{
    assess::{Assessment, Bottleneck, Finding, Kind, State, Verdict, is_at_limit, is_sure},
    notify::{Aspect, Check, CheckState, Standing, Subject},
    render::{outside::named, reason, view::deadline_and_action},
    snapshot::Discovery,
};

/// What messages about an assessment can be about: the findings that tell of faults, by signal and instance, so that a
/// limit of the roadmap and one of the project are one check; what is full outside the roadmap; and sources that failed.
///
/// `discovery` is what was searched for outside the roadmap.
pub fn standing(assessment: &Assessment, discovery: Option<&Discovery>) -> Standing {
    let mut checks: BTreeMap<Subject, Check> = BTreeMap::new();
    for finding in assessment.findings.iter().filter(|finding| finding.kind.is_fault()) {
        let check = Check { title: title(finding), state: state(assessment, finding) };
        let place = checks.entry(subject(finding)).or_insert_with(|| check.clone());
        if urgency(&check.state) > urgency(&place.state) {
            *place = check;
        }
    }
    let unless_silenced =
        |state: CheckState| if assessment.is_silenced() { CheckState::Silenced } else { state };
    for resource in assessment.outside_roadmap.iter().filter(|resource| is_at_limit(resource)) {
        let subject = Subject {
            name: resource.name().to_owned(),
            instance: resource.instance.clone(),
            aspect: Aspect::Outside,
        };
        let message = format!("{} of {}, outside the roadmap", named(resource), resource.limit);
        // What may be no resource is not told, and what was told has not recovered.
        let state = if is_sure(resource) {
            CheckState::Wrong { verdict: Verdict::Warning, message }
        } else {
            CheckState::Pending
        };
        let check = Check { title: resource.name().to_owned(), state: unless_silenced(state) };
        checks.entry(subject).or_insert(check);
    }
    for gap in assessment.coverage.gaps.iter().filter(|gap| gap.reason.is_of_source()) {
        let subject = Subject { name: gap.source.clone(), instance: None, aspect: Aspect::Source };
        let state = CheckState::Wrong { verdict: Verdict::Unknown, message: gap.explained() };
        checks.entry(subject).or_insert(Check { title: gap.source.clone(), state: unless_silenced(state) });
    }
    let next = assessment.next_bottleneck.as_ref().map(next_subject);
    let is_silenced =
        |subject: &Subject| checks.get(subject).is_some_and(|check| check.state == CheckState::Silenced);
    let next = next.filter(|subject| !is_silenced(subject));
    let searched = discovery.is_some_and(|discovery| discovery.not_searched.is_empty());
    Standing { verdict: Some(verdict(assessment, &checks)), next, checks, searched }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// How a system stands whose sources fail and of which something outside the roadmap is full.
    fn states(silence: Option<Value>, aspect: Aspect) -> Vec<CheckState> {
        let scenario = include_str!("../../../tests/scenarios/everything-unknown/expected.json");
        let mut assessment: Value = serde_json::from_str(scenario).unwrap();
        let queries = json!({ "usage": "pool_used", "limit": "pool_size", "unit": "connections" });
        assessment["outside_roadmap"] = json!([{
            "usage": "pool_used", "limit": "pool_size", "utilization": 0.95, "metrics": ["pool_used"],
            "instance": null, "confidence": "high", "definition": queries, "source": "prometheus",
        }]);
        if let Some(silence) = silence {
            assessment["silenced"] = json!({ "verdict": "ok", "silences": [silence] });
        }
        let standing = standing(&serde_json::from_value(assessment).unwrap(), None);
        let of_aspect = standing.checks.into_iter().filter(|(subject, _)| subject.aspect == aspect);
        of_aspect.map(|(_, check)| check.state).collect()
    }

    #[test]
    fn a_silence_of_everything_silences_what_no_finding_says() {
        let silence = || json!({ "until": "2099-12-31", "reason": "moving", "state": "used" });
        for aspect in [Aspect::Outside, Aspect::Source] {
            let loud = states(None, aspect);
            assert!(!loud.is_empty(), "{aspect:?}");
            assert!(loud.iter().all(|state| matches!(state, CheckState::Wrong { .. })), "{loud:?}");
            let silenced = states(Some(silence()), aspect);
            assert_eq!(silenced.len(), loud.len());
            assert!(silenced.iter().all(|state| *state == CheckState::Silenced), "{silenced:?}");
        }
    }
}
