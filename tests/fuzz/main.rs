//! Every parser of what others write, fed with damaged versions of what it reads: none may break, or take long.
//!
//! As a test it is short and always the same. `scripts/fuzz` runs it for as long as somebody likes, each time from
//! another seed, and keeps what breaks a parser under `target/fuzz`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed"
)]

mod mutate;
mod targets;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::{Duration, Instant},
};

use mutate::Mutator;
use targets::{TARGETS, Target};

/// Executions of each target in a test.
const EXECUTIONS: usize = 400;
/// What no input of a few kilobytes may take, on a machine that does other things as well.
const LONGEST: Duration = Duration::from_secs(10);

/// How long and from where.
struct Run {
    seed: u64,
    /// Each target for so long; otherwise so many executions.
    time: Option<Duration>,
}

fn run() -> Run {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let time = number("FUZZ_SECONDS")
        .map(|seconds| Duration::from_secs(seconds) / u32::try_from(TARGETS.len()).unwrap());
    Run { seed: number("FUZZ_SEED").unwrap_or(20_261_128), time }
}

#[test]
fn no_input_breaks_a_parser() {
    let run = run();
    let mut broken = Vec::new();
    for target in TARGETS {
        let (executions, found) = fuzz(target, &run);
        println!("{}: {executions} executions", target.name);
        broken.extend(found);
    }
    assert!(broken.is_empty(), "seed {}:\n{}", run.seed, broken.join("\n"));
}

/// How many executions there were, and the first input that broke the target.
fn fuzz(target: &Target, run: &Run) -> (usize, Option<String>) {
    let corpus = (target.corpus)();
    assert!(!corpus.is_empty(), "{} has nothing to begin with", target.name);
    let mut mutator = Mutator::new(run.seed, corpus);
    let since = Instant::now();
    let mut executions = 0;
    // What was never changed must pass as well.
    while run.time.map_or(executions < EXECUTIONS, |time| since.elapsed() < time) {
        let input = mutator.next(executions);
        let begun = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| (target.parse)(&input)));
        executions += 1;
        if ended.is_err() || begun.elapsed() > LONGEST {
            let what = if ended.is_err() { "panics" } else { "takes too long" };
            return (
                executions,
                Some(format!("{} {what} on {}", target.name, keep(target, &input).display())),
            );
        }
    }
    (executions, None)
}

fn keep(target: &Target, input: &[u8]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/fuzz");
    std::fs::create_dir_all(&folder).unwrap();
    let place = folder.join(format!("{}-{}", target.name, input.len()));
    std::fs::write(&place, input).unwrap();
    place
}
