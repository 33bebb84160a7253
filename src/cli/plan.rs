//! `plan`: the action plan alone.

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    output_options::{OutputFormat, OutputOptions},
    project::Project,
    terminal::Terminal,
};
use crate::{
    assess::{Scope, plan},
    render::{DocumentFormat, plan_document, plan_json, yaml},
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
    #[command(flatten)]
    output: OutputOptions<Format>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For terminals
    #[default]
    Text,
    /// A checklist for issue trackers
    #[value(alias = "md")]
    Markdown,
    /// One page for a browser
    Html,
    /// For scripts
    Json,
    /// The same as JSON, to read
    #[value(alias = "yml")]
    Yaml,
}

impl OutputFormat for Format {
    const JSON: Option<Self> = Some(Self::Json);
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let mut project = Project::judged(&arguments.project, &arguments.replay, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let scope = scope(arguments, &input.roadmap)?;
    let snapshot = observe::snapshot(&arguments.replay, &arguments.sources, &project, &input.roadmap)?;
    let plan = plan(&input, &snapshot, scope).context("the roadmap has no phases")?;
    let document = |format| plan_document(&plan).write(format);
    let text = match arguments.output.format {
        Format::Text => document(DocumentFormat::Text(terminal.style(&output)))?,
        Format::Markdown => document(DocumentFormat::Markdown)?,
        Format::Html => document(DocumentFormat::Html)?,
        Format::Json => plan_json(&plan),
        Format::Yaml => yaml(&plan_json(&plan)),
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
