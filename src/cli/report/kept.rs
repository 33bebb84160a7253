//! What is held of earlier runs: recorded assessments, and query statistics.

use anyhow::{Context, Result};

use super::{
    super::{
        demo,
        history::{StorePlace, recorded_assessments},
        project::{Project, read_text},
        terminal::{safe_lines, warn},
    },
    Arguments,
};
use crate::{
    assess::Assessment,
    history::{HistoryError, Range, Store},
    render::safe,
    report::Month,
    statements::Statements,
};

/// What was kept of earlier runs.
pub(super) struct Kept {
    /// The assessments in the history and in the named files.
    pub(super) recorded: Vec<Assessment>,
    past: Past,
}

/// Whose past it is.
enum Past {
    /// The simulated company's.
    Demo,
    /// What a history holds.
    History(Box<Store>),
    /// Nobody's: there is no history.
    Nothing,
}

impl Kept {
    /// Opens the history, and reads what was recorded.
    ///
    /// # Errors
    /// When a named file is no assessment, or a history that was asked for or that is there cannot be read.
    pub(super) fn open(arguments: &Arguments, project: &Project) -> Result<Self> {
        let mut recorded = Vec::new();
        for path in &arguments.recorded {
            let name = safe_lines(&path.display().to_string());
            let assessment = Assessment::from_json(&read_text(path)?);
            recorded.push(
                assessment.with_context(|| format!("{name} is no assessment of `check --format json`"))?,
            );
        }
        let past = Past::open(arguments, project)?;
        if let Past::History(store) = &past {
            recorded.extend(recorded_assessments(store)?);
        }
        Ok(Self { recorded, past })
    }

    /// The work of queries in a month and the one before.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub(super) fn statements(&self, month: Month) -> Result<Statements> {
        let (from, to) = (month.previous().begin(), month.end());
        let range = Range { from_ms: from.timestamp_millis(), to_ms: to.timestamp_millis() };
        match &self.past {
            Past::Demo => demo::statements(),
            Past::History(store) => {
                let mut statements = store.statements(range)?;
                for twin in statements.without_twins(&store.statement_samples()?) {
                    warn(&format!("note: ignoring {}: a duplicate under another name\n", safe(&twin)));
                }
                Ok(statements)
            }
            Past::Nothing => Ok(Statements::default()),
        }
    }
}

impl Past {
    fn open(arguments: &Arguments, project: &Project) -> Result<Self> {
        let asked = arguments.sources.history.history.is_some();
        if !asked && arguments.replay.demo {
            return Ok(Self::Demo);
        }
        match StorePlace::resolve(&arguments.sources.history, project)?.read_only() {
            Err(HistoryError::Missing(_)) if !asked => Ok(Self::Nothing),
            store => Ok(Self::History(Box::new(store?))),
        }
    }
}
