//! What came of many forecasts, for tests and for tables.

use std::path::Path;

use scale_advisor::capacity::{
    demand::{Samples, Strictness, fit},
    first_passage::{Course, race},
    growth::{History, forecast},
    random::Random,
};

use super::{
    score::{HORIZON, Score, holds, read, share},
    simulate::{Kind, LIMIT, NOW, series, service},
};

/// Forecasts of `count` series of a kind, each from `before` days.
pub(crate) fn simulated(kind: Kind, before: usize, count: usize) -> Score {
    let mut random = Random::new(11 + kind as u64);
    let mut score = Score::default();
    for _ in 0..count {
        let values: Vec<f64> = series(&mut random, kind, before, HORIZON).into_iter().map(f64::exp).collect();
        score.add(&values, 0, before, &[0.15]);
    }
    score
}

/// Forecasts of a real series from every `step`th day on, each from `before` days.
pub(crate) fn rolling(file: &Path, before: usize, step: usize) -> Score {
    let (first_day, values) = read(file);
    let mut score = Score::default();
    for start in (0..values.len().saturating_sub(before + HORIZON)).step_by(step) {
        let day = first_day + i32::try_from(start).unwrap();
        score.add(&values[start..], day, before, &[0.05, 0.1, 0.2, 0.4]);
    }
    score
}

/// What came of simulated services, as shares.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Saturation loads within their interval.
    pub(crate) loads: f64,
    /// Dates within their interval.
    pub(crate) dates: f64,
    /// Dates of the first bottleneck within theirs.
    pub(crate) first_dates: f64,
    /// Services of which the likeliest first bottleneck was the right one.
    pub(crate) firsts: f64,
}

pub(crate) fn services(count: usize, seed: u64) -> Outcome {
    let mut random = Random::new(seed);
    let mut outcome = Outcome::default();
    let each = 1.0 / count as f64;
    for _ in 0..count {
        let truth = service(&mut random, HORIZON);
        let days: Vec<i32> = (0..).take(NOW).collect();
        let paths = forecast(&History::new(&days, &truth.peaks[..NOW]).unwrap(), HORIZON).paths;
        let saturations = truth.signals.iter().map(|signal| {
            let samples = Samples { load: &truth.load, signal, day: &truth.day };
            fit(samples, Strictness::HourlyMean).unwrap().saturation(LIMIT)
        });
        let saturations: Vec<_> = saturations.collect();
        let courses: Vec<_> = saturations.iter().map(|found| Course::Load(&found.draws)).collect();
        let race = race(&paths, &courses);
        let came = |limit: f64| truth.peaks[NOW..].iter().position(|peak| *peak >= limit);
        for ((found, expected), passage) in saturations.iter().zip(&truth.saturations).zip(&race.passages) {
            outcome.loads += share((found.low..=found.high).contains(expected)) * each / 4.0;
            outcome.dates += share(holds(passage.crossing, came(*expected))) * each / 4.0;
        }
        let likeliest = (0..4).max_by(|&one, &other| {
            race.passages[one].probability_first.total_cmp(&race.passages[other].probability_first)
        });
        let first = (0..4).min_by(|&one, &other| truth.saturations[one].total_cmp(&truth.saturations[other]));
        outcome.firsts += share(likeliest == first) * each;
        outcome.first_dates += share(holds(race.first, came(truth.saturations[first.unwrap()]))) * each;
    }
    outcome
}
