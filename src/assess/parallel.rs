//! Work on many instances: on all cores, with results in the order of the instances, and how many things it looks at.

use std::{
    num::NonZero,
    sync::{Mutex, OnceLock, PoisonError},
    thread,
};

/// How many cores there are. Asking again would read three files of the control group each time.
static CORES: OnceLock<usize> = OnceLock::new();

/// What some work makes of each item, in the order of the items; nothing where it makes nothing.
///
/// Threads take so many items at a time: as few as are worth the taking, so that none has much left at the end.
/// Which thread did what shows nowhere.
pub(super) fn filter_map<'t, T: Sync, R: Send>(
    items: &'t [T],
    at_a_time: usize,
    work: impl Fn(&'t T) -> Option<R> + Sync,
) -> Vec<R> {
    on_threads(threads(), items, at_a_time, work)
}

/// How many threads there are to work on.
fn threads() -> usize {
    #[cfg(test)]
    if let Some(threads) = tests::WANTED.get() {
        return threads;
    }
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, NonZero::get))
}

fn on_threads<'t, T: Sync, R: Send>(
    threads: usize,
    items: &'t [T],
    at_a_time: usize,
    work: impl Fn(&'t T) -> Option<R> + Sync,
) -> Vec<R> {
    let at_a_time = at_a_time.max(1);
    let threads = threads.min(items.len().div_ceil(at_a_time));
    if threads <= 1 {
        return items.iter().filter_map(work).collect();
    }
    // Each item has a place for what is made of it, and nothing is copied at the end.
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let parts = Mutex::new(items.chunks(at_a_time).zip(results.chunks_mut(at_a_time)));
    let take = || {
        loop {
            let next = parts.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((items, places)) = next else { return };
            for (item, place) in items.iter().zip(places) {
                *place = work(item);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system gives no further thread, those that there are do all.
            let _ = thread::Builder::new().spawn_scoped(scope, take);
        }
        take();
    });
    #[expect(clippy::filter_map_identity, reason = "it collects in place; `flatten` would copy everything")]
    let mut made: Vec<R> = results.into_iter().filter_map(|made| made).collect();
    made.shrink_to_fit();
    made
}

/// Counts things that a search has looked at. Nothing but tests reads the count.
#[cfg(test)]
pub(super) fn looked_at(count: usize) {
    tests::LOOKS.set(tests::LOOKS.get() + count);
}

#[cfg(not(test))]
pub(super) fn looked_at(_: usize) {}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How many threads this test wants; otherwise as many as there are.
        pub(super) static WANTED: Cell<Option<usize>> = const { Cell::new(None) };
        /// How many things were looked at.
        pub(super) static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    /// Runs something on so many threads.
    pub(in crate::assess) fn with_threads<T>(threads: usize, run: impl FnOnce() -> T) -> T {
        WANTED.set(Some(threads));
        let result = run();
        WANTED.set(None);
        result
    }

    /// How many things the searches of some work looked at on this thread.
    pub(in crate::assess) fn looks(work: impl FnOnce()) -> usize {
        LOOKS.set(0);
        work();
        LOOKS.get()
    }

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..10_000).collect();
        let even = |item: &u32| item.is_multiple_of(2).then_some(item * 3);
        let expected: Vec<u32> = items.iter().filter_map(even).collect();
        for threads in [1, 2, 7] {
            assert_eq!(on_threads(threads, &items, 13, even), expected);
        }
    }

    #[test]
    fn several_threads_work() {
        let items: Vec<u32> = (0..2).collect();
        // Each item waits for the other, so that a single thread would never end.
        let barrier = std::sync::Barrier::new(2);
        let met = on_threads(2, &items, 1, |item| {
            barrier.wait();
            Some(*item)
        });
        assert_eq!(met, items);
    }
}
