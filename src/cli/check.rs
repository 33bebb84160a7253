//! `check`: judge the system now.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{
    Exit, demo, framework, observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    output::Output,
    project::Project,
    terminal::Terminal,
};
use crate::{
    assess::{Assessment, Verdict, assess},
    render::{Format, View, render},
    signal::SignalId,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    replay: ReplayOptions,
    /// How to write the result
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format)]
    format: Format,
    /// Write the result to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show every finding, every step and where each value was read
    #[arg(short, long)]
    verbose: bool,
    /// End with code 1 when a finding is at least this bad
    #[arg(long, value_name = "VERDICT")]
    fail_on: Option<FailOn>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Warning,
    Critical,
}

fn format(name: &str) -> Result<Format, String> {
    let found = Format::NAMES.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
    let known = Format::NAMES.map(|(known, _)| known).join(", ");
    found.ok_or_else(|| format!("one of {known}"))
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = Output::open(arguments.output.as_deref())?;
    let mut project = if arguments.replay.demo && arguments.project.config.is_none() {
        demo::project()
    } else {
        Project::load(&arguments.project, terminal)?
    };
    let framework = framework::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let snapshot = observe::snapshot(&arguments.replay, &arguments.sources, &project, &framework.roadmap)?;
    let assessment = assess(&framework, &snapshot);
    let view = View {
        assessment: &assessment,
        snapshot: &snapshot,
        width: terminal.width,
        styled: terminal.styled && !output.is_file(),
        verbose: arguments.verbose,
    };
    output.write(&render(arguments.format, &view))?;
    let measured = |signal: &SignalId| snapshot.observations.iter().any(|one| one.signal == *signal);
    let missing = !project.config.require.iter().all(measured);
    Ok(exit(&assessment, arguments.fail_on, &project.config.require, missing))
}

/// A breach wins over missing evidence; missing evidence never passes.
fn exit(assessment: &Assessment, fail_on: Option<FailOn>, require: &[SignalId], missing: bool) -> Exit {
    let limit = fail_on.map(|fail_on| match fail_on {
        FailOn::Warning => Verdict::Warning,
        FailOn::Critical => Verdict::Critical,
    });
    let breach = limit.is_some_and(|limit| assessment.verdict >= limit);
    let unknown = limit.is_some()
        && require.is_empty()
        && assessment
            .findings
            .iter()
            .any(|finding| finding.verdict == Verdict::Unknown && finding.kind.is_fault());
    match (breach, missing || unknown) {
        (true, _) => Exit::Breach,
        (false, true) => Exit::Inconclusive,
        (false, false) => Exit::Assessed,
    }
}
