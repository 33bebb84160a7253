//! What CI systems are told: cases with places in the repository, and the summary of a GitHub job.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::{ValueEnum, builder::PossibleValue};

use super::{
    Exit, assessment_input,
    output::Output,
    output_options::OutputFormat,
    project::{Project, environment, read_text},
    terminal::Terminal,
};
use crate::{
    assess::{Assessment, AssessmentInput},
    diagnostic::SourceFile,
    gate::{self, GateReport},
    render::{
        Cases, CiFormat, ExitPolicy, Format, GatePlaces, Places, cases_of_check, cases_of_gate,
        github_summary, nagios_code, nagios_failure,
    },
};

/// GitHub shows no summary above 1 MiB for a step.
const SUMMARY_LIMIT: u64 = 1 << 20;

/// Every format, in the order of its names.
const FORMATS: [Format; Format::NAMES.len()] = {
    let mut formats = [Format::Text; Format::NAMES.len()];
    let mut index = 0;
    while index < formats.len() {
        formats[index] = Format::NAMES[index].1;
        index += 1;
    }
    formats
};

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &FORMATS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, _) = Self::NAMES.into_iter().find(|(_, format)| format == self)?;
        let alias = match self {
            Self::Yaml => Some("yml"),
            Self::Markdown => Some("md"),
            _ => None,
        };
        Some(PossibleValue::new(name).aliases(alias))
    }
}

/// Of `gate`.
impl OutputFormat for Format {
    const JSON: Option<Self> = Some(Self::Json);
    const NOTE: &'static str = "markdown is a pull request comment, html a page for a browser; github writes workflow \
                                commands and appends to $GITHUB_STEP_SUMMARY; nagios uses plugin exit codes; in junit \
                                inconclusive metrics are errors, or skipped if the config lets them pass.";
}

/// A failure as a monitoring plugin tells it: monitoring reads standard output and takes any other code for a state of
/// the system.
///
/// # Errors
/// Those of the result, in any other format.
pub(super) fn as_plugin(format: Format, terminal: &Terminal, result: Result<Exit>) -> Result<Exit> {
    match result {
        Err(error) if format == Format::Ci(CiFormat::Nagios) => {
            terminal.error(&error);
            let written = Output::open(None)?.write(&nagios_failure(&format!("{error:#}")));
            // Where nothing can be written, the code alone says that nothing is known; that is told once.
            if let Some(unwritten) =
                written.err().filter(|unwritten| unwritten.to_string() != error.to_string())
            {
                terminal.error(&unwritten);
            }
            Ok(Exit::Plugin(3))
        }
        result => result,
    }
}

/// What a format wants besides its text: a summary of the job, or an exit code of its own.
///
/// # Errors
/// When the summary cannot be written.
pub(super) fn concluded(format: Format, cases: &Cases) -> Result<Option<Exit>> {
    match format {
        Format::Ci(CiFormat::Github) => append_summary(cases).map(|()| None),
        Format::Ci(CiFormat::Nagios) => Ok(Some(Exit::Plugin(nagios_code(cases)))),
        _ => Ok(None),
    }
}

/// The cases of an assessment, with the places of their rules from the top of the repository.
///
/// # Errors
/// When the roadmap or the settings, which have been read before, cannot be read any more.
pub(super) fn cases(
    assessment: &Assessment,
    policy: &ExitPolicy<'_>,
    input: &AssessmentInput,
    profile: Option<&str>,
    project: &Project,
) -> Result<Cases> {
    let roadmap = assessment_input::own_source(profile, project)?.map(placed);
    let settings = settings(project)?;
    let places = Places { input, roadmap: roadmap.as_ref(), settings: settings.as_ref() };
    Ok(cases_of_check(assessment, policy, &places))
}

/// The cases of a gate, with the places of their rules in the roadmap, if it is a file, and in the config.
///
/// # Errors
/// As above.
pub(super) fn gate_cases(
    report: &GateReport,
    policy: &gate::GateConfig,
    roadmap: Option<SourceFile>,
    project: &Project,
) -> Result<Cases> {
    let (roadmap, settings) = (roadmap.map(placed), settings(project)?);
    let places = GatePlaces { roadmap: roadmap.as_ref(), settings: settings.as_ref() };
    Ok(cases_of_gate(report, policy, &places))
}

fn settings(project: &Project) -> Result<Option<SourceFile>> {
    let read = |path: &PathBuf| Ok(placed(SourceFile::new(path.display().to_string(), read_text(path)?)));
    project.file.as_ref().map(read).transpose()
}

/// The file by its path from the top of the repository, as far as that is known.
fn placed(file: SourceFile) -> SourceFile {
    let top = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"].into_iter().find_map(environment).map(PathBuf::from);
    let here = std::env::current_dir().unwrap_or_default();
    let full = here.join(&file.name);
    let below = |top: &Path| full.strip_prefix(top).ok().map(Path::to_path_buf);
    let path = top.and_then(|top| below(&top)).or_else(|| below(&here)).unwrap_or_else(|| full.clone());
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    SourceFile { name: parts.join("/").replacen("//", "/", 1), ..file }
}

/// Appends to the summary of the job, where there is one.
///
/// # Errors
/// When it cannot be written.
fn append_summary(cases: &Cases) -> Result<()> {
    let Some(path) = environment("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    let said = || format!("cannot append to $GITHUB_STEP_SUMMARY ({path})");
    let mut file = OpenOptions::new().create(true).append(true).open(&path).with_context(said)?;
    let room = SUMMARY_LIMIT.saturating_sub(file.metadata().with_context(said)?.len());
    let summary = github_summary(cases, usize::try_from(room).unwrap_or_default());
    file.write_all(summary.as_bytes()).with_context(said)
}
