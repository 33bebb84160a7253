//! Runs from files.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    assess::{AssessmentInput, assess},
    cli::{results, terminal::safe_lines},
    gate::{AssessmentSummary, METRICS, OwnThreshold, Run, SATURATION, Step, THROUGHPUT, Value},
    loadtest::{self, LoadTest},
    snapshot::Snapshot,
};

/// The schemas that our JSON files name, up to the version.
const ASSESSMENT: &str = "scale-advisor/assessment/";
const SNAPSHOT: &str = "scale-advisor/snapshot/";
/// The size of our largest document.
const LARGEST: u64 = 256 << 20;

/// The runs of files. All of them must be usable: a crashed run must not make the others look better.
///
/// # Errors
/// With the file, when one of them cannot be read.
pub(super) fn runs(files: &[PathBuf], input: Option<&AssessmentInput>) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for file in files {
        let name = safe_lines(&file.display().to_string());
        runs.extend(read_runs(file, &name, input).with_context(|| format!("cannot use {name}"))?);
    }
    Ok(runs)
}

fn read_runs(file: &Path, name: &str, input: Option<&AssessmentInput>) -> Result<Vec<Run>> {
    let (head, mut text) = loadtest::decoded(results::open(file)?)?;
    let Some(schema) = schema(&String::from_utf8_lossy(&head)) else {
        return Ok(runs_of_load_test(loadtest::read(text)?, name));
    };
    let mut document = String::new();
    text.by_ref().take(LARGEST).read_to_string(&mut document).context("cannot read it")?;
    if schema.starts_with(ASSESSMENT) {
        return Ok(vec![run_of_assessment(AssessmentSummary::read(&document)?, name)]);
    }
    if schema.starts_with(SNAPSHOT) {
        let Some(input) = input else { bail!("a snapshot needs a roadmap; set one with --profile") };
        let assessment = assess_snapshot(&Snapshot::from_json(&document)?, input)?;
        return Ok(vec![run_of_assessment(assessment, name)]);
    }
    bail!("cannot compare files with schema `{}`", safe_lines(&schema))
}

/// The runs of a load test.
fn runs_of_load_test(test: LoadTest, name: &str) -> Vec<Run> {
    let version = test.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
    let tool = format!("{}{version}", test.tool);
    if test.steps.is_empty() && is_stepped(&test.runs) {
        let step = |run: &loadtest::Run| {
            Some(Step { load: run.concurrency?, throughput: run.metrics.get(THROUGHPUT)?.value })
        };
        return vec![Run::stepped(name.to_owned(), tool, test.runs.iter().filter_map(step).collect())];
    }
    let steps: Vec<Step> =
        test.steps.iter().map(|step| Step { load: step.concurrency, throughput: step.throughput }).collect();
    let several = test.runs.len() > 1;
    let convert = |(index, run): (usize, loadtest::Run)| {
        let name = if several { format!("{name}, run {}", index + 1) } else { name.to_owned() };
        let mut made = Run::stepped(name, tool.clone(), steps.clone());
        let value =
            |measure: loadtest::Measure| Value { value: measure.value, unit: measure.unit.name().to_owned() };
        made.values.extend(
            run.metrics.into_iter().map(|(metric, measure)| (canonical_name(&metric), value(measure))),
        );
        let own =
            |threshold: loadtest::Threshold| OwnThreshold { name: threshold.name, passed: threshold.passed };
        made.thresholds = run.thresholds.into_iter().map(own).collect();
        made.batch = run.batch;
        made.concurrency = run.concurrency;
        made.notes = run.notes;
        made
    };
    test.runs.into_iter().enumerate().map(convert).collect()
}

/// `latency_p95_ms` is `latency_p95` in milliseconds; a name that is not known stays as it is.
fn canonical_name(metric: &str) -> String {
    const UNITS: [&str; 7] = ["_ms", "_us", "_s", "_seconds", "_rps", "_per_second", "_percent"];
    let bare = UNITS.iter().find_map(|unit| metric.strip_suffix(unit));
    let name = bare.and_then(|bare| METRICS.iter().find(|(name, ..)| *name == bare));
    name.map_or(metric, |(name, ..)| name).to_owned()
}

/// Whether rows of a table are the steps of one test, with loads of their own, and no runs to compare.
fn is_stepped(runs: &[loadtest::Run]) -> bool {
    let complete =
        |run: &loadtest::Run| Some(run.concurrency?).filter(|_| run.metrics.contains_key(THROUGHPUT));
    let Some(mut loads) = runs.iter().map(complete).collect::<Option<Vec<f64>>>() else { return false };
    loads.sort_by(f64::total_cmp);
    loads.dedup();
    loads.len() >= 3
}

/// The `schema` of a document of ours, which comes first in it; none of anything else.
fn schema(head: &str) -> Option<String> {
    if !head.trim_start().starts_with('{') {
        return None;
    }
    let (_, rest) = head.split_once("\"schema\"")?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (schema, _) = value.split_once('"')?;
    schema.starts_with("scale-advisor/").then(|| schema.to_owned())
}

/// The assessment of a snapshot.
///
/// # Errors
/// Never in practice: what is written here is read again.
pub(super) fn assess_snapshot(snapshot: &Snapshot, input: &AssessmentInput) -> Result<AssessmentSummary> {
    let text = serde_json::to_string(&assess(input, snapshot)).context("cannot serialize the assessment")?;
    Ok(AssessmentSummary::read(&text)?)
}

/// A run from an assessment. Its load at saturation is a metric like any other where there are several runs.
pub(super) fn run_of_assessment(assessment: AssessmentSummary, name: &str) -> Run {
    let mut run = Run { name: name.to_owned(), tool: "scale-advisor".to_owned(), ..Run::default() };
    let known = assessment.bottlenecks.iter().filter_map(|bottleneck| bottleneck.saturates_at_load);
    if let Some(first) = known.map(|load| load.mid).min_by(f64::total_cmp) {
        let value = Value { value: first, unit: assessment.load.unit.clone() };
        run.values.insert(SATURATION.to_owned(), value);
    }
    run.assessment = Some(assessment);
    run
}
