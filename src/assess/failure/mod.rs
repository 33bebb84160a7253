//! What is left when a part of the system is gone: a zone, a node, an instance.
//!
//! Instances of one pool ([`Pool`]) do the same work, so that those which are left take over what the lost ones used and
//! what follows the load ([`LoadPart`]), in the shares that they have of it today. Then everything is judged as if it had
//! always been so: peaks, headroom, and the load and the date of saturation. What fills by itself, such as a disk, is taken
//! over by nobody. Nothing is computed where no instance is left: that is unknown where nothing else is left either, or where
//! the settings name the resource. Nothing is assumed of instances without the label.

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
use pools::pools;

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
    let judge = Judge::new(context, outlook, now, assumptions);
    let mut failures = Vec::new();
    for domain in &declared.failure_domains {
        let labels = BTreeSet::from([domain.label.as_str()]);
        let pools = pools(evaluations, &labels, &domain.resources);
        // What is written in the settings is judged altogether.
        let (values, count) = if domain.values.is_empty() {
            let found = Judge::values(&domain.label, &pools);
            let count = found.len();
            (found.into_iter().take(MAX_VALUES).collect(), count)
        } else {
            (domain.values.iter().cloned().collect::<Vec<_>>(), domain.values.len())
        };
        let values = if values.is_empty() { vec![String::new()] } else { values };
        failures.extend(values.into_iter().map(|value| {
            let lost = vec![Part { label: domain.label.clone(), value }];
            let resources = domain.resources.clone();
            judge.failure(&Question { lost, is_required: true, values: count, resources }, &pools)
        }));
    }
    let lost = &declared.lost;
    let is_answer = |failure: &Failure| failure.lost == *lost && failure.resources.is_empty();
    if !lost.is_empty() && !failures.iter().any(is_answer) {
        let labels = lost.iter().map(|part| part.label.as_str()).collect();
        let pools = pools(evaluations, &labels, &BTreeSet::new());
        let resources = BTreeSet::new();
        let question = Question { lost: lost.clone(), is_required: false, values: 1, resources };
        failures.insert(0, judge.failure(&question, &pools));
    }
    failures
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
        let worst = failure.worst();
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
                gone: failure.gone_without_rest(),
                without_label: failure.required_without_label(),
            },
        }
    })
}
