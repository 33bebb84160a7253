//! Load, phase, cost and coverage in a line each, and the details behind them.

use super::CheckView;
use crate::{
    assess::{
        Assessment, Load, Migration, Outcome, PhaseReason, PhaseStanding, Tier, Trigger, TriggerCount,
        UserCost, Verdict,
    },
    render::{
        count,
        document::{Block, Fact, Item, List, Section, Statement, Text, Tone},
        format::{money, money_range, percent, precise_percent, share},
        reason,
        view::facts::{architecture, cost_at_load, deployment, event, failures, user_costs},
    },
    snapshot::{Gap, Reason},
};

pub(super) fn facts(view: &CheckView<'_>) -> Vec<Fact> {
    let assessment = view.assessment;
    let unit = &assessment.load.unit;
    let migrates = assessment.architecture.as_ref().filter(|decision| {
        matches!(decision.outcome, Some(Migration::Gradual | Migration::Full)) && !view.verbose
    });
    let events: Vec<Text> =
        reason::events_left_out(&assessment.events_left_out).into_iter().map(Text::from).collect();
    let mut facts = vec![
        Fact::new("Load", load(&assessment.load)).with_details(events),
        Fact::new("Phase", phase(&assessment.phase)),
        Fact::new("Cost", Text::with_code(&cost(assessment))),
    ];
    facts.extend(assessment.events_ahead.iter().map(|ahead| event(ahead, unit)));
    facts.extend(failures(&assessment.failures, assessment.generated_at, view.verbose));
    let silences = assessment.silenced.iter().flat_map(|silenced| &silenced.silences);
    facts.extend(silences.map(|outcome| Fact::new("Silence", reason::silence(outcome))));
    facts.extend(migrates.map(|decision| Fact::new("Migrate", architecture(decision, unit))));
    facts.push(Fact::new("Checks", Text::with_code(&evaluated(view))));
    facts
}

/// "349 concurrent users at the peak hour, +23.7% a month (23.4% to 24%)".
fn load(load: &Load) -> String {
    let Some(peak) = load.peak else { return format!("unknown: {}", reason::load(&load.reason)) };
    let how = if load.estimated { " (estimated)" } else { "" };
    let growth = match &load.growth_per_month {
        Some(growth) if load.forecast.is_some() => {
            let sign = if growth.mid >= 0.0 { "+" } else { "" };
            let (low, mid, high) = (share(growth.low), share(growth.mid), share(growth.high));
            format!(", {sign}{mid} a month ({low} to {high})")
        }
        _ if load.forecast.is_some() => format!("; {}", reason::forecast(&load.forecast_reason)),
        _ => format!("; no forecast: {}", reason::forecast(&load.forecast_reason)),
    };
    format!("{} {} at the peak hour{how}{growth}", count(peak), load.unit)
}

/// "2 (More workers), prepare phase 3: 3 of 4 triggers hold".
fn phase(phase: &PhaseStanding) -> String {
    match (phase.current, phase.recommended, &phase.title) {
        (Some(current), Some(recommended), Some(title)) if recommended > current => {
            format!("{current} ({title}), prepare phase {recommended}: {}", phase_reason(&phase.reason))
        }
        (Some(current), _, Some(title)) => format!("{current} ({title}); {}", phase_reason(&phase.reason)),
        _ => format!("unknown: {}", phase_reason(&phase.reason)),
    }
}

/// Why that phase, without the load, which the page says before.
fn phase_reason(reason: &PhaseReason) -> String {
    let holding = |triggers: &TriggerCount| {
        let unknown =
            if triggers.unknown > 0 { format!(", {} unknown", triggers.unknown) } else { String::new() };
        let TriggerCount { phase, holding, total, .. } = triggers;
        format!("{holding} of {total} triggers of phase {phase} hold{unknown}")
    };
    match reason {
        PhaseReason::LoadUnknown { .. } => "the load is unknown".to_owned(),
        PhaseReason::NotDue { triggers, .. } | PhaseReason::MostTriggers { triggers, .. } => {
            holding(triggers)
        }
        PhaseReason::LoadTrigger { triggers, .. } => format!("its load is reached, {}", holding(triggers)),
        PhaseReason::LastPhase { .. } => "the last phase of the roadmap".to_owned(),
        other => reason::phase(other),
    }
}

/// What is paid, and what the roadmap says of this phase and the next.
fn cost(assessment: &Assessment) -> String {
    let cost = &assessment.cost;
    let currency = &cost.currency;
    let tier = |tier: &Option<Tier>| {
        let tier = tier.as_ref()?;
        let range = money_range(currency, tier.per_month.as_ref()?);
        Some(format!("{range} in phase {}", tier.phase))
    };
    let per_user = cost.per_user.map(|amount| format!(", {} per user", money(currency, amount)));
    let actual = cost
        .actual
        .map(|amount| format!("{} a month{}", money(currency, amount), per_user.unwrap_or_default()));
    let at_load = cost.at_load.as_ref().and_then(|stated| {
        let range = money_range(currency, stated.per_month.as_ref()?);
        Some(format!("{range} for {} users", count(stated.users)))
    });
    let roadmap: Vec<String> =
        [tier(&cost.tier), at_load, tier(&cost.next_tier)].into_iter().flatten().collect();
    let roadmap = (!roadmap.is_empty()).then(|| format!("roadmap: {}", roadmap.join(", ")));
    let missing = cost.actual.is_none().then(|| reason::cost(cost));
    let is_current = |of: &&UserCost| Some(of.phase) == assessment.phase.current;
    let contradiction = cost.by_phase.iter().find(is_current).and_then(|of| of.contradiction);
    let contradiction = contradiction.map(|times| format!("per user {}", reason::contradiction(times)));
    let parts: Vec<String> = [actual, roadmap, contradiction, missing].into_iter().flatten().collect();
    parts.join("; ")
}

/// How many checks are in which state, and how much was measured.
fn evaluated(view: &CheckView<'_>) -> String {
    let assessment = view.assessment;
    let due = |outcome: Outcome| match outcome {
        Outcome::True => Verdict::Warning,
        Outcome::False => Verdict::Ok,
        Outcome::Unknown => Verdict::Unknown,
    };
    let decisions = assessment.decisions.iter().map(|decision| due(decision.verdict));
    let verdicts: Vec<Verdict> =
        assessment.findings.iter().map(|finding| finding.verdict).chain(decisions).collect();
    let of_verdict = |wanted: Verdict| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    let (critical, warnings) = (of_verdict(Verdict::Critical), of_verdict(Verdict::Warning));
    let unknown = of_verdict(Verdict::Unknown);
    let plural = if warnings == 1 { "" } else { "s" };
    format!(
        "{critical} critical, {warnings} warning{plural} and {unknown} unknown of {}; {}",
        verdicts.len(),
        coverage(assessment, view.verbose)
    )
}

fn coverage(assessment: &Assessment, verbose: bool) -> String {
    const SHOWN: usize = 3;
    let coverage = &assessment.coverage;
    let text = format!("{} of {} signals measured", coverage.measured, coverage.wanted);
    let missing = missing(assessment);
    if missing.is_empty() || verbose {
        return text;
    }
    let names: Vec<&str> = missing.iter().take(SHOWN).map(|gap| gap.signal.as_str()).collect();
    let more = missing.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{text}, without {}{more} (`doctor` says why)", names.join(", "))
}

/// A gap for each signal that is missed: what one source says does not apply, another need not know.
fn missing(assessment: &Assessment) -> Vec<&Gap> {
    let gaps = &assessment.coverage.gaps;
    let applies = |gap: &&Gap| {
        !gaps.iter().any(|other| other.signal == gap.signal && other.reason == Reason::NotApplicable)
    };
    let mut missing: Vec<&Gap> = gaps.iter().filter(applies).collect();
    missing.dedup_by_key(|gap| gap.signal);
    missing
}

/// Details behind the lines above.
pub(super) fn details(view: &CheckView<'_>) -> Vec<Section> {
    if !view.verbose {
        return Vec::new();
    }
    let assessment = view.assessment;
    let cost = &assessment.cost;
    let unit = &assessment.load.unit;
    let mut facts = Vec::new();
    facts.extend(deployment(&assessment.deployments).map(|line| Fact::new("Deployment", line)));
    facts.extend(cost.actual.map(|_| Fact::new("Cost", reason::cost(cost))));
    facts.extend(cost.at_load.as_ref().map(|stated| Fact::new("Cost", cost_at_load(&cost.currency, stated))));
    facts.extend(user_costs(&cost.currency, cost.by_phase.iter()));
    facts.extend(cost.elasticity.map(|elasticity| {
        let share = precise_percent(elasticity / 100.0);
        Fact::new(
            "Elasticity",
            format!("cost grows {share} for each 1% of users ({})", reason::elasticity(cost, unit)),
        )
    }));
    facts.extend(
        assessment.architecture.as_ref().map(|decision| Fact::new("Migrate", architecture(decision, unit))),
    );
    facts.extend(assessment.workers.iter().map(|queue| Fact::new("Workers", reason::workers(queue))));
    facts.extend(assessment.savings.iter().map(|saving| {
        Fact::new(
            "Saving",
            format!(
                "{}: {} of it is not needed: {}",
                saving.title,
                percent(saving.share),
                reason::saving(saving)
            ),
        )
    }));
    let facts = Block::facts(facts).map(|block| Section::new("details", "Details", vec![block]));
    let triggers = Block::statements(assessment.phase.triggers.iter().map(trigger).collect())
        .map(|block| Section::new("triggers", "Triggers of the next phase", vec![block]));
    let gaps = gaps(assessment).map(|block| Section::new("missing", "Not measured", vec![block]));
    [facts, triggers, gaps].into_iter().flatten().collect()
}

fn trigger(trigger: &Trigger) -> Statement {
    let (word, tone) = outcome(trigger.verdict);
    Statement {
        label: word.to_owned(),
        tone,
        text: trigger.text.as_str().into(),
        details: vec![reason::condition(&trigger.reason).into()],
    }
}

/// The word for an outcome.
pub(super) fn outcome(outcome: Outcome) -> (&'static str, Tone) {
    match outcome {
        Outcome::True => ("holds", Tone::Warning),
        Outcome::False => ("no", Tone::Plain),
        Outcome::Unknown => ("unknown", Tone::Unknown),
    }
}

fn gaps(assessment: &Assessment) -> Option<Block> {
    let item = |gap: &Gap| Item {
        details: vec![Text::with_code(&gap.explained())],
        ..Item::new(format!("{}, {}", gap.signal, gap.source))
    };
    let items = missing(assessment).into_iter().map(item).collect();
    List { title: String::new(), tasks: false, items }.block()
}
