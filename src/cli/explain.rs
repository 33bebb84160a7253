//! `explain`: the meaning of a name in the output.

use anyhow::{Result, bail};
use clap::Args;

use super::{
    Exit, assessment_input, options::ProjectOptions, output::PageFormat, output_options::OutputOptions,
    project::Project, terminal::Terminal,
};
use crate::{
    diagnostic::did_you_mean,
    render::{explain_document, explainable},
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    /// Signal, resource, finding, action or diagnostic code
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    output: OutputOptions<PageFormat>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let mut project = Project::load(&arguments.project, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let thresholds = input.defaults.overridden_by(&input.overrides);
    let Some(document) = explain_document(&arguments.id, &input.roadmap, &thresholds) else {
        let known = explainable(&input.roadmap);
        match did_you_mean(&arguments.id, known.iter().map(String::as_str)) {
            Some(near) => bail!("unknown name `{}`; did you mean `{near}`?", arguments.id),
            None => {
                bail!("unknown name `{}`; see `check -v` and `doctor` for names", arguments.id)
            }
        }
    };
    let format = arguments.output.format.of_document(terminal.style(&output));
    output.write(&document.write(format)?)?;
    Ok(Exit::Assessed)
}
