//! Which queues there are: exchanges and what is bound to them.

use crate::snapshot::Unavailable;
use std::collections::{BTreeMap, BTreeSet};

use super::SEPARATOR;
use crate::source::redis::queue::{
    look::{Look, MAX_QUEUES},
    scan,
};

/// The key of an exchange's bindings begins with it.
const PREFIX: &str = "_kombu.binding.";

/// Queues by exchange and routing key.
#[derive(Debug, Default)]
pub(super) struct Bindings(BTreeMap<(String, String), String>);

impl Bindings {
    /// The bindings of the exchanges that a bounded search meets, and notes about the search.
    ///
    /// A queue named in the config is taken for the name of its exchange, which it is unless the application says
    /// otherwise.
    pub(super) async fn find(look: &Look) -> Result<(Self, Vec<String>), Unavailable> {
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
    pub(super) fn queues(&self) -> Vec<String> {
        self.0.values().cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The queue to which a message was sent. Without an exchange the routing key is the queue's name.
    pub(super) fn queue<'a>(&'a self, exchange: &str, key: &'a str) -> &'a str {
        self.0.get(&(exchange.to_owned(), key.to_owned())).map_or(key, String::as_str)
    }
}

/// Celery's own events and commands travel over queues as well.
fn is_of_tasks(queue: &str) -> bool {
    !queue.is_empty() && !queue.ends_with(".pidbox") && !queue.starts_with("celeryev")
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
}
