//! `check`: assess the system now.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{
    Exit, assessment_input, ci, observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    output::Output,
    project::Project,
    terminal::Terminal,
};
use crate::{
    assess::{Assessment, Verdict, assess},
    render::{
        CheckView, ExitPolicy, Format, Templates, check_document, check_openmetrics, pretty, render_cases,
    },
    signal::SignalId,
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
    /// Output format
    ///
    /// github writes workflow commands and appends to $GITHUB_STEP_SUMMARY; nagios uses plugin exit codes; in junit
    /// unknown findings are skipped, or errors if they make the run exit with code 3.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ci::formats())]
    format: Format,
    /// Write the output to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show all findings, all steps and the origin of each value
    #[arg(short, long)]
    verbose: bool,
    /// Exit with code 1 on findings of at least this severity
    #[arg(long, value_name = "VERDICT")]
    fail_on: Option<FailOn>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Warning,
    Critical,
}

impl FailOn {
    fn verdict(self) -> Verdict {
        match self {
            Self::Warning => Verdict::Warning,
            Self::Critical => Verdict::Critical,
        }
    }
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    ci::as_plugin(arguments.format, terminal, judge(arguments, terminal))
}

fn judge(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = Output::open(arguments.output.as_deref())?;
    let mut project = Project::judged(&arguments.project, &arguments.replay, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let sources = arguments.sources.searching(Search::Bounded);
    let snapshot = observe::snapshot(&arguments.replay, &sources, &project, &input.roadmap)?;
    let assessment = assess(&input, &snapshot);
    let measured =
        |signal: &SignalId| snapshot.observations.iter().any(|observation| observation.signal == *signal);
    let missing: Vec<SignalId> =
        project.config.gate.require.iter().copied().filter(|signal| !measured(signal)).collect();
    let policy = ExitPolicy {
        fail_on: arguments.fail_on.map(FailOn::verdict),
        all_evidence: project.config.gate.require.is_empty(),
        missing: &missing,
    };
    let cases = ci::cases(&assessment, &policy, &input, arguments.project.profile.as_deref(), &project)?;
    let view = CheckView { assessment: &assessment, snapshot: &snapshot, verbose: arguments.verbose };
    let text = match arguments.format {
        Format::Text => check_document(&view).to_terminal(terminal.style(&output)),
        Format::Markdown => check_document(&view).to_markdown(),
        Format::Html => check_document(&view).to_html(&Templates::default())?,
        Format::Json => pretty(&assessment),
        Format::Openmetrics => check_openmetrics(&assessment),
        Format::Ci(format) => render_cases(format, &cases),
    };
    output.write(&text)?;
    Ok(ci::concluded(arguments.format, &cases)?.unwrap_or_else(|| exit(&assessment, &policy)))
}

/// A breach wins over missing evidence; missing evidence never passes.
fn exit(assessment: &Assessment, policy: &ExitPolicy<'_>) -> Exit {
    let breach = policy.fail_on.is_some_and(|limit| assessment.verdict >= limit);
    let unknown = policy.fail_on.is_some()
        && policy.all_evidence
        && assessment
            .findings
            .iter()
            .any(|finding| finding.verdict == Verdict::Unknown && finding.kind.is_fault());
    match (breach, !policy.missing.is_empty() || unknown) {
        (true, _) => Exit::Breach,
        (false, true) => Exit::Inconclusive,
        (false, false) => Exit::Assessed,
    }
}
