//! `collect`: write a snapshot of the sources to a file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, SourceOptions},
    output::Output,
    project::Project,
    terminal::{Terminal, warn},
};
use crate::{render::escape_harmful, signal::counted, source::Search};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    /// Write the snapshot to a file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Mark the snapshot as simulated, with a description that every page shows
    #[arg(long, value_name = "TEXT")]
    simulated: Option<String>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = Output::open_private(arguments.output.as_deref())?;
    let mut project = Project::load(&arguments.project, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let mut snapshot =
        observe::live_of_any_scope(&arguments.sources.searching(Search::Bounded), &project, &input.roadmap)?;
    snapshot.simulated.clone_from(&arguments.simulated);
    output.write(&escape_harmful(&snapshot.to_json()))?;
    if output.is_file() && !arguments.sources.quiet {
        let (observations, gaps) = (snapshot.observations.len(), snapshot.gaps.len());
        warn(&format!("{} and {} written\n", counted(observations, "observation"), counted(gaps, "gap")));
    }
    Ok(Exit::Assessed)
}
