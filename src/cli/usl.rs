//! `usl`: the Universal Scalability Law, fitted to a stepped load test.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::{
    Exit,
    output::ChartFormat,
    output_options::OutputOptions,
    results,
    terminal::{Terminal, safe_lines, warn},
};
use crate::{
    capacity::usl::{Fit, fit},
    loadtest::{self, LoadTest},
    render::{
        DocumentFormat, FileNote, Scalability, load_test_note, scalability_document, scalability_json,
        scalability_picture, yaml,
    },
    signal::parse_duration,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Measurements: CSV with the columns concurrency and throughput, or load test results: one file per load, a
    /// directory of them, or one file of a test with increasing load
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Show the load at which this latency is reached, such as 200ms; needs throughput per second
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    latency: Option<std::time::Duration>,
    #[command(flatten)]
    output: OutputOptions<ChartFormat>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let name = safe_lines(&arguments.files[0].display().to_string());
    let points = points(&arguments.files)?;
    let fit: Fit = fit(&points.loads, &points.throughputs).with_context(|| format!("cannot use {name}"))?;
    let scalability = Scalability {
        fit: &fit,
        loads: &points.loads,
        throughputs: &points.throughputs,
        latency: arguments.latency.map(|latency| latency.as_secs_f64()),
        notes: &points.notes,
    };
    let document = |format| scalability_document(&scalability).write(format);
    let text = match arguments.output.format {
        ChartFormat::Text => document(DocumentFormat::Text(terminal.style(&output)))?,
        ChartFormat::Markdown => document(DocumentFormat::Markdown)?,
        ChartFormat::Html => document(DocumentFormat::Html)?,
        ChartFormat::Json => scalability_json(&scalability),
        ChartFormat::Yaml => yaml(&scalability_json(&scalability)),
        ChartFormat::Svg => scalability_picture(&scalability),
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}

/// Loads and the throughput at each.
#[derive(Debug, PartialEq)]
struct Points {
    pub loads: Vec<f64>,
    pub throughputs: Vec<f64>,
    /// What a reader of them should know.
    pub notes: Vec<FileNote>,
}

/// Reads the points of all files, and of the files in directories.
///
/// # Errors
/// With the file, when one cannot be read or does not say at which load it was measured.
fn points(paths: &[PathBuf]) -> Result<Points> {
    let files = expanded(paths)?;
    let mut all = Points { loads: Vec::new(), throughputs: Vec::new(), notes: Vec::new() };
    for file in &files {
        let name = safe_lines(&file.display().to_string());
        let test = loadtest::read(results::open(file)?).with_context(|| format!("cannot use {name}"))?;
        for note in test.runs.iter().flat_map(|run| &run.notes) {
            warn(&format!("note: {}\n", safe_lines(&load_test_note(note))));
            all.notes.push(FileNote { file: name.clone(), note: note.clone() });
        }
        let (loads, throughputs) = points_of(&test).with_context(|| format!("cannot use {name}"))?;
        all.loads.extend(loads);
        all.throughputs.extend(throughputs);
    }
    Ok(all)
}

/// The loads and the throughput at each.
fn points_of(test: &LoadTest) -> Result<(Vec<f64>, Vec<f64>)> {
    let points = test.points();
    if points.is_empty() {
        let loads_known = test.runs.iter().any(|run| run.concurrency.is_some());
        let lacking = if loads_known { "throughput" } else { "concurrency" };
        bail!(
            "no {lacking} in the {} results; use a CSV file with the columns concurrency,throughput",
            test.tool
        );
    }
    Ok(points.into_iter().unzip())
}

/// The files themselves, and those in directories or of patterns, by name.
fn expanded(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let inside = results::files(path)?;
        if inside.is_empty() {
            bail!("no such file: {}", safe_lines(&path.display().to_string()));
        }
        files.extend(inside);
    }
    Ok(files)
}
