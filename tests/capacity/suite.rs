//! What came of many forecasts, for tests and for tables.

use std::path::Path;

use scale_advisor::capacity::{
    demand::{Samples, Strictness, fit},
    first_passage::{Course, race},
    growth::{History, forecast},
    random::Random,
};

use super::{
    contenders::{interval_score, linear_bands, pinball, seasonal_bands},
    kinds,
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

/// Forecasts of a real series for [`kinds::AHEAD`] days, each from the 90 days before, from every `step`th day on.
pub(crate) fn quarters(file: &Path, step: usize) -> kinds::Outcome {
    let (first_day, values) = read(file);
    let mut outcome = kinds::Outcome::default();
    for start in (0..values.len().saturating_sub(90 + kinds::AHEAD)).step_by(step) {
        let (history, future) = values[start..start + 90 + kinds::AHEAD].split_at(90);
        let known = kinds::Known { history: history.into(), future: future.into(), limit: f64::INFINITY };
        outcome.add(first_day + i32::try_from(start).unwrap(), &known);
    }
    outcome
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
        let likeliest = (0..4).max_by(|&place, &other| {
            let first = |course: usize| race.passages[course].probability_first.unwrap_or(0.0);
            first(place).total_cmp(&first(other))
        });
        let first =
            (0..4).min_by(|&place, &other| truth.saturations[place].total_cmp(&truth.saturations[other]));
        outcome.firsts += share(likeliest == first) * each;
        outcome.first_dates += share(holds(race.first, came(truth.saturations[first.unwrap()]))) * each;
    }
    outcome
}

/// The days ahead that contenders are scored on.
pub(crate) const SCORED: usize = 30;

/// Mean interval score and mean pinball loss, in mean absolute changes from week to week.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Loss {
    pub(crate) interval: f64,
    pub(crate) pinball: f64,
}

/// A way to continue values for some days.
type Contender = fn(&[f64], usize) -> Vec<[f64; 7]>;

/// Those compared: this program, `predict_linear` with the textbook's interval, and the last week again.
pub(crate) const CONTENDERS: [(&str, Contender); 3] =
    [("scale-advisor", our_bands), ("predict_linear", linear_bands), ("seasonal naive", seasonal_bands)];

fn our_bands(values: &[f64], days: usize) -> Vec<[f64; 7]> {
    let numbers: Vec<i32> = (0..).take(values.len()).collect();
    forecast(&History::new(&numbers, values).unwrap(), days).paths.bands()
}

/// What each contender loses on a real series, forecast from every `step`th day on from the `before` days before.
pub(crate) fn losses(file: &Path, before: usize, step: usize) -> [Loss; 3] {
    let (_, values) = read(file);
    let mut losses = [Loss::default(); 3];
    let starts: Vec<usize> = (0..values.len().saturating_sub(before + SCORED)).step_by(step).collect();
    let each = 1.0 / (starts.len() * SCORED) as f64;
    for start in starts {
        let (history, future) = values[start..start + before + SCORED].split_at(before);
        let weeks = history.windows(8).map(|week| (week[7] - week[0]).abs());
        let scale = weeks.sum::<f64>() / (before - 7) as f64;
        for (loss, (_, bands)) in losses.iter_mut().zip(CONTENDERS) {
            for (band, value) in bands(history, SCORED).iter().zip(future) {
                loss.interval += interval_score(band[0], band[6], *value) / scale * each;
                loss.pinball += pinball(band, *value) / scale * each;
            }
        }
    }
    losses
}
