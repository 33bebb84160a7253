//! `gate`: compares the capacity of two builds.

mod baseline;
mod inputs;
mod sides;
mod store;

use std::path::PathBuf;

use anyhow::Result;
use chrono::Utc;
use clap::{Args, Subcommand};

use super::{
    Exit, assessment_input, ci,
    options::{ProjectOptions, SourceOptions},
    output_options::OutputOptions,
    project::Project,
    terminal::Terminal,
};
use crate::{
    assess::AssessmentInput,
    gate::{
        Better, Comparison, GateConfig, GateReport, Objective, OnInconclusive, Outcome, Profile, Run,
        evaluate, metric_of_signal,
    },
    render::{
        DocumentFormat, Format, gate_comment, gate_document, gate_openmetrics, pretty, render_cases, yaml,
    },
};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    project: ProjectOptions,
    /// Runs of the previous build: files, directories, glob patterns, or the name of a stored baseline
    #[arg(long, value_name = "FILES|NAME", num_args = 1..)]
    baseline: Vec<String>,
    /// Earlier runs of the main branch, oldest first: used as the baseline, or with --baseline as the noise estimate
    /// that makes three runs per side enough
    #[arg(long, value_name = "FILES|NAME", num_args = 1..)]
    earlier: Vec<String>,
    /// Runs of the build to evaluate: load test results, assessments or snapshots
    #[arg(long, value_name = "FILES", num_args = 1.., required_unless_present = "live")]
    candidate: Vec<String>,
    /// Evaluate the live system as the candidate, against a baseline of assessments
    #[arg(long, conflicts_with = "candidate")]
    live: bool,
    /// Which direction of a metric is better, such as orders=higher or heap_bytes=lower
    #[arg(long, value_name = "METRIC=DIRECTION", value_parser = direction)]
    direction: Vec<(String, Better)>,
    /// Metrics to exclude, such as temperature
    #[arg(long, value_name = "METRIC")]
    ignore: Vec<String>,
    /// Current assessment, to translate a regression into users and dates
    #[arg(long, value_name = "FILE")]
    assessment: Option<PathBuf>,
    /// Current snapshot, used like --assessment
    #[arg(long, value_name = "FILE", conflicts_with = "assessment")]
    snapshot: Option<PathBuf>,
    /// Directory of the baselines [default: .scale-advisor/baselines next to the config]
    #[arg(long = "directory", alias = "folder", value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    output: OutputOptions<Format>,
    #[command(flatten)]
    sources: SourceOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Save, show and delete baselines
    Baseline(baseline::Arguments),
}

fn direction(text: &str) -> Result<(String, Better), String> {
    let (metric, way) = text.rsplit_once('=').ok_or("expected METRIC=DIRECTION, such as orders=higher")?;
    let better = Better::NAMES.into_iter().find(|(name, _)| *name == way);
    let (_, better) = better.ok_or_else(|| format!("`{way}` is not a direction; use lower or higher"))?;
    Ok((metric.to_owned(), better))
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    if let Some(Command::Baseline(arguments)) = &arguments.command {
        return baseline::run(arguments, terminal);
    }
    ci::as_plugin(arguments.output.format, terminal, compare(arguments, terminal))
}

fn compare(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let mut project = Project::load(&arguments.project, terminal)?;
    let input = input(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let mut config = std::mem::take(&mut project.config.gate);
    config.directions.extend(arguments.direction.iter().cloned());
    config.ignore.extend(arguments.ignore.iter().cloned());
    let comparison = comparison(arguments, &project, input.as_ref())?;
    let report = evaluate(&comparison, &config)?;
    let chosen =
        input.as_ref().map(|_| assessment_input::own_source(arguments.project.profile.as_deref(), &project));
    let cases = ci::gate_cases(&report, &config, chosen.transpose()?.flatten(), &project)?;
    let document = |format| gate_document(&report).write(format);
    let text = match arguments.output.format {
        Format::Text => document(DocumentFormat::Text(terminal.style(&output)))?,
        Format::Json => pretty(&report),
        Format::Yaml => yaml(&pretty(&report)),
        Format::Markdown => gate_comment(&report),
        Format::Html => document(DocumentFormat::Html)?,
        Format::Openmetrics => gate_openmetrics(&report),
        Format::Ci(format) => render_cases(format, &cases),
    };
    output.write(&text)?;
    Ok(ci::concluded(arguments.output.format, &cases)?.unwrap_or_else(|| exit(&report, &config)))
}

fn comparison(
    arguments: &Arguments,
    project: &Project,
    input: Option<&AssessmentInput>,
) -> Result<Comparison> {
    let store = store::Store::new(arguments.folder.as_deref(), &project.folder);
    let (baseline, stored) = sides::baseline(&arguments.baseline, &arguments.earlier, &store, input)?;
    let earlier = sides::earlier(&arguments.baseline, &arguments.earlier, &store, input)?;
    let candidate = if arguments.live {
        vec![sides::live(&arguments.sources, project, input)?]
    } else {
        sides::candidate(&arguments.candidate, input)?
    };
    let current = sides::current(arguments.assessment.as_deref(), arguments.snapshot.as_deref(), input)?;
    Ok(Comparison {
        now: arguments.sources.at.unwrap_or_else(Utc::now),
        required: required(project, &candidate),
        required_signals: project
            .config
            .gate
            .require
            .iter()
            .map(|signal| signal.as_str().to_owned())
            .collect(),
        baseline,
        stored,
        earlier,
        candidate,
        objectives: input.map(objectives).unwrap_or_default(),
        current,
        profile: profile_of(input),
    })
}

/// The roadmap and what belongs to it, if one was chosen: without one, no limits apply.
fn input(flag: Option<&str>, project: &mut Project, terminal: &Terminal) -> Result<Option<AssessmentInput>> {
    if flag.is_none() && project.config.profile.is_none() {
        return Ok(None);
    }
    assessment_input::load(flag, project, terminal).map(Some)
}

fn profile_of(input: Option<&AssessmentInput>) -> Option<Profile> {
    input.map(|input| Profile { id: input.roadmap.id.clone(), digest: input.digest.clone() })
}

/// What the roadmap wants of each run: its objectives, and what load tests must meet.
fn objectives(input: &AssessmentInput) -> Vec<Objective> {
    let roadmap = &input.roadmap;
    let objectives = roadmap.objectives.iter().map(|objective| Objective {
        id: format!("objective:{}", objective.id),
        title: objective.title.clone(),
        condition: objective.when_met.clone(),
    });
    let tests = roadmap.load_tests.iter().filter_map(|test| {
        Some(Objective {
            id: format!("load-test:{}", test.id),
            title: test.purpose.clone(),
            condition: test.pass.clone()?,
        })
    });
    objectives.chain(tests).collect()
}

/// Required signals that load tests measure, if there are load tests.
fn required(project: &Project, candidate: &[Run]) -> Vec<String> {
    if candidate.iter().all(|run| run.assessment.is_some()) {
        return Vec::new();
    }
    let metrics = project.config.gate.require.iter().filter_map(|signal| metric_of_signal(signal.as_str()));
    metrics.map(str::to_owned).collect()
}

fn exit(report: &GateReport, config: &GateConfig) -> Exit {
    let by_rule = |rule: OnInconclusive| match rule {
        OnInconclusive::Report => Exit::Inconclusive,
        OnInconclusive::Pass => Exit::Assessed,
        OnInconclusive::Fail => Exit::Breach,
    };
    match report.outcome {
        Outcome::Pass => Exit::Assessed,
        Outcome::Fail => Exit::Breach,
        Outcome::Inconclusive => by_rule(config.on_inconclusive),
        Outcome::NoBaseline => by_rule(config.on_missing_baseline),
    }
}
