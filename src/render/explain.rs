//! What a signal, a resource, a condition of the roadmap or a diagnostic code is.

use std::fmt::Write;

use crate::{
    diagnostic::CODES,
    roadmap::{Limit, Roadmap, Thresholds},
    signal::{Direction, Resource, ResourceId, Role, Signal, SignalId, Unit, catalog, duration_text},
};

/// Explains a name; `None` when nothing has it.
///
/// Signals and resources may share a name and are then both explained.
pub fn explain(name: &str, roadmap: &Roadmap, thresholds: &Thresholds) -> Option<String> {
    let bare = name.split_once(':').map_or(name, |(_, bare)| bare);
    let parts = [
        ResourceId::find(bare).map(|id| resource(id.entry())),
        SignalId::find(bare).map(|id| signal(id.entry(), thresholds.of(id))),
        planned(bare, roadmap),
        CODES
            .iter()
            .find(|(code, _)| *code == bare)
            .map(|(code, text)| format!("{code}: a diagnostic\n\n  {text}\n")),
    ];
    let text: Vec<String> = parts.into_iter().flatten().collect();
    (!text.is_empty()).then(|| text.join("\n"))
}

/// Every name that can be explained, for "did you mean".
pub fn explainable(roadmap: &Roadmap) -> Vec<String> {
    let signals = catalog().signals().map(|signal| signal.id().to_string());
    let resources = catalog().resources().map(|resource| resource.id().to_string());
    let alerts = roadmap.alerts.iter().map(|alert| alert.id.clone());
    let objectives = roadmap.objectives.iter().map(|objective| objective.id.clone());
    let decisions = roadmap.decisions.iter().map(|decision| decision.id.clone());
    let actions = roadmap.phases.iter().flat_map(|phase| &phase.actions).map(|action| action.id.clone());
    let codes = CODES.iter().map(|(code, _)| (*code).to_owned());
    signals
        .chain(resources)
        .chain(alerts)
        .chain(objectives)
        .chain(decisions)
        .chain(actions)
        .chain(codes)
        .collect()
}

fn resource(resource: &Resource) -> String {
    let scales =
        if resource.scales_out { "more instances give more of it" } else { "more instances do not help" };
    let signals: Vec<String> = catalog()
        .signals()
        .filter(|signal| signal.resource == Some(resource.id()))
        .map(|signal| format!("  {} ({})", signal.id(), role(signal.role)))
        .collect();
    format!(
        "{}: a resource, {}\n\n  {}\n  It scales: {scales}.\n\nTold by\n{}\n",
        resource.id(),
        resource.title,
        resource.description,
        signals.join("\n")
    )
}

fn signal(signal: &Signal, limit: Limit) -> String {
    let mut text = format!("{}: a signal, {}\n\n  {}\n", signal.id(), signal.title, signal.description);
    let worse = match signal.direction {
        Direction::HigherIsWorse => "more is worse",
        Direction::LowerIsWorse => "less is worse",
    };
    let _ = writeln!(text, "  Measured in {}; {worse}; {}.", unit(signal), role(signal.role));
    let _ = writeln!(
        text,
        "  A condition that names no aggregate uses {}. Present value: the 95th percentile of the busy hours.",
        signal.aggregate.name()
    );
    text.push_str("\nDefault limits\n");
    text.push_str(&limits(limit));
    text.push_str("\nRead from\n");
    for source in &signal.native {
        let _ = writeln!(text, "  {source}, directly");
    }
    for candidate in &signal.prometheus {
        let _ = writeln!(text, "  prometheus, metrics of {}: {}", candidate.exporter, candidate.query);
    }
    if let Some(example) = &signal.example {
        let _ = writeln!(
            text,
            "  a query of the project's own under [signals.\"{}\"], such as {example}",
            signal.id()
        );
    }
    if let Some(needs) = &signal.computed {
        let _ = writeln!(text, "  nothing: it is computed from {needs}");
    }
    text.push_str("\nSilent when\n  nothing of this can be read: then it is a gap, every condition on it is unknown, and `doctor` says why.\n");
    text
}

fn limits(limit: Limit) -> String {
    let sustained = limit.sustained.map(|time| format!(" for {}", duration_text(time))).unwrap_or_default();
    let named = [("warning", limit.warning), ("critical", limit.critical)];
    let mut lines: Vec<String> =
        named.into_iter().filter_map(|(name, at)| Some(format!("  {name} {}{sustained}", at?))).collect();
    lines.extend(limit.limit.map(|at| format!("  used up at {at}")));
    if lines.is_empty() {
        return "  none: it is background, and no finding rests on it alone\n".to_owned();
    }
    format!(
        "{}\n  (thresholds.toml gives their origin; alerts of the roadmap and [thresholds] of the project win)\n",
        lines.join("\n")
    )
}

fn unit(signal: &Signal) -> String {
    let unit = match signal.unit {
        Unit::Seconds => "time",
        Unit::Bytes => "bytes",
        Unit::Ratio => "a share",
        Unit::Count => "a count",
        Unit::PerSecond => "events per second",
        Unit::BytesPerSecond => "bytes per second",
    };
    signal.of.as_ref().map_or_else(|| unit.to_owned(), |of| format!("{unit} of {of}"))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Limit => "tells how far a resource is used up",
        Role::Symptom => "a symptom, named only when no resource explains it",
        Role::Load => "what phases count",
        Role::Context => "background",
    }
}

/// A condition or an action of the roadmap.
fn planned(name: &str, roadmap: &Roadmap) -> Option<String> {
    let of = format!("of the roadmap {}", roadmap.id);
    if let Some(alert) = roadmap.alerts.iter().find(|alert| alert.id == name) {
        return Some(format!("{name}: an alert {of}\n\n  fires when {}\n", alert.when));
    }
    if let Some(objective) = roadmap.objectives.iter().find(|objective| objective.id == name) {
        return Some(format!(
            "{name}: an objective {of}\n\n  {}\n  met when {}\n",
            objective.title, objective.when_met
        ));
    }
    if let Some(decision) = roadmap.decisions.iter().find(|decision| decision.id == name) {
        let timeline = decision.timeline.name();
        return Some(format!(
            "{name}: a decision {of}\n\n  {}, takes {timeline}\n  due when {}\n",
            decision.action, decision.when
        ));
    }
    let mut actions =
        roadmap.phases.iter().flat_map(|phase| phase.actions.iter().map(move |action| (phase, action)));
    actions.find(|(_, action)| action.id == name).map(|(phase, action)| {
        let steps: Vec<String> = action.steps.iter().map(|step| format!("  - {step}")).collect();
        format!(
            "{name}: an action of phase {} {of}\n\n  {}\n{}\n",
            phase.number,
            action.title,
            steps.join("\n")
        )
    })
}
