//! `export`: files for systems that act on their own: from what evidence they are made, where they go, and those that are
//! one document: `export dashboard` and `export focus`.

mod rules;
mod scaling;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};

use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    output::Output,
    output_options::{OutputFormat, OutputOptions},
    project::Project,
    terminal::{Terminal, safe_lines, warn},
};
use crate::{
    assess::{AssessmentInput, Assumptions, Survey, survey},
    export::{ExportInput, NoCharge, charges, dashboard},
    render::{BillingParty, focus_file, grafana_dashboard},
    snapshot::Snapshot,
};
pub(super) use rules::RuleFileOptions;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prometheus alerts for the limits and act-by dates of `check`
    Alerts(rules::Arguments),
    /// Prometheus recording rules: usage, limits and load with their hourly means and peaks
    Rules(rules::Arguments),
    /// A Grafana dashboard: the load with its phases, each resource with its limits, and dates
    Dashboard(DashboardArguments),
    /// Additional cost of the plan over the next months, as FOCUS charges
    Focus(FocusArguments),
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
        Command::Dashboard(arguments) => export_dashboard(arguments, terminal),
        Command::Focus(arguments) => export_focus(arguments, terminal),
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

#[derive(Debug, Args)]
pub(in crate::cli) struct DashboardArguments {
    #[command(flatten)]
    evidence: EvidenceOptions,
    #[command(flatten)]
    output: OutputOptions<JsonFormat>,
}

fn export_dashboard(arguments: &DashboardArguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = open_output(arguments.output.file.as_deref(), "scale-advisor-dashboard.json")?;
    let evidence = arguments.evidence.evidence(terminal)?;
    let (input, snapshot, survey) = (&evidence.input, &evidence.snapshot, &evidence.survey);
    let dashboard = dashboard(&ExportInput { input, snapshot, survey });
    output.write(&grafana_dashboard(&dashboard))?;
    if dashboard.load.is_none() && dashboard.resources.is_empty() {
        warn(
            "no panels: neither load nor resources were read from Prometheus; `scale-advisor doctor` shows why\n",
        );
        return Ok(Exit::Inconclusive);
    }
    Ok(Exit::Assessed)
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FocusArguments {
    #[command(flatten)]
    evidence: EvidenceOptions,
    /// Account that will be billed
    #[arg(long, value_name = "ID", default_value = "forecast")]
    billing_account: String,
    /// Provider that will bill it
    #[arg(long, value_name = "NAME", default_value = "forecast")]
    provider: String,
    #[command(flatten)]
    output: OutputOptions<CsvFormat>,
}

/// The only format of charges.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum CsvFormat {
    /// For tools that read FOCUS
    #[default]
    Csv,
}

impl OutputFormat for CsvFormat {
    const JSON: Option<Self> = None;
}

fn export_focus(arguments: &FocusArguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = open_output(arguments.output.file.as_deref(), "scale-advisor-focus.csv")?;
    let evidence = arguments.evidence.evidence(terminal)?;
    let (input, snapshot, survey) = (&evidence.input, &evidence.snapshot, &evidence.survey);
    let set = charges(&ExportInput { input, snapshot, survey });
    let party = BillingParty { account: &arguments.billing_account, provider: &arguments.provider };
    output.write(&focus_file(&set, party))?;
    for (action, reason) in &set.left_out {
        let reason = match reason {
            NoCharge::NoCost => "neither [[prices]] nor the roadmap gives its cost".to_owned(),
            NoCharge::NoDate => "it has no start date".to_owned(),
            NoCharge::Later { begins } => {
                format!("it starts in {}, after the six months covered", begins.title())
            }
            NoCharge::BoughtBy { action } => format!("its capacity is already bought by {action}"),
        };
        warn(&safe_lines(&format!("skipped {action}: {reason}\n")));
    }
    if set.charges.is_empty() && set.left_out.is_empty() {
        warn("nothing to export: the plan has no open action\n");
    }
    Ok(if set.charges.is_empty() { Exit::Inconclusive } else { Exit::Assessed })
}
