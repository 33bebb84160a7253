//! `report`: a month, or the months of a year.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use super::{
    Exit, assessment_input,
    atomic::Readers,
    demo,
    history::{StorePlace, recorded_assessments},
    observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    output::{Output, refuse_format_name, write_file},
    project::{Project, read_text},
    terminal::{Terminal, safe_lines, warn},
};
use crate::{
    assess::{Assessment, AssessmentInput},
    history::{HistoryError, Range, Store},
    render::{ReportFile, ReportFormat, Templates, report_files, safe, year_files},
    report::{Month, ReportInput, report, year},
    snapshot::Snapshot,
    statements::Statements,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    replay: ReplayOptions,
    /// Month to report, such as 2026-10 [default: the last complete month]
    #[arg(long, value_name = "MONTH", conflicts_with = "year")]
    month: Option<Month>,
    /// Month to compare with, such as 2026-09
    #[arg(long, value_name = "MONTH", conflicts_with = "year")]
    compare: Option<Month>,
    /// Write a yearly report instead
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(u16).range(1970..=9999))]
    year: Option<u16>,
    #[command(flatten)]
    output: ReportOutput,
    /// Earlier assessment from `check --format json` to compare with, in addition to the history
    #[arg(long, value_name = "FILE")]
    recorded: Vec<PathBuf>,
}

/// In which formats a report is written, and where.
#[derive(Debug, Args)]
struct ReportOutput {
    /// Output formats [default: html,md,json]
    #[arg(long, value_enum, value_name = "FORMAT", value_delimiter = ',')]
    format: Vec<Format>,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Output formats, such as -o html,json, or an output directory
    #[arg(short = 'o', value_name = "FORMATS|DIR")]
    formats_or_directory: Option<PathBuf>,
    /// Output directory [default: reports; text alone is written to standard output]
    #[arg(long = "output", value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// The same with the meaning of `-o` found out.
struct Chosen {
    formats: Vec<Format>,
    directory: Option<PathBuf>,
}

impl ReportOutput {
    /// # Errors
    /// When formats or directories are named twice, or the directory is named like a format.
    fn chosen(&self) -> Result<Chosen> {
        let mut formats = if self.json { vec![Format::Json] } else { self.format.clone() };
        let mut directory = self.directory.clone();
        if let Some(short) = &self.formats_or_directory {
            let named: Option<Vec<Format>> = short
                .to_str()
                .and_then(|text| text.split(',').map(|name| Format::from_str(name, true).ok()).collect());
            match named {
                Some(named) if formats.is_empty() => formats = named,
                Some(_) => {
                    bail!("formats are given twice; for a directory with that name, start it with `./`")
                }
                None if directory.is_none() => directory = Some(short.clone()),
                None => bail!("two directories: give either `-o DIR` or `--output DIR`"),
            }
        }
        if let Some(directory) = &directory {
            refuse_format_name(directory)?;
        }
        if formats.is_empty() {
            formats = vec![Format::Html, Format::Md, Format::Json];
        }
        Ok(Chosen { formats, directory })
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A page for a terminal
    Text,
    /// A self-contained page
    Html,
    /// Markdown for trackers, with charts in a directory next to it
    #[value(alias = "markdown")]
    Md,
    /// All data
    Json,
}

/// The directory of reports where none is named.
const REPORTS: &str = "reports";

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let chosen = arguments.output.chosen()?;
    let mut project = Project::judged(&arguments.project, &arguments.replay, terminal)?;
    // Before anything is read, so that unusable templates are reported at once.
    let templates = templates(&project)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    let kept = Kept::open(arguments, &project)?;
    let (replay, sources) = (&arguments.replay, &arguments.sources);
    let snapshot = observe::snapshot_with_all_kept(replay, sources, &project, &input.roadmap)?;
    let mut output = Output::open(None)?;
    let formats = formats(&chosen, terminal, &output);
    let made = || files(arguments, &formats, &input, &snapshot, &kept, &templates);
    let files = if project.config.report.templates.is_some() { bounded(made) } else { made() }?;
    let only_text = matches!(chosen.formats.as_slice(), [Format::Text]);
    if let (true, None, [page]) = (only_text, &chosen.directory, files.as_slice()) {
        output.write(&page.text)?;
        return Ok(Exit::Assessed);
    }
    let directory = chosen.directory.as_deref().unwrap_or_else(|| Path::new(REPORTS));
    let mut written = String::new();
    for file in files {
        let path = directory.join(&file.path);
        write(&path, &file.text)?;
        // Pictures are in a directory of their own and belong to the page next to it.
        if !file.path.contains('/') {
            written.extend([safe_lines(&path.display().to_string()), "\n".to_owned()]);
        }
    }
    output.write(&written)?;
    Ok(Exit::Assessed)
}

/// The formats to write. Text is coloured on standard output alone, not in files.
fn formats(chosen: &Chosen, terminal: &Terminal, output: &Output) -> Vec<ReportFormat> {
    let mut style = terminal.style(output);
    style.colour &= chosen.directory.is_none() && chosen.formats.len() == 1;
    let format = |format: &Format| match format {
        Format::Text => ReportFormat::Text(style),
        Format::Html => ReportFormat::Html,
        Format::Md => ReportFormat::Markdown,
        Format::Json => ReportFormat::Json,
    };
    chosen.formats.iter().map(format).collect()
}

fn files(
    arguments: &Arguments,
    formats: &[ReportFormat],
    input: &AssessmentInput,
    snapshot: &Snapshot,
    kept: &Kept,
    templates: &Templates,
) -> Result<Vec<ReportFile>> {
    let today = Month::of_instant(snapshot.taken_at);
    let not_yet = |month: Month| {
        anyhow::anyhow!("{month} is in the future: the data is from {}", snapshot.taken_at.date_naive())
    };
    let recorded = kept.recorded.as_slice();
    let material =
        |statements, month, compare| ReportInput { input, snapshot, recorded, statements, month, compare };
    let profile = file_name(&input.roadmap.id);
    let mut files = Vec::new();
    if let Some(number) = arguments.year {
        let january: Month = format!("{number:04}-01").parse()?;
        if january > today {
            bail!(not_yet(january));
        }
        let statements = Statements::default();
        let year = year(&material(&statements, january, None));
        for format in formats {
            files.extend(year_files(&year, *format, &format!("{number}-{profile}"), templates)?);
        }
        return Ok(files);
    }
    let month = arguments.month.unwrap_or_else(|| today.previous());
    if let Some(future) = [Some(month), arguments.compare].into_iter().flatten().find(|month| *month > today)
    {
        bail!(not_yet(future));
    }
    let statements = kept.statements(month)?;
    let report = report(&material(&statements, month, arguments.compare));
    for format in formats {
        files.extend(report_files(&report, *format, &format!("{month}-{profile}"), templates)?);
    }
    Ok(files)
}

/// A roadmap's id within the name of a file: it may come from a file of anybody.
fn file_name(id: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    id.chars().take(80).map(kept).collect()
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        let name = || safe_lines(&path.display().to_string());
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the directory of {}", name()))?;
    }
    write_file(path, text, Readers::Owner)
}

/// The built-in templates, with those of the project in their place.
fn templates(project: &Project) -> Result<Templates> {
    let Some(folder) = &project.config.report.templates else { return Ok(Templates::default()) };
    let folder = project.folder.join(folder);
    let name = safe_lines(&folder.display().to_string());
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("cannot read the templates in {name}"))?;
    let mut own = BTreeMap::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read the templates in {name}"))?.path();
        let known = path.extension().is_some_and(|kind| kind == "html" || kind == "css" || kind == "js");
        if let Some(file) = path.file_name().and_then(|file| file.to_str()).filter(|_| known) {
            own.insert(file.to_owned(), read_text(&path)?);
        }
    }
    Ok(Templates::new(own))
}

/// What was kept of earlier runs.
struct Kept {
    /// The assessments in the history and in the named files.
    recorded: Vec<Assessment>,
    past: Past,
}

/// Whose past it is.
enum Past {
    /// The simulated company's.
    Demo,
    /// What a history holds.
    History(Box<Store>),
    /// Nobody's: there is no history.
    Nothing,
}

impl Kept {
    /// Opens the history, and reads what was recorded.
    ///
    /// # Errors
    /// When a named file is no assessment, or a history that was asked for or that is there cannot be read.
    fn open(arguments: &Arguments, project: &Project) -> Result<Self> {
        let mut recorded = Vec::new();
        for path in &arguments.recorded {
            let name = safe_lines(&path.display().to_string());
            let assessment = Assessment::from_json(&read_text(path)?);
            recorded.push(
                assessment.with_context(|| format!("{name} is no assessment of `check --format json`"))?,
            );
        }
        let past = Past::open(arguments, project)?;
        if let Past::History(store) = &past {
            recorded.extend(recorded_assessments(store)?);
        }
        Ok(Self { recorded, past })
    }

    /// The work of queries in a month and the one before.
    ///
    /// # Errors
    /// When the history cannot be read.
    fn statements(&self, month: Month) -> Result<Statements> {
        let (from, to) = (month.previous().begin(), month.end());
        let range = Range { from_ms: from.timestamp_millis(), to_ms: to.timestamp_millis() };
        match &self.past {
            Past::Demo => demo::statements(),
            Past::History(store) => {
                let mut statements = store.statements(range)?;
                for twin in statements.without_twins(&store.statement_samples()?) {
                    warn(&format!("note: ignoring {}: a duplicate under another name\n", safe(&twin)));
                }
                Ok(statements)
            }
            Past::Nothing => Ok(Statements::default()),
        }
    }
}

impl Past {
    fn open(arguments: &Arguments, project: &Project) -> Result<Self> {
        let asked = arguments.sources.history.history.is_some();
        if !asked && arguments.replay.demo {
            return Ok(Self::Demo);
        }
        match StorePlace::resolve(&arguments.sources.history, project)?.read_only() {
            Err(HistoryError::Missing(_)) if !asked => Ok(Self::Nothing),
            store => Ok(Self::History(Box::new(store?))),
        }
    }
}

/// What templates may add to the memory of the program, in KiB; a page takes some thousand.
const LIMIT: u64 = 1 << 20;
/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(5);

/// Does work, and ends the program if it takes too much memory: a few lines of a template that double a text ask for
/// more than any machine has, and the template engine counts steps, not bytes.
fn bounded<T>(work: impl FnOnce() -> T) -> T {
    let before = resident();
    let (working, ended) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
            if resident().saturating_sub(before) > LIMIT {
                give_up();
            }
        }
    });
    let done = work();
    drop(working);
    let _ = watch.join(); // a watch that failed has nothing to say
    done
}

#[expect(
    clippy::exit,
    reason = "the thread that works cannot be stopped otherwise, and nothing has been written yet"
)]
fn give_up() {
    warn("error: the templates of the report need more than 1 GiB of memory\n");
    process::exit(2);
}

/// The memory of this process in KiB, where the kernel reports it.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
