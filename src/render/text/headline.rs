//! The verdict: what runs out next and what to do about it.

use anstyle::Style;

use super::page::{Page, verdict_style, verdict_word};
use crate::{
    assess::{Assessment, Bottleneck, Verdict},
    render::{View, count, number},
    signal::{Role, span_text},
};

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let assessment = view.assessment;
    let window = assessment.window.to - assessment.window.from;
    let stamp = format!(
        "{} · {} · {}",
        assessment.profile.id,
        assessment.generated_at.format("%-d %b %Y %H:%M UTC"),
        span_text(window.num_seconds() as f64)
    );
    let verdict = assessment.verdict;
    let title = title(assessment);
    page.entry_with_right(verdict_word(verdict), verdict_style(verdict), &title, &stamp);
    if let Some(simulated) = &assessment.simulated {
        page.text(&format!("SIMULATED: {simulated}"));
    }
    match &assessment.next_bottleneck {
        Some(bottleneck) => {
            page.text(&bottleneck.because);
            expectation(assessment, bottleneck, page);
            act(assessment, page);
        }
        None => page.text(&assessment.next_bottleneck_because),
    }
}

fn title(assessment: &Assessment) -> String {
    match (&assessment.next_bottleneck, assessment.verdict) {
        (Some(bottleneck), _) => capitalised(&sentence(bottleneck)),
        (None, Verdict::Ok) => "Nothing is near its limit".to_owned(),
        (None, Verdict::Unknown) => {
            let unknown =
                assessment.findings.iter().filter(|finding| finding.verdict == Verdict::Unknown).count();
            let checks = if unknown == 1 { "check" } else { "checks" };
            format!("Nothing that was measured is near its limit; {unknown} {checks} could not be made")
        }
        (None, Verdict::Warning | Verdict::Critical) => {
            "No resource is near its limit, but there are findings".to_owned()
        }
    }
}

/// What happens to the resource, as a sentence.
fn sentence(bottleneck: &Bottleneck) -> String {
    let resource = bottleneck.resource.entry();
    let subject = resource.of_instance(bottleneck.instance.as_deref());
    let symptom = bottleneck.signal.is_some_and(|signal| signal.entry().role == Role::Symptom);
    let (run, are) = if resource.plural { ("run", "are") } else { ("runs", "is") };
    match (symptom, resource.runs_out) {
        (true, _) => format!("{subject} {are} beyond the limit; no measured resource explains it"),
        (false, true) => format!("{subject} {run} out next"),
        (false, false) => format!("{subject} {are} the next bottleneck"),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn expectation(assessment: &Assessment, bottleneck: &Bottleneck, page: &mut Page) {
    let mut parts = Vec::new();
    if let Some(peak) = assessment.load.peak {
        let how = if assessment.load.estimated { " (estimated)" } else { "" };
        parts.push(format!("now {} {}{how}", count(peak), assessment.load.unit));
    }
    if let Some(roadmap) = &bottleneck.roadmap {
        let act_by =
            roadmap.act_by_users.map(|users| format!(", act by {}", count(users as f64))).unwrap_or_default();
        parts.push(format!("the roadmap expects it at {} users{act_by}", count(roadmap.users as f64)));
    }
    if !parts.is_empty() {
        page.text(&parts.join("; "));
    }
}

fn act(assessment: &Assessment, page: &mut Page) {
    let Some(first) = assessment.plan.iter().find(|item| !item.done) else { return };
    let mut text = format!("{} {}", first.id, first.title);
    if let Some(effort) = &first.effort {
        text = format!("{text} · {}", number::effort(effort));
    }
    if let Some(timeline) = first.timeline {
        text = format!("{text} · takes {}", timeline.name());
    }
    if let Some(cost) = &first.cost_per_month {
        text = format!("{text} · +{} a month", number::money_range(&assessment.cost.currency, cost));
    }
    page.entry("  act", Style::new().bold(), &text);
}
