//! Points from files: a table of them, or what load tests wrote.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::points::{self, Points};
use crate::{
    cli::{
        results,
        terminal::{safe_lines, warn},
    },
    loadtest::{self, LoadTest, LoadTestError},
};

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
    let text = results::read(file)?;
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
        warn(&format!("note: {}\n", safe_lines(note)));
    }
    let points = test.points();
    if points.is_empty() {
        bail!(
            "the output of {} lacks concurrency or throughput; use a CSV file with the columns concurrency,throughput \
             instead",
            test.tool
        );
    }
    let (loads, throughputs) = points.into_iter().unzip();
    Ok(Points { loads, throughputs })
}

/// The files themselves, and those in folders or of patterns, by name.
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
