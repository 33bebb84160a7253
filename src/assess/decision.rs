//! The decision framework: which component is due for scaling.

use super::{
    Context, DecisionOutcome,
    condition::{Quantifier, judge},
};

/// Judges every decision, in the order of the roadmap.
pub(super) fn assess(context: &Context<'_>) -> Vec<DecisionOutcome> {
    let decisions = context.input.roadmap.decisions.iter();
    let outcome = |decision: &crate::roadmap::Decision| {
        let judged = judge(context, &decision.when, Quantifier::Any);
        DecisionOutcome {
            id: decision.id.clone(),
            verdict: judged.outcome,
            action: decision.action.clone(),
            timeline: decision.timeline,
            because: judged.leaf.because,
        }
    };
    decisions.map(outcome).collect()
}
