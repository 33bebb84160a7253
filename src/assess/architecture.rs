//! Whether to stay with the architecture, to leave it service by service, or altogether.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Context, Load, Outcome,
    condition::{Quantifier, judge},
};
use crate::roadmap::{Architecture, Statement};

/// What to do about the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Migration {
    /// Nothing: every criterion is met.
    Stay,
    /// Migrate service by service: one criterion is not met, or several below the load from which the
    /// architecture need change.
    Gradual,
    /// Migrate everything: several criteria are not met.
    Full,
}

/// The decision about the architecture, with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ArchitectureDecision {
    /// The decision; null while unknown criteria leave it open.
    pub outcome: Option<Migration>,
    /// What it may come to, mildest first: one, unless criteria are unknown.
    pub possible: Vec<Migration>,
    /// When the roadmap chooses that, in its own terms; null while it is open.
    pub text: Option<String>,
    /// What the decision rests on.
    pub criteria: Vec<Reason>,
    /// Reasons to stay.
    pub stay_if: Vec<Reason>,
    /// Reasons to look for another architecture.
    pub evaluate_if: Vec<Reason>,
    /// The criteria that decided, and those that are unknown.
    pub because: String,
}

/// One reason and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reason {
    /// Its name in the roadmap, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The reason in words.
    pub text: String,
    /// Whether it holds; null where the roadmap only says it in words, so that people must judge.
    pub holds: Option<Outcome>,
    /// The numbers that decided; empty where nothing can be measured.
    pub evidence: String,
}

/// The decision; `None` where the roadmap does not ask for one.
pub(super) fn assess(context: &Context<'_>, load: &Load) -> Option<ArchitectureDecision> {
    let architecture = context.input.roadmap.architecture.as_ref()?;
    let criteria = criteria(context, architecture);
    let count = |outcome| criteria.iter().filter(|one| one.holds == Some(outcome)).count();
    let (unmet, unknown) = (count(Outcome::False), count(Outcome::Unknown));
    let measurable = criteria.iter().filter(|one| one.holds.is_some()).count();
    let need_not = need_not_change(architecture, load);
    let mut possible: Vec<Migration> =
        (unmet..=unmet + unknown).map(|unmet| choose(unmet, need_not)).collect();
    possible.dedup();
    let outcome = match possible.as_slice() {
        [one] if measurable > 0 => Some(*one),
        _ => None,
    };
    let text = outcome.map(|outcome| text(architecture, outcome).to_owned());
    let because = because(&criteria, architecture, load, need_not);
    Some(ArchitectureDecision {
        outcome,
        possible,
        text,
        because,
        stay_if: architecture.stay_if.iter().map(|one| reason(context, one, Quantifier::Every)).collect(),
        evaluate_if: architecture
            .evaluate_if
            .iter()
            .map(|one| reason(context, one, Quantifier::Any))
            .collect(),
        criteria,
    })
}

/// What so many unmet criteria call for.
fn choose(unmet: usize, need_not_change: bool) -> Migration {
    match unmet {
        0 => Migration::Stay,
        1 => Migration::Gradual,
        _ if need_not_change => Migration::Gradual,
        _ => Migration::Full,
    }
}

/// Whether the load is below the one from which the architecture need change.
fn need_not_change(architecture: &Architecture, load: &Load) -> bool {
    let from = architecture.change_from_users.map(|users| users as f64);
    from.zip(load.peak).is_some_and(|(from, peak)| peak < from)
}

fn text(architecture: &Architecture, outcome: Migration) -> &str {
    match outcome {
        Migration::Stay => &architecture.outcomes.stay,
        Migration::Gradual => &architecture.outcomes.gradual,
        Migration::Full => &architecture.outcomes.full,
    }
}

fn criteria(context: &Context<'_>, architecture: &Architecture) -> Vec<Reason> {
    let criterion = |criterion: &crate::roadmap::Criterion| {
        let judged = criterion.when_met.as_ref().map(|when| judge(context, when, Quantifier::Every));
        Reason {
            id: Some(criterion.id.clone()),
            text: criterion.title.clone(),
            holds: judged.as_ref().map(|judged| judged.outcome),
            evidence: judged.map(|judged| judged.leaf.because).unwrap_or_default(),
        }
    };
    architecture.criteria.iter().map(criterion).collect()
}

fn reason(context: &Context<'_>, statement: &Statement, quantifier: Quantifier) -> Reason {
    let judged = statement.when.as_ref().map(|when| judge(context, when, quantifier));
    Reason {
        id: None,
        text: statement.text.clone(),
        holds: judged.as_ref().map(|judged| judged.outcome),
        evidence: judged.map(|judged| judged.leaf.because).unwrap_or_default(),
    }
}

/// "1 of 5 criteria is not met: … ; 2 unknown: …".
fn because(criteria: &[Reason], architecture: &Architecture, load: &Load, need_not: bool) -> String {
    let of = |outcome| criteria.iter().filter(move |one| one.holds == outcome);
    let names = |outcome| {
        let named: Vec<&str> = of(Some(outcome)).filter_map(|one| one.id.as_deref()).collect();
        if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) }
    };
    let total = criteria.iter().filter(|one| one.holds.is_some()).count();
    if total == 0 {
        return "the roadmap names no criterion that can be measured or declared".to_owned();
    }
    let count = |outcome| of(Some(outcome)).count();
    let mut text = format!(
        "of {total} criteria {} met{}, {} not met{}, {} unknown{}",
        count(Outcome::True),
        names(Outcome::True),
        count(Outcome::False),
        names(Outcome::False),
        count(Outcome::Unknown),
        names(Outcome::Unknown),
    );
    if let Some(from) = architecture.change_from_users.filter(|_| need_not) {
        text = format!("{text}; below {from} {} the architecture need not change altogether", load.unit);
    }
    text
}
