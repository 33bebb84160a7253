//! The decisions of the roadmap: which component is due for scaling, and whether to keep the architecture.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ConditionReason, Context, Load, Outcome,
    condition::{Quantifier, evaluate},
};
use crate::roadmap::{Architecture, Condition, Decision, Timeline};

/// The outcome of one decision of the roadmap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionOutcome {
    /// The decision's id.
    pub id: String,
    /// Whether it is due.
    pub verdict: Outcome,
    /// What to do when it is.
    pub action: String,
    /// How long that takes.
    pub timeline: Timeline,
    /// Why.
    pub reason: ConditionReason,
}

/// What to do about the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArchitectureDecision {
    /// The decision; null while unknown criteria leave it open.
    pub outcome: Option<Migration>,
    /// What it may come to, mildest first: one, unless criteria are unknown.
    pub possible: Vec<Migration>,
    /// When the roadmap chooses that, in its own terms; null while it is open.
    pub text: Option<String>,
    /// What the decision rests on.
    pub criteria: Vec<ArchitectureCriterion>,
    /// Reasons to stay.
    pub stay_if: Vec<ArchitectureCriterion>,
    /// Reasons to look for another architecture.
    pub evaluate_if: Vec<ArchitectureCriterion>,
    /// The load below which no full migration is needed; null where the load is above it.
    #[serde(default)]
    pub below_change_load: Option<u64>,
}

/// One criterion and whether it holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArchitectureCriterion {
    /// Its name in the roadmap, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The criterion in the roadmap's words.
    pub text: String,
    /// Whether it holds; null where the roadmap only says it in prose, which takes a human to evaluate.
    pub holds: Option<Outcome>,
    /// Why it holds or not; null where nothing can be measured.
    pub reason: Option<ConditionReason>,
}

/// Evaluates every decision, in the order of the roadmap.
pub(super) fn assess(context: &Context<'_>) -> Vec<DecisionOutcome> {
    let outcome = |decision: &Decision| {
        let evaluation = evaluate(context, &decision.when, Quantifier::Any);
        DecisionOutcome {
            id: decision.id.clone(),
            verdict: evaluation.outcome,
            action: decision.action.clone(),
            timeline: decision.timeline,
            reason: evaluation.evidence.reason,
        }
    };
    context.input.roadmap.decisions.iter().map(outcome).collect()
}

/// The decision about the architecture; `None` where the roadmap does not ask for one.
pub(super) fn architecture(context: &Context<'_>, load: &Load) -> Option<ArchitectureDecision> {
    let architecture = context.input.roadmap.architecture.as_ref()?;
    let criteria: Vec<ArchitectureCriterion> = architecture
        .criteria
        .iter()
        .map(|criterion| ArchitectureCriterion {
            id: Some(criterion.id.clone()),
            ..evaluated(context, &criterion.title, criterion.when_met.as_ref(), Quantifier::Every)
        })
        .collect();
    let count = |outcome| criteria.iter().filter(|criterion| criterion.holds == Some(outcome)).count();
    let (unmet, unknown) = (count(Outcome::False), count(Outcome::Unknown));
    let measurable = criteria.iter().filter(|criterion| criterion.holds.is_some()).count();
    let below_change_load = below_change_load(architecture, load);
    let mut possible: Vec<Migration> =
        (unmet..=unmet + unknown).map(|unmet| choose(unmet, below_change_load.is_some())).collect();
    possible.dedup();
    let outcome = match possible.as_slice() {
        [only] if measurable > 0 => Some(*only),
        _ => None,
    };
    let statements = |statements: &[crate::roadmap::Statement], quantifier| {
        statements
            .iter()
            .map(|statement| evaluated(context, &statement.text, statement.when.as_ref(), quantifier))
            .collect()
    };
    Some(ArchitectureDecision {
        outcome,
        possible,
        text: outcome.map(|outcome| text(architecture, outcome).to_owned()),
        below_change_load,
        stay_if: statements(&architecture.stay_if, Quantifier::Every),
        evaluate_if: statements(&architecture.evaluate_if, Quantifier::Any),
        criteria,
    })
}

/// What this number of unmet criteria calls for.
fn choose(unmet: usize, need_not_change: bool) -> Migration {
    match unmet {
        0 => Migration::Stay,
        1 => Migration::Gradual,
        _ if need_not_change => Migration::Gradual,
        _ => Migration::Full,
    }
}

/// The load from which the architecture need change, where the present load is below it.
fn below_change_load(architecture: &Architecture, load: &Load) -> Option<u64> {
    let peak = load.peak?;
    architecture.change_from_users.filter(|users| peak < *users as f64)
}

fn text(architecture: &Architecture, outcome: Migration) -> &str {
    match outcome {
        Migration::Stay => &architecture.outcomes.stay,
        Migration::Gradual => &architecture.outcomes.gradual,
        Migration::Full => &architecture.outcomes.full,
    }
}

fn evaluated(
    context: &Context<'_>,
    text: &str,
    condition: Option<&Condition>,
    quantifier: Quantifier,
) -> ArchitectureCriterion {
    let evaluation = condition.map(|condition| evaluate(context, condition, quantifier));
    ArchitectureCriterion {
        id: None,
        text: text.to_owned(),
        holds: evaluation.as_ref().map(|evaluation| evaluation.outcome),
        reason: evaluation.map(|evaluation| evaluation.evidence.reason),
    }
}
