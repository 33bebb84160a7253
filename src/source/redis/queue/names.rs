//! Names of queues, which systems choose without knowing of each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Queue, observe::listed};
use crate::source::redis::Settings;

/// The queues under names of their own: where two systems use the same name, it says whose the queue is.
pub(super) fn told_apart(queues: Vec<(&'static str, Queue)>) -> Vec<Queue> {
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
pub(super) fn unknown(met: &BTreeSet<String>, settings: &Settings) -> Option<String> {
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
