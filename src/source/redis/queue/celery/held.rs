//! Messages that workers took and did not begin.

use crate::snapshot::Unavailable;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::bindings::Bindings;
use crate::source::redis::queue::look::Look;

/// How many messages are read.
const MOST: usize = 200;
/// Larger ones are not fetched.
const LARGEST: u64 = 16 * 1024;

/// How many messages of each queue workers hold.
#[derive(Debug, Default)]
pub(super) struct Held {
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
    pub(super) async fn look(look: &Look, bindings: &Bindings) -> Result<Self, Unavailable> {
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
    pub(super) fn due(&self, queue: &str) -> u64 {
        self.queues.get(queue).map_or(0, |counts| counts.due)
    }

    /// Messages of a queue whose time has not come.
    pub(super) fn delayed(&self, queue: &str) -> u64 {
        self.queues.get(queue).map_or(0, |counts| counts.delayed)
    }

    /// A note when there are more than were looked at.
    pub(super) fn note(&self) -> Option<String> {
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
