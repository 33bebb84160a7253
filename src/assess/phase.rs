//! Where on the roadmap the system is, and whether the next phase is due.

use super::{
    Context, Load, Outcome, Outlook, PhaseStanding, Trigger,
    condition::{Quantifier, judge},
    load, saturation,
};
use crate::{
    roadmap::{Action, Condition, Phase},
    signal::{Quantity, Unit},
};

/// A load this far below a phase still belongs to it, so that a system at the border does not swing.
const HYSTERESIS: f64 = 0.9;

/// The present phase and the one to be in or to prepare.
pub(super) fn assess(context: &Context<'_>, load: &Load, outlook: &Outlook) -> PhaseStanding {
    let phases = &context.input.roadmap.phases;
    let Some(current) = current(context, load) else {
        let because = format!("the load is unknown, and with it the phase: {}", load.because);
        return PhaseStanding {
            current: None,
            recommended: None,
            title: None,
            triggers: Vec::new(),
            because,
        };
    };
    let next = phases.iter().find(|phase| phase.users.low() >= current.users.high().unwrap_or(u64::MAX));
    let triggers = next.map(|next| triggers(context, next)).unwrap_or_default();
    let (recommended, because) = recommend(context, load, outlook, current, next, &triggers);
    PhaseStanding {
        current: Some(current.number),
        recommended: Some(recommended),
        title: Some(current.title.clone()),
        triggers,
        because,
    }
}

/// The phase whose band holds the busy hour's load; a declared phase is kept down to 90 % of its band.
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
    let parts: Vec<&Condition> = match &phase.enter {
        Some(Condition::Any(parts)) => parts.iter().collect(),
        Some(condition) => vec![condition],
        None => Vec::new(),
    };
    let trigger = |condition: &Condition| {
        let judged = judge(context, condition, Quantifier::Any);
        Trigger { text: condition.to_string(), verdict: judged.outcome, evidence: judged.leaf.because }
    };
    parts.into_iter().map(trigger).collect()
}

/// The next phase is due when its load trigger holds, or most of the triggers that could be measured do.
fn recommend(
    context: &Context<'_>,
    load: &Load,
    outlook: &Outlook,
    current: &Phase,
    next: Option<&Phase>,
    triggers: &[Trigger],
) -> (u64, String) {
    let unit = &load.unit;
    let at = match load.peak {
        Some(peak) => {
            let loads = context.judged(load.signal, None);
            let source = loads.first().and_then(|observation| load::estimated_from(observation));
            let how = source.map(|source| format!(", estimated from {source}")).unwrap_or_default();
            let users =
                Quantity::new(peak.round(), Unit::Count).map_or_else(String::new, |users| users.to_string());
            format!("{users} {unit} at the busy hour{how}")
        }
        None => format!("phase {} is declared; the load is unknown", current.number),
    };
    let Some(next) = next else {
        return (current.number, format!("{at}; this is the roadmap's last phase"));
    };
    // A phase that is only kept lies a band beyond the load already.
    if load.peak.is_some_and(|peak| is_kept(current, peak)) {
        let kept = current.users.low() as f64 * HYSTERESIS;
        let words = format!("phase {} begins at {}", current.number, current.users.low());
        return (current.number, format!("{at}; {words} and is kept down to {kept:.0}"));
    }
    if triggers.is_empty() {
        return (current.number, format!("{at}; the roadmap names no trigger for phase {}", next.number));
    }
    let holding = triggers.iter().filter(|trigger| trigger.verdict == Outcome::True).count();
    let measurable = triggers.iter().filter(|trigger| trigger.verdict != Outcome::Unknown).count();
    let count = format!("{holding} of {} triggers of phase {} hold", triggers.len(), next.number);
    if load_trigger_holds(context, next) {
        return (next.number, format!("{at}, which is the load trigger of phase {}; {count}", next.number));
    }
    // One trigger alone is a coincidence; most of several is a trend.
    if measurable >= 2 && holding * 2 > measurable {
        return (next.number, format!("{at}; {count}, most of the {measurable} that could be measured"));
    }
    if let Some(soon) = soon(context, outlook, next) {
        return (next.number, format!("{at}; {soon}; {count}"));
    }
    let unknown = triggers.len() - measurable;
    let unknown = if unknown > 0 { format!(", {unknown} unknown") } else { String::new() };
    (current.number, format!("{at}; {count}{unknown}"))
}

/// Why a phase must be prepared although its load is not there yet: it is expected before the longest of the phase's
/// actions could end.
fn soon(context: &Context<'_>, outlook: &Outlook, next: &Phase) -> Option<String> {
    let durations = next.actions.iter().filter_map(Action::duration);
    let longest =
        durations.filter_map(|range| saturation::span(range.high().unwrap_or(range.low()))).max()?;
    let start = next.users.low();
    let on = outlook.load_reaches(start as f64)?.mid?;
    let now = context.snapshot.taken_at;
    (on - now <= longest).then(|| {
        format!(
            "phase {} begins at {start}, expected around {}, and its longest action takes {} days",
            next.number,
            on.format("%-d %b %Y"),
            longest.num_days()
        )
    })
}

/// Whether a condition on the load itself is among the triggers and holds.
fn load_trigger_holds(context: &Context<'_>, phase: &Phase) -> bool {
    let signal = context.input.roadmap.load.signal;
    let parts: &[Condition] = match &phase.enter {
        Some(Condition::Any(parts)) => parts,
        Some(condition) => std::slice::from_ref(condition),
        None => &[],
    };
    parts.iter().any(|condition| {
        condition.signals() == [signal] && judge(context, condition, Quantifier::Any).outcome == Outcome::True
    })
}
