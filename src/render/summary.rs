//! What comes first: the headline, the findings a reader in a hurry must see, and the sources that failed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    format::{count, short},
    outside, reason, saturation,
};
use crate::{
    assess::{Assessment, Bottleneck, Finding, FindingReason, Kind, State, Status, Verdict, is_at_limit},
    signal::{Direction, Role, SignalId},
};

/// The verdict in one sentence: what, when, what makes it worse, and which sources failed.
pub(super) fn headline(assessment: &Assessment) -> String {
    let verdict = assessment.verdict;
    let sentence = match &assessment.next_bottleneck {
        Some(bottleneck) => {
            let worse =
                if bottleneck.verdict < verdict { worse(assessment, bottleneck) } else { String::new() };
            let when = when(assessment, bottleneck).unwrap_or_default();
            format!("{}{when}{worse}", capitalised(&state(assessment, bottleneck)))
        }
        None => nothing_near(assessment),
    };
    let covered =
        assessment.next_bottleneck.as_ref().is_none_or(|bottleneck| bottleneck.verdict < Verdict::Warning);
    let outside = outside::at_limit(assessment).filter(|_| covered);
    let sentence = outside.map_or_else(|| sentence.clone(), |outside| format!("{sentence}; {outside}"));
    let failed = failed_sources(assessment);
    if failed.is_empty() { sentence } else { format!("{sentence}; {} could not be read", listed(&failed)) }
}

/// The verdict where no resource is near its limit.
fn nothing_near(assessment: &Assessment) -> String {
    let unknown = unknown_count(assessment);
    let checks = unknown_checks(assessment);
    let outside = assessment.outside_roadmap.iter().any(is_at_limit);
    let exceeded = assessment
        .findings
        .iter()
        .any(|finding| finding.verdict >= Verdict::Warning && finding.kind.is_fault());
    match assessment.verdict {
        Verdict::Ok => "Nothing is near its limit".to_owned(),
        Verdict::Unknown | Verdict::Warning if outside && !exceeded && unknown == 0 => {
            "No resource of the roadmap is near its limit".to_owned()
        }
        Verdict::Warning if outside && !exceeded => {
            format!("No measured resource of the roadmap is near its limit; {checks}")
        }
        Verdict::Unknown if assessment.coverage.measured == 0 => "Nothing could be measured".to_owned(),
        Verdict::Unknown => format!("Nothing measured is near its limit; {checks}"),
        Verdict::Warning | Verdict::Critical => {
            let exceeded = loss_alone(assessment).unwrap_or_else(|| "other limits are exceeded".to_owned());
            format!("No resource is near its limit, but {exceeded}")
        }
    }
}

fn unknown_count(assessment: &Assessment) -> usize {
    assessment.findings.iter().filter(|finding| finding.verdict == Verdict::Unknown).count()
}

/// "3 checks are unknown".
fn unknown_checks(assessment: &Assessment) -> String {
    match unknown_count(assessment) {
        1 => "1 check is unknown".to_owned(),
        unknown => format!("{unknown} checks are unknown"),
    }
}

/// The worst loss of a part, where nothing else is beyond a limit.
fn loss_alone(assessment: &Assessment) -> Option<String> {
    let is_wrong = |finding: &&Finding| finding.verdict >= Verdict::Warning && finding.kind.is_fault();
    let mut wrong = assessment.findings.iter().filter(is_wrong);
    let first = loss(wrong.next()?)?;
    wrong.all(|finding| finding.kind == Kind::Loss).then_some(first)
}

/// "PostgreSQL connections of pg-1 saturate without zone=a".
fn loss(finding: &Finding) -> Option<String> {
    let FindingReason::Lost { lost, worst: Some(worst), .. } = &finding.reason else { return None };
    let entry = worst.resource.entry();
    let verb = if entry.plural { "saturate" } else { "saturates" };
    let name = entry.of_instance(worst.instance.as_deref());
    Some(format!("{name} {verb} without {}", reason::lost_parts(lost)))
}

/// Whether it rejects clients, is saturated, or will be.
fn state(assessment: &Assessment, bottleneck: &Bottleneck) -> String {
    let resource = bottleneck.resource.entry();
    let name = resource.of_instance(bottleneck.instance.as_deref());
    let are = if resource.plural { "are" } else { "is" };
    let rejects =
        |finding: &Finding| finding.kind == Kind::Refusal && finding.resource == Some(bottleneck.resource);
    if assessment.findings.iter().any(rejects) {
        return format!("{name} {are} exhausted: clients are rejected");
    }
    let level = bottleneck.signal.is_some_and(|signal| signal.entry().role == Role::ServiceLevel);
    let exceeded = if resource.plural { "exceed" } else { "exceeds" };
    match bottleneck.state {
        _ if bottleneck.status == Status::Saturated && resource.runs_out => format!("{name} {are} saturated"),
        State::Pending if !level => {
            format!("{name} {exceeded} the limit, but not yet for the required duration")
        }
        _ => sentence(bottleneck),
    }
}

/// ", around 3 Dec", or at which load where there is no date; nothing of what is saturated already.
fn when(assessment: &Assessment, bottleneck: &Bottleneck) -> Option<String> {
    if bottleneck.status == Status::Saturated {
        return None;
    }
    let date = bottleneck.saturates_on.as_ref().and_then(|on| on.mid);
    let date = date.map(|date| format!(", around {}", short(date, assessment.generated_at)));
    let load = || {
        let load = bottleneck.saturates_at_load.as_ref()?;
        Some(format!(", at {} {}", count(load.mid), assessment.load.unit))
    };
    date.or_else(load)
}

/// Sources that could not be read at all.
fn failed_sources(assessment: &Assessment) -> Vec<&str> {
    let failed = assessment.coverage.gaps.iter().filter(|gap| gap.reason.is_of_source());
    let mut names: Vec<&str> = failed.map(|gap| gap.source.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// "a, b and c".
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => (*name).to_owned(),
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

/// What makes the verdict worse than that of the resource that runs out next; nothing where that is its own date to act.
fn worse(assessment: &Assessment, next: &Bottleneck) -> String {
    let verdict = assessment.verdict;
    if verdict == Verdict::Unknown {
        return format!("; {}", unknown_checks(assessment));
    }
    let counts = |finding: &&Finding| finding.verdict == verdict && finding.kind.is_fault();
    let Some(finding) = assessment.findings.iter().find(counts) else { return String::new() };
    if finding.kind == Kind::Forecast
        && (finding.resource, &finding.instance) == (Some(next.resource), &next.instance)
    {
        return String::new();
    }
    let name = finding.signal.map(|signal| signal.entry().of_instance(finding.instance.as_deref()));
    let name = name.or_else(|| loss(finding)).unwrap_or_else(|| finding.id.clone());
    let word = if verdict == Verdict::Critical { "critical" } else { "a warning" };
    format!("; {word}: {name}")
}

/// What happens to the resource, as a sentence.
pub(super) fn sentence(bottleneck: &Bottleneck) -> String {
    let resource = bottleneck.resource.entry();
    let level = bottleneck.signal.filter(|signal| signal.entry().role == Role::ServiceLevel);
    if let (Some(level), Some(now), Some(objective)) = (level, bottleneck.now, bottleneck.limit) {
        let title = level.entry().of_instance(bottleneck.instance.as_deref());
        let beyond = match level.entry().direction {
            Direction::HigherIsWorse => "above",
            Direction::LowerIsWorse => "below",
        };
        let so_far = if bottleneck.state == State::Pending { " so far" } else { "" };
        return format!("{title}: {now}, {beyond} {objective}{so_far}, and no measured resource explains it");
    }
    let subject = resource.of_instance(bottleneck.instance.as_deref());
    let (run, are) = if resource.plural { ("run", "are") } else { ("runs", "is") };
    if let Some(cap) = saturation::cap(bottleneck).filter(|_| bottleneck.state == State::Ok) {
        let reach = if resource.plural { "reach" } else { "reaches" };
        format!("{subject} {reach} a cap of {cap} next")
    } else if resource.runs_out {
        format!("{subject} {run} out next")
    } else {
        format!("{subject} {are} the next bottleneck")
    }
}

/// With a capital first letter.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Warnings and worse that are faults. A limit that came from an alert which fires as well is reported once.
pub(super) fn key_findings(findings: &[Finding]) -> Vec<&Finding> {
    let of_what = |finding: &Finding| (finding.verdict, finding.signal, finding.instance.clone());
    let alerts: BTreeSet<_> =
        findings.iter().filter(|finding| finding.kind == Kind::Alert).map(of_what).collect();
    let thresholds = findings.iter().filter(|finding| finding.kind == Kind::Threshold);
    let mut histories: BTreeMap<Option<SignalId>, Verdict> = BTreeMap::new();
    for finding in thresholds.filter(|finding| finding.samples > 1) {
        let worst = histories.entry(finding.signal).or_insert(finding.verdict);
        *worst = finding.verdict.max(*worst);
    }
    let alerted = |finding: &Finding| finding.kind == Kind::Threshold && alerts.contains(&of_what(finding));
    // Where a history says as much, one reading of the same signal adds nothing.
    let outdone = |finding: &Finding| {
        let by = || histories.get(&finding.signal).is_some_and(|worst| *worst >= finding.verdict);
        finding.kind == Kind::Threshold && finding.samples == 1 && by()
    };
    let fault = |finding: &&Finding| {
        let beyond = finding.verdict >= Verdict::Warning || finding.state == State::Pending;
        beyond && finding.kind.is_fault()
    };
    findings.iter().filter(fault).filter(|finding| !alerted(finding) && !outdone(finding)).collect()
}

/// A line for each reason.
pub(super) fn unavailable_sources(assessment: &Assessment) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for gap in assessment.coverage.gaps.iter().filter(|gap| gap.reason.is_of_source()) {
        let line = format!("{}: {}", gap.source, gap.explained());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
