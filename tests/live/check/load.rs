//! Load on a server while it is judged.

use std::sync::atomic::{AtomicBool, Ordering};

/// Repeats work on some threads, each with a connection of its own, while something else is done.
pub fn during<C, T>(
    threads: usize,
    connect: impl Fn() -> C + Sync,
    work: impl Fn(&mut C) + Sync,
    act: impl FnOnce() -> T,
) -> T {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stop = Stop(&done);
        for _ in 0..threads {
            scope.spawn(|| {
                let mut connection = connect();
                while !done.load(Ordering::Relaxed) {
                    work(&mut connection);
                }
            });
        }
        act()
    })
}

/// Ends the threads when the act is over, or has failed: they would be waited for without end.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
