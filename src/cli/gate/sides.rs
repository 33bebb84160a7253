//! Both sides of a comparison, and the present assessment of the system.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{
    inputs,
    store::{Store, is_name},
};
use crate::{
    assess::AssessmentInput,
    cli::{
        observe,
        options::SourceOptions,
        project::{Project, read_text},
        results,
        terminal::safe_lines,
    },
    gate::{AssessmentSummary, Baseline, NoBaseline, Run, StoredBaseline, without_copies},
    snapshot::Snapshot,
};

/// What the candidate is compared with: files, or a stored baseline by its name.
///
/// # Errors
/// When what is there cannot be read. A missing file is no error: it has an outcome of its own.
pub(super) fn baseline(
    paired: &[String],
    earlier: &[String],
    store: &Store,
    input: Option<&AssessmentInput>,
) -> Result<(Baseline, Option<StoredBaseline>)> {
    let (named, kind): (_, fn(Vec<Run>) -> Baseline) =
        if paired.is_empty() { (earlier, Baseline::History) } else { (paired, Baseline::Paired) };
    if named.is_empty() {
        return Ok((Baseline::Missing(NoBaseline::NotNamed), None));
    }
    let mut runs = Vec::new();
    let mut stored = None;
    for name in named {
        let files = results::files(Path::new(name))?;
        if !files.is_empty() {
            runs.extend(inputs::runs(&files, input)?);
            continue;
        }
        // What is damaged is an error, and not missing.
        let found = if is_name(name) { store.find(name)? } else { None };
        let Some(found) = found else {
            return Ok((Baseline::Missing(absent(name, store)), None));
        };
        runs.extend(found.runs.iter().cloned());
        stored = Some(found);
    }
    Ok((kind(without_copies(runs)), stored))
}

/// Earlier runs beside a baseline; none where they are the baseline themselves.
///
/// # Errors
/// When one of the names has nothing behind it, or cannot be read.
pub(super) fn earlier(
    paired: &[String],
    earlier: &[String],
    store: &Store,
    input: Option<&AssessmentInput>,
) -> Result<Vec<Run>> {
    if paired.is_empty() || earlier.is_empty() {
        return Ok(Vec::new());
    }
    match baseline(&[], earlier, store, input)?.0 {
        Baseline::Missing(_) => bail!("no earlier runs: {}", safe_lines(&earlier.join(", "))),
        found => Ok(found.runs().to_vec()),
    }
}

fn absent(name: &str, store: &Store) -> NoBaseline {
    let shown = safe_lines(name);
    if is_name(name) {
        NoBaseline::NotStored { name: shown, directory: store.shown() }
    } else {
        NoBaseline::NoFile { name: shown }
    }
}

/// The runs of the build to evaluate.
///
/// # Errors
/// When nothing is there, or something cannot be read.
pub(super) fn candidate(named: &[String], input: Option<&AssessmentInput>) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for name in named {
        let files = results::files(Path::new(name))?;
        if files.is_empty() {
            bail!("no such candidate file: {}", safe_lines(name));
        }
        runs.extend(inputs::runs(&files, input)?);
    }
    Ok(without_copies(runs))
}

/// The live system as a run.
///
/// # Errors
/// When it cannot be read, or no roadmap was chosen.
pub(super) fn live(
    options: &SourceOptions,
    project: &Project,
    input: Option<&AssessmentInput>,
) -> Result<Run> {
    let Some(input) = input else { bail!("--live needs a roadmap; set one with --profile") };
    let snapshot = observe::live(options, project, &input.roadmap)?;
    Ok(inputs::run_of_assessment(inputs::assess_snapshot(&snapshot, input)?, "the live system"))
}

/// The assessment of the system today, from an assessment or a snapshot.
///
/// # Errors
/// When the file cannot be used.
pub(super) fn current(
    assessment: Option<&Path>,
    snapshot: Option<&Path>,
    input: Option<&AssessmentInput>,
) -> Result<Option<AssessmentSummary>> {
    let Some(path) = assessment.or(snapshot) else { return Ok(None) };
    let shown = safe_lines(&path.display().to_string());
    let text = read_text(path)?;
    if assessment.is_some() {
        return AssessmentSummary::read(&text)
            .map(Some)
            .with_context(|| format!("cannot use the assessment {shown}"));
    }
    let Some(input) = input else { bail!("a snapshot needs a roadmap; set one with --profile") };
    let snapshot = Snapshot::from_json(&text).with_context(|| format!("cannot use the snapshot {shown}"))?;
    inputs::assess_snapshot(&snapshot, input).map(Some)
}
