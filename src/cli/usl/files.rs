//! Points from files: a table of them, or what load tests wrote.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::points::{self, Points};
use crate::{
    cli::terminal::{safe_lines, warn},
    loadtest::{self, LoadTest, LoadTestError},
};

/// Points of single answers grow large; more than this is no single test.
const LARGEST: u64 = 256 << 20;

/// Reads the points of all files, and of the files in folders.
///
/// # Errors
/// With the file, when one cannot be read or does not say at which load it was measured.
pub(super) fn points(paths: &[PathBuf]) -> Result<Points> {
    let files = expanded(paths)?;
    let mut all = Points { loads: Vec::new(), throughputs: Vec::new() };
    for file in &files {
        let name = safe_lines(&file.display().to_string());
        let found = of_file(file, files.len() == 1).with_context(|| format!("cannot use {name}"))?;
        all.loads.extend(found.loads);
        all.throughputs.extend(found.throughputs);
    }
    Ok(all)
}

fn of_file(file: &Path, alone: bool) -> Result<Points> {
    let text = read(file)?;
    let json = text.trim_start().starts_with(['{', '[']);
    let plain = |error: &LoadTestError| {
        use LoadTestError::{Broken, Empty, NoMetrics, NotANumber, Unknown};
        !json && matches!(error, Empty | Unknown | NotANumber { .. } | NoMetrics | Broken { .. })
    };
    match loadtest::read(&text) {
        Ok(test) if !alone || test.tool != "CSV" => of_test(&test),
        Err(error) if !alone || !plain(&error) => Err(error.into()),
        _ => Ok(points::read(&text)?),
    }
}

fn of_test(test: &LoadTest) -> Result<Points> {
    for note in test.runs.iter().flat_map(|run| &run.notes) {
        warn(&format!("note: {note}\n"));
    }
    let points = test.points();
    if points.is_empty() {
        bail!(
            "the output of {} does not say how many users were at work, or how many answers came per second; write the points into a CSV \
             file with the columns concurrency,throughput instead",
            test.tool
        );
    }
    let (loads, throughputs) = points.into_iter().unzip();
    Ok(Points { loads, throughputs })
}

/// The files themselves, and those in folders, by name.
fn expanded(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let name = safe_lines(&path.display().to_string());
        let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {name}"))?;
        let mut inside = Vec::new();
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {name}"))?.path();
            inside.extend(entry.is_file().then_some(entry));
        }
        if inside.is_empty() {
            bail!("there is no file in {name}");
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

fn read(path: &Path) -> Result<String> {
    let name = safe_lines(&path.display().to_string());
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {name}"))?.len();
    if size > LARGEST {
        bail!("it is larger than 256 MiB, which is no single load test");
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))
}
