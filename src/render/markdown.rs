//! The assessment as Markdown: for a wiki, an issue or a pull request.
//!
//! Text from servers is escaped, so that a queue named `[x](y)` or `<img …>` stays a name.

use super::{
    View,
    document::escape,
    format, safe, saturation,
    summary::{headline, key_findings, unavailable_sources},
    view::facts::{architecture as view_architecture, deployment},
};
use crate::assess::{Assessment, Bottleneck, Finding, PlanItem, Saving, Verdict};
use crate::render::reason;

pub(super) fn render(view: &View<'_>) -> String {
    let assessment = view.assessment;
    let mut lines = vec![
        format!("## {} {}", mark(assessment.verdict), escape(&headline(assessment))),
        String::new(),
        escape(&reason::next_bottleneck(assessment)),
        String::new(),
    ];
    if let Some(next) = &assessment.next_bottleneck {
        let said = [saturation::line(assessment, next), saturation::act_by(assessment, next)];
        let said: Vec<String> = said.into_iter().flatten().map(|line| escape(&line)).collect();
        if !said.is_empty() {
            lines.extend([format!("**{}**", said.join(" · ")), String::new()]);
        }
        if let Some(runner_up) = saturation::runner_up(assessment) {
            lines.extend([escape(&runner_up), String::new()]);
        }
    }
    if let Some(simulated) = &assessment.simulated {
        lines.extend([format!("**Simulated:** {}", escape(simulated)), String::new()]);
    }
    lines.extend(standing(assessment));
    lines.extend(resources(assessment));
    lines.extend(findings(assessment, view.verbose));
    lines.extend(plan(assessment));
    lines.push(format!(
        "_{} · {} · scale-advisor {}_",
        escape(&assessment.profile.id),
        assessment.generated_at.format("%-d %b %Y %H:%M UTC"),
        assessment.tool_version
    ));
    lines.join("\n") + "\n"
}

/// A word beside the sign, because a sign alone says nothing to many readers.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "✅ OK:",
        Verdict::Unknown => "❔ Unknown:",
        Verdict::Warning => "⚠️ Warning:",
        Verdict::Critical => "🔴 Critical:",
    }
}

fn standing(assessment: &Assessment) -> Vec<String> {
    let phase = &assessment.phase;
    let number =
        |number: Option<u64>| number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
    let cost = &assessment.cost;
    let tier = cost.tier.as_ref().and_then(|tier| tier.per_month.as_ref());
    let tier = tier.map_or_else(|| "unknown".to_owned(), |range| format::money_range(&cost.currency, range));
    let shape = deployment(&assessment.deployments).map(|line| format!("- **Shape** {}", escape(&line)));
    let load = &assessment.load;
    let peak = load.peak.map_or_else(|| "unknown".to_owned(), format::count);
    let mut lines = vec![
        format!(
            "- **Load** {peak} {}: {}",
            escape(&load.unit),
            escape(&reason::forecast(&load.forecast_reason))
        ),
        format!(
            "- **Phase** {}, recommended {}: {}",
            number(phase.current),
            number(phase.recommended),
            escape(&reason::phase(&phase.reason))
        ),
        format!("- **Cost** {tier} a month: {}", escape(&reason::cost(cost))),
        format!("- **Measured** {} of {} signals", assessment.coverage.measured, assessment.coverage.wanted),
    ];
    lines.extend(unavailable_sources(assessment).iter().map(|line| format!("- **Unread** {}", escape(line))));
    lines.extend(shape);
    let architecture = assessment.architecture.as_ref();
    let architecture = architecture.map(|decision| view_architecture(decision, &assessment.load.unit));
    lines.extend(architecture.map(|line| format!("- **Architecture** {}", escape(&line))));
    lines.extend(
        assessment.workers.iter().map(|queue| format!("- **Workers** {}", escape(&reason::workers(queue)))),
    );
    let saving = |saving: &Saving| format!("- **Saving** {}", escape(&reason::saving(saving)));
    lines.extend(assessment.savings.iter().map(saving));
    lines.push(String::new());
    lines
}

fn resources(assessment: &Assessment) -> Vec<String> {
    let measured: Vec<&Bottleneck> = assessment.bottlenecks.iter().filter(|one| one.now.is_some()).collect();
    if measured.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        "| | resource | now | limit | room | full at | on | evidence |".to_owned(),
        "|---|---|--:|--:|--:|--:|---|---|".to_owned(),
    ];
    for one in measured {
        let name = one.resource.entry().of_instance(one.instance.as_deref());
        let now = one.now.map_or_else(String::new, |now| format::used(now, one.capacity));
        let limit = one.limit.map_or_else(|| "–".to_owned(), |limit| limit.to_string());
        let room = one.headroom.map_or_else(|| "–".to_owned(), format::percent);
        let foreseen = saturation::cells(assessment, one).join(" | ");
        lines.push(format!(
            "| {:?} | {} | {now} | {limit} | {room} | {foreseen} |",
            one.verdict,
            escape(&name)
        ));
    }
    lines.push(String::new());
    lines
}

fn findings(assessment: &Assessment, verbose: bool) -> Vec<String> {
    let shown: Vec<&Finding> =
        if verbose { assessment.findings.iter().collect() } else { key_findings(&assessment.findings) };
    let line = |finding: &Finding| {
        format!("- **{:?}** `{}`: {}", finding.verdict, finding.id, escape(&reason::finding(&finding.reason)))
    };
    section("Findings", shown.into_iter().map(line).collect())
}

fn plan(assessment: &Assessment) -> Vec<String> {
    let item = |item: &PlanItem| {
        let done = if item.done { "x" } else { " " };
        let steps = item.steps.iter().map(|step| format!("\n  - {}", safe(step)));
        format!("- [{done}] **{}** {}{}", escape(&item.id), escape(&item.title), steps.collect::<String>())
    };
    section("Plan", assessment.plan.iter().map(item).collect())
}

fn section(title: &str, items: Vec<String>) -> Vec<String> {
    if items.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!("### {title}"), String::new()];
    lines.extend(items);
    lines.push(String::new());
    lines
}
