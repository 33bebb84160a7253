//! Phase, cost and coverage: three lines.

use crate::render::reason;
use anstyle::Style;

use super::page::Page;
use crate::{
    assess::{Assessment, Outcome, Verdict},
    render::{
        View, count, format,
        summary::unavailable_sources,
        view::facts::{architecture, cost_at_load, deployment},
    },
    snapshot::{Gap, Reason},
};

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let assessment = view.assessment;
    page.blank();
    page.entry("Load", Style::new().bold(), &load(assessment));
    page.entry("Phase", Style::new().bold(), &phase(assessment));
    if view.verbose {
        for trigger in &assessment.phase.triggers {
            let mark = match trigger.verdict {
                Outcome::True => "holds:",
                Outcome::False => "not:",
                Outcome::Unknown => "unknown:",
            };
            page.text(&format!("{mark} {} ({})", trigger.text, reason::condition(&trigger.reason)));
        }
    }
    if let Some(line) = deployment(&assessment.deployments) {
        page.entry("Shape", Style::new().bold(), &line);
    }
    page.entry("Cost", Style::new().bold(), &tiers(assessment));
    if let Some(at_load) = &assessment.cost.at_load {
        page.text(&cost_at_load(&assessment.cost.currency, at_load));
    }
    if let Some(elasticity) = assessment.cost.elasticity {
        let grows = format!("grows by {} for each 1% of users", format::precise_percent(elasticity / 100.0));
        page.text(&format!("{grows} ({})", reason::elasticity(&assessment.cost, &assessment.load.unit)));
    }
    if let Some(decision) = &assessment.architecture {
        page.entry("Migrate", Style::new().bold(), &architecture(decision, &assessment.load.unit));
    }
    for queue in &assessment.workers {
        page.entry("Workers", Style::new().bold(), &reason::workers(queue));
    }
    for saving in &assessment.savings {
        page.entry("Saving", Style::new().bold(), &reason::saving(saving));
    }
    page.entry("Measured", Style::new().bold(), &coverage(assessment, view.verbose));
    for line in unavailable_sources(assessment) {
        page.entry("Unread", Style::new().bold(), &line);
    }
    page.entry("Checked", Style::new().bold(), &conditions(assessment));
}

/// How much there is, and how it grows.
fn load(assessment: &Assessment) -> String {
    let load = &assessment.load;
    let Some(peak) = load.peak else { return format!("unknown: {}", reason::load(&load.reason)) };
    let how = if load.estimated { ", estimated" } else { "" };
    let forecast = if load.forecast.is_some() { "" } else { "no forecast: " };
    format!(
        "{} {} at the busy hour{how}; {forecast}{}",
        count(peak),
        load.unit,
        reason::forecast(&load.forecast_reason)
    )
}

fn phase(assessment: &Assessment) -> String {
    let phase = &assessment.phase;
    match (phase.current, phase.recommended, &phase.title) {
        (Some(current), Some(recommended), Some(title)) if recommended > current => {
            format!("{current} ({title}), prepare phase {recommended}: {}", reason::phase(&phase.reason))
        }
        (Some(current), _, Some(title)) => format!("{current} ({title}): {}", reason::phase(&phase.reason)),
        _ => format!("unknown: {}", reason::phase(&phase.reason)),
    }
}

fn tiers(assessment: &Assessment) -> String {
    let cost = &assessment.cost;
    let range = |tier: &Option<crate::assess::Tier>| {
        tier.as_ref().and_then(|tier| {
            Some((tier.phase, format::money_range(&cost.currency, tier.per_month.as_ref()?)))
        })
    };
    let mut text = match range(&cost.tier) {
        Some((phase, range)) => format!("{range} a month in phase {phase}"),
        None => "no tier".to_owned(),
    };
    if let Some(actual) = cost.actual {
        text = format!("{text}, declared {}", format::money(&cost.currency, actual));
    }
    if let Some(per_user) = cost.per_user {
        text = format!("{text}, {} per user", format::money(&cost.currency, per_user));
    }
    if let Some((phase, range)) = range(&cost.next_tier) {
        text = format!("{text} → {range} in phase {phase}");
    }
    if cost.actual.is_none() { format!("{text}; {}", reason::cost(cost)) } else { text }
}

fn coverage(assessment: &Assessment, verbose: bool) -> String {
    const SHOWN: usize = 4;
    let coverage = &assessment.coverage;
    // What one source says does not apply, another need not know.
    let applies = |gap: &&Gap| {
        !coverage.gaps.iter().any(|other| other.signal == gap.signal && other.reason == Reason::NotApplicable)
    };
    let mut unknown: Vec<&str> =
        coverage.gaps.iter().filter(applies).map(|gap| gap.signal.as_str()).collect();
    unknown.dedup();
    let text = format!("{} of {} signals", coverage.measured, coverage.wanted);
    if unknown.is_empty() {
        return text;
    }
    let more = unknown.len().saturating_sub(SHOWN);
    if more == 0 || verbose {
        return format!("{text}; unknown: {} (`doctor` says why)", unknown.join(", "));
    }
    format!(
        "{text}; unknown: {} and {} more (`doctor` says why)",
        unknown[..SHOWN].join(", "),
        count(more as f64)
    )
}

/// How many conditions were looked at, so that what the page leaves out is counted at least.
fn conditions(assessment: &Assessment) -> String {
    let outcome = |outcome: Outcome| match outcome {
        Outcome::True => Verdict::Warning,
        Outcome::False => Verdict::Ok,
        Outcome::Unknown => Verdict::Unknown,
    };
    let decisions = assessment.decisions.iter().map(|decision| outcome(decision.verdict));
    let verdicts: Vec<Verdict> =
        assessment.findings.iter().map(|finding| finding.verdict).chain(decisions).collect();
    let of = |wanted: &[Verdict]| verdicts.iter().filter(|verdict| wanted.contains(verdict)).count();
    let beyond = of(&[Verdict::Warning, Verdict::Critical]);
    let unknown = of(&[Verdict::Unknown]);
    let call = if beyond == 1 { "calls" } else { "call" };
    format!("{} conditions: {beyond} {call} for attention, {unknown} unknown (-v shows all)", verdicts.len())
}
