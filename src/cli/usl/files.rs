//! Points from files: a table of them, or what load tests wrote.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{
    cli::{
        results,
        terminal::{safe_lines, warn},
    },
    loadtest::{self, LoadTest},
    render::{FileNote, load_test_note},
};

/// Loads and the throughput at each.
#[derive(Debug, PartialEq)]
pub(super) struct Points {
    pub loads: Vec<f64>,
    pub throughputs: Vec<f64>,
    /// What a reader of them should know.
    pub notes: Vec<FileNote>,
}

/// Reads the points of all files, and of the files in directories.
///
/// # Errors
/// With the file, when one cannot be read or does not say at which load it was measured.
pub(super) fn points(paths: &[PathBuf]) -> Result<Points> {
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
