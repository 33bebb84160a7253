//! `usl`: the Universal Scalability Law, fitted to a stepped load test.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use super::{
    Exit,
    output::Output,
    terminal::{Terminal, safe_lines},
};
use crate::{
    capacity::usl::{Fit, fit},
    render::{ScalabilityView, scalability_json, scalability_page, scalability_picture},
    signal::parse_duration,
};

mod files;
mod points;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Measurements: CSV with the columns concurrency and throughput, or load test results: one file per load, a
    /// directory of them, or one file of a test with increasing load
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Show the load at which this latency is reached, such as 200ms; needs throughput per second
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    latency: Option<std::time::Duration>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Write the output to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Form {
    /// A page with a chart
    #[default]
    Text,
    /// The fitted curve
    Json,
    /// A chart
    Svg,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = Output::open(arguments.output.as_deref())?;
    let name = safe_lines(&arguments.files[0].display().to_string());
    let points = files::points(&arguments.files)?;
    let fit: Fit = fit(&points.loads, &points.throughputs).with_context(|| format!("cannot use {name}"))?;
    let view = ScalabilityView {
        fit: &fit,
        loads: &points.loads,
        throughputs: &points.throughputs,
        latency: arguments.latency.map(|latency| latency.as_secs_f64()),
        width: terminal.width,
    };
    let text = match arguments.format {
        Form::Text => scalability_page(&view),
        Form::Json => scalability_json(&view),
        Form::Svg => scalability_picture(&view),
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}
