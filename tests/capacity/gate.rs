//! How often a gate cries wolf, and how often it finds what is there.

use scale_advisor::gate::Outcome;

use super::gate_simulation::{
    Creeping, Noise, Shares, Truth, batches_fail, creeps, earlier_fail, few_runs_fail, judged, simulate,
};

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

#[test]
fn three_runs_a_side_suffice_where_the_branch_has_a_history() {
    let noise = Noise { spread: 0.03, outliers: 0.0 };
    let (found, false_alarms) = (few_runs_fail(1.1, noise, 600), few_runs_fail(1.0, noise, 600));
    assert!(found >= 0.9 && false_alarms <= 0.03, "{found} found, {false_alarms} false alarms");
    // However restless runs are, the level of the test holds: 2.5%, and what 600 gates may add.
    let restless = few_runs_fail(1.0, Noise { spread: 0.15, outliers: 0.0 }, 600);
    assert!(restless <= 0.035, "{restless}");
}

#[test]
fn outliers_among_earlier_runs_and_the_candidates_cry_no_wolf() {
    let noise = Noise { spread: 0.05, outliers: 0.1 };
    // 2.25% by the exact test of three against thirty: 123 of 5,456 choices of ranks.
    let (found, false_alarms) = (earlier_fail(1.2, noise, 3, 600), earlier_fail(1.0, noise, 3, 4_000));
    assert!(found >= 0.8 && false_alarms <= 0.025, "{found} found, {false_alarms} false alarms");
}

#[test]
fn a_single_run_against_earlier_ones_finds_what_is_plain() {
    let noise = Noise { spread: 0.03, outliers: 0.0 };
    let (found, false_alarms) = (earlier_fail(1.2, noise, 1, 600), earlier_fail(1.0, noise, 1, 600));
    assert!(found >= 0.95 && false_alarms <= 0.025, "{found} found, {false_alarms} false alarms");
}

#[test]
fn a_creep_is_told_with_the_build_it_began_with() {
    // Ten builds a week, 1% slower a week.
    let branch = Creeping { calm: 20, per_build: 0.001, noise: 0.02 };
    let branches = creeps(branch, 60);
    let told = branches.iter().filter(|(told, _)| told.is_some()).count();
    assert!(told >= 57, "{told} of 60 are told by the sixtieth build: {branches:?}");
    let mut off: Vec<usize> = branches.iter().filter_map(|(_, off)| *off).collect();
    off.sort_unstable();
    assert!(off[off.len() / 2] <= 10, "{off:?}");
    let calm = creeps(Creeping { per_build: 0.0, ..branch }, 60);
    assert!(calm.iter().filter(|(told, _)| told.is_some()).count() <= 1, "{calm:?}");
}

#[test]
fn runs_of_one_batch_are_no_independent_witnesses() {
    let [told, untold] = [true, false].map(|told| batches_fail(1.0, 0.03, told, 300));
    assert!(told <= 0.035 && untold > told, "{told} with batches, {untold} without");
    let found = batches_fail(1.2, 0.03, true, 150);
    assert!(found >= 0.9, "{found}");
}

#[test]
fn what_never_changes_is_the_same() {
    let report = judged(Some(&[5.0; 3]), &[], &[5.0; 3]);
    assert_eq!(report.outcome, Outcome::Pass, "{report:#?}");
    assert_eq!(judged(Some(&[5.0; 2]), &[], &[5.0; 2]).outcome, Outcome::Inconclusive);
    assert_eq!(judged(None, &[5.0; 12], &[5.0]).outcome, Outcome::Pass);
    assert_eq!(judged(Some(&[5.0; 3]), &[], &[5.0, 5.0, 6.0]).outcome, Outcome::Inconclusive);
}
