//! `plan`: the action plan alone.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum, value_parser};

use super::{
    Exit, assessment_input, observe,
    options::{LossOptions, ProjectOptions, ReplayOptions, SourceOptions},
    output_options::{OutputFormat, OutputOptions},
    project::Project,
    terminal::{Terminal, safe_lines, warn},
};
use crate::{
    assess::{Plan, Scope, plan, plan_what_if, with_replicas},
    diff::{self, Resolution, SettingChange},
    files::{self, Kind},
    render::{DocumentFormat, plan_document, plan_json, yaml},
    roadmap::Roadmap,
    signal::catalog,
    snapshot::{AssumedLimit, AssumedReplicas},
};

/// The largest diff that is read: of part of one nothing follows for the rest.
const LARGEST_DIFF: u64 = 64 << 20;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    replay: ReplayOptions,
    #[command(flatten)]
    losses: LossOptions,
    /// Plan for this phase of the roadmap
    #[arg(long, value_name = "NUMBER", conflicts_with = "users")]
    phase: Option<u64>,
    /// Plan for growing to this many users
    #[arg(long, value_name = "COUNT", value_parser = value_parser!(u64).range(1..))]
    users: Option<u64>,
    /// Plan with a different limit for a resource; exits with 1 if it is lowered below what the forecast needs. If the
    /// current limit is not measured: rds.cpu=2:4
    #[arg(long, value_name = "SIGNAL[@INSTANCE]=LIMIT")]
    set: Vec<AssumedLimit>,
    /// Plan with a different replica count for a workload, StatefulSet or group of servers (repeatable); exits with 1
    /// if there are fewer than the forecast needs. If the current count is not measured: api=3:6
    #[arg(long, value_name = "WORKLOAD=COUNT")]
    replicas: Vec<AssumedReplicas>,
    /// Plan as if a config change were applied: a unified diff, or output of `terraform show -json`; - reads standard
    /// input
    #[arg(long, value_name = "FILE")]
    from_diff: Option<PathBuf>,
    #[command(flatten)]
    output: OutputOptions<Format>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For terminals
    #[default]
    Text,
    /// A checklist for issue trackers
    #[value(alias = "md")]
    Markdown,
    /// One page for a browser
    Html,
    /// For scripts
    Json,
    /// The JSON data as YAML
    #[value(alias = "yml")]
    Yaml,
}

impl OutputFormat for Format {
    const JSON: Option<Self> = Some(Self::Json);
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let mut project = Project::judged(&arguments.project, &arguments.replay, terminal)?;
    let mut input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let scope = scope(arguments, &input.roadmap)?;
    let changes = arguments.from_diff.as_deref().map(settings_changed).transpose()?;
    let snapshot = observe::snapshot(&arguments.replay, &arguments.sources, &project, &input.roadmap)?;
    input.declared.lost = arguments.losses.parts(&snapshot)?;
    let Resolution { mut limits, mut replicas, mut unresolved } =
        changes.as_deref().map(|changes| diff::resolve(changes, &snapshot)).unwrap_or_default();
    // What is said by name wins over what a diff says, and answers what a diff leaves open.
    unresolved.retain(|change| !change.reason.is_answered_by(&arguments.set, &arguments.replicas));
    limits.extend(arguments.set.iter().cloned());
    replicas.extend(arguments.replicas.iter().cloned());
    let plan = if limits.is_empty() && replicas.is_empty() {
        plan(&input, &snapshot, scope)
    } else {
        let replicas = with_replicas(&input, &snapshot, &replicas)?;
        let assumed = replicas.snapshot.with_limits(&limits)?;
        plan_what_if(&input, &snapshot, &replicas, &assumed, scope)
    };
    let plan = Plan { unresolved, ..plan.context("the roadmap has no phases")? };
    if changes.is_some_and(|changes| changes.is_empty()) {
        warn("the diff changes no replica count and no known limit of a resource");
    }
    let document = |format| plan_document(&plan).write(format);
    let text = match arguments.output.format {
        Format::Text => document(DocumentFormat::Text(terminal.style(&output)))?,
        Format::Markdown => document(DocumentFormat::Markdown)?,
        Format::Html => document(DocumentFormat::Html)?,
        Format::Json => plan_json(&plan),
        Format::Yaml => yaml(&plan_json(&plan)),
    };
    output.write(&text)?;
    let resources = || plan.replica_effects.iter().flat_map(|effect| &effect.resources);
    let is_too_small = plan.limit_effects.iter().any(|effect| effect.is_too_small)
        || resources().any(|resource| resource.is_too_small);
    let may_be = plan.unresolved.iter().any(|change| change.may_shrink)
        || resources().any(|resource| resource.may_be_too_small);
    Ok(match (is_too_small, may_be) {
        (true, _) => Exit::Breach,
        (false, true) => Exit::Inconclusive,
        (false, false) => Exit::Assessed,
    })
}

/// The settings that a diff changes.
fn settings_changed(file: &Path) -> Result<Vec<SettingChange>> {
    let settings: BTreeSet<&str> =
        catalog().signals().flat_map(|signal| signal.settings.iter().map(String::as_str)).collect();
    let name = safe_lines(&file.display().to_string());
    let text = if file == Path::new("-") {
        files::read_text_from(std::io::stdin(), LARGEST_DIFF)
    } else {
        files::read_text(file, LARGEST_DIFF, Kind::Readable)
    };
    let text = text.with_context(|| format!("cannot read {name}"))?;
    diff::changes(&text, &settings).with_context(|| format!("cannot use {name}"))
}

/// What the plan is for. A phase is looked up before anything is read, because reading takes a while.
fn scope(arguments: &Arguments, roadmap: &Roadmap) -> Result<Scope> {
    match (arguments.phase, arguments.users) {
        (Some(phase), _) if roadmap.phases.iter().any(|known| known.number == phase) => {
            Ok(Scope::Phase(phase))
        }
        (Some(phase), _) => {
            let known: Vec<String> = roadmap.phases.iter().map(|phase| phase.number.to_string()).collect();
            bail!("roadmap {} has no phase {phase}; it has {}", roadmap.id, known.join(", "))
        }
        (None, Some(users)) => Ok(Scope::Users(users)),
        (None, None) => Ok(Scope::Now),
    }
}
