//! `doctor`: what can be read, and how to fix what can't.

use anyhow::Result;
use clap::Args;

use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    output::WidePageFormat,
    output_options::OutputOptions,
    project::Project,
    terminal::Terminal,
};
use crate::{
    assess::called_for,
    render::{DoctorView, doctor_document},
    snapshot::Status,
    source::Search,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    replay: ReplayOptions,
    /// Also show measured signals with their queries
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    output: OutputOptions<WidePageFormat>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let mut project = Project::judged(&arguments.project, &arguments.replay, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let given = observe::given(&arguments.replay);
    let snapshot = given.unwrap_or_else(|| {
        observe::read(&arguments.sources.searching(Search::Bounded), &project, &input.roadmap)
    })?;
    let config = project.file.as_ref().map(|file| file.display().to_string());
    let view = DoctorView {
        config: config.as_deref(),
        roadmap: &input.roadmap.id,
        snapshot: &snapshot,
        called_for: &called_for(&input, &snapshot),
        verbose: arguments.verbose || arguments.output.format == WidePageFormat::Wide,
    };
    let format = arguments.output.format.of_document(terminal.style(&output));
    output.write(&doctor_document(&view).write(format)?)?;
    let failed = snapshot.sources.iter().any(|report| report.status != Status::Answered);
    Ok(if failed || snapshot.sources.is_empty() { Exit::NotAssessed } else { Exit::Assessed })
}
