//! The simulated company of `check --demo`, recorded from real servers by `scripts/record-demo`.

use anyhow::{Context, Result};

use super::project::Project;
use crate::{config::read_config, history, snapshot::Snapshot, statements::Statements};

const SNAPSHOT: &str = include_str!("demo/snapshot.json");
const STATEMENTS: &str = include_str!("demo/statements.jsonl");
const SETTINGS: &str = include_str!("demo/scale-advisor.toml");

/// The company's config.
pub(super) fn project() -> Project {
    let (config, _) = read_config(SETTINGS, &|_| None);
    Project { config, folder: std::path::PathBuf::new(), source: None, file: None }
}

/// What its servers reported.
///
/// # Errors
/// Never with the embedded file, which a test reads.
pub(super) fn snapshot() -> Result<Snapshot> {
    Snapshot::from_json(SNAPSHOT).context("the embedded demo cannot be used")
}

/// What its statements did on each day.
///
/// # Errors
/// Never with the embedded file, which a test reads.
pub(super) fn statements() -> Result<Statements> {
    Ok(history::parse_export(STATEMENTS).context("the embedded demo cannot be used")?.statements)
}
