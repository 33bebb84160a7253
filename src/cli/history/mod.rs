//! `history`: look at what `record` keeps.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};

use super::{
    Exit,
    options::{HistoryOptions, ProjectOptions},
    output::Output,
    project::Project,
    terminal::{Terminal, safe_lines, warn},
};
use crate::{
    history::{Contents, Form, Range, Resolution, SqliteStore, Store, read, write},
    render::{HoldingsView, escape_harmful, holdings_page, safe},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Tell what is held: of which signals, from when to when, and how much of it
    Show(Place),
    /// Write every rollup as CSV, or every rollup and assessment as JSON lines
    Export(Export),
    /// Take in what `export` wrote; doing it twice is doing it once
    Import(Import),
    /// Tell whether the history is sound; ends with code 1 when it is not
    Verify(Place),
}

#[derive(Debug, Args)]
pub(super) struct Place {
    /// The project's settings [default: scale-advisor.toml here or in a folder above]
    #[arg(short, long, env = "SCALE_ADVISOR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    history: HistoryOptions,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    place: Place,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the result to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    place: Place,
    /// What `export` wrote, in either format
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// Rollups for spreadsheets
    #[default]
    Csv,
    /// Rollups and assessments, a JSON object on each line
    Jsonl,
}

impl Place {
    fn file(&self, terminal: &Terminal) -> Result<PathBuf> {
        let options = ProjectOptions { config: self.config.clone(), profile: None };
        Ok(self.history.file(&Project::load(&options, terminal)?))
    }
}

pub(super) fn run(command: &Command, terminal: &Terminal) -> Result<Exit> {
    match command {
        Command::Show(place) => show(&place.file(terminal)?, terminal),
        Command::Export(export) => {
            let store = SqliteStore::read_only(&export.place.file(terminal)?)?;
            let mut output = Output::open(export.output.as_deref())?;
            output.write(&text(export.format, contents(&store)?)?)?;
            Ok(Exit::Assessed)
        }
        Command::Import(import) => take_in(&import.file, &import.place.file(terminal)?),
        Command::Verify(place) => verify(&place.file(terminal)?),
    }
}

fn contents(store: &SqliteStore) -> Result<Contents> {
    Ok(Contents {
        hourly: store.rollups(Resolution::Hour, None, Range::ALL)?,
        daily: store.rollups(Resolution::Day, None, Range::ALL)?,
        assessments: store.assessments(Range::ALL)?,
        simulated: store.simulated()?,
    })
}

/// What a terminal would obey is escaped in JSON, which changes no value, and replaced in CSV, which knows no escapes.
fn text(format: Format, mut contents: Contents) -> Result<String> {
    match format {
        Format::Jsonl => Ok(escape_harmful(&write(Form::JsonLines, &contents)?)),
        Format::Csv => {
            for kept in contents.hourly.iter_mut().chain(&mut contents.daily) {
                let series = &mut kept.series;
                series.instance = series.instance.as_deref().map(safe);
                series.source = safe(&series.source);
                series.query = safe(&series.query);
            }
            contents.simulated = contents.simulated.as_deref().map(safe);
            Ok(write(Form::Csv, &contents)?)
        }
    }
}

fn show(file: &Path, terminal: &Terminal) -> Result<Exit> {
    let store = SqliteStore::read_only(file)?;
    let simulated = store.simulated()?;
    let view = HoldingsView {
        kept: &store.rollups(Resolution::Hour, None, Range::ALL)?,
        assessments: store.assessments(Range::ALL)?.len(),
        simulated: simulated.as_deref(),
        width: terminal.width,
    };
    Output::open(None)?.write(&holdings_page(&view))?;
    Ok(Exit::Assessed)
}

fn take_in(text: &Path, file: &Path) -> Result<Exit> {
    let name = safe_lines(&text.display().to_string());
    let text = std::fs::read_to_string(text).with_context(|| format!("cannot read {name}"))?;
    let contents = read(&text).with_context(|| format!("cannot use {name}"))?;
    let written = SqliteStore::open(file, waiting)?.import(&contents)?;
    warn(&format!(
        "imported into {}: {} series, {} hours new or fuller than before\n",
        safe_lines(&file.display().to_string()),
        written.series,
        written.hours
    ));
    Ok(Exit::Assessed)
}

/// Says why nothing happens.
pub(super) fn waiting(file: &Path) {
    let name = safe_lines(&file.display().to_string());
    warn(&format!("another process is writing to {name}; waiting for it …\n"));
}

fn verify(file: &Path) -> Result<Exit> {
    let wrong = SqliteStore::read_only(file)?.verify()?;
    let name = safe(&file.display().to_string());
    let mut text = String::new();
    for mistake in &wrong {
        text.extend([&safe(mistake), "\n"]);
    }
    if wrong.is_empty() {
        text = format!("{name} is sound\n");
    }
    Output::open(None)?.write(&text)?;
    Ok(if wrong.is_empty() { Exit::Assessed } else { Exit::Breach })
}
