//! What a signal, a resource, a condition of the roadmap or a diagnostic code is.

use std::fmt::Write;

use crate::{
    diagnostic::CODES,
    roadmap::{Limit, Roadmap, Statement, Thresholds},
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
        planned(name, bare, roadmap),
        CODES
            .iter()
            .find(|(code, _)| *code == bare)
            .map(|(code, text)| format!("{code}: diagnostic\n\n  {text}\n")),
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
    let scales = if resource.scales_out {
        "scales out: add instances"
    } else {
        "does not scale out: more instances do not help"
    };
    let signals: Vec<String> = catalog()
        .signals()
        .filter(|signal| signal.resource == Some(resource.id()))
        .map(|signal| format!("  {} ({})", signal.id(), role(signal.role)))
        .collect();
    format!(
        "{}: resource, {}\n\n  {}\n  It {scales}.\n\nSignals\n{}\n",
        resource.id(),
        resource.title,
        resource.description,
        signals.join("\n")
    )
}

fn signal(signal: &Signal, limit: Limit) -> String {
    let mut text = format!("{}: signal, {}\n\n  {}\n", signal.id(), signal.title, signal.description);
    let (worse, percentile) = match signal.direction {
        Direction::HigherIsWorse => ("higher is worse", "95th"),
        Direction::LowerIsWorse => ("lower is worse", "5th"),
    };
    let _ = writeln!(text, "  Unit: {}; {worse}. Role: {}.", unit(signal), role(signal.role));
    let _ = writeln!(
        text,
        "  Peak value: {percentile} percentile over the peak hours. Default aggregate in conditions: {}.",
        signal.aggregate.name()
    );
    text.push_str("\nDefault thresholds\n");
    text.push_str(&limits(limit));
    text.push_str("\nSources\n");
    for source in &signal.native {
        let _ = writeln!(text, "  {source} (direct)");
    }
    for candidate in &signal.prometheus {
        let limit = candidate.limit.as_deref().map(|limit| format!(", limit: {limit}")).unwrap_or_default();
        let _ = writeln!(text, "  prometheus, {}: {}{limit}", candidate.exporter, candidate.query);
    }
    if let Some(example) = &signal.example {
        let _ = writeln!(
            text,
            "  a custom query under [signals.\"{}\"] in the config, such as {example}",
            signal.id()
        );
    }
    if let Some(needs) = &signal.computed {
        let _ = writeln!(text, "  computed from {needs}");
    }
    text.push_str("\nUnavailable when\n  none of these can be read; conditions on it are then unknown, and `doctor` shows why.\n");
    text
}

fn limits(limit: Limit) -> String {
    let sustained = limit.sustained.map(|time| format!(" for {}", duration_text(time))).unwrap_or_default();
    let named = [("warning", limit.warning), ("critical", limit.critical)];
    let mut lines: Vec<String> =
        named.into_iter().filter_map(|(name, at)| Some(format!("  {name} {}{sustained}", at?))).collect();
    lines.extend(limit.limit.map(|at| format!("  saturated at {at}")));
    if lines.is_empty() {
        return "  none: context only, no finding depends on it alone\n".to_owned();
    }
    format!(
        "{}\n  (overridden by the roadmap's alerts and by [thresholds] in the config)\n",
        lines.join("\n")
    )
}

fn unit(signal: &Signal) -> String {
    let unit = match signal.unit {
        Unit::Seconds => "seconds",
        Unit::Bytes => "bytes",
        Unit::Ratio => "ratio",
        Unit::Count => "count",
        Unit::PerSecond => "events per second",
        Unit::BytesPerSecond => "bytes per second",
    };
    signal.of.as_ref().map_or_else(|| unit.to_owned(), |of| format!("{unit} of {of}"))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Limit => "utilization of a resource",
        Role::Symptom => "symptom, reported only if no resource explains it",
        Role::Load => "load, counted by phases",
        Role::Context => "context",
    }
}

/// A part of the roadmap, by the id of its finding, with or without the kind before it.
fn planned(id: &str, bare: &str, roadmap: &Roadmap) -> Option<String> {
    rule(bare, roadmap)
        .or_else(|| decision_or_action(bare, roadmap))
        .or_else(|| phase_or_milestone(bare, roadmap))
        .or_else(|| advice(id, bare, roadmap))
}

/// An alert, an objective or a load test.
fn rule(name: &str, roadmap: &Roadmap) -> Option<String> {
    let of = format!("of roadmap {}", roadmap.id);
    if let Some(alert) = roadmap.alerts.iter().find(|alert| alert.id == name) {
        return Some(format!("{name}: alert {of}\n\n  fires when {}\n", alert.when));
    }
    if let Some(objective) = roadmap.objectives.iter().find(|objective| objective.id == name) {
        return Some(format!(
            "{name}: objective {of}\n\n  {}\n  met when {}\n",
            objective.title, objective.when_met
        ));
    }
    let test = roadmap.load_tests.iter().find(|test| test.id == name)?;
    let pass = test.pass.as_ref().map(|pass| format!("  passed when {pass}\n")).unwrap_or_default();
    Some(format!("{name}: load test {of}\n\n  {}\n{pass}", test.purpose))
}

fn decision_or_action(name: &str, roadmap: &Roadmap) -> Option<String> {
    let of = format!("of roadmap {}", roadmap.id);
    if let Some(decision) = roadmap.decisions.iter().find(|decision| decision.id == name) {
        let timeline = decision.timeline.name();
        return Some(format!(
            "{name}: decision {of}\n\n  {}, takes {timeline}\n  due when {}\n",
            decision.action, decision.when
        ));
    }
    let mut actions =
        roadmap.phases.iter().flat_map(|phase| phase.actions.iter().map(move |action| (phase, action)));
    actions.find(|(_, action)| action.id == name).map(|(phase, action)| {
        format!(
            "{name}: action of phase {} {of}\n\n  {}\n{}",
            phase.number,
            action.title,
            list(&action.steps)
        )
    })
}

/// A phase by "phase-2", a milestone by "milestone-500", a symptom of it by "milestone-500:1".
fn phase_or_milestone(name: &str, roadmap: &Roadmap) -> Option<String> {
    let of = format!("of roadmap {}", roadmap.id);
    if let Some(number) = name.strip_prefix("phase-").and_then(|number| number.parse::<u64>().ok()) {
        let phase = roadmap.phases.iter().find(|phase| phase.number == number)?;
        let enter =
            phase.enter.as_ref().map_or("no trigger".to_owned(), |enter| format!("entered when {enter}"));
        return Some(format!("{name}: phase {of}\n\n  {}\n  {enter}\n", phase.title));
    }
    let (users, symptom) = match name.strip_prefix("milestone-")?.split_once(':') {
        Some((users, symptom)) => (users, symptom.parse::<usize>().ok()),
        None => (name.strip_prefix("milestone-")?, None),
    };
    let milestone = roadmap.milestones.iter().find(|milestone| milestone.users.to_string() == users)?;
    if let Some(number) = symptom {
        return Some(format!(
            "{name}: symptom {of}, of the milestone at {users} users\n\n{}",
            statement(&milestone.symptoms, number)?
        ));
    }
    Some(format!("{name}: milestone {of}\n\n  {}\n  remedy: {}\n", milestone.title, milestone.solution))
}

/// A playbook, a benchmark or a statement.
fn advice(id: &str, name: &str, roadmap: &Roadmap) -> Option<String> {
    let of = format!("of roadmap {}", roadmap.id);
    let bare = name.strip_prefix("playbook-").unwrap_or(name);
    if let Some(playbook) = roadmap.playbooks.iter().find(|playbook| playbook.id == bare) {
        let when = playbook.when.as_ref().map(|when| format!("  seen when {when}\n")).unwrap_or_default();
        return Some(format!(
            "{name}: playbook {of}\n\n  {}\n{when}{}",
            playbook.symptom,
            list(&playbook.remedies)
        ));
    }
    let (kind, number) = id.rsplit_once(':')?;
    let number: usize = number.parse().ok()?;
    if kind == "benchmark" {
        let benchmark = roadmap.benchmarks.get(number.checked_sub(1)?)?;
        return Some(format!(
            "{id}: benchmark {of}\n\n  {}\n  met when {}\n",
            benchmark.title, benchmark.target
        ));
    }
    let (kind, statements) = match kind.strip_prefix("statement:")? {
        "limitation" => ("limitation", &roadmap.limitations),
        "principle" => ("principle", &roadmap.principles),
        "saving" => ("saving", &roadmap.savings),
        _ => return None,
    };
    Some(format!("{id}: {kind} {of}\n\n{}", statement(statements, number)?))
}

/// The statement of a number, from 1.
fn statement(statements: &[Statement], number: usize) -> Option<String> {
    let statement = statements.get(number.checked_sub(1)?)?;
    let when = statement.when.as_ref().map(|when| format!("  holds when {when}\n")).unwrap_or_default();
    Some(format!("  {}\n{when}", statement.text))
}

fn list(items: &[String]) -> String {
    items.iter().fold(String::new(), |mut text, item| {
        text.extend(["  - ", item, "\n"]);
        text
    })
}
