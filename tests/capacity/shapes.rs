//! What forecasts make of figures and services that are not straight. `benches/README.md` has more of each.

use std::thread;

use scale_advisor::capacity::demand::Strictness;

use super::{
    kinds::{self, Kind, outcome},
    relations,
};

/// Figures of a kind, from 90 days of history.
fn stated(kind: Kind) -> kinds::Outcome {
    outcome(kind, 90, 24, 4)
}

fn probability(outcome: &kinds::Outcome) -> f64 {
    outcome.mean(outcome.stated)
}

#[test]
fn a_growth_that_is_over_reaches_no_limit_ahead_of_it() {
    let kinds = [Kind::Step, Kind::Stopped, Kind::Spike, Kind::SCurve];
    let found = thread::scope(|scope| {
        let running = kinds.map(|kind| scope.spawn(move || (kind, stated(kind))));
        running.map(|thread| thread.join().unwrap())
    });
    for (kind, outcome) in &found {
        assert!(outcome.reached < 0.5, "these limits are not reached");
        let most = 0.15;
        assert!(probability(outcome) <= most, "{kind:?}: {}", probability(outcome));
        assert!(outcome.exploded < 0.5, "{kind:?} explodes");
    }
}

#[test]
fn a_growth_that_is_new_is_followed() {
    let outcome = stated(Kind::SpedUp);
    assert!(outcome.reached > 23.5);
    assert!(probability(&outcome) >= 0.8, "{}", probability(&outcome));
    assert!(outcome.median_miss() <= 14.0, "{}", outcome.median_miss());
}

#[test]
fn a_certain_line_is_certain() {
    let outcome = outcome(Kind::Certain, 120, 16, 4);
    assert!(outcome.reached > 15.5 && probability(&outcome) >= 0.97, "{}", probability(&outcome));
    assert!(outcome.misses.iter().all(|miss| miss.abs() <= 3.0), "{:?}", outcome.misses);
}

#[test]
fn short_histories_do_not_promise_time_that_there_is_not() {
    for days in [16, 30] {
        let outcome = outcome(Kind::Steady, days, 40, 4);
        let early = outcome.mean(outcome.early);
        assert!(early <= 0.1, "{days} days: {early} before the 5% date");
    }
}

#[test]
fn saturation_loads_hold_what_they_claim_whatever_the_relation() {
    let found = thread::scope(|scope| {
        let run = |kind| move || (kind, relations::outcome(kind, 36, 4, Strictness::HourlyMean));
        let running = relations::KINDS.map(|kind| scope.spawn(run(kind)));
        running.map(|thread| thread.join().unwrap())
    });
    for (kind, outcome) in &found {
        assert!(outcome.stated > 0.97, "{kind:?} {outcome:?}");
        // Of 36, 80% is one chance in twenty where the truth is 90%.
        assert!(outcome.covered >= 0.8, "{kind:?} {outcome:?}");
        assert!(outcome.error <= 0.035, "{kind:?} {outcome:?}");
        let released = matches!(kind, relations::Kind::Release(..));
        assert!(
            if released { outcome.changed > 0.97 } else { outcome.changed < 0.1 },
            "{kind:?} {outcome:?}"
        );
    }
}

#[test]
fn where_a_signal_flattens_its_load_is_found_to_three_percent() {
    let kind = relations::Kind::Concave;
    let found = thread::scope(|scope| {
        let run = |seed| move || relations::outcome(kind, 200, seed, Strictness::HourlyMean);
        let running = [4, 5, 6].map(|seed| scope.spawn(run(seed)));
        running.map(|thread| thread.join().unwrap())
    });
    for outcome in &found {
        assert!(outcome.error <= 0.03 && outcome.covered >= 0.85, "{outcome:?}");
    }
}

#[test]
fn what_is_in_use_loses_more_on_every_shape_but_the_line_it_is() {
    for kind in [Kind::SCurve, Kind::Step, Kind::Stopped, Kind::SpedUp, Kind::Steady] {
        let [ours, line, repetition] = kinds::compared(kind, 90, 12, 4).map(|bands| bands.pinball);
        assert!(ours < line && ours < repetition, "{kind:?}: {ours} {line} {repetition}");
    }
}

#[test]
fn a_leak_beside_the_load_is_measured() {
    let outcome = relations::outcome(relations::Kind::LeakAndLoad, 36, 9, Strictness::BusyMinutes);
    assert!(outcome.own >= 0.8 && outcome.covered >= 0.8, "{outcome:?}");
}
