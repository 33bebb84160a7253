//! Series and services whose truth is known.

use scale_advisor::capacity::random::Random;

/// The last day of history that generators count from; their changes lie before it.
pub(crate) const NOW: usize = 90;

/// A way for a daily figure to grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Linear,
    Exponential,
    RandomWalk,
    Logistic,
    Flat,
    LevelShift,
    SlopeChange,
    HeavyTails,
}

pub(crate) const KINDS: [Kind; 8] = [
    Kind::Linear,
    Kind::Exponential,
    Kind::RandomWalk,
    Kind::Logistic,
    Kind::Flat,
    Kind::LevelShift,
    Kind::SlopeChange,
    Kind::HeavyTails,
];

/// Errors of which each keeps a share of the one before.
pub(crate) fn dependent(random: &mut Random, count: usize, dependence: f64, deviation: f64) -> Vec<f64> {
    let fresh = deviation * (1.0 - dependence * dependence).sqrt();
    let mut error = random.normal() * deviation;
    let mut next = || {
        error = dependence * error + random.normal() * fresh;
        error
    };
    (0..count).map(|_| next()).collect()
}

/// The logarithms of a figure of `kind`, `before` days up to [`NOW`] and `after` days that follow.
pub(crate) fn series(random: &mut Random, kind: Kind, before: usize, after: usize) -> Vec<f64> {
    let count = before + after;
    let errors = match kind {
        Kind::Linear => dependent(random, count, 0.6, 0.06),
        Kind::Exponential => dependent(random, count, 0.8, 0.08),
        Kind::RandomWalk => dependent(random, count, 0.0, 0.03),
        Kind::Logistic => dependent(random, count, 0.5, 0.05),
        Kind::Flat => dependent(random, count, 0.0, 0.07),
        Kind::LevelShift | Kind::SlopeChange => dependent(random, count, 0.6, 0.05),
        Kind::HeavyTails => (0..count).map(|_| 0.05 * random.student(3.0)).collect(),
    };
    let mut walk = 0.0;
    let start = NOW as f64 - before as f64;
    let value = |(index, error): (usize, f64)| {
        let day = start + index as f64;
        walk += 0.004 + 0.02 * random.normal();
        let growth = match kind {
            Kind::Linear => (1.0 + 0.004 * day).max(0.2).ln(),
            Kind::Exponential => 0.005 * day,
            Kind::RandomWalk => walk,
            Kind::Logistic => (0.6 + 1.2 / (1.0 + (-(day - 90.0) / 20.0).exp())).ln(),
            Kind::Flat => 0.0,
            Kind::LevelShift => 0.003 * day + if day >= 70.0 { 0.25 } else { 0.0 },
            Kind::SlopeChange => 0.002 * day + 0.01 * (day - 70.0).max(0.0),
            Kind::HeavyTails => 0.004 * day,
        };
        100_f64.ln() + growth + week(day) + error
    };
    errors.into_iter().enumerate().map(value).collect()
}

fn week(day: f64) -> f64 {
    let angle = std::f64::consts::TAU * day / 7.0;
    0.12 * angle.sin() + 0.05 * (2.0 * angle).cos()
}

/// A service with four resources, of which the truth is known.
pub(crate) struct Service {
    /// Daily peaks of the load, [`NOW`] days of history and those that follow.
    pub(crate) peaks: Vec<f64>,
    /// Hourly loads of the last four weeks, and the day of each.
    pub(crate) load: Vec<f64>,
    pub(crate) day: Vec<i32>,
    /// Hourly utilisation for each resource.
    pub(crate) signals: Vec<Vec<f64>>,
    /// The load at which each reaches [`LIMIT`].
    pub(crate) saturations: Vec<f64>,
}

/// The limit of every utilisation.
pub(crate) const LIMIT: f64 = 0.8;

pub(crate) fn service(random: &mut Random, after: usize) -> Service {
    let count = NOW + after;
    let growth = 0.001 + 0.007 * random.uniform();
    let noise = dependent(random, count, 0.6, 0.05);
    let peak = |(day, noise): (usize, &f64)| {
        let angle = std::f64::consts::TAU * day as f64 / 7.0;
        1000.0 * (growth * day as f64 + 0.1 * angle.sin() + noise).exp()
    };
    let peaks: Vec<f64> = noise.iter().enumerate().map(peak).collect();
    let noise = dependent(random, 28 * 24, 0.7, 0.05);
    let day: Vec<usize> = (NOW - 28..NOW).flat_map(|day| [day; 24]).collect();
    let load: Vec<f64> = day
        .iter()
        .zip(&noise)
        .enumerate()
        .map(|(index, (day, noise))| {
            let hour = (index % 24) as f64;
            let daytime = (std::f64::consts::PI * (hour - 6.0) / 16.0).sin().clamp(0.0, 1.0);
            peaks[*day] * (0.25 + 0.75 * daytime) * noise.exp()
        })
        .collect();
    let now = 1000.0 * (growth * (NOW as f64 - 1.0)).exp();
    let saturations: Vec<f64> = (0..4).map(|_| now * (1.05 + 1.15 * random.uniform())).collect();
    let signal = |saturation: &f64| {
        let background = 0.02 + 0.13 * random.uniform();
        let demand = (LIMIT - background) / saturation;
        let errors = dependent(random, load.len(), 0.8, 0.03);
        load.iter().zip(errors).map(|(load, error)| background + demand * load + error).collect()
    };
    let signals = saturations.iter().map(signal).collect();
    let day = day.into_iter().map(|day| i32::try_from(day).unwrap_or(0)).collect();
    Service { peaks, load, day, signals, saturations }
}
