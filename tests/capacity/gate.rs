//! How often a gate cries wolf, and how often it finds what is there.

use super::gate_simulation::{Shares, Truth, simulate};

fn of(change: f64, noise: f64, runs: usize, metrics: usize) -> Shares {
    simulate(Truth { change, noise, runs, metrics }, 500)
}

#[test]
fn an_unchanged_build_fails_in_less_than_one_gate_of_a_hundred() {
    for runs in [5, 10] {
        for metrics in [1, 3] {
            let shares = of(1.0, 0.03, runs, metrics);
            assert!(shares.fail <= 0.01, "{runs} runs, {metrics} metrics: {shares:?}");
        }
    }
    // However restless the runs are, the level of the test holds on its own: 2.5%, and what 500 gates may add.
    assert!(of(1.0, 0.2, 5, 1).fail <= 0.04);
}

#[test]
fn an_unchanged_build_mostly_passes_with_ten_runs() {
    let shares = of(1.0, 0.03, 10, 1);
    assert!(shares.pass >= 0.9, "{shares:?}");
    assert!(of(1.0, 0.03, 5, 1).pass >= 0.65);
}

#[test]
fn a_loss_of_a_tenth_is_found_with_ten_runs() {
    let shares = of(1.1, 0.05, 10, 1);
    assert!(shares.fail >= 0.95 && shares.pass <= 0.002, "{shares:?}");
}

#[test]
fn a_loss_never_passes_for_want_of_runs() {
    for runs in [4, 5] {
        let shares = of(1.1, 0.05, runs, 2);
        assert!(shares.pass <= 0.03 && shares.open > 0.0, "{runs} runs: {shares:?}");
    }
}

#[test]
fn the_runs_that_are_asked_for_mostly_settle_it() {
    let shares = of(1.0, 0.06, 5, 1);
    assert!(shares.settled >= 0.5, "{shares:?}");
    let shares = of(1.12, 0.05, 5, 1);
    assert!(shares.settled >= 0.7, "{shares:?}");
}
