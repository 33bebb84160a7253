//! `fleet report`: what several runs found, on one page, or one for each owner.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::Value;

use super::{Format, RowOptions};
use crate::{
    cli::{
        Exit, assessment_input,
        atomic::Readers,
        options::ProjectOptions,
        output::write_file,
        output_options::OutputOptions,
        project::Project,
        terminal::{Terminal, safe_lines},
    },
    files::{self, Kind},
    fleet::{Choice, Row, chosen, compared, merged},
    foreign::Foreign,
    render::{DocumentFormat, FleetView, fleet_document},
};

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Arguments {
    /// Files written by `fleet check -o json`; if several contain a service, its newest row is used
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    project: ProjectOptions,
    /// Only services of this owner (repeatable)
    #[arg(long, value_name = "NAME")]
    owner: Vec<String>,
    #[command(flatten)]
    rows: RowOptions,
    /// Write index.html with all services and one page per owner to this directory
    #[arg(long, value_name = "DIR", conflicts_with_all = ["output", "format", "format_or_file", "json"])]
    pages: Option<PathBuf>,
    #[command(flatten)]
    output: OutputOptions<Format>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    // Rows name resources that settings and roadmaps define.
    let mut project = Project::load(&arguments.project, terminal)?;
    assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let earlier = arguments.rows.earlier()?;
    let mut rows = read_all(&arguments.files)?;
    if let Some(earlier) = earlier {
        rows = compared(rows, &earlier);
    }
    let Some(now) = rows.iter().map(|row| row.generated_at).max() else {
        bail!("the files contain no services");
    };
    if let Some(directory) = &arguments.pages {
        write_pages(directory, &rows, now, &arguments.rows, &arguments.owner)?;
    } else {
        let format = arguments.output.format;
        let shown = chosen(&rows, &arguments.rows.choice(format, &arguments.owner)?, now);
        let text = match format.of_document(terminal.style(&output)) {
            Some(format) => {
                fleet_document(&FleetView { all: &rows, shown: &shown, now, questions: None, samples: None })
                    .write(format)?
            }
            None => format.for_programs(&shown),
        };
        output.write(&text)?;
    }
    Ok(arguments.rows.exit(&rows, project.config.gate.require.is_empty()))
}

fn write_pages(
    directory: &Path,
    rows: &[Row],
    now: DateTime<Utc>,
    options: &RowOptions,
    owners: &[String],
) -> Result<()> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", safe_lines(&directory.display().to_string())))?;
    let page = |file: &str, rows: &[Row], owners: &[String]| -> Result<()> {
        let choice: Choice = options.choice(Format::Html, owners)?;
        let shown = chosen(rows, &choice, now);
        let view = FleetView { all: rows, shown: &shown, now, questions: None, samples: None };
        let text = fleet_document(&view).write(DocumentFormat::Html)?;
        write_file(&directory.join(file), &text, Readers::Umask)
    };
    page("index.html", rows, owners)?;
    for (owner, file) in file_names(rows) {
        if owners.is_empty() || owners.contains(&owner) {
            let own: Vec<Row> =
                rows.iter().filter(|row| row.owner.as_ref() == Some(&owner)).cloned().collect();
            page(&file, &own, &[])?;
        }
    }
    Ok(())
}

/// A file for each owner: letters, digits and hyphens of the name, numbered where that is not enough.
fn file_names(rows: &[Row]) -> BTreeMap<String, String> {
    let owners: BTreeSet<&String> = rows.iter().filter_map(|row| row.owner.as_ref()).collect();
    let mut taken = BTreeSet::from(["index".to_owned()]);
    let file = |owner: &String| {
        let letters = owner.chars().take(60).map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase(),
            _ => '-',
        });
        let name: String = letters.collect();
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
        (owner.clone(), format!("{}.html", free.unwrap_or(name)))
    };
    owners.into_iter().map(file).collect()
}

/// The largest file that is read: rows of about a hundred thousand services.
const LARGEST: u64 = 512 << 20;

/// The rows of some files, each service as its newest row has it.
///
/// # Errors
/// When a file cannot be read, or holds something else.
pub(super) fn read_all(files: &[PathBuf]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for file in files {
        rows.extend(read(file)?);
    }
    Ok(merged(rows))
}

/// The rows of a file.
fn read(file: &Path) -> Result<Vec<Row>> {
    let name = safe_lines(&file.display().to_string());
    let text =
        files::read_text(file, LARGEST, Kind::Readable).with_context(|| format!("cannot read {name}"))?;
    let foreign = Foreign::default();
    let row = |(number, line): (usize, &str)| {
        let mut value: Value = serde_json::from_str(line)
            .with_context(|| format!("{name}, line {number}: expected a row of `fleet check -o json`"))?;
        pass(&mut value, &foreign);
        serde_json::from_value(value).map_err(|error| {
            let error = safe_lines(&error.to_string());
            anyhow::anyhow!("{name}, line {number}: expected a row of `fleet check -o json`: {error}")
        })
    };
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).map(row).collect()
}

/// Makes every text harmless.
fn pass(value: &mut Value, foreign: &Foreign) {
    match value {
        Value::String(text) => foreign.pass_message(text),
        Value::Array(items) => items.iter_mut().for_each(|item| pass(item, foreign)),
        Value::Object(fields) => {
            let passed = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                pass(&mut value, foreign);
                (foreign.name(&name), value)
            });
            *fields = passed.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
