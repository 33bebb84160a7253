//! Weeks of traffic under exported autoscalers and under one with a CPU target of 80%.
//!
//! Prints the table of `benches/README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints a table"
)]

#[path = "../tests/support/autoscaling/mod.rs"]
mod autoscaling;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/support/binary.rs"]
mod binary;

use autoscaling::{cluster::Outcome, replay, traffic::Pattern};

fn main() {
    println!("| week | replicas | CPU target of 80% | `export hpa` | `export keda` |");
    println!("|---|--:|--:|--:|--:|");
    for pattern in Pattern::ALL {
        for (peak, seed) in [(2_500.0, 5), (8_000.0, 1), (8_000.0, 3), (40_000.0, 7)] {
            let compared = replay(pattern, peak, seed, binary::program);
            let cell = |outcome: Outcome| {
                let Outcome { minutes, replica_hours, started } = outcome;
                format!("{minutes} min, {replica_hours:.0} h, {started}")
            };
            let cells = [compared.usual, compared.hpa, compared.keda].map(cell);
            let mean = compared.usual.replica_hours / 168.0;
            println!("| {} | {mean:.0} | {} |", pattern.name(), cells.join(" | "));
        }
    }
}
