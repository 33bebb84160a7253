//! `plan`: the action plan alone.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    output::Output,
    project::Project,
    terminal::Terminal,
};
use crate::{
    assess::{Scope, plan},
    render::{DocumentFormat, plan_document, plan_json},
    roadmap::Roadmap,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    replay: ReplayOptions,
    /// Plan for this phase of the roadmap
    #[arg(long, value_name = "NUMBER", conflicts_with = "users")]
    phase: Option<u64>,
    /// Plan for growing to this many users
    #[arg(long, value_name = "COUNT")]
    users: Option<u64>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the output to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For terminals
    #[default]
    Text,
    /// A checklist for issue trackers
    Markdown,
    /// One page for a browser
    Html,
    /// For scripts
    Json,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = Output::open(arguments.output.as_deref())?;
    let mut project = Project::judged(&arguments.project, &arguments.replay, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let scope = scope(arguments, &input.roadmap)?;
    let snapshot = observe::snapshot(&arguments.replay, &arguments.sources, &project, &input.roadmap)?;
    let plan = plan(&input, &snapshot, scope).context("the roadmap has no phases")?;
    let document = |format| plan_document(&plan).write(format);
    let text = match arguments.format {
        Format::Text => document(DocumentFormat::Text(terminal.style(&output)))?,
        Format::Markdown => document(DocumentFormat::Markdown)?,
        Format::Html => document(DocumentFormat::Html)?,
        Format::Json => plan_json(&plan),
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}

/// What the plan is for. A phase is looked up before anything is read, because reading takes a while.
fn scope(arguments: &Arguments, roadmap: &Roadmap) -> Result<Scope> {
    match (arguments.phase, arguments.users) {
        (Some(phase), _) if roadmap.phases.iter().any(|known| known.number == phase) => {
            Ok(Scope::Phase(phase))
        }
        (Some(phase), _) => {
            let known: Vec<String> = roadmap.phases.iter().map(|phase| phase.number.to_string()).collect();
            bail!("roadmap {} has no phase {phase}; it has {}", roadmap.id, known.join(", "))
        }
        (None, Some(users)) => Ok(Scope::Users(users)),
        (None, None) => Ok(Scope::Now),
    }
}
