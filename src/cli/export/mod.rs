//! `export`: files for systems that act on their own, from what evidence they are made, and where they go.

mod dashboard;
mod focus;
mod rules;
mod scaling;

pub(super) use rules::RuleFileOptions;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};

use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    output::Output,
    output_options::OutputFormat,
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

/// Opens the output. A directory, or a path that ends with a slash, gets a file of the usual name.
///
/// # Errors
/// When the file cannot be written.
fn open_output(path: Option<&Path>, usual_name: &str) -> Result<Output> {
    let is_directory = |path: &Path| path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let within: Option<PathBuf> = path.filter(|path| is_directory(path)).map(|path| path.join(usual_name));
    Output::open(within.as_deref().or(path))
}

/// The only format of resources for Kubernetes.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum YamlFormat {
    /// For `kubectl apply`
    #[default]
    #[value(alias = "yml")]
    Yaml,
}

impl OutputFormat for YamlFormat {
    const JSON: Option<Self> = None;
}

/// The only format of dashboards.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum JsonFormat {
    /// For Grafana
    #[default]
    Json,
}

impl OutputFormat for JsonFormat {
    const JSON: Option<Self> = None;
}
