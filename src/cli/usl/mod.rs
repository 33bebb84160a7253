//! `usl`: the Universal Scalability Law, fitted to a stepped load test.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::{
    Exit,
    output::ChartFormat,
    output_options::OutputOptions,
    terminal::{Terminal, safe_lines},
};
use crate::{
    capacity::usl::{Fit, fit},
    render::{
        DocumentFormat, Scalability, scalability_document, scalability_json, scalability_picture, yaml,
    },
    signal::parse_duration,
};

mod files;

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
    let points = files::points(&arguments.files)?;
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
