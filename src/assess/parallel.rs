//! Work on many instances, on all cores, with results in the order of the instances.

use std::{
    num::NonZero,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
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
    let parts: Vec<&[T]> = items.chunks(at_a_time.max(1)).collect();
    let threads = threads.min(parts.len());
    if threads <= 1 {
        return items.iter().filter_map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    let take = |sender: mpsc::Sender<(usize, Vec<R>)>| {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(place) else { return };
            // The receiver lives until all parts are there.
            let _ = sender.send((place, part.iter().filter_map(&work).collect()));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            let (sender, take) = (sender.clone(), &take);
            // Where the system gives no further thread, those that there are do all.
            let _ = thread::Builder::new().spawn_scoped(scope, move || take(sender));
        }
        take(sender);
    });
    let mut results: Vec<(usize, Vec<R>)> = results.into_iter().collect();
    results.sort_unstable_by_key(|(place, _)| *place);
    let mut all = Vec::with_capacity(results.iter().map(|(_, part)| part.len()).sum());
    for (_, part) in results {
        all.extend(part);
    }
    all
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How many threads this test wants; otherwise as many as there are.
        pub(super) static WANTED: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// Runs something on so many threads.
    pub(in crate::assess) fn with_threads<T>(threads: usize, run: impl FnOnce() -> T) -> T {
        WANTED.set(Some(threads));
        let result = run();
        WANTED.set(None);
        result
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
