//! The upper bound of the futures of a figure holds for figures of every kind and size.

use std::thread;

use scale_advisor::capacity::{
    growth::{Fitted, History},
    random::Random,
};

/// Figures per thread; there are two threads.
const FIGURES: u64 = 1000;

/// Random daily values: every scale, with weekends, sawtooths, steps, spikes and gaps, up to the largest magnitudes.
fn figure(random: &mut Random) -> (Vec<i32>, Vec<f64>) {
    let days = 14 + random.below(36);
    let size = [1.0, 1.0, 1.0, 0.3, 1e-9, 1e12, 1e-290, 1e290][random.below(8)];
    let noise = [0.0, 1e-12, 0.01, 0.1, 0.6][random.below(5)];
    let growth = [0.0, 0.0, 0.003, 0.03, -0.02, 0.4][random.below(6)];
    let (kind, changed, weekends) = (random.below(8), random.below(days), random.uniform() < 0.3);
    let mut values: Vec<f64> = (0..days)
        .map(|day| {
            let passed = day as f64;
            let since = day.saturating_sub(changed) as f64;
            let shape = match kind {
                0 => (growth * passed).exp(),
                1 => 1.0 + growth * passed,
                2 => {
                    if day < changed {
                        1.0
                    } else {
                        2.5
                    }
                }
                3 => 1.0 + growth * since,
                4 => 0.4 + 0.05 * (day % (4 + changed % 5)) as f64,
                5 => {
                    if day % 9 == changed % 9 {
                        6.0
                    } else {
                        1.0
                    }
                }
                6 => f64::from(random.uniform() < 0.6),
                _ => growth * passed - 1.0,
            };
            let weekend = if weekends && day % 7 > 4 { 0.5 } else { 1.0 };
            size * shape * weekend * (noise * random.normal()).exp()
        })
        .collect();
    for value in values.iter_mut().filter(|_| noise > 0.5 && random.uniform() < 0.02) {
        *value = 0.0;
    }
    let mut numbers: Vec<i32> = (0..).take(days).collect();
    if random.uniform() < 0.2 {
        let gap = random.below(days - 1);
        numbers.remove(gap);
        values.remove(gap);
    }
    (numbers, values)
}

/// Checks the bounds of random figures. Returns how many bounds are below three times the level of their figure.
fn hold_bounds(seed: u64) -> u32 {
    let mut random = Random::new(seed);
    let mut close = 0;
    for number in 0..FIGURES {
        let (numbers, values) = figure(&mut random);
        let Ok(history) = History::new(&numbers, &values) else { continue };
        let fitted = Fitted::new(&history);
        let (skipped, ahead) = (random.below(4), 1 + random.below(7));
        let highest = fitted.highest(skipped..skipped + ahead);
        let paths = fitted.paths(skipped + ahead).from_day(skipped);
        let reached = paths.greatest();
        assert!(
            highest.is_nan() || reached <= highest,
            "figure {number} of {seed}: {reached} above {highest}"
        );
        let just_above = highest.next_up();
        assert!(paths.first_days(just_above).iter().all(Option::is_none), "figure {number} of {seed}");
        let level =
            values[values.len().saturating_sub(14)..].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        close += u32::from(highest > 0.0 && highest < 3.0 * level);
    }
    close
}

#[test]
fn no_future_gets_beyond_the_bound() {
    let close: u32 = thread::scope(|scope| {
        let running = [1, 2].map(|seed| scope.spawn(move || hold_bounds(seed)));
        running.map(|thread| thread.join().unwrap()).into_iter().sum()
    });
    // An infinite bound would hold as well.
    assert!(close > 500, "{close}");
}
