//! What is left when a part of the system is gone: a zone, a node, an instance.
//!
//! Instances of one pool ([`Pool`]) do the same work, so that those which are left take over what the lost ones used and
//! what follows the load ([`LoadPart`]), in the shares that they have of it today. Then everything is judged as if it had
//! always been so: peaks, headroom, and the load and the date of saturation. What fills by itself, such as a disk, is taken
//! over by nobody. Nothing is computed where no instance is left, and nothing is assumed of instances without the label.

mod judge;
mod outcome;
mod pools;
mod takeover;

use std::collections::BTreeSet;

use super::{
    Assumptions, Bottleneck, Context, Finding, FindingReason, Kind, LimitEvaluation, LimitOutcome, Outlook,
    State, Verdict,
};
use crate::snapshot::Part;
use judge::{Judge, Question};
pub use outcome::{Failure, Gone, Moved, NotPlaced, Survivor};

/// So many values of a label are judged, those that carry most.
const MAX_VALUES: usize = 8;

/// Every part that settings or flags name, with what is left without it.
pub(super) fn assess(
    context: &Context<'_>,
    evaluations: &[LimitEvaluation<'_>],
    outlook: &Outlook,
    now: &[Bottleneck],
    assumptions: Assumptions,
) -> Vec<Failure> {
    let declared = &context.input.declared;
    if declared.lost.is_empty() && declared.failure_domains.is_empty() {
        return Vec::new();
    }
    let judge = Judge::new(context, evaluations, outlook, now, assumptions);
    let is_required = |part: &Part| {
        let mut domains = declared.failure_domains.iter().filter(|domain| domain.resources.is_empty());
        let is_judged = |values: &BTreeSet<String>| values.is_empty() || values.contains(&part.value);
        domains.any(|domain| domain.label == part.label && is_judged(&domain.values))
    };
    let is_asked = match declared.lost.as_slice() {
        [] => false,
        [only] => !is_required(only),
        _ => true,
    };
    let asked = is_asked.then(|| Question {
        lost: declared.lost.clone(),
        is_required: false,
        values: 1,
        resources: None,
    });
    let required = declared.failure_domains.iter().flat_map(|domain| {
        let resources = Some(&domain.resources).filter(|resources| !resources.is_empty());
        let found = judge.values(&domain.label, resources);
        let values = if domain.values.is_empty() { found } else { domain.values.iter().cloned().collect() };
        let count = values.len();
        let question = move |value: String| Question {
            lost: vec![Part { label: domain.label.clone(), value }],
            is_required: true,
            values: count,
            resources,
        };
        let values = if values.is_empty() { vec![String::new()] } else { values };
        values.into_iter().take(MAX_VALUES).map(question)
    });
    asked.into_iter().chain(required).map(|question| judge.failure(&question)).collect()
}

/// The findings of what settings ask for: a warning where the rest does not hold.
pub(super) fn findings(failures: &[Failure]) -> impl Iterator<Item = Finding> {
    failures.iter().filter(|failure| failure.is_required).map(|failure| {
        let verdict = match failure.saturates() {
            LimitOutcome::Yes => Verdict::Warning,
            LimitOutcome::No => Verdict::Ok,
            LimitOutcome::Perhaps | LimitOutcome::Unknown => Verdict::Unknown,
        };
        let names: Vec<String> = failure.lost.iter().map(Part::to_string).collect();
        let worst = failure.survivors.first();
        Finding {
            id: format!("loss:{}", names.join(",")),
            kind: Kind::Loss,
            severity: Verdict::Warning,
            verdict,
            state: match verdict {
                Verdict::Warning => State::Warning,
                Verdict::Unknown => State::Unknown,
                Verdict::Ok | Verdict::Critical => State::Ok,
            },
            signal: None,
            instance: None,
            resource: worst.map(|worst| worst.resource),
            value: None,
            limit: None,
            aggregate: None,
            sustained: None,
            origin: None,
            samples: 0,
            reason: FindingReason::Lost {
                lost: failure.lost.clone(),
                found: !failure.instances.is_empty(),
                worst: worst.cloned().map(Box::new),
                unknown: failure.unknown.clone(),
            },
        }
    })
}
