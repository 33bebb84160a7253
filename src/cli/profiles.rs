//! `profiles`: list, show and check roadmaps.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};

use super::{
    Exit, assessment_input,
    output::{Output, PageFormat},
    output_options::{OutputFormat, OutputOptions},
    terminal::{Terminal, warn},
};
use crate::{
    diagnostic::{Diagnostic, Severity, SourceFile, has_errors, render},
    render::{DocumentFormat, pretty, roadmap_document, roadmaps_document, yaml},
    roadmap::{Roadmap, builtin_ids, read_roadmap},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the built-in roadmaps
    List {
        #[command(flatten)]
        output: OutputOptions<PageFormat>,
    },
    /// Show a roadmap
    Show {
        /// Built-in id or path
        #[arg(value_name = "ID|FILE")]
        profile: String,
        #[command(flatten)]
        output: OutputOptions<ShowFormat>,
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
    /// The JSON data as YAML
    #[value(alias = "yml")]
    Yaml,
    /// A page for a terminal
    Text,
    /// For a wiki, an issue or a pull request
    #[value(alias = "md")]
    Markdown,
    /// One page for a browser
    Html,
}

impl OutputFormat for ShowFormat {
    const JSON: Option<Self> = Some(Self::Json);
}

pub(super) fn run(command: &Command, terminal: &Terminal) -> Result<Exit> {
    match command {
        Command::List { output } => list(output, terminal),
        Command::Show { profile, output } => show(profile, output, terminal),
        Command::Check { profiles } => check(profiles, terminal),
    }
}

fn list(options: &OutputOptions<PageFormat>, terminal: &Terminal) -> Result<Exit> {
    let mut output = options.open()?;
    let roadmaps: Vec<Roadmap> = builtin_ids()
        .map(|id| {
            let source = assessment_input::find(id, Path::new(""))?;
            let (roadmap, _) = read_roadmap(&source.text);
            roadmap.with_context(|| format!("the built-in roadmap {id} has errors"))
        })
        .collect::<Result<_>>()?;
    let format = options.format.of_document(terminal.style(&output));
    output.write(&roadmaps_document(&roadmaps).write(format)?)?;
    Ok(Exit::Assessed)
}

fn show(profile: &str, options: &OutputOptions<ShowFormat>, terminal: &Terminal) -> Result<Exit> {
    let mut output = options.open()?;
    let source = assessment_input::find(profile, Path::new(""))?;
    let document =
        |format| -> Result<String> { Ok(roadmap_document(&parsed(&source, terminal)?).write(format)?) };
    let json = || -> Result<String> { Ok(pretty(&parsed(&source, terminal)?)) };
    let text = match options.format {
        ShowFormat::Toml => without_schema(&source.text).to_owned(),
        ShowFormat::Json => json()?,
        ShowFormat::Yaml => yaml(&json()?),
        ShowFormat::Text => document(DocumentFormat::Text(terminal.style(&output)))?,
        ShowFormat::Markdown => document(DocumentFormat::Markdown)?,
        ShowFormat::Html => document(DocumentFormat::Html)?,
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}

/// The roadmap of a file; its errors are printed.
fn parsed(source: &SourceFile, terminal: &Terminal) -> Result<Roadmap> {
    let (roadmap, diagnostics) = read_roadmap(&source.text);
    let Some(roadmap) = roadmap else {
        warn(&render(source, &diagnostics, terminal.errors_styled()));
        bail!("{} has errors, see above", source.name);
    };
    Ok(roadmap)
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
    let words = |count: usize, noun: &str| match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    };
    let errors = words(diagnostics.len() - notes, "error");
    if notes == 0 { errors } else { format!("{errors}, {}", words(notes, "note")) }
}
