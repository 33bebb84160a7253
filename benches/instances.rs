//! How long judging takes, by the number of instances: in proportion to it.
//!
//! Prints the table of `benches/README.md`: snapshots of 13 signals each of so many instances, judged three times.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints a table"
)]

#[path = "support/memory.rs"]
mod memory;

#[path = "../tests/support/many_instances.rs"]
mod many_instances;

use std::time::Instant;

use many_instances::{SIGNALS, healthy, input, snapshot, with_pasts};
use scale_advisor::assess::{Assumptions, assess, survey};

/// Instances that are judged as of now.
const COUNTS: [usize; 5] = [500, 1_000, 2_000, 5_000, 10_000];
/// Instances that are continued from a past of so many days.
const PASTS: [usize; 3] = [50, 100, 200];
const DAYS: i64 = 90;

fn main() {
    if let Some(wanted) = memory::wanted() {
        let snapshot = match wanted.strip_prefix("pasts-") {
            Some(count) => with_pasts(count.parse().unwrap(), DAYS),
            None => snapshot(wanted.parse().unwrap()),
        };
        let before = memory::peak();
        assert!(!assess(&input(), &snapshot).bottlenecks.is_empty());
        println!("{}", memory::peak() - before);
        return;
    }
    println!("| instances | judged in | microseconds an observation | memory |\n|--:|--:|--:|--:|");
    for count in COUNTS {
        let snapshot = snapshot(count);
        let seconds = fastest(3, || {
            assert!(!assess(&input(), &snapshot).bottlenecks.is_empty());
        });
        let each = seconds * 1e6 / (count * SIGNALS) as f64;
        let memory = memory::peak_of(&count.to_string()) / 1e6;
        println!("| {count} | {:.0} ms | {each:.1} | {memory:.0} MB |", seconds * 1000.0);
    }
    println!("\n| instances with {DAYS} days | judged in | milliseconds each | memory |\n|--:|--:|--:|--:|");
    for count in PASTS {
        let snapshot = with_pasts(count, DAYS);
        let seconds = fastest(1, || {
            assert!(!assess(&input(), &snapshot).bottlenecks.is_empty());
        });
        let memory = memory::peak_of(&format!("pasts-{count}")) / 1e6;
        println!("| {count} | {seconds:.1} s | {:.1} | {memory:.0} MB |", seconds * 1000.0 / count as f64);
    }
    screening();
}

/// Healthy instances: `survey` with all futures and their bands, and `assess`, which screens by an upper bound.
fn screening() {
    println!("\n| healthy instances | all futures and bands | screened | ratio |\n|--:|--:|--:|--:|");
    for count in PASTS {
        let snapshot = healthy(count, DAYS);
        let whole = fastest(3, || {
            let survey = survey(&input(), &snapshot, Assumptions::default());
            assert!(!survey.assessment.bottlenecks.is_empty());
        });
        let screened = fastest(3, || assert!(!assess(&input(), &snapshot).bottlenecks.is_empty()));
        let each = |seconds: f64| seconds * 1000.0 / count as f64;
        println!(
            "| {count} | {:.2} ms each | {:.2} ms each | {:.1} |",
            each(whole),
            each(screened),
            whole / screened
        );
    }
}

/// The seconds of the fastest of some runs.
fn fastest(runs: usize, run: impl Fn()) -> f64 {
    let timed = || {
        let since = Instant::now();
        run();
        since.elapsed().as_secs_f64()
    };
    (0..runs).map(|_| timed()).fold(f64::INFINITY, f64::min)
}
