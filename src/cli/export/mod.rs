//! `export`: files for systems that act on their own.

mod dashboard;
mod focus;
mod place;
mod rules;
mod scaling;

pub(super) use rules::RuleFileOptions;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    project::Project,
    terminal::Terminal,
};
use crate::{
    assess::{AssessmentInput, Assumptions, Survey, survey},
    snapshot::Snapshot,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prometheus alerts for the limits and act-by dates of `check`
    Alerts(rules::Arguments),
    /// Prometheus recording rules: usage, limits and load with their hourly means and peaks
    Rules(rules::Arguments),
    /// A Grafana dashboard: the load with its phases, each resource with its limits, and dates
    Dashboard(dashboard::Arguments),
    /// Additional cost of the plan over the next months, as FOCUS charges
    Focus(focus::Arguments),
    /// HorizontalPodAutoscalers: replicas and target based on measured demand
    Hpa(scaling::Arguments),
    /// KEDA ScaledObjects that follow the load, based on measured demand
    Keda(scaling::KedaArguments),
}

/// What every export is made of.
#[derive(Debug, Args)]
struct EvidenceOptions {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    replay: ReplayOptions,
}

pub(super) fn run(command: &Command, terminal: &Terminal) -> Result<Exit> {
    match command {
        Command::Alerts(arguments) => rules::alerts(arguments, terminal),
        Command::Rules(arguments) => rules::recordings(arguments, terminal),
        Command::Dashboard(arguments) => dashboard::run(arguments, terminal),
        Command::Focus(arguments) => focus::run(arguments, terminal),
        Command::Hpa(arguments) => scaling::hpa(arguments, terminal),
        Command::Keda(arguments) => scaling::keda(arguments, terminal),
    }
}

/// The measurements and what follows from them.
struct Evidence {
    input: AssessmentInput,
    snapshot: Snapshot,
    survey: Survey,
}

impl EvidenceOptions {
    /// Reads and assesses the system, as `check` does.
    ///
    /// # Errors
    /// When settings are wrong or nothing could be read.
    fn evidence(&self, terminal: &Terminal) -> Result<Evidence> {
        let mut project = Project::judged(&self.project, &self.replay, terminal)?;
        let input = assessment_input::load(self.project.profile.as_deref(), &mut project, terminal)?;
        let snapshot = observe::snapshot(&self.replay, &self.sources, &project, &input.roadmap)?;
        let survey = survey(&input, &snapshot, Assumptions::default());
        Ok(Evidence { input, snapshot, survey })
    }
}
