//! A limit of memory for templates of a project: a few lines that double a text ask for more than any machine has, and
//! the template engine counts steps, not bytes.

use std::{
    process,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use crate::cli::terminal::warn;

/// What templates may add to the memory of the program, in KiB; a page takes some thousand.
const LIMIT: u64 = 1 << 20;
/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(5);

/// Does work, and ends the program if it takes too much memory.
pub(super) fn bounded<T>(work: impl FnOnce() -> T) -> T {
    let before = resident();
    let (working, ended) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
            if resident().saturating_sub(before) > LIMIT {
                give_up();
            }
        }
    });
    let done = work();
    drop(working);
    let _ = watch.join(); // a watch that failed has nothing to say
    done
}

#[expect(
    clippy::exit,
    reason = "the thread that works cannot be stopped otherwise, and nothing has been written yet"
)]
fn give_up() {
    warn("error: the templates of the report need more than 1 GiB of memory\n");
    process::exit(2);
}

/// The memory of this process in KiB, where the kernel reports it.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
