//! What the project's own history holds beside what the servers report.

use anyhow::Result;

use super::request::past;
use crate::{
    cli::{
        history::StorePlace,
        options::SourceOptions,
        project::Project,
        terminal::{safe_lines, warn},
    },
    foreign::Foreign,
    history::{HistoryError, Range},
    roadmap::Roadmap,
    snapshot::{Observation, Snapshot, join_history},
    source::Past,
};

/// Which of the series that we kept ourselves are joined to what the servers report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// Those that forecasts continue: nothing else is judged by its past.
    Continued,
    /// All of them.
    All,
}

/// Adds what we kept ourselves of the past, as far as it is asked for.
///
/// # Errors
/// When the flags ask for an impossible time range.
pub(in crate::cli) fn join_own_history(
    snapshot: &mut Snapshot,
    options: &SourceOptions,
    project: &Project,
    roadmap: &Roadmap,
) -> Result<()> {
    if let Some(past) = past(snapshot.taken_at, options, roadmap)? {
        join_kept(snapshot, &past, options, project, Joined::Continued);
    }
    Ok(())
}

/// Adds what we kept ourselves of the past. A history that cannot be read takes nothing away from what the servers
/// report.
pub(super) fn join_kept(
    snapshot: &mut Snapshot,
    past: &Past,
    options: &SourceOptions,
    project: &Project,
    joined: Joined,
) {
    let range = Range { from_ms: past.from.timestamp_millis(), to_ms: snapshot.taken_at.timestamp_millis() };
    let read = || -> Result<_> {
        let store = StorePlace::resolve(&options.history, project)?.read_only()?;
        Ok((store.simulated()?, store.hourly(range)?))
    };
    match read() {
        // Real and simulated figures are never mixed.
        Ok((None, mut kept)) => {
            let foreign = Foreign::default();
            for observation in &mut kept {
                observation.pass(&foreign);
            }
            let is_joined = |observation: &Observation| {
                joined == Joined::All || past.signals.contains(&observation.signal)
            };
            let Snapshot { history, observations, .. } = snapshot;
            join_history(history, observations, kept.into_iter().filter(is_joined));
        }
        Ok((Some(_), _)) => {}
        // Keeping one is optional.
        Err(error) if matches!(error.downcast_ref(), Some(HistoryError::Missing(_))) => {}
        Err(error) => {
            warn(&format!("warning: ignoring history: {}\n", safe_lines(&format!("{error:#}"))));
        }
    }
}
