//! `explain`: the meaning of a name in the output.

use anyhow::{Result, bail};
use clap::Args;

use super::{
    Exit, assessment_input, options::ProjectOptions, output::Output, project::Project, terminal::Terminal,
};
use crate::{
    diagnostic::did_you_mean,
    render::{explain, explainable, wrap},
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    /// Signal, resource, finding, action or diagnostic code
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut project = Project::load(&arguments.project, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let thresholds = input.defaults.overridden_by(&input.overrides);
    let Some(text) = explain(&arguments.id, &input.roadmap, &thresholds) else {
        let known = explainable(&input.roadmap);
        match did_you_mean(&arguments.id, known.iter().map(String::as_str)) {
            Some(near) => bail!("unknown name `{}`; did you mean `{near}`?", arguments.id),
            None => {
                bail!("unknown name `{}`; see `check -v` and `doctor` for names", arguments.id)
            }
        }
    };
    Output::open(None)?.write(&folded(&text, terminal.width.clamp(40, 100)))?;
    Ok(Exit::Assessed)
}

/// Breaks long lines and keeps the indentation of each.
fn folded(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        for (index, piece) in wrap(line.trim_start(), width - indent.len() - 2).iter().enumerate() {
            let hang = if index > 0 { "  " } else { "" };
            out.extend([indent, hang, piece, "\n"]);
        }
    }
    out
}
