//! `history`: show, export, import and verify what `record` keeps.

mod store;

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use chrono::Utc;
use clap::{Args, Subcommand, ValueEnum};

use super::{
    Exit, assessment_input,
    options::{HistoryOptions, ProjectOptions},
    output::{Output, PageFormat},
    output_options::{OutputFormat, OutputOptions},
    project::{Project, read_text_up_to},
    terminal::{Terminal, safe_lines, warn},
};
use crate::{
    assess::Assessment,
    history::{self, Contents, HistoryError, Range, Resolution, Store, export, parse_export},
    render::{HistorySummary, escape_harmful, history_document, safe},
    report::{WarningAccuracy, warning_accuracy},
};

pub(super) use store::StorePlace;
pub(super) use store::{secrets as remote_write_secrets, send};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the stored series: signals, time ranges and sizes
    Show(Show),
    /// Export rollups as CSV, or everything as JSON lines
    Export(Export),
    /// Import what `export` wrote; importing twice changes nothing
    Import(Import),
    /// Verify the integrity of the history; exits with code 1 if it is damaged
    Verify(Place),
}

#[derive(Debug, Args)]
pub(super) struct Place {
    /// Config file [default: scale-advisor.toml in this or a parent directory]
    #[arg(short, long, env = "SCALE_ADVISOR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    history: HistoryOptions,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    place: Place,
    /// Also show the accuracy of recorded warnings: precision, recall and lead time by resource
    #[arg(long)]
    accuracy: bool,
    #[command(flatten)]
    output: OutputOptions<PageFormat>,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    output: OutputOptions<Format>,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    place: Place,
    /// File written by `export`, in either format, or another history's SQLite file
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// Rollups for spreadsheets
    #[default]
    Csv,
    /// Rollups, assessments and query statistics, one JSON object per line
    Jsonl,
}

impl OutputFormat for Format {
    const JSON: Option<Self> = None;
}

impl Place {
    fn store(&self, terminal: &Terminal) -> Result<StorePlace> {
        StorePlace::resolve(&self.history, &self.project(terminal)?)
    }

    fn project(&self, terminal: &Terminal) -> Result<Project> {
        Project::load(&ProjectOptions { config: self.config.clone(), profile: None }, terminal)
    }
}

pub(super) fn run(command: &Command, terminal: &Terminal) -> Result<Exit> {
    match command {
        Command::Show(arguments) => show(arguments, terminal),
        Command::Export(export) => {
            let store = export.place.store(terminal)?.read_only()?;
            let mut output = Output::open_private(export.output.file.as_deref())?;
            output.write(&text(export.output.format, store.contents()?)?)?;
            Ok(Exit::Assessed)
        }
        Command::Import(import) => import_file(&import.file, &import.place.store(terminal)?),
        Command::Verify(place) => verify(&place.store(terminal)?),
    }
}

/// Control characters are escaped in JSON, which changes no value, and replaced in CSV, which has no escapes.
fn text(format: Format, mut contents: Contents) -> Result<String> {
    match format {
        Format::Jsonl => Ok(escape_harmful(&export(history::Format::JsonLines, &contents)?)),
        Format::Csv => {
            for stored in contents.hourly.iter_mut().chain(&mut contents.daily) {
                let series = &mut stored.series;
                series.instance = series.instance.as_deref().map(safe);
                series.source = safe(&series.source);
                series.query = safe(&series.query);
            }
            contents.simulated = contents.simulated.as_deref().map(safe);
            Ok(export(history::Format::Csv, &contents)?)
        }
    }
}

fn show(arguments: &Show, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let mut project = arguments.place.project(terminal)?;
    let store = StorePlace::resolve(&arguments.place.history, &project)?.read_only()?;
    let accuracy = arguments.accuracy.then(|| accuracy(&store, &mut project, terminal)).transpose()?;
    let simulated = store.simulated()?;
    let summary = HistorySummary {
        series: &store.rollups(Resolution::Hour, None, Range::ALL)?,
        statements: &store.statements(Range::ALL)?,
        assessments: store.assessments(Range::ALL)?.len(),
        accuracy: accuracy.as_ref(),
        simulated: simulated.as_deref(),
    };
    let format = arguments.output.format.of_document(terminal.style(&output));
    output.write(&history_document(&summary).write(format)?)?;
    Ok(Exit::Assessed)
}

/// What became of recorded warnings, by the limits of the project's roadmap.
fn accuracy(store: &Store, project: &mut Project, terminal: &Terminal) -> Result<WarningAccuracy> {
    let input = assessment_input::load(None, project, terminal)?;
    let history = store.hourly(Range::ALL)?;
    Ok(warning_accuracy(&input, &history, &recorded_assessments(store)?, Utc::now()))
}

/// The assessments of a history. Those that cannot be read are left out with a warning.
///
/// # Errors
/// When the history cannot be read.
pub(super) fn recorded_assessments(store: &Store) -> Result<Vec<Assessment>, HistoryError> {
    let mut recorded = Vec::new();
    for assessed in store.assessments(Range::ALL)? {
        match Assessment::from_json(&assessed.json) {
            Ok(assessment) => recorded.push(assessment),
            Err(error) => {
                warn(&format!("warning: skipped the assessment of {}: {error}\n", assessed.at));
            }
        }
    }
    Ok(recorded)
}

fn import_file(file: &Path, place: &StorePlace) -> Result<Exit> {
    let name = safe_lines(&file.display().to_string());
    let contents = if is_sqlite(file).with_context(|| format!("cannot read {name}"))? {
        Store::read_file(file)?.contents()?
    } else {
        let text = read_text_up_to(file, LARGEST_IMPORT)?;
        parse_export(&text).with_context(|| format!("cannot use {name}"))?
    };
    let written = place.open()?.import(&contents)?;
    let statements = match contents.statements.statements.len() {
        0 => String::new(),
        number => format!("; query statistics: {number} rows"),
    };
    warn(&format!(
        "imported into {place}: {} series, {} hourly rollups added or updated{statements}\n",
        written.series, written.hours
    ));
    Ok(Exit::Assessed)
}

/// The largest export that is read: ten years of a thousand series.
const LARGEST_IMPORT: u64 = 4 << 30;

/// Whether a file begins as those of SQLite do.
fn is_sqlite(file: &Path) -> std::io::Result<bool> {
    const HEADER: &[u8] = b"SQLite format 3\0";
    let mut beginning = Vec::new();
    std::fs::File::open(file)?.take(HEADER.len() as u64).read_to_end(&mut beginning)?;
    Ok(beginning == HEADER)
}

fn verify(place: &StorePlace) -> Result<Exit> {
    let errors = match place.read_only().and_then(|store| store.verify()) {
        // A history too damaged to be opened is damaged as well.
        Err(damaged @ HistoryError::Damaged { .. }) => vec![damaged.to_string()],
        found => found?,
    };
    let mut text = String::new();
    for error in &errors {
        text.extend([&safe(error), "\n"]);
    }
    if errors.is_empty() {
        text = format!("{place}: OK\n");
    }
    Output::open(None)?.write(&text)?;
    Ok(if errors.is_empty() { Exit::Assessed } else { Exit::Breach })
}
