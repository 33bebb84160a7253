//! The roadmap and everything else that measurements are compared with.

use std::path::Path;

use anyhow::{Result, bail};
use sha2::{Digest, Sha256};

use super::{
    prices,
    project::{Project, read_text, report},
    terminal::{Terminal, warn},
};
use crate::{
    assess::{AssessmentInput, Declared},
    diagnostic::{SourceFile, did_you_mean, has_errors, render},
    roadmap::{DEFAULT_PROFILE, Roadmap, builtin, builtin_ids, default_thresholds, read_roadmap},
};

/// Builds the input of an assessment from the chosen roadmap and the project's config.
///
/// # Errors
/// When the roadmap cannot be found or has errors, which have been printed then.
pub(super) fn load(
    flag: Option<&str>,
    project: &mut Project,
    terminal: &Terminal,
) -> Result<AssessmentInput> {
    let source = source(flag, project)?;
    let roadmap = read(&source, terminal)?;
    check_config(flag, project, &roadmap, terminal)?;
    let (prices, billed) = prices::load(project, &roadmap.currency)?;
    let config = &mut project.config;
    Ok(AssessmentInput {
        digest: digest(&source),
        roadmap,
        defaults: default_thresholds().clone(),
        overrides: std::mem::take(&mut config.thresholds),
        declared: Declared {
            facts: config.facts.values.clone(),
            done: std::mem::take(&mut config.plan.done),
            phase: config.plan.phase,
            absent: std::mem::take(&mut config.absent),
            events: std::mem::take(&mut config.events),
            failure_domains: std::mem::take(&mut config.failure_domains),
            lost: Vec::new(),
            silences: std::mem::take(&mut config.silences),
            named: config.named_signals(),
            llm_budgets: std::mem::take(&mut config.llm.budgets),
            prices,
            billed,
        },
    })
}

/// The SHA-256 of a roadmap's text.
pub(super) fn digest(source: &SourceFile) -> String {
    format!("{:x}", Sha256::digest(source.text.as_bytes()))
}

/// Holds the configuration against the roadmap. A roadmap named on the command line instead of the configured
/// one has its own actions and phases, so `[plan]` is not checked then.
///
/// # Errors
/// When they do not fit, which has been printed then.
fn check_config(flag: Option<&str>, project: &Project, roadmap: &Roadmap, terminal: &Terminal) -> Result<()> {
    let Some(source) = &project.source else { return Ok(()) };
    let mut errors = project.config.check_facts(roadmap);
    if flag.is_none() || flag == project.config.profile.as_deref() {
        errors.extend(project.config.check_plan(roadmap));
    }
    report(source, &errors, terminal)
}

/// The text of the chosen roadmap.
///
/// # Errors
/// When it cannot be found.
pub(super) fn source(flag: Option<&str>, project: &Project) -> Result<SourceFile> {
    let chosen = flag.or(project.config.profile.as_deref()).unwrap_or(DEFAULT_PROFILE);
    // A path given on the command line starts here; one in the config is relative to its directory.
    let folder = if flag.is_some() { Path::new("") } else { project.folder.as_path() };
    find(chosen, folder)
}

/// The text of the chosen roadmap, if it is a file and not built in.
///
/// # Errors
/// When it cannot be found.
pub(super) fn own_source(flag: Option<&str>, project: &Project) -> Result<Option<SourceFile>> {
    let chosen = flag.or(project.config.profile.as_deref()).unwrap_or(DEFAULT_PROFILE);
    if builtin(chosen).is_some() { Ok(None) } else { source(flag, project).map(Some) }
}

/// The text of a built-in roadmap or of a file.
///
/// # Errors
/// When there is neither.
pub(super) fn find(name: &str, folder: &Path) -> Result<SourceFile> {
    if let Some(text) = builtin(name) {
        return Ok(SourceFile::new(format!("built-in roadmap {name}"), text));
    }
    let path = folder.join(name);
    if path.exists() || name.contains(['/', '\\']) || Path::new(name).extension().is_some() {
        return Ok(SourceFile::new(path.display().to_string(), read_text(&path)?));
    }
    let known: Vec<&str> = builtin_ids().collect();
    match did_you_mean(name, known.iter().copied()) {
        Some(near) => bail!("unknown roadmap `{name}`; did you mean `{near}`?"),
        None => bail!("unknown roadmap `{name}`; use a path to a .toml file or one of {}", known.join(", ")),
    }
}

/// A roadmap without errors.
///
/// # Errors
/// When it has some, which have been printed then.
pub(super) fn read(source: &SourceFile, terminal: &Terminal) -> Result<Roadmap> {
    let (roadmap, diagnostics) = read_roadmap(&source.text);
    if has_errors(&diagnostics) {
        warn(&render(source, &diagnostics, terminal.errors_styled()));
    }
    match roadmap {
        Some(roadmap) => Ok(roadmap),
        None => bail!("roadmap {} has errors, see above", source.name),
    }
}
