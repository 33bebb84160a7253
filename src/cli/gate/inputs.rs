//! Runs from files.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{
    assess::{AssessmentInput, assess},
    cli::{
        results,
        terminal::{safe_lines, warn},
    },
    gate::{AssessmentSummary, METRICS, OwnThreshold, Run, SATURATION, Step, THROUGHPUT, Value},
    loadtest::{self, LoadTest},
    snapshot::Snapshot,
};

/// The schemas that JSON files of ours name, up to the version.
const ASSESSMENT: &str = "scale-advisor/assessment/";
const SNAPSHOT: &str = "scale-advisor/snapshot/";

/// The runs of files. All of them must be usable: a run that crashed must not make the others look better.
///
/// # Errors
/// With the file, when one of them cannot be read.
pub(super) fn runs(files: &[PathBuf], input: Option<&AssessmentInput>) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for file in files {
        let name = safe_lines(&file.display().to_string());
        let text = results::read(file)?;
        runs.extend(read_runs(&text, &name, input).with_context(|| format!("cannot use {name}"))?);
    }
    Ok(runs)
}

fn read_runs(text: &str, name: &str, input: Option<&AssessmentInput>) -> Result<Vec<Run>> {
    if text.trim().is_empty() {
        bail!("the file is empty");
    }
    match schema(text).as_deref() {
        Some(schema) if schema.starts_with(ASSESSMENT) => {
            Ok(vec![run_of_assessment(AssessmentSummary::read(text)?, name)])
        }
        Some(schema) if schema.starts_with(SNAPSHOT) => {
            let Some(input) = input else { bail!("a snapshot needs a roadmap; set one with --profile") };
            let assessment = assess_snapshot(&Snapshot::from_json(text)?, input)?;
            Ok(vec![run_of_assessment(assessment, name)])
        }
        Some(schema) if schema.starts_with("scale-advisor/") => {
            bail!("cannot compare files with schema `{}`", safe_lines(schema))
        }
        _ => Ok(runs_of_load_test(loadtest::read(text)?, name)),
    }
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
        for note in &run.notes {
            warn(&format!("note: {name}: {}\n", safe_lines(note)));
        }
        let mut made = Run::stepped(name, tool.clone(), steps.clone());
        let value =
            |measure: loadtest::Measure| Value { value: measure.value, unit: measure.unit.name().to_owned() };
        made.values.extend(
            run.metrics.into_iter().map(|(metric, measure)| (canonical_name(&metric), value(measure))),
        );
        let own =
            |threshold: loadtest::Threshold| OwnThreshold { name: threshold.name, passed: threshold.passed };
        made.thresholds = run.thresholds.into_iter().map(own).collect();
        made.concurrency = run.concurrency;
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

/// The `schema` of a JSON document, none of anything else.
fn schema(text: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: Option<String>,
    }
    // Load tests write documents of many lines, of which only the beginning is asked for.
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Head>();
    documents.next()?.ok()?.schema
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
