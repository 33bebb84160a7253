//! Job queues that are kept in Redis: one file for each system, all giving the same [`Queue`].
//!
//! To add a system: a sibling file that finds its queues and reads them, and a line in [`SYSTEMS`].

mod bullmq;
mod celery;
mod job;
mod look;
mod observe;
mod rq;
mod scan;
mod sidekiq;

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::Arc,
};

use tokio::task::JoinSet;

use self::look::{Found, Look};
use super::{Settings, connection::Connection, error::failed};
use crate::{
    snapshot::{Reason, Unavailable},
    source::{Request, result_builder::SourceResultBuilder},
};
use observe::listed;

/// Every system whose queues are looked for, by the name that distinguishes its queues from those of another.
const SYSTEMS: [(&str, Read); 4] = [
    ("bullmq", |look| Box::pin(bullmq::read(look))),
    ("celery", |look| Box::pin(celery::read(look))),
    ("rq", |look| Box::pin(rq::read(look))),
    ("sidekiq", |look| Box::pin(sidekiq::read(look))),
];

/// Finds and reads the queues of one system.
type Read = fn(Arc<Look>) -> Pin<Box<dyn Future<Output = Result<Found, Unavailable>> + Send>>;

/// The signals that queues give.
const SIGNALS: [&str; 4] = ["queue.depth", "queue.oldest_age", "queue.failed", "queue.job_duration"];

/// One queue, whatever system keeps it.
#[derive(Debug, Clone, Default, PartialEq)]
struct Queue {
    /// Its name, without prefix.
    name: String,
    /// Which system keeps it, with the version when it is known: `BullMQ 5.81.5`.
    system: String,
    /// Jobs that could be worked on now.
    waiting: u64,
    /// How they were counted.
    query: String,
    /// Jobs that are being worked on, where that is known for each queue.
    active: Option<u64>,
    /// Jobs whose time has not come.
    delayed: Option<u64>,
    /// Jobs that failed and are kept.
    failed: Option<u64>,
    /// Whether it is paused.
    paused: bool,
    /// Seconds for which the oldest sampled job has waited, and how they were found; `None` when no job records them.
    oldest: Option<(f64, &'static str)>,
    /// Seconds that recently finished jobs took, of those that are kept.
    durations: Vec<f64>,
    /// How those were found; `None` where the system keeps no finished jobs.
    finished: Option<&'static str>,
    /// A caveat about the number of waiting jobs.
    note: Option<String>,
}

/// Reads every queue into the draft and returns notes on the search.
pub(super) async fn read(
    draft: &mut SourceResultBuilder,
    connection: Arc<Connection>,
    settings: &Settings,
    request: &Request,
    keys: u64,
) -> Vec<String> {
    let look = Arc::new(Look::new(connection, settings, request, keys));
    let mut notes = BTreeSet::new();
    let mut all: Vec<(&str, Queue)> = Vec::new();
    let mut met = BTreeSet::new();
    let mut failures = Vec::new();
    for (system, answer) in read_systems(&look).await {
        match answer {
            Ok(found) => {
                notes.extend(found.notes);
                met.extend(found.queues.iter().map(|queue| queue.name.clone()).chain(found.unread));
                failures.extend(found.failure);
                all.extend(found.queues.into_iter().map(|queue| (system, queue)));
            }
            Err(failure) => {
                notes.insert(format!("queues of {system} were not looked for: {}", failure.detail));
                failures.push(failure);
            }
        }
    }
    let queues = told_apart(all);
    notes.extend(unknown(&met, settings));
    let mut notes: Vec<String> = notes.into_iter().collect();
    if queues.is_empty() {
        let failure = failures.into_iter().next().unwrap_or_else(|| none_found(settings, &notes));
        for signal in SIGNALS {
            draft.gap(signal, failure.reason, failure.detail.clone(), failure.hint.as_deref());
        }
    }
    notes.extend(observe::all(draft, &queues));
    notes
}

/// Asks for the queues of every system at the same time, and gives the answers in the order of the list.
async fn read_systems(look: &Arc<Look>) -> Vec<(&'static str, Result<Found, Unavailable>)> {
    let mut running = JoinSet::new();
    for (place, (system, read)) in SYSTEMS.into_iter().enumerate() {
        let answer = read(Arc::clone(look));
        running.spawn(async move { (place, system, answer.await) });
    }
    let mut answers = running.join_all().await;
    answers.sort_by_key(|(place, ..)| *place);
    answers.into_iter().map(|(_, system, answer)| (system, answer)).collect()
}

fn none_found(settings: &Settings, notes: &[String]) -> Unavailable {
    let searched = notes.first().map(|note| format!(" ({note})")).unwrap_or_default();
    failed(
        Reason::NotApplicable,
        format!(
            "no queue of BullMQ or Bull (keys beginning {}:), Celery, RQ or Sidekiq was found{searched}",
            settings.prefix
        ),
        "if there are queues, give BullMQ's `prefix`, their names in `queues`, or the number of their database",
    )
}

/// The queues under names of their own: where two systems use the same name, it says whose the queue is.
fn told_apart(queues: Vec<(&'static str, Queue)>) -> Vec<Queue> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for (_, queue) in &queues {
        *uses.entry(queue.name.clone()).or_default() += 1;
    }
    let unique = |(system, queue): (&str, Queue)| match uses.get(&queue.name) {
        Some(count) if *count > 1 => Queue { name: format!("{system}:{}", queue.name), ..queue },
        _ => queue,
    };
    let mut queues: Vec<Queue> = queues.into_iter().map(unique).collect();
    queues.sort_by(|a, b| a.name.cmp(&b.name));
    queues
}

/// A note about the queues that the config names and no system has.
fn unknown(met: &BTreeSet<String>, settings: &Settings) -> Option<String> {
    let named = settings.queues.iter().flatten();
    let unknown: Vec<&str> = named.filter(|name| !met.contains(*name)).map(String::as_str).collect();
    (!unknown.is_empty()).then(|| format!("not read: queue {}: it has no keys", listed(&unknown)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(name: &str) -> Queue {
        Queue { name: name.to_owned(), ..Queue::default() }
    }

    #[test]
    fn only_names_that_clash_say_whose_they_are() {
        let queues =
            told_apart(vec![("bullmq", queue("mail")), ("bullmq", queue("a")), ("celery", queue("mail"))]);
        let names: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
        assert_eq!(names, ["a", "bullmq:mail", "celery:mail"]);
    }
}
