//! Files of rows, as `fleet check -o json` writes them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    cli::terminal::safe_lines,
    files::{self, Kind},
    fleet::{Row, merged},
    foreign::Foreign,
};

/// The largest file that is read: rows of about a hundred thousand services.
const LARGEST: u64 = 512 << 20;

/// The rows of some files, each service as its newest row has it.
///
/// # Errors
/// When a file cannot be read, or holds something else.
pub(super) fn read_all(files: &[PathBuf]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for file in files {
        rows.extend(read(file)?);
    }
    Ok(merged(rows))
}

/// The rows of a file.
fn read(file: &Path) -> Result<Vec<Row>> {
    let name = safe_lines(&file.display().to_string());
    let text =
        files::read_text(file, LARGEST, Kind::Readable).with_context(|| format!("cannot read {name}"))?;
    let foreign = Foreign::default();
    let row = |(number, line): (usize, &str)| {
        let mut value: Value = serde_json::from_str(line)
            .with_context(|| format!("{name}, line {number}: expected a row of `fleet check -o json`"))?;
        pass(&mut value, &foreign);
        serde_json::from_value(value).map_err(|error| {
            let error = safe_lines(&error.to_string());
            anyhow::anyhow!("{name}, line {number}: expected a row of `fleet check -o json`: {error}")
        })
    };
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).map(row).collect()
}

/// Makes every text harmless.
fn pass(value: &mut Value, foreign: &Foreign) {
    match value {
        Value::String(text) => foreign.pass_message(text),
        Value::Array(items) => items.iter_mut().for_each(|item| pass(item, foreign)),
        Value::Object(fields) => {
            let passed = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                pass(&mut value, foreign);
                (foreign.name(&name), value)
            });
            *fields = passed.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
