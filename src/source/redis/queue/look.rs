//! What every system needs for looking at its queues, and what it finds.

use crate::snapshot::Unavailable;
use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;

use super::{Queue, observe::listed};
use crate::source::{
    Request,
    redis::{Settings, connection::Connection},
};

/// Queues of one system beyond this many are not read.
pub(super) const MAX_QUEUES: usize = 200;

/// Where to look, and for which time range.
#[derive(Debug)]
pub(super) struct Look {
    pub connection: Arc<Connection>,
    /// The prefix of BullMQ's and Bull's keys.
    pub prefix: String,
    /// The queues to read, where the config names them.
    pub named: Option<Vec<String>>,
    /// How many keys the database has.
    pub keys: u64,
    pub period: Period,
}

/// The time range in which finished jobs are of interest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    pub from: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// The queues of one system.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub queues: Vec<Queue>,
    /// The names of those that could not be read.
    pub unread: Vec<String>,
    /// Notes on the search.
    pub notes: Vec<String>,
    /// The first failure to read one of them.
    pub failure: Option<Unavailable>,
}

impl Look {
    pub(super) fn new(
        connection: Arc<Connection>,
        settings: &Settings,
        request: &Request,
        keys: u64,
    ) -> Self {
        let period = Period { from: request.window.from, now: request.now };
        let (prefix, named) = (settings.prefix.clone(), settings.queues.clone());
        Self { connection, prefix, named, keys, period }
    }

    /// Those of the queues a system knows that are to be read.
    pub(super) fn chosen(&self, known: Vec<String>) -> Vec<String> {
        let is_chosen = |name: &String| self.named.as_ref().is_none_or(|names| names.contains(name));
        known.into_iter().filter(is_chosen).collect()
    }

    /// Reads queues at the same time on the one connection, and gives them in the order of their names.
    pub(super) async fn each<F, T>(self: &Arc<Self>, mut names: Vec<String>, read: F) -> Found
    where
        F: Fn(Arc<Self>, String) -> T,
        T: Future<Output = Result<Option<Queue>, Unavailable>> + Send + 'static,
    {
        let mut found = Found::default();
        names.sort();
        names.dedup();
        if names.len() > MAX_QUEUES {
            let count = names.len();
            found
                .notes
                .push(format!("{count} queues exist, {MAX_QUEUES} of them are read: name those that matter"));
            names.truncate(MAX_QUEUES);
        }
        let mut running = JoinSet::new();
        for name in names {
            let answer = read(Arc::clone(self), name.clone());
            running.spawn(async move { (name, answer.await) });
        }
        let mut answers = running.join_all().await;
        answers.sort_by(|(a, _), (b, _)| a.cmp(b));
        found.sort_out(answers);
        found
    }
}

impl Found {
    fn sort_out(&mut self, answers: Vec<(String, Result<Option<Queue>, Unavailable>)>) {
        let mut unread: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, answer) in answers {
            match answer {
                Ok(queue) => self.queues.extend(queue),
                Err(failure) => {
                    unread.entry(failure.detail.clone()).or_default().push(name);
                    self.failure.get_or_insert(failure);
                }
            }
        }
        for (why, names) in &unread {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            self.notes.push(format!("not read: queue {}: {why}", listed(&names)));
        }
        self.unread.extend(unread.into_values().flatten());
    }
}
