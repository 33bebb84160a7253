//! `discover`: resources of a server outside the catalogue.

use std::path::PathBuf;

use anyhow::{Result, bail};
use chrono::Utc;
use clap::{Args, ValueEnum};

use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, SourceOptions},
    output_options::{OutputFormat, OutputOptions},
    project::{Project, read_text},
    terminal::Terminal,
};
use crate::{
    discover::{discover, read_exposition},
    render::{DiscoverView, DocumentFormat, discover_document, discovered_json, discovered_toml, yaml},
    snapshot::{DiscoveredResource, Discovery, Snapshot, SourceReport, SourceResult, Status, Window, merge},
    source::Search,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    /// Search a saved /metrics page of an exporter instead of a server
    #[arg(long, value_name = "FILE")]
    exposition: Option<PathBuf>,
    /// Search a snapshot written by `collect`
    #[arg(long, value_name = "FILE", conflicts_with = "exposition")]
    snapshot: Option<PathBuf>,
    /// Search servers of any size; by default those with more than 20,000 metrics are skipped
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    output: OutputOptions<Format>,
    /// Show every instance with its queries
    #[arg(short, long)]
    verbose: bool,
}

/// Formats of what was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A page for a terminal
    #[default]
    Text,
    /// The same with all details, as with -v
    Wide,
    /// For a wiki, an issue or a pull request
    #[value(alias = "md")]
    Markdown,
    /// One page for a browser
    Html,
    /// For programs
    Json,
    /// The JSON data as YAML
    #[value(alias = "yml")]
    Yaml,
    /// Definitions for scale-advisor.toml
    Toml,
}

impl OutputFormat for Format {
    const JSON: Option<Self> = Some(Self::Json);
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let snapshot = match (&arguments.exposition, &arguments.snapshot) {
        (Some(path), _) => exposition(path)?,
        (None, Some(path)) => observe::from_file(path)?,
        (None, None) => live(arguments, terminal)?,
    };
    let nothing = Discovery::default();
    let discovery = snapshot.discovery.as_ref().unwrap_or(&nothing);
    let view = DiscoverView {
        snapshot: &snapshot,
        verbose: arguments.verbose || arguments.output.format == Format::Wide,
    };
    let page = |format| discover_document(&view).write(format);
    let text = match arguments.output.format {
        Format::Text | Format::Wide => page(DocumentFormat::Text(terminal.style(&output)))?,
        Format::Markdown => page(DocumentFormat::Markdown)?,
        Format::Html => page(DocumentFormat::Html)?,
        Format::Json => discovered_json(discovery),
        Format::Yaml => yaml(&discovered_json(discovery)),
        Format::Toml => discovered_toml(&discovery.resources),
    };
    output.write(&text)?;
    let failed = snapshot.sources.iter().any(|report| report.status != Status::Answered);
    Ok(if failed { Exit::NotAssessed } else { Exit::Assessed })
}

/// What the Prometheus servers of the settings hold.
fn live(arguments: &Arguments, terminal: &Terminal) -> Result<Snapshot> {
    let mut project = Project::load(&arguments.project, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let search = if arguments.all { Search::All } else { Search::Bounded };
    observe::searched(&arguments.sources.searching(search), &project, &input.roadmap)
}

/// What one exporter says now.
fn exposition(path: &std::path::Path) -> Result<Snapshot> {
    let text = read_text(path)?;
    let now = Utc::now();
    let inventory = read_exposition(&text, now.timestamp_millis());
    if inventory.metrics.is_empty() {
        bail!("{} contains no metrics in Prometheus' text format", path.display());
    }
    let found = discover(&inventory);
    let resources = found.iter().map(|found| DiscoveredResource::new(found, "exposition")).collect();
    let report = SourceReport::answered("exposition", path.display().to_string());
    let discovery = Some(Discovery { resources, ..Discovery::default() });
    let reading = SourceResult { discovery, ..SourceResult::new(report) };
    let window = Window { from: now, to: now, step_seconds: 1 };
    Ok(merge(now, window, vec![reading]))
}
