//! Where on the roadmap the system is, and whether the next phase is due.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ConditionReason, Context, Load, Outcome, Outlook, PhaseLoad, PhaseReason, TriggerCount,
    condition::{Quantifier, evaluate},
    load, saturation,
};
use crate::roadmap::{Action, Condition, Phase};

/// A load this far below a phase still belongs to it, so that a system at the border does not swing.
const HYSTERESIS: f64 = 0.9;

/// Where on the roadmap the system is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseStanding {
    /// The number of the phase that holds the present load; null when the load is unknown.
    pub current: Option<u64>,
    /// The number of the phase to be in or to prepare; null when the load is unknown.
    pub recommended: Option<u64>,
    /// The present phase's title.
    pub title: Option<String>,
    /// What calls for the next phase, with its outcome.
    pub triggers: Vec<Trigger>,
    /// Why.
    pub reason: PhaseReason,
}

/// One reason to enter the next phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trigger {
    /// The condition in words.
    pub text: String,
    /// Whether it holds.
    pub verdict: Outcome,
    /// Why.
    pub reason: ConditionReason,
}

/// The present phase and the one to be in or to prepare.
pub(super) fn assess(context: &Context<'_>, load: &Load, outlook: &Outlook) -> PhaseStanding {
    let Some(current) = current(context, load) else {
        return PhaseStanding {
            current: None,
            recommended: None,
            title: None,
            triggers: Vec::new(),
            reason: PhaseReason::LoadUnknown { load: load.reason.clone() },
        };
    };
    let end = current.users.high().unwrap_or(u64::MAX);
    let next = context.input.roadmap.phases.iter().find(|phase| phase.users.low() >= end);
    let triggers = next.map(|next| triggers(context, next)).unwrap_or_default();
    let (recommended, reason) = recommend(context, load, outlook, current, next, &triggers);
    PhaseStanding {
        current: Some(current.number),
        recommended: Some(recommended),
        title: Some(current.title.clone()),
        triggers,
        reason,
    }
}

/// The phase whose band holds the peak hour's load; a declared phase is kept down to 90% of its band.
fn current<'a>(context: &Context<'a>, load: &Load) -> Option<&'a Phase> {
    let phases = &context.input.roadmap.phases;
    let declared = phases.iter().find(|phase| Some(phase.number) == context.input.declared.phase);
    let Some(peak) = load.peak else { return declared };
    let kept = declared.filter(|phase| is_kept(phase, peak));
    let below_all = || phases.first().filter(|phase| peak < phase.users.low() as f64);
    kept.or_else(|| phases.iter().find(|phase| phase.users.holds(peak))).or_else(below_all).or(phases.last())
}

/// Whether a load lies just below a phase.
fn is_kept(phase: &Phase, peak: f64) -> bool {
    let low = phase.users.low() as f64;
    peak < low && peak >= low * HYSTERESIS
}

fn triggers(context: &Context<'_>, phase: &Phase) -> Vec<Trigger> {
    let trigger = |condition: &Condition| {
        let evaluation = evaluate(context, condition, Quantifier::Any);
        let (verdict, reason) = (evaluation.outcome, evaluation.evidence.reason);
        Trigger { text: condition.to_string(), verdict, reason }
    };
    parts(phase).iter().map(trigger).collect()
}

/// What can call for a phase by itself.
fn parts(phase: &Phase) -> &[Condition] {
    match &phase.enter {
        Some(Condition::Any(parts)) => parts,
        Some(condition) => std::slice::from_ref(condition),
        None => &[],
    }
}

/// The next phase is due when its load trigger holds, or most of the triggers that could be measured do.
fn recommend(
    context: &Context<'_>,
    load: &Load,
    outlook: &Outlook,
    current: &Phase,
    next: Option<&Phase>,
    triggers: &[Trigger],
) -> (u64, PhaseReason) {
    let loads = context.evaluated(load.signal);
    let at = PhaseLoad {
        peak: load.peak,
        unit: load.unit.clone(),
        estimated_from: loads.first().and_then(|observation| load::estimated_from(observation)),
        phase: current.number,
    };
    let Some(next) = next else { return (current.number, PhaseReason::LastPhase { at }) };
    // A phase that is only kept lies a band beyond the load already.
    if load.peak.is_some_and(|peak| is_kept(current, peak)) {
        let begins = current.users.low();
        let down_to = begins as f64 * HYSTERESIS;
        return (current.number, PhaseReason::Kept { at, begins, down_to });
    }
    if triggers.is_empty() {
        return (current.number, PhaseReason::NoTriggers { at, next: next.number });
    }
    let count = |outcome| triggers.iter().filter(|trigger| trigger.verdict == outcome).count();
    let triggers = TriggerCount {
        phase: next.number,
        holding: count(Outcome::True),
        unknown: count(Outcome::Unknown),
        total: triggers.len(),
    };
    if load_trigger_holds(context, next) {
        return (next.number, PhaseReason::LoadTrigger { at, triggers });
    }
    // One trigger alone is a coincidence; most of several is a trend.
    let measurable = triggers.total - triggers.unknown;
    if measurable >= 2 && triggers.holding * 2 > measurable {
        return (next.number, PhaseReason::MostTriggers { at, triggers });
    }
    if let Some((expected, longest_action_days)) = expected_soon(context, outlook, next) {
        let begins = next.users.low();
        let reason = PhaseReason::ExpectedSoon { at, triggers, begins, expected, longest_action_days };
        return (next.number, reason);
    }
    (current.number, PhaseReason::NotDue { at, triggers })
}

/// When the load is expected to reach a phase, if that is before the longest of the phase's actions could end, and how
/// many days that one takes.
fn expected_soon(context: &Context<'_>, outlook: &Outlook, next: &Phase) -> Option<(DateTime<Utc>, i64)> {
    let durations = next.actions.iter().filter_map(Action::duration);
    let longest =
        durations.filter_map(|range| saturation::span(range.high().unwrap_or(range.low()))).max()?;
    let expected = outlook.load_reaches(next.users.low() as f64)?.mid?;
    (expected - context.snapshot.taken_at <= longest).then_some((expected, longest.num_days()))
}

/// Whether a condition on the load itself is among the triggers and holds.
fn load_trigger_holds(context: &Context<'_>, phase: &Phase) -> bool {
    let signal = context.input.roadmap.load.signal;
    let holds =
        |condition: &Condition| evaluate(context, condition, Quantifier::Any).outcome == Outcome::True;
    parts(phase).iter().any(|condition| condition.signals() == [signal] && holds(condition))
}
