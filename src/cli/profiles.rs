//! `profiles`: list, show and check roadmaps.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Subcommand, ValueEnum};

use super::{
    Exit, assessment_input,
    output::Output,
    terminal::{Terminal, warn},
};
use crate::{
    diagnostic::{Diagnostic, Severity, SourceFile, has_errors, render},
    roadmap::{Roadmap, builtin_ids, read_roadmap},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the built-in roadmaps
    List,
    /// Show a roadmap
    Show {
        /// Built-in id or path
        #[arg(value_name = "ID|FILE")]
        profile: String,
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        format: ShowFormat,
    },
    /// Validate roadmaps: report all errors and contradictions
    Check {
        /// Built-in ids or paths
        #[arg(value_name = "ID|FILE", required = true)]
        profiles: Vec<PathBuf>,
    },
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum ShowFormat {
    /// The file itself with its comments, to copy and edit
    #[default]
    Toml,
    /// The parsed values
    Json,
}

pub(super) fn run(command: &Command, terminal: &Terminal) -> Result<Exit> {
    match command {
        Command::List => list(),
        Command::Show { profile, format } => show(profile, *format, terminal),
        Command::Check { profiles } => check(profiles, terminal),
    }
}

fn list() -> Result<Exit> {
    let mut output = Output::open(None)?;
    for id in builtin_ids() {
        let source = assessment_input::find(id, Path::new(""))?;
        let (Some(roadmap), _) = read_roadmap(&source.text) else {
            bail!("the built-in roadmap {id} has errors")
        };
        output.write(&format!("{id:<20} {}\n", describe(&roadmap)))?;
    }
    Ok(Exit::Assessed)
}

fn describe(roadmap: &Roadmap) -> String {
    let phases = roadmap.phases.len();
    format!(
        "{} ({phases} phases, {} alerts, {} decisions)",
        roadmap.title,
        roadmap.alerts.len(),
        roadmap.decisions.len()
    )
}

fn show(profile: &str, format: ShowFormat, terminal: &Terminal) -> Result<Exit> {
    let source = assessment_input::find(profile, Path::new(""))?;
    let text = match format {
        ShowFormat::Toml => without_schema(&source.text).to_owned(),
        ShowFormat::Json => {
            let (roadmap, diagnostics) = read_roadmap(&source.text);
            let Some(roadmap) = roadmap else {
                warn(&render(&source, &diagnostics, terminal.errors_styled()));
                bail!("{} has errors, see above", source.name);
            };
            serde_json::to_string_pretty(&roadmap)? + "\n"
        }
    };
    Output::open(None)?.write(&text)?;
    Ok(Exit::Assessed)
}

/// The text without its first line if that names a schema: the path would lead nowhere from another folder.
fn without_schema(text: &str) -> &str {
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("#:schema ") => rest.trim_start_matches('\n'),
        _ => text,
    }
}

fn check(profiles: &[PathBuf], terminal: &Terminal) -> Result<Exit> {
    let mut output = Output::open(None)?;
    let mut usable = true;
    for profile in profiles {
        let source: SourceFile = assessment_input::find(&profile.to_string_lossy(), Path::new(""))?;
        let (_, diagnostics) = read_roadmap(&source.text);
        output.write(&render(&source, &diagnostics, terminal.styled))?;
        usable &= !has_errors(&diagnostics);
        let verdict = count(&diagnostics);
        output.write(&format!("{}: {verdict}\n", source.name))?;
    }
    Ok(if usable { Exit::Assessed } else { Exit::NotAssessed })
}

/// "2 errors, 1 note" or "no errors".
fn count(diagnostics: &[Diagnostic]) -> String {
    let notes = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Note).count();
    let words = |count: usize, one: &str| match count {
        0 => format!("no {one}s"),
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let errors = words(diagnostics.len() - notes, "error");
    if notes == 0 { errors } else { format!("{errors}, {}", words(notes, "note")) }
}
