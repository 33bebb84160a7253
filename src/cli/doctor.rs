//! `doctor`: what can be read, and how to mend what cannot.

use anyhow::Result;
use clap::Args;

use super::{
    Exit, framework, observe,
    options::{ProjectOptions, SourceOptions},
    output::Output,
    project::Project,
    terminal::{Terminal, safe_lines},
};
use crate::{
    render::wrap,
    signal::{Signal, catalog, span_text},
    snapshot::{Snapshot, SourceReport, Status},
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
    let framework = framework::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let snapshot = observe::read(&arguments.sources, &project, &framework.roadmap)?;
    let mut page = Page { width: terminal.width.clamp(40, 100), text: String::new() };
    match &project.file {
        Some(file) => page.line(1, &format!("settings: {}", file.display())),
        None => page.line(1, "settings: none found; defaults and the environment are used"),
    }
    page.line(1, &format!("roadmap: {}", framework.roadmap.id));
    page.text.push_str("\nSources\n");
    for report in &snapshot.sources {
        source(report, &mut page);
    }
    page.text.push_str("\nSignals\n");
    for entry in catalog().signals() {
        signal(entry, &snapshot, &mut page);
    }
    Output::open(None)?.write(&page.text)?;
    let failed = snapshot.sources.iter().any(|report| report.status != Status::Answered);
    Ok(if failed || snapshot.sources.is_empty() { Exit::NotAssessed } else { Exit::Assessed })
}

struct Page {
    width: usize,
    text: String,
}

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        for (index, line) in wrap(&safe_lines(text), self.width - indent - 2).iter().enumerate() {
            let hang = if index == 0 { indent } else { indent + 2 };
            self.text.push_str(&format!("{}{line}\n", " ".repeat(hang)));
        }
    }
}

fn source(report: &SourceReport, page: &mut Page) {
    let version = report.version.as_deref().map(|version| format!(", {version}")).unwrap_or_default();
    match &report.status {
        Status::Answered => {
            page.line(1, &format!("ok      {} at {}{version}", report.source, report.address))
        }
        Status::Failed { detail, .. } => {
            page.line(1, &format!("FAILED  {} at {}{version}: {detail}", report.source, report.address));
        }
    }
    for note in &report.notes {
        page.line(9, &format!("note: {note}"));
    }
    if let Some(hint) = &report.hint {
        page.line(9, &format!("fix: {hint}"));
    }
}

fn signal(entry: &Signal, snapshot: &Snapshot, page: &mut Page) {
    let id = entry.id();
    let mut found = snapshot.observations.iter().filter(|observation| observation.signal == id).peekable();
    if found.peek().is_none() {
        page.line(1, &format!("–       {id}"));
        let gaps: Vec<_> = snapshot.gaps.iter().filter(|gap| gap.signal == id).collect();
        if gaps.is_empty() {
            page.line(9, "no source that reads it is configured");
        }
        for gap in gaps {
            page.line(9, &format!("{}: {}", gap.source, gap.detail));
            if let Some(hint) = &gap.hint {
                page.line(9, &format!("fix: {hint}"));
            }
        }
        return;
    }
    for observation in found {
        let instance = observation.instance.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
        let age = (snapshot.taken_at.timestamp_millis() - observation.values.last().0).max(0) as f64 / 1000.0;
        let count = observation.values.len();
        let samples = if count == 1 { "1 sample".to_owned() } else { format!("{count} samples") };
        page.line(1, &format!("ok      {id}{instance}: {samples}, newest {} old", span_text(age)));
        page.line(9, &format!("{}: {}", observation.origin.source, observation.origin.query));
        for note in &observation.notes {
            page.line(9, &format!("note: {note}"));
        }
    }
}
