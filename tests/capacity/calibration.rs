//! Intervals hold what they claim, on simulated series and on real ones. `benches/README.md` has the figures.

use std::{
    path::{Path, PathBuf},
    thread,
};

use super::{
    kinds::{AHEAD, Known, Outcome},
    score::{Score, read},
    simulate::{KINDS, Kind, NOW},
    suite::{losses, rolling, services, simulated},
};

/// Series of each kind.
const SERIES: usize = 60;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/daily").join(name).with_extension("csv")
}

#[test]
fn bands_of_simulated_series_hold_what_they_claim() {
    let scores = thread::scope(|scope| {
        let running = KINDS.map(|kind| scope.spawn(move || (kind, simulated(kind, NOW, SERIES))));
        running.map(|thread| thread.join().unwrap())
    });
    let mut pooled = Score::default();
    for (kind, score) in &scores {
        pooled.merge(score);
        if *kind == Kind::SlopeChange {
            // The worst case: the trend turned three weeks ago.
            assert!(score.coverage()[3] > 0.50, "30 days after a change of slope: {:?}", score.coverage());
        }
    }
    for covered in &pooled.coverage()[..4] {
        assert!((0.85..=0.95).contains(covered), "{:?}", pooled.coverage());
    }
    assert!(pooled.date_coverage() >= 0.88, "{}", pooled.date_coverage());
}

#[test]
fn bands_of_real_series_hold_what_they_claim() {
    let scores = thread::scope(|scope| {
        let running = ["bikeshare", "i94_p95", "bitcoin_tx"]
            .map(|name| scope.spawn(move || rolling(&file(name), NOW, 61)));
        running.map(|thread| thread.join().unwrap())
    });
    let mut all = Score::default();
    for score in &scores {
        all.merge(score);
    }
    // The mean over series, so that the longest does not decide alone.
    let at_month = scores.iter().map(|score| score.coverage()[3]).sum::<f64>() / scores.len() as f64;
    assert!((0.85..=0.95).contains(&at_month), "{at_month}: {:?}", scores.map(|score| score.coverage()));
    assert!(all.date_coverage() >= 0.88, "{}", all.date_coverage());
    assert!(
        all.date_coverage() >= all.dates_claimed() - 0.03,
        "{} {}",
        all.date_coverage(),
        all.dates_claimed()
    );
    assert!(all.brier() < all.brier_of_base_rate(), "{} {}", all.brier(), all.brier_of_base_rate());
}

#[test]
fn the_first_bottleneck_of_simulated_services_is_found() {
    let outcome = services(150, 2024);
    assert!((0.86..=0.95).contains(&outcome.loads), "{outcome:?}");
    assert!(outcome.dates >= 0.88 && outcome.first_dates >= 0.88, "{outcome:?}");
    assert!(outcome.firsts >= 0.95, "{outcome:?}");
}

/// Over the series together; on bike rides a straight line scores a little better.
#[test]
fn bands_are_better_than_those_in_use() {
    let losses = ["bikeshare", "i94_p95", "bitcoin_tx"].map(|name| losses(&file(name), NOW, 61));
    for other in [1, 2] {
        let ratios = losses.each_ref().map(|losses| losses[0].interval / losses[other].interval);
        assert!(ratios.iter().all(|ratio| *ratio < 1.06), "{ratios:?}");
        assert!(ratios.iter().product::<f64>() < 1.0, "{ratios:?}");
        let ratios = losses.each_ref().map(|losses| losses[0].pinball / losses[other].pinball);
        assert!(ratios.iter().all(|ratio| *ratio < 1.06), "{ratios:?}");
        assert!(ratios.iter().product::<f64>() < 1.0, "{ratios:?}");
    }
}

/// Days from which the 95% quantile once passed ten times the level, because spring or a trend seemed to go on.
#[test]
fn no_forecast_explodes_where_it_once_did() {
    let (first_day, values) = read(&file("bikeshare"));
    for origin in [1671, 2351, 2725, 2742] {
        let mut outcome = Outcome::default();
        let known = Known {
            history: values[origin - NOW..origin].to_vec(),
            future: values[origin..origin + AHEAD].to_vec(),
            limit: f64::INFINITY,
        };
        outcome.add(first_day + i32::try_from(origin - NOW).unwrap(), &known);
        assert!(outcome.exploded < 0.5, "from day {origin}");
    }
}
