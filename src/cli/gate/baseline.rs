//! `gate baseline`: stores runs to compare later builds with.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use chrono::{SecondsFormat, Utc};
use clap::{Args, Subcommand};

use super::{
    inputs,
    store::{Store, name},
};
use crate::{
    cli::{
        Exit,
        options::ProjectOptions,
        output::Output,
        project::{Project, environment},
        results,
        terminal::{Terminal, safe_lines},
    },
    gate::{BASELINE_SCHEMA, Provenance, StoredBaseline},
};

/// Runs of a history that are kept: enough to see a level creep.
const MAX_RUNS: usize = 200;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Save runs from files as a baseline
    Save(Save),
    /// List all baselines, or show the origin of one
    Show(Show),
    /// Replace a baseline with another
    Promote(Promote),
    /// Delete a baseline
    Drop(Drop),
}

#[derive(Debug, Args)]
struct Place {
    #[command(flatten)]
    project: ProjectOptions,
    /// Directory of the baselines [default: .scale-advisor/baselines next to the config]
    #[arg(long = "directory", alias = "folder", value_name = "DIR")]
    folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Save {
    /// Name of the baseline
    #[arg(value_parser = name)]
    name: String,
    /// Load test results, assessments or snapshots: files, directories or glob patterns
    #[arg(required = true, value_name = "FILES")]
    files: Vec<String>,
    /// Commit of the runs [default: from the environment of the CI system]
    #[arg(long)]
    commit: Option<String>,
    /// Append to existing runs, as a history of the main branch; keeps the last 200
    #[arg(long)]
    append: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Show {
    /// Name of the baseline [default: all]
    #[arg(value_parser = name)]
    name: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Promote {
    /// Baseline to copy
    #[arg(value_parser = name)]
    from: String,
    /// Baseline to replace
    #[arg(value_parser = name)]
    to: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Drop {
    /// Name of the baseline
    #[arg(value_parser = name)]
    name: String,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let text = match &arguments.command {
        Command::Save(arguments) => save(arguments, terminal)?,
        Command::Show(arguments) => show(arguments, terminal)?,
        Command::Promote(arguments) => promote(arguments, terminal)?,
        Command::Drop(arguments) => {
            store(&arguments.place, terminal)?.drop(&arguments.name)?;
            format!("deleted `{}`\n", arguments.name)
        }
    };
    Output::open(None)?.write(&text)?;
    Ok(Exit::Assessed)
}

fn store(place: &Place, terminal: &Terminal) -> Result<Store> {
    let project = Project::load(&place.project, terminal)?;
    Ok(Store::new(place.folder.as_deref(), &project.folder))
}

fn save(arguments: &Save, terminal: &Terminal) -> Result<String> {
    let mut project = Project::load(&arguments.place.project, terminal)?;
    let store = Store::new(arguments.place.folder.as_deref(), &project.folder);
    let input = super::input(arguments.place.project.profile.as_deref(), &mut project, terminal)?;
    let mut runs = Vec::new();
    for named in &arguments.files {
        let files = results::files(Path::new(named))?;
        if files.is_empty() {
            bail!("no such file: {}", safe_lines(named));
        }
        runs.extend(inputs::runs(&files, input.as_ref())?);
    }
    let saved_at = Utc::now();
    // What is saved together was made together, as a rule.
    for run in &mut runs {
        run.batch.get_or_insert_with(|| saved_at.to_rfc3339_opts(SecondsFormat::Millis, true));
    }
    let profile = super::profile_of(input.as_ref());
    let before = if arguments.append { store.find(&arguments.name)? } else { None };
    if let Some(before) = &before {
        if before.provenance.profile != profile {
            bail!("the runs in `{}` used another roadmap; save without --append", arguments.name);
        }
        runs = [before.runs.clone(), runs].concat();
    }
    let runs =
        runs.split_off(runs.len().saturating_sub(if arguments.append { MAX_RUNS } else { runs.len() }));
    let count = runs.len();
    let mut tools: Vec<String> = runs.iter().map(|run| run.tool.clone()).collect();
    tools.sort();
    tools.dedup();
    let provenance = Provenance {
        commit: arguments.commit.clone().or_else(commit),
        saved_at,
        saved_by: concat!("scale-advisor ", env!("CARGO_PKG_VERSION")).to_owned(),
        tools,
        profile,
    };
    store.save(&StoredBaseline {
        schema: BASELINE_SCHEMA.to_owned(),
        name: arguments.name.clone(),
        provenance,
        runs,
    })?;
    Ok(format!("saved `{}` with {count} runs in {}\n", arguments.name, store.shown()))
}

fn show(arguments: &Show, terminal: &Terminal) -> Result<String> {
    let store = store(&arguments.place, terminal)?;
    let names = match &arguments.name {
        Some(name) => vec![name.clone()],
        None => store.names()?,
    };
    if names.is_empty() {
        return Ok(format!("no baselines in {}\n", store.shown()));
    }
    let mut text = String::new();
    for name in names {
        text.push_str(&describe(&store.get(&name)?));
    }
    Ok(text)
}

fn describe(stored: &StoredBaseline) -> String {
    let Provenance { commit, saved_at, saved_by, tools, profile } = &stored.provenance;
    let commit =
        commit.as_deref().map_or_else(|| "commit unknown".to_owned(), |commit| format!("commit {commit}"));
    let profile = profile.as_ref().map(|profile| {
        format!(", roadmap {} ({})", profile.id, profile.digest.chars().take(12).collect::<String>())
    });
    let line = format!(
        "{}: {} runs, {commit}, saved {} by {saved_by}, measured by {}{}",
        stored.name,
        stored.runs.len(),
        saved_at.format("%-d %b %Y %H:%M UTC"),
        tools.join(", "),
        profile.unwrap_or_default()
    );
    format!("{}\n", safe_lines(&line).replace('\n', " "))
}

fn promote(arguments: &Promote, terminal: &Terminal) -> Result<String> {
    let store = store(&arguments.place, terminal)?;
    let mut stored = store.get(&arguments.from)?;
    stored.name.clone_from(&arguments.to);
    store.save(&stored)?;
    Ok(format!("replaced `{}` with `{}`\n", arguments.to, arguments.from))
}

/// Variables that hold a commit: GitHub, GitLab, Buildkite, CircleCI, Travis, Azure, Bitbucket, Jenkins.
const VARIABLES: [&str; 8] = [
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
    "TRAVIS_COMMIT",
    "BUILD_SOURCEVERSION",
    "BITBUCKET_COMMIT",
    "GIT_COMMIT",
];

/// The commit, if a variable names one.
fn commit() -> Option<String> {
    VARIABLES.iter().find_map(|name| environment(name))
}
