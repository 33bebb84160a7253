//! Celery 5 on Redis: a list for each queue, and further lists for priorities.
//!
//! A worker takes messages from a list before it has time for them and keeps them in one hash, `unacked`, that
//! all queues share. Unless `acks_late` is set, a message leaves it when its task begins: what is in it still
//! waits. Messages whose time (`eta`) has not come lie there, too.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Queue,
    look::{Found, Look, MAX_QUEUES},
    scan,
};
use crate::snapshot::Unavailable;

/// The system's name.
pub(super) const CELERY: &str = "Celery";

/// Between the parts of a key or a binding.
const SEPARATOR: &str = "\u{6}\u{16}";

/// Reads every queue to which an exchange is bound.
pub(super) async fn read(look: Arc<Look>) -> Result<Found, Unavailable> {
    let (bindings, notes) = Bindings::find(&look).await?;
    let names = bindings.queues();
    if names.is_empty() {
        return Ok(Found { notes, ..Found::default() });
    }
    let held = Arc::new(Held::look(&look, &bindings).await?);
    let read_queue = |look: Arc<Look>, name: String| {
        let held = Arc::clone(&held);
        async move { Ok(Some(read_queue(&look, name, &held).await?)) }
    };
    let mut found = look.each(names, read_queue).await;
    found.notes.extend(notes);
    found.notes.extend(held.note());
    Ok(found)
}

async fn read_queue(look: &Look, name: String, held: &Held) -> Result<Queue, Unavailable> {
    // Each priority but the highest has a list of its own; which there are is the application's choice.
    let lists: Vec<String> =
        std::iter::once(name.clone()).chain((1..=9).map(|step| format!("{name}{SEPARATOR}{step}"))).collect();
    let lengths: Vec<_> = lists.iter().map(|list| vec!["LLEN", list]).collect();
    let lengths: Vec<u64> = look.connection.ask_each(&lengths).await?;
    let with_workers = held.due(&name);
    // A server may answer any number.
    let waiting = lengths.into_iter().chain([with_workers]).fold(0, u64::saturating_add);
    let note = format!("{with_workers} of them lie with workers; with acks_late, those may be running");
    Ok(Queue {
        query: format!("LLEN {name} and its priorities + messages in unacked that are due"),
        delayed: Some(held.delayed(&name)),
        note: (with_workers > 0).then_some(note),
        system: CELERY.to_owned(),
        waiting,
        name,
        ..Queue::default()
    })
}

/// The key of an exchange's bindings begins with it.
const PREFIX: &str = "_kombu.binding.";

/// Queues by exchange and routing key.
#[derive(Debug, Default)]
struct Bindings(BTreeMap<(String, String), String>);

impl Bindings {
    /// The bindings of the exchanges that a bounded search meets, and notes about the search.
    ///
    /// A queue named in the config is taken for the name of its exchange, which it is unless the application says
    /// otherwise.
    async fn find(look: &Look) -> Result<(Self, Vec<String>), Unavailable> {
        let (mut exchanges, notes) = if let Some(names) = &look.named {
            (names.clone(), Vec::new())
        } else {
            let name = |key: &str| key.strip_prefix(PREFIX).map(str::to_owned);
            scan::find(&look.connection, "_kombu.binding.*", look.keys, name).await?
        };
        exchanges.truncate(MAX_QUEUES);
        let mut bindings = Self::default();
        for exchange in exchanges {
            for member in scan::members(&look.connection, &format!("{PREFIX}{exchange}")).await? {
                bindings.add(&exchange, &member);
            }
        }
        Ok((bindings, notes))
    }

    /// Takes a member of a binding's set: routing key, pattern and queue.
    fn add(&mut self, exchange: &str, member: &str) {
        let parts: Vec<&str> = member.split(SEPARATOR).collect();
        if let [key, _, queue] = parts.as_slice()
            && is_of_tasks(queue)
        {
            self.0.insert((exchange.to_owned(), (*key).to_owned()), (*queue).to_owned());
        }
    }

    /// The names of the queues.
    fn queues(&self) -> Vec<String> {
        self.0.values().cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The queue to which a message was sent. Without an exchange the routing key is the queue's name.
    fn queue<'a>(&'a self, exchange: &str, key: &'a str) -> &'a str {
        self.0.get(&(exchange.to_owned(), key.to_owned())).map_or(key, String::as_str)
    }
}

/// Celery's own events and commands travel over queues as well.
fn is_of_tasks(queue: &str) -> bool {
    !queue.is_empty() && !queue.ends_with(".pidbox") && !queue.starts_with("celeryev")
}

/// How many messages are read.
const MOST: usize = 200;
/// Larger ones are not fetched.
const LARGEST: u64 = 16 * 1024;

/// How many messages of each queue workers hold.
#[derive(Debug, Default)]
struct Held {
    queues: BTreeMap<String, Counts>,
    /// How many there are, and how many were looked at.
    all: u64,
    seen: u64,
}

#[derive(Debug, Default)]
struct Counts {
    due: u64,
    delayed: u64,
}

/// A message, its exchange and its routing key. The task's arguments stay in the body, which is not opened.
#[derive(Deserialize)]
struct Message(Envelope, String, String);

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    headers: Headers,
}

#[derive(Deserialize, Default)]
struct Headers {
    eta: Option<String>,
}

impl Held {
    /// Reads the messages that were taken first.
    async fn look(look: &Look, bindings: &Bindings) -> Result<Self, Unavailable> {
        let connection = &look.connection;
        let last = (MOST - 1).to_string();
        let (all, tags) = tokio::try_join!(
            connection.count("HLEN", "unacked"),
            connection.range("ZRANGE", "unacked_index", "0", &last),
        )?;
        let sizes: Vec<_> = tags.iter().map(|tag| vec!["HSTRLEN", "unacked", tag]).collect();
        let sizes: Vec<u64> = connection.ask_each(&sizes).await?;
        let mut fetch = vec!["HMGET", "unacked"];
        let small = tags.iter().zip(sizes).filter(|(_, size)| (1..=LARGEST).contains(size));
        fetch.extend(small.map(|(tag, _)| tag.as_str()));
        let messages: Vec<Option<Vec<u8>>> =
            if fetch.len() > 2 { connection.ask(&fetch).await? } else { Vec::new() };
        let mut held = Self { all, ..Self::default() };
        for message in messages.iter().flatten().filter_map(|text| serde_json::from_slice(text).ok()) {
            held.count(&message, bindings, look.period.now);
        }
        Ok(held)
    }

    fn count(&mut self, Message(envelope, exchange, key): &Message, bindings: &Bindings, now: DateTime<Utc>) {
        self.seen += 1;
        let counts = self.queues.entry(bindings.queue(exchange, key).to_owned()).or_default();
        let eta = envelope.headers.eta.as_deref();
        let eta = eta.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        match eta {
            Some(eta) if eta > now => counts.delayed += 1,
            _ => counts.due += 1,
        }
    }

    /// Messages of a queue whose time has come.
    fn due(&self, queue: &str) -> u64 {
        self.queues.get(queue).map_or(0, |counts| counts.due)
    }

    /// Messages of a queue whose time has not come.
    fn delayed(&self, queue: &str) -> u64 {
        self.queues.get(queue).map_or(0, |counts| counts.delayed)
    }

    /// A note when there are more than were looked at.
    fn note(&self) -> Option<String> {
        let (seen, all) = (self.seen, self.all);
        (seen < all).then(|| {
            format!("Celery workers hold {all} messages; only {seen} were inspected, and the others are not counted")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_of_tasks_are_told_from_celerys_own() {
        let mut bindings = Bindings::default();
        for (exchange, member) in [
            ("celery", "celery\u{6}\u{16}\u{6}\u{16}celery"),
            ("jobs", "slow.*\u{6}\u{16}^slow\\..*\u{6}\u{16}reports"),
            ("celery.pidbox", "\u{6}\u{16}\u{6}\u{16}celery@vm.celery.pidbox"),
            ("celeryev", "worker.#\u{6}\u{16}\u{6}\u{16}celeryev.109c04d2"),
            ("foreign", "no binding"),
        ] {
            bindings.add(exchange, member);
        }
        assert_eq!(bindings.queues(), ["celery", "reports"]);
        assert_eq!(bindings.queue("jobs", "slow.*"), "reports");
        assert_eq!(bindings.queue("", "mail"), "mail");
    }

    #[test]
    fn only_what_is_due_waits() {
        let now = DateTime::parse_from_rfc3339("2026-11-20T16:40:00Z").unwrap().to_utc();
        let mut held = Held { all: 5, ..Held::default() };
        for text in [
            r#"[{"body":"e30=","headers":{"eta":null}},"","mail"]"#,
            r#"[{"body":"e30=","headers":{"eta":"2026-11-20T16:39:59.5+00:00"}},"","mail"]"#,
            r#"[{"body":"e30=","headers":{"eta":"2026-11-20T18:39:59+01:00"}},"","mail"]"#,
            r#"[{"body":"e30="},"","other"]"#,
        ] {
            held.count(&serde_json::from_str(text).unwrap(), &Bindings::default(), now);
        }
        assert_eq!((held.due("mail"), held.delayed("mail"), held.due("other")), (2, 1, 1));
        assert!(held.note().unwrap().contains("hold 5 messages; only 4 were inspected"));
    }
}
