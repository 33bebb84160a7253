//! The threads of a test, looked up by name once per row.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
};

use foldhash::fast::FixedState;

use crate::loadtest::seconds::SenderId;

/// How many threads are remembered, which takes at most 100 MB. A thread that returns after more than half as many others is
/// a new one.
const MAX_THREADS: usize = 1 << 17;

/// The state of each thread.
#[derive(Debug, Default)]
pub(super) struct Threads {
    recent: Known,
    /// Those before, of which there are as many.
    before: Known,
}

#[derive(Debug, Default)]
struct Known {
    places: HashMap<Vec<u8>, usize, FixedState>,
    threads: Vec<Thread>,
}

#[derive(Debug, Default)]
struct Thread {
    /// Start times of its last samples, in seconds.
    starts: VecDeque<f64>,
    /// The sender of its last sample, with the host and whether the sender is a thread group.
    sender: Option<(Vec<u8>, bool, SenderId)>,
}

/// What identifies the sender of a sample, besides the thread's name.
pub(super) struct SenderPlace<'a> {
    pub host: &'a [u8],
    /// Whether the sender is a thread group instead of an engine.
    pub is_group: bool,
}

impl Threads {
    /// The index of the thread with a name, until the next call.
    pub(super) fn find(&mut self, name: &[u8]) -> usize {
        if let Some(place) = self.recent.places.get(name) {
            return *place;
        }
        let place = self.before.places.remove(name);
        let thread = place.map(|place| std::mem::take(&mut self.before.threads[place])).unwrap_or_default();
        if self.recent.threads.len() >= MAX_THREADS / 2 {
            self.before = std::mem::take(&mut self.recent);
        }
        let place = self.recent.threads.len();
        self.recent.places.insert(name.to_vec(), place);
        self.recent.threads.push(thread);
        place
    }

    /// Start times of the last samples of a thread, in seconds.
    pub(super) fn starts(&mut self, thread: usize) -> &mut VecDeque<f64> {
        &mut self.recent.threads[thread].starts
    }

    /// The sender of its last sample, if that had the same place.
    pub(super) fn sender(&self, thread: usize, place: &SenderPlace<'_>) -> Option<SenderId> {
        let (host, is_group, sender) = self.recent.threads[thread].sender.as_ref()?;
        (*is_group == place.is_group && host == place.host).then_some(*sender)
    }

    /// Caches the sender of a thread.
    pub(super) fn remember(&mut self, thread: usize, place: &SenderPlace<'_>, sender: SenderId) {
        self.recent.threads[thread].sender = Some((place.host.to_vec(), place.is_group, sender));
    }
}

impl SenderPlace<'_> {
    /// The name of the sender: the engine, and for a group a zero byte and the group.
    pub(super) fn name(&self, thread: &str) -> String {
        let (engine, group) = engine_and_group(thread);
        let mut name = String::from_utf8_lossy(self.host).into_owned();
        if name.is_empty() {
            engine.clone_into(&mut name);
        }
        if self.is_group {
            // Writing to a string cannot fail.
            let _ = write!(name, "\u{0}{group}");
        }
        name
    }
}

/// `10.0.0.1-Thread Group 1-7` is the group `Thread Group` of the engine `10.0.0.1`; without a host, the whole name but
/// for its number is the group.
fn engine_and_group(name: &str) -> (&str, &str) {
    let group = name.rsplit_once(' ').map_or(name, |(group, _)| group);
    match group.split_once('-') {
        Some((host, rest)) if host.contains(['.', ':']) && !host.contains(' ') => (host, rest),
        _ => ("", group),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_long_ago_are_forgotten() {
        let mut threads = Threads::default();
        let thread = threads.find(b"Users 1-1");
        threads.starts(thread).push_back(1.0);
        let others = |threads: &mut Threads, numbers: std::ops::Range<usize>| {
            for number in numbers {
                threads.find(&number.to_le_bytes());
            }
        };
        others(&mut threads, 0..MAX_THREADS / 2);
        let again = threads.find(b"Users 1-1");
        assert_eq!(threads.starts(again).len(), 1);
        others(&mut threads, MAX_THREADS..2 * MAX_THREADS);
        assert!(threads.recent.threads.len() + threads.before.threads.len() <= MAX_THREADS);
        let forgotten = threads.find(b"Users 1-1");
        assert!(threads.starts(forgotten).is_empty());
    }
}
