//! What CI systems are told: cases with places in the repository, and the summary of a GitHub job.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{
    framework,
    project::{Project, environment, read_text},
};
use crate::{
    assess::{Assessment, Framework},
    diagnostic::SourceFile,
    render::{Cases, Places, Policy, cases_of_check, github_summary},
};

/// GitHub shows no summary above 1 MiB for a step.
const SUMMARY_LIMIT: u64 = 1 << 20;

/// The cases of an assessment, with the places of their rules from the top of the repository.
///
/// # Errors
/// When the roadmap or the settings, which have been read before, cannot be read any more.
pub(super) fn cases(
    assessment: &Assessment,
    policy: &Policy<'_>,
    framework: &Framework,
    profile: Option<&str>,
    project: &Project,
) -> Result<Cases> {
    let roadmap = placed(framework::source(profile, project)?);
    let settings = match &project.file {
        Some(path) => Some(placed(SourceFile::new(path.display().to_string(), read_text(path)?))),
        None => None,
    };
    let places = Places { framework, roadmap: &roadmap, settings: settings.as_ref() };
    Ok(cases_of_check(assessment, policy, &places))
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
pub(super) fn append_summary(cases: &Cases) -> Result<()> {
    let Some(path) = environment("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    let said = || format!("cannot append to GITHUB_STEP_SUMMARY, which is {path}");
    let mut file = OpenOptions::new().create(true).append(true).open(&path).with_context(said)?;
    let room = SUMMARY_LIMIT.saturating_sub(file.metadata().with_context(said)?.len());
    let summary = github_summary(cases, usize::try_from(room).unwrap_or_default());
    file.write_all(summary.as_bytes()).with_context(said)
}
