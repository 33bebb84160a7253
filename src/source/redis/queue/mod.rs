//! Job queues that are kept in Redis: one file for each system, all giving the same [`Queue`].
//!
//! To add a system: a file beside `bullmq.rs` that finds its queues and reads one, and a line in [`read`].

mod bullmq;
mod job;
mod observe;
mod scan;

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;

use super::{Settings, connection::Connection, failure::Failure};
use crate::{
    snapshot::Reason,
    source::{Request, draft::Draft},
};

/// The signals that queues give.
const SIGNALS: [&str; 4] = ["queue.depth", "queue.oldest_age", "queue.failed", "queue.job_duration"];

/// Queues beyond this many are not read.
const MAX_QUEUES: usize = 200;

/// One queue, whatever system keeps it.
#[derive(Debug, Clone, PartialEq)]
struct Queue {
    /// Its name, without prefix.
    name: String,
    /// Who keeps it, with the version when it is told: `BullMQ 5.81.5`.
    system: String,
    /// How the depth was read.
    query: String,
    /// Jobs that could be worked on now.
    waiting: u64,
    /// Jobs that are being worked on.
    active: u64,
    /// Jobs whose time has not come.
    delayed: u64,
    /// Jobs that failed and are kept.
    failed: u64,
    /// Whether workers are told to leave it alone.
    paused: bool,
    /// Seconds for which the oldest sampled job has waited; `None` when no job tells.
    oldest: Option<f64>,
    /// Seconds that recently finished jobs took, of those that are kept.
    durations: Vec<f64>,
}

/// The stretch of time in which finished jobs are of interest.
#[derive(Debug, Clone, Copy)]
struct Period {
    from: DateTime<Utc>,
    now: DateTime<Utc>,
}

/// Reads every queue into the draft and gives back what a reader should know of the search.
pub(super) async fn read(
    draft: &mut Draft,
    connection: Arc<Connection>,
    settings: &Settings,
    request: &Request,
    keys: u64,
) -> Vec<String> {
    let (names, mut notes) = match find(&connection, settings, keys).await {
        Ok(found) => found,
        Err(failure) => {
            gaps(draft, &failure);
            return Vec::new();
        }
    };
    let period = Period { from: request.window.from, now: request.now };
    let mut queues = Vec::new();
    let mut unread: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut first_failure = None;
    for (name, answer) in read_each(connection, settings, names, period).await {
        match answer {
            Ok(Some(queue)) => queues.push(queue),
            Ok(None) => unread.entry("there are no keys of it".to_owned()).or_default().push(name),
            Err(failure) => {
                unread.entry(failure.detail.clone()).or_default().push(name);
                first_failure.get_or_insert(failure);
            }
        }
    }
    for (why, names) in &unread {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        notes.push(format!("not read: queue {}: {why}", observe::listed(&names)));
    }
    notes.extend(observe::all(draft, &queues));
    if queues.is_empty() {
        gaps(draft, &first_failure.unwrap_or_else(|| none_found(settings, &notes)));
    }
    notes
}

/// The names of the queues to read, and notes about how they were found.
async fn find(
    connection: &Connection,
    settings: &Settings,
    keys: u64,
) -> Result<(Vec<String>, Vec<String>), Failure> {
    let (mut names, mut notes) = match &settings.queues {
        Some(names) => (names.clone(), Vec::new()),
        None => scan::find(connection, &settings.prefix, keys).await?,
    };
    names.sort();
    names.dedup();
    if names.len() > MAX_QUEUES {
        notes.push(format!(
            "{} queues exist, {MAX_QUEUES} of them are read: name those that matter",
            names.len()
        ));
        names.truncate(MAX_QUEUES);
    }
    Ok((names, notes))
}

/// Reads all queues at the same time on the one connection, and gives the answers in the order of the names.
async fn read_each(
    connection: Arc<Connection>,
    settings: &Settings,
    names: Vec<String>,
    period: Period,
) -> Vec<(String, Result<Option<Queue>, Failure>)> {
    let mut running = JoinSet::new();
    for name in names {
        let (connection, prefix) = (Arc::clone(&connection), settings.prefix.clone());
        running.spawn(async move {
            let answer = bullmq::read(&connection, &prefix, &name, period).await;
            (name, answer)
        });
    }
    let mut answers = running.join_all().await;
    answers.sort_by(|(a, _), (b, _)| a.cmp(b));
    answers
}

fn gaps(draft: &mut Draft, failure: &Failure) {
    for signal in SIGNALS {
        draft.gap(signal, failure.reason, failure.detail.clone(), failure.hint.as_deref());
    }
}

fn none_found(settings: &Settings, notes: &[String]) -> Failure {
    let searched = notes.first().map(|note| format!(" ({note})")).unwrap_or_default();
    Failure::new(
        Reason::NotApplicable,
        format!("no BullMQ or Bull queue has keys beginning {}:{searched}", settings.prefix),
        "if there are queues, give their `prefix`, their names in `queues`, or the number of their database",
    )
}
