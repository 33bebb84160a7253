//! `doctor`: what can be read, and how to fix what can't.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use clap::Args;

use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, SourceOptions},
    output::Output,
    project::Project,
    terminal::Terminal,
};
use crate::{
    assess::{called_for, how_to_read},
    render::{safe, wrap},
    signal::{Signal, SignalId, catalog, span_text},
    snapshot::{Gap, Observation, Snapshot, SourceReport, Status},
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut project = Project::load(&arguments.project, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let snapshot = observe::read(&arguments.sources, &project, &input.roadmap)?;
    let mut page = Page { width: terminal.width.clamp(40, 100), text: String::new() };
    let settings = project.file.as_ref().map(|file| file.display().to_string());
    page.line(
        "config",
        settings.as_deref().unwrap_or("none found; using defaults and environment variables"),
    );
    page.line("roadmap", &input.roadmap.id);
    page.heading("Sources");
    for report in &snapshot.sources {
        source(report, &mut page);
    }
    page.heading("Signals");
    let alike = |a: &Observation, b: &Observation| (a.signal, &a.origin) == (b.signal, &b.origin);
    for instances in snapshot.observations.chunk_by(alike) {
        measured(instances, &snapshot, &mut page);
    }
    let called_for = called_for(&input, &snapshot);
    for gap in snapshot.gaps.iter().filter(|gap| called_for.contains(&gap.signal)) {
        missing(gap, &mut page);
    }
    unasked(&snapshot, &called_for, &mut page);
    not_called_for(&called_for, &input.roadmap.id, &mut page);
    Output::open(None)?.write(&page.text)?;
    let failed = snapshot.sources.iter().any(|report| report.status != Status::Answered);
    Ok(if failed || snapshot.sources.is_empty() { Exit::NotAssessed } else { Exit::Assessed })
}

/// Columns before the text of an entry.
const MARGIN: usize = 9;

struct Page {
    width: usize,
    text: String,
}

impl Page {
    /// A mark in the margin and text beside it.
    fn entry(&mut self, mark: &str, text: &str) {
        for (index, line) in wrap(&safe(text), self.width - MARGIN).iter().enumerate() {
            let mark = if index == 0 { mark } else { "" };
            let padding = " ".repeat((MARGIN - 1).saturating_sub(mark.chars().count()));
            self.text.extend([" ", mark, &padding, line, "\n"]);
        }
    }

    /// A name and its value.
    fn line(&mut self, name: &str, value: &str) {
        self.text.extend([name, ": ", &safe(value), "\n"]);
    }

    fn heading(&mut self, text: &str) {
        self.text.extend(["\n", text, "\n"]);
    }
}

fn source(report: &SourceReport, page: &mut Page) {
    let version = report.version.as_deref().map(|version| format!(", {version}")).unwrap_or_default();
    let name = format!("{} at {}{version}", report.source, report.address);
    match &report.status {
        Status::Answered => page.entry("ok", &name),
        Status::Failed { detail, .. } => page.entry("FAILED", &format!("{name}: {detail}")),
    }
    for note in &report.notes {
        page.entry("", &format!("note: {note}"));
    }
    if let Some(hint) = &report.hint {
        page.entry("", &format!("fix: {hint}"));
    }
}

/// The instances of one signal that one query gave.
fn measured(instances: &[Observation], snapshot: &Snapshot, page: &mut Page) {
    let Some(first) = instances.first() else { return };
    let names: Vec<&str> = instances.iter().filter_map(|one| one.instance.as_deref()).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let counts = instances.iter().map(|one| one.values.len());
    let fewest = counts.min().unwrap_or(0);
    let samples = match (fewest, instances.len()) {
        (1, 1) => "1 sample".to_owned(),
        (fewest, 1) => format!("{fewest} samples"),
        (fewest, _) => format!("at least {fewest} samples each"),
    };
    let oldest = instances.iter().map(|one| one.values.last().0).min().unwrap_or(0);
    let age = (snapshot.taken_at.timestamp_millis() - oldest).max(0) as f64 / 1000.0;
    page.entry("ok", &format!("{}{names}: {samples}, latest {} ago", first.signal, span_text(age)));
    page.entry("", &format!("{}: {}", first.origin.source, first.origin.query));
    let notes: BTreeSet<&String> = instances.iter().flat_map(|one| &one.notes).collect();
    for note in notes {
        page.entry("", &format!("note: {note}"));
    }
}

fn missing(gap: &Gap, page: &mut Page) {
    page.entry("–", &format!("{}: {}: {}", gap.signal, gap.source, gap.detail));
    if let Some(hint) = &gap.hint {
        page.entry("", &format!("fix: {hint}"));
    }
}

/// Signals that no source was queried for, grouped by the configuration that would change that.
fn unasked(snapshot: &Snapshot, called_for: &BTreeSet<SignalId>, page: &mut Page) {
    let mut by_hint: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for signal in called_for.iter().copied().filter(|signal| signal.entry().computed.is_none()) {
        let observed = snapshot.observations.iter().any(|observation| observation.signal == signal);
        let explained = snapshot.gaps.iter().any(|gap| gap.signal == signal);
        if !observed && !explained {
            let hint = how_to_read(signal).unwrap_or_else(|| "no configured source can read it".to_owned());
            by_hint.entry(hint).or_default().push(signal.as_str());
        }
    }
    for (hint, signals) in by_hint {
        page.entry("–", &format!("{}: no source configured", signals.join(", ")));
        page.entry("", &format!("fix: {hint}"));
    }
}

/// Signals that are neither measured nor used by the roadmap, in one entry.
fn not_called_for(called_for: &BTreeSet<SignalId>, roadmap: &str, page: &mut Page) {
    let others = catalog().signals().map(Signal::id).filter(|signal| !called_for.contains(signal));
    let others: Vec<&str> = others.map(SignalId::as_str).collect();
    if !others.is_empty() {
        let text = format!("not measured and not used by {roadmap}: {}", others.join(", "));
        page.entry("–", &text);
    }
}
