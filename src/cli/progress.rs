//! Progress output when reading takes longer than a second.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::terminal::warn;

/// How long a run may take before progress is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Follows the sources' answers until the sender is dropped.
///
/// Nothing is written when all of them answer within a second.
pub(super) fn follow(names: Vec<String>, answers: Receiver<String>, quiet: bool) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let began = Instant::now();
        let mut waiting = names;
        let mut told = false;
        loop {
            let patience = PATIENCE.saturating_sub(began.elapsed());
            let answer = if told {
                answers.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                answers.recv_timeout(patience)
            };
            match answer {
                Ok(name) => {
                    if let Some(place) = waiting.iter().position(|waited| *waited == name) {
                        waiting.remove(place);
                    }
                    if told && !waiting.is_empty() && !quiet {
                        warn(&format!("{name} answered; waiting for {}\n", waiting.join(", ")));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    told = true;
                    if !quiet {
                        warn(&format!("reading {} …\n", waiting.join(", ")));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    })
}
